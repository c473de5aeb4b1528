//! What a failed trace or ping says last.

use crate::intent::LAB;
use crate::lab::Turn;
use crate::program::lab;

#[test]
fn a_failed_trace_or_ping_names_the_command_that_explains_it() {
    let turn = Turn::begin();
    let intent = turn.named_lab("intent", LAB);
    lab(&["up", &intent.file]).exits(0);
    let hint = "`lab why vm1 10.3.0.4` explains it\n";
    let traced = lab(&[
        "trace",
        "vm1",
        "10.3.0.4",
        "--max-hops",
        "4",
        "--wait",
        "100ms",
    ])
    .exits(1)
    .said;
    assert!(
        traced.ends_with(&format!("\n\n{hint}")) && traced.contains("no answer from hop "),
        "{traced}"
    );
    let pinged = lab(&["ping", "vm1", "10.3.0.4", "-c", "1", "--wait", "100ms"])
        .exits(1)
        .said;
    assert!(pinged.ends_with(hint), "{pinged}");
    let json = lab(&[
        "ping", "vm1", "10.3.0.4", "-c", "1", "--wait", "100ms", "--json",
    ])
    .exits(1)
    .said;
    assert!(!json.contains("explains"), "{json}");
    let named = lab(&[
        "trace",
        "vm1",
        "vm3",
        "--max-hops",
        "2",
        "--wait",
        "100ms",
        "--lab",
        &intent.name,
    ])
    .exits(1)
    .said;
    assert!(
        named.ends_with(&format!(
            "`lab why vm1 vm3 --lab {}` explains it\n",
            intent.name
        )),
        "{named}"
    );
    let reached = lab(&["trace", "vm1", "vm2"]).exits(0).said;
    assert!(!reached.contains("explains"), "{reached}");
}
