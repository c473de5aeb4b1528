//! `lab expect` records what is, and a proof finds it so.

use std::fs;

use crate::intent::LAB;
use crate::lab::Turn;
use crate::program::lab;
use crate::verification::{Verification, pairs};

/// Comments around the section that is replaced.
const AROUND: [&str; 2] = [
    "# what was seen last year\nexpect: [] # nothing\n",
    "\n# what may fail\nstoryboards:\n  # one spoke\n  lost: [{ step: vm2-down, fault: vm2 }] # all of its links\n",
];

#[test]
fn recorded_paths_are_proved_and_nothing_else_of_the_file_changes() {
    let turn = Turn::begin();
    let text = format!("{LAB}{}{}", AROUND[0], AROUND[1]);
    let intent = turn.named_lab("intent", &text);
    let before = fs::read_to_string(&intent.file).expect("a lab file");
    lab(&["expect", &intent.file, "--write"]).exits(2);
    lab(&["up", &intent.file]).exits(0);
    let printed = lab(&["expect", &intent.file]).exits(0).said;
    assert_eq!(
        fs::read_to_string(&intent.file).expect("a lab file"),
        before,
        "only printed"
    );
    for line in [
        "  - { from: vm1, to: vm2, hops: [fw, vm2] }",
        "  - { from: vm1, to: fw, hops: [fw] }",
        "  - { from: vm1, to: vm3, unreachable: true }",
    ] {
        assert!(printed.lines().any(|own| own == line), "{line}\n{printed}");
    }
    let wrote = lab(&["expect", &intent.file, "--write"]).exits(0).said;
    assert!(
        wrote.starts_with("wrote 12 paths in 12 expectations to "),
        "{wrote}"
    );
    let after = fs::read_to_string(&intent.file).expect("a lab file");
    assert_eq!(after, before.replace("expect: [] # nothing\n", &printed));
    let ran = lab(&["verify", &intent.file, "--steady", "--json"]).exits(0);
    assert_eq!(Verification::of(&ran).counts(), [12, 0, 0]);

    lab(&["expect", &intent.file, "--write", "--intent"]).exits(0);
    let after = fs::read_to_string(&intent.file).expect("a lab file");
    let sets = "expect:\n  - { from: \"*\", to: \"*\", reachable: true }\n  \
                - { from: [fw, vm1, vm2], to: vm3, unreachable: true }\n  \
                - { from: vm3, to: \"*\", unreachable: true }\n";
    assert_eq!(after, before.replace("expect: [] # nothing\n", sets));
    let ran = lab(&["verify", &intent.file, "--steady", "--json"]).exits(0);
    assert_eq!(Verification::of(&ran).counts(), [12, 0, 0]);

    lab(&["fault", "vm1"]).exits(0);
    let refused = lab(&["expect", "--write"]).exits(2).complained;
    assert!(refused.contains("lab heal --all"), "{refused}");
    let now = lab(&["expect"]).exits(0).said;
    assert!(
        now.contains("{ from: vm2, to: vm1, unreachable: true }"),
        "{now}"
    );
    fs::write(&intent.file, after.replace("10.3.0.4", "10.3.0.5")).expect("a lab file");
    let refused = lab(&["expect", &intent.file]).exits(2).complained;
    assert!(refused.contains("is not what lab"), "{refused}");
    assert_eq!(
        fs::read_to_string(&intent.file)
            .expect("a lab file")
            .matches("10.3.0.5")
            .count(),
        1
    );
}

#[test]
fn paths_of_a_lab_with_equal_paths_are_recorded_so_that_every_flow_fits() {
    let turn = Turn::begin();
    let copy = turn.lab_up("recorded", &[]);
    lab(&["expect", &copy.file, "--write"]).exits(0);
    for _ in 0..3 {
        let ran = lab(&["verify", &copy.file, "--steady", "--json"]).exits(0);
        assert_eq!(Verification::of(&ran).counts(), [30, 0, 0]);
    }
    let by_routes = lab(&["expect", "--file", &copy.file]).exits(0).said;
    let text = fs::read_to_string(&copy.file).expect("a lab file");
    assert!(text.contains(&by_routes), "{by_routes}\n\n{text}");
}

#[test]
fn a_lab_of_the_catalogue_is_not_written_to() {
    let said = lab(&["expect", "--file", "hub-spoke", "--write"])
        .exits(2)
        .complained;
    assert!(
        said.contains("lab init my-lab.yaml --template hub-spoke"),
        "{said}"
    );
    let printed = lab(&[
        "expect",
        "--file",
        "hub-spoke",
        "--down",
        "er1-primary",
        "--intent",
    ])
    .exits(0);
    assert!(
        printed
            .said
            .starts_with("expect:\n  - { from: \"*\", to: \"*\", reachable: true }\n")
    );
}

#[test]
fn a_proof_of_nothing_fails_and_a_baseline_covers_every_pair() {
    let turn = Turn::begin();
    let intent = turn.named_lab("intent", LAB);
    lab(&["up", &intent.file]).exits(0);
    let ran = intent.run(&["verify"]).exits(1);
    let hint = format!("`lab expect {} --write`", intent.file);
    assert!(
        ran.complained.contains("nothing was proved") && ran.complained.contains(&hint),
        "{ran:?}"
    );
    intent.run(&["verify", "--allow-empty"]).exits(0);
    let before = intent.run(&["verify", "--json", "--allow-empty"]).exits(0);
    let before = turn.file("before.json", &before.said);
    let same = intent.run(&["verify", "--baseline", &before]).exits(0).said;
    assert!(
        same.contains("12 the same, 0 changed, 0 new, 0 vanished"),
        "{same}"
    );
    intent.run(&["fault", "fw"]).exits(0);
    let changed = intent.run(&["verify", "--baseline", &before]).exits(1).said;
    assert!(changed.contains("6 the same, 6 changed"), "{changed}");
    assert!(
        changed.contains("vm1 -> vm2  [steady]  changed"),
        "{changed}"
    );
    intent.run(&["heal", "--all"]).exits(0);
    let expecting = turn.file(
        "other.yaml",
        &format!(
            "{}expect:\n  - {{ from: vm1, to: vm2, hops: [vm2] }}\n",
            fs::read_to_string(&intent.file).expect("a lab file")
        ),
    );
    let ran = lab(&["verify", &expecting, "--baseline", &before, "--json"]).exits(1);
    assert_eq!(
        Verification::of(&ran).failed_pairs(),
        pairs(&[("vm1", "vm2")])
    );
}
