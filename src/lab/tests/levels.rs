//! Errors and warnings together, as they are printed.

use crate::findings::{Finding, Place, Rule, strictly};
use crate::lab::tests::shown;

const TEXT: &str = "name: small\nwan: {}\nsites: {}\n";

/// The finding about a line of the text.
fn at(line: usize, rule: &'static str) -> Finding {
    let message = format!("line {line} is odd");
    Finding::new(Rule::new(rule), Place(2 * line), message).with_help("mend it")
}

#[test]
fn errors_stand_before_warnings_and_all_are_counted() {
    let findings = [
        at(1, "first").as_warning(),
        at(2, "second"),
        at(3, "third").as_warning(),
    ];
    insta::assert_snapshot!(shown(TEXT, &findings), @"
    error[second]: line 2 is odd
     --> lab.yaml:2:6
      |
    2 | wan: {}
      |      ^
      |
      = help: mend it

    warning[first]: line 1 is odd
     --> lab.yaml:1:7
      |
    1 | name: small
      |       ^^^^^
      |
      = help: mend it

    warning[third]: line 3 is odd
     --> lab.yaml:3:8
      |
    3 | sites: {}
      |        ^
      |
      = help: mend it

    3 findings in lab.yaml, 2 of them warnings
    ");
    insta::assert_snapshot!(shown(TEXT, &findings[1..]), @"
    error[second]: line 2 is odd
     --> lab.yaml:2:6
      |
    2 | wan: {}
      |      ^
      |
      = help: mend it

    warning[third]: line 3 is odd
     --> lab.yaml:3:8
      |
    3 | sites: {}
      |        ^
      |
      = help: mend it

    2 findings in lab.yaml, 1 of them a warning
    ");
}

#[test]
fn warnings_alone_do_not_say_that_nothing_was_built() {
    insta::assert_snapshot!(shown(TEXT, &[at(2, "second").as_warning()]), @"
    warning[second]: line 2 is odd
     --> lab.yaml:2:6
      |
    2 | wan: {}
      |      ^
      |
      = help: mend it
    ");
}

#[test]
fn many_warnings_are_counted_where_some_are_left_out() {
    let findings: Vec<Finding> = (0..150).map(|_| at(1, "first").as_warning()).collect();
    let text = shown(TEXT, &findings);
    assert_eq!(text.matches("warning[first]").count(), 100);
    assert_eq!(
        text.lines().last(),
        Some("150 warnings in lab.yaml, the first 100 shown")
    );
}

#[test]
fn read_strictly_warnings_are_errors_of_the_same_text() {
    let warnings = vec![at(2, "second").as_warning()];
    let strict = shown(TEXT, &strictly(warnings.clone()));
    let lenient = shown(TEXT, &warnings);
    let closing = "\n1 finding in lab.yaml\n";
    assert_eq!(
        strict,
        lenient.replace("warning[second]", "error[second]") + closing
    );
}
