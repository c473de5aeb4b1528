//! The action with which other projects verify their labs.

use std::fs;

use crate::session::session;

#[test]
fn the_action_leaves_a_summary_and_reports() {
    let action = concat!(env!("CARGO_MANIFEST_DIR"), "/.github/actions/verify/verify");
    let script = format!(
        "lab init good.yaml --template plain >/dev/null\n\
         sed -e 's/name: good/name: bad/' -e '0,/172.17.0.1, 10.0.2.10/s//172.17.0.3, 10.0.2.10/' good.yaml >bad.yaml\n\
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

#[test]
fn findings_are_annotations_and_no_report_overwrites_another() {
    let action = concat!(env!("CARGO_MANIFEST_DIR"), "/.github/actions/verify/verify");
    let script = format!(
        "mkdir a b; lab init a/one.yaml --template plain >/dev/null\n\
         printf 'name: one\\nvnet: {{}}\\n' >b/one.yaml\n\
         export LABS='a/one.yaml b/one.yaml' ARGUMENTS=--steady PATIENCE=1min REPORTS=out GITHUB_ACTIONS=true\n\
         {action} 2>/dev/null; echo \"ended with $?\"; ls out; grep -c '<error' out/*.xml; grep -c '\"error\": {{' out/*.json\n\
         GITHUB_ACTIONS= {action} 2>/dev/null | grep -c ::error\n"
    );
    let said = session(&script);
    for part in [
        "::error file=b/one.yaml,line=2,col=1,title=unknown-key::`vnet` is not a key of a lab file; did you mean `virtualNetworks`?\n",
        "ended with 2",
        "one-2.json\none-2.md\none-2.xml\none.json\none.md\none.xml\n",
        "out/one-2.xml:1\nout/one.xml:0\nout/one-2.json:1\nout/one.json:0\n0\n",
    ] {
        assert!(said.contains(part), "{part}\n\n{said}");
    }
}

#[test]
fn changed_paths_are_annotations_and_a_summary() {
    let action = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/.github/actions/verify/changes"
    );
    let script = format!(
        "mkdir before after; lab export arm hub-nva -o before/net.json; cp before/net.json after/\n\
         sed -i 's/\"useRemoteGateways\": true/\"useRemoteGateways\": false/' after/net.json\n\
         export BEFORE=before AFTER=after GITHUB_ACTIONS=true GITHUB_STEP_SUMMARY=summary.md\n\
         {action}; echo \"ended with $?\"; grep -c '^✗' summary.md\n\
         AFTER=before {action}; echo \"ended with $?\"\n"
    );
    let said = session(&script);
    for part in [
        "::error title=path changed::",
        "ended with 1",
        "ended with 0",
    ] {
        assert!(said.contains(part), "{part}\n\n{said}");
    }
}

/// What is built from the same has one name, so that a cache finds it.
#[test]
fn the_version_of_what_is_built_has_a_name() {
    let version = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/.github/actions/verify/version"
    );
    let said = session(&format!("{version}; {version}\n"));
    let mut lines = said.lines();
    let first = lines.next().unwrap_or_default();
    assert_eq!((first.len(), lines.next()), (16, Some(first)), "{said}");
}

/// The action's inputs and the variables in its scripts match.
#[test]
fn the_actions_inputs_are_read() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/.github/actions/verify");
    let read =
        |file: &str| fs::read_to_string(format!("{folder}/{file}")).expect("a file of the action");
    let action: serde_yaml::Value = serde_yaml::from_str(&read("action.yml")).expect("YAML");
    let steps = action["runs"]["steps"].as_sequence().expect("steps");
    let verify = steps.iter().find(|step| step["name"] == "Verify");
    let environment = verify.and_then(|step| step["env"].as_mapping());
    let environment = environment.expect("an environment");
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

/// A stand-in for `gh` has one release, `v1`, with one program.
#[test]
fn the_program_of_a_release_is_downloaded() {
    let download = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/.github/actions/verify/download"
    );
    let script = format!(
        "mkdir bin; cat >bin/gh <<'END'\n\
         #!/bin/sh\n\
         [ \"$1 $2 $3\" = 'release download v1' ] || exit 1\n\
         while [ \"$1\" != --output ]; do shift; done\n\
         echo 'echo the program' >\"$2\"\n\
         END\n\
         chmod 755 bin/gh; export PATH=$PWD/bin:$PATH REPOSITORY=owner/name\n\
         TAG=v1 {download} a/lab; a/lab\n\
         TAG=main {download} b/lab; TAG= {download} c/lab; ls b c\n"
    );
    let said = session(&script);
    assert_eq!(
        said, "true\nthe program\nfalse\nfalse\nb:\n\nc:\n",
        "{said}"
    );
}
