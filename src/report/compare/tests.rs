//! Comparisons as people and CI systems read them.

use super::*;
use crate::recorded::trace;

fn row(cells: &[&str]) -> Row {
    cells.iter().map(|cell| (*cell).to_owned()).collect()
}

fn part() -> Part {
    let recorded = [row(&["User", "10.0.0.0/8"]), row(&["User", "10.9.0.0/16"])];
    let lab = [
        row(&["Default", "10.0.0.0/8"]),
        row(&["User", "10.9.0.0/16"]),
        row(&["User", "10.9.0.0/16"]),
    ];
    let why = |row: &Row| vec![format!("because of {}", row[1])];
    let what = "effective routes of vm".to_owned();
    rows_part((what, "vm.json"), (&recorded, &lab), why)
}

#[test]
fn rows_that_only_one_side_has_are_shown_with_their_reason_once() {
    let comparison = Comparison {
        lab: "l".to_owned(),
        parts: vec![part()],
    };
    assert!(!comparison.agrees());
    insta::assert_snapshot!(text(&comparison), @r#"
    effective routes of vm (vm.json): 1 agrees, 3 differ
      only in the lab: Default 10.0.0.0/8
        because of 10.0.0.0/8
      only recorded: User 10.0.0.0/8
      only in the lab: User 10.9.0.0/16
        because of 10.9.0.0/16
    "#);
    let xml =
        crate::report::junit::document("lab l", &[suite(&comparison)], std::time::Duration::ZERO);
    insta::assert_snapshot!(xml.unwrap(), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <testsuites name="lab l" tests="1" failures="1" errors="0" skipped="0" time="0.000000">
      <testsuite name="recorded on Azure" tests="1" failures="1" errors="0" skipped="0" time="0.000000">
        <properties>
        </properties>
        <testcase name="effective routes of vm" classname="l.vm.json" time="0.000000">
          <failure message="3 differences" type="path">
    effective routes of vm (vm.json): 1 agrees, 3 differ
      only in the lab: Default 10.0.0.0/8
        because of 10.0.0.0/8
      only recorded: User 10.0.0.0/8
      only in the lab: User 10.9.0.0/16
        because of 10.9.0.0/16
    </failure>
        </testcase>
      </testsuite>
    </testsuites>
    "#);
}

fn compared(path: &Seen, recorded: &str) -> String {
    let trace = trace(recorded).unwrap();
    let name = |address: Address| (address == Address::v4(10, 0, 0, 4)).then(|| "nva1".to_owned());
    let part = trace_part(("trace".to_owned(), "t.txt"), &trace, path, name);
    part_text(&part)
}

#[test]
fn a_trace_agrees_if_the_lab_allows_each_of_its_answers() {
    let hop = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let path = Seen::Hops(vec![hop(&["nva1", "nva2"]), hop(&[]), hop(&["10.2.0.4"])]);
    let all = [
        " 1 10.0.0.4 1 ms\n 2 * * *\n 3 10.2.0.4 1 ms\n",
        " 1 10.0.0.9 1 ms\n 2 10.0.0.1 1 ms\n 3 10.2.0.4 1 ms\n",
        " 1 10.0.0.4 1 ms\n 2 10.2.0.4 1 ms\n",
        " 1 * * *\n",
    ];
    let shown: String = all.iter().map(|one| compared(&path, one)).collect();
    insta::assert_snapshot!(shown, @r#"
    trace (t.txt): 3 agree
    trace (t.txt): 1 agrees, 2 differ
      hop 1: recorded 10.0.0.9, the lab has nva1 or nva2
      hop 2: recorded 10.0.0.1, the lab has a silent hop
    trace (t.txt): 1 agrees, 2 differ
      hop 2: recorded 10.2.0.4, the lab has a silent hop
      hop 3: recorded no hop, the lab has 10.2.0.4
    trace (t.txt): 0 agree, 3 differ
      hop 1: recorded no hop, the lab has nva1 or nva2
      hop 2: recorded no hop, the lab has a silent hop
      hop 3: recorded no hop, the lab has 10.2.0.4
    "#);
    let lost = [" 1 * * *\n", " 1 10.2.0.4 1 ms\n"];
    let shown: String = lost
        .iter()
        .map(|one| compared(&Seen::Unreachable, one))
        .collect();
    insta::assert_snapshot!(shown, @r#"
    trace (t.txt): 1 agrees
    trace (t.txt): 0 agree, 1 differs
      path: recorded an answer of 10.2.0.4, the lab has no answer
    "#);
}
