//! The action with which other projects verify their labs.

use std::fs;

use crate::session::session;

#[test]
fn the_action_leaves_a_summary_and_reports() {
    let action = concat!(env!("CARGO_MANIFEST_DIR"), "/.github/actions/verify/verify");
    let script = format!(
        "lab init good.yaml --template plain >/dev/null\n\
         sed -e 's/name: good/name: bad/' -e '0,/10.0.0.1, 10.0.2.10/s//10.0.0.3, 10.0.2.10/' good.yaml >bad.yaml\n\
         LABS='good.yaml bad.yaml' ARGUMENTS=--steady PATIENCE=1min REPORTS=out GITHUB_STEP_SUMMARY=summary.md {action}\n\
         echo \"ended with $?\"; ls out; grep -c '<failure' out/*.xml; cat summary.md; lab ls\n"
    );
    let said = session(&script);
    for part in [
        "ended with 1",
        "bad.json\nbad.md\nbad.xml\ngood.json\ngood.md\ngood.xml\nout/bad.xml:1\nout/good.xml:0\n",
        "2 paths proved, 0 failed, 0 skipped",
        "1 path proved, 1 failed, 0 skipped",
        "no lab is up",
    ] {
        assert!(said.contains(part), "{part}\n\n{said}");
    }
}

/// The action's inputs and the variables in its scripts match.
#[test]
fn the_actions_inputs_are_read() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/.github/actions/verify");
    let read =
        |file: &str| fs::read_to_string(format!("{folder}/{file}")).expect("a file of the action");
    let action: serde_yaml::Value = serde_yaml::from_str(&read("action.yml")).expect("YAML");
    let steps = action["runs"]["steps"].as_sequence().expect("steps");
    let environment = steps
        .iter()
        .find_map(|step| step["env"].as_mapping())
        .expect("an environment");
    let script = read("verify");
    for (variable, value) in environment {
        let variable = variable.as_str().expect("a name");
        assert!(script.contains(variable), "{variable} is not read");
        let value = value.as_str().unwrap_or_default();
        let input = value
            .trim_start_matches("${{ inputs.")
            .trim_end_matches(" }}");
        assert!(!action["inputs"][input].is_null(), "{value} is no input");
    }
}
