//! A proof of a lab in which something is in force on top of its file, in each format.

use std::time::Duration;

use insta::assert_snapshot;

use crate::report::solved::Solved;
use crate::report::verification::{Verification, text, traces};
use crate::report::{json, junit, markdown};
use crate::verify::{DisturbanceKind, InForce, ProbeCount};

fn in_force(link: &str, kind: DisturbanceKind) -> InForce {
    InForce {
        link: link.to_owned(),
        kind,
        impairment: if kind == DisturbanceKind::Impaired {
            "delay 40ms".to_owned()
        } else {
            String::new()
        },
        command: format!("lab heal {link}"),
    }
}

fn verification(lab: &Solved, in_force: Vec<InForce>) -> Verification<'_> {
    let expectation = lab.expectation("hub-vm", "branch-vm");
    Verification {
        topology: &lab.topology,
        elapsed: Duration::from_millis(3),
        in_force,
        results: vec![lab.checked(expectation)],
        probes: ProbeCount { sent: 3, lost: 0 },
        outages: Vec::new(),
        others: None,
        baseline: None,
    }
}

#[test]
fn every_format_begins_with_what_is_in_force() {
    let lab = Solved::hub_spoke();
    let both = vec![
        in_force("er1-primary", DisturbanceKind::Down),
        in_force("er2-primary", DisturbanceKind::Impaired),
    ];
    let verification = verification(&lab, both);
    assert_snapshot!(text(&verification), @r"
    active failures and impairments that are not in the lab file:
      link er1-primary is down: `lab heal er1-primary` repairs it
      link er2-primary is impaired by `lab impair` (delay 40ms): `lab heal er2-primary` ends that
      `lab heal --all` clears all of these

    FROM    TO         STATE   VERDICT  RTT     HOPS
    hub-vm  branch-vm  steady  pass     2.0 ms  hub-vpngw > * > branch-vm

    3 probes, 0 lost, at most 6667 a second
    1 path proved, 0 failed, 0 skipped in 3 ms
    ");
    assert!(
        traces(&verification)
            .starts_with("active failures and impairments that are not in the lab file:\n")
    );
    assert_snapshot!(markdown::markdown(&verification), @r"
    ## ✅ hub-spoke: 1 path proved, 0 failed, 0 skipped in 3 ms

    In force, other than in the lab file:

    - link er1-primary is down: \`lab heal er1-primary\` repairs it
    - link er2-primary is impaired by \`lab impair\` (delay 40ms): \`lab heal er2-primary\` ends that

    <details>
    <summary>All 1 path</summary>

    | From | To | State | Verdict | RTT | Path |
    | --- | --- | --- | --- | --- | --- |
    | hub-vm | branch-vm | steady | pass | 2.0 ms | hub-vpngw \> \* \> branch-vm |

    </details>
    ");
    let xml = junit::junit(&verification, &[("kernel", "6.1".to_owned())]).unwrap();
    let properties: Vec<&str> = xml
        .lines()
        .filter(|line| line.contains("<property "))
        .collect();
    assert_snapshot!(properties.join("\n"), @r#"
    <property name="kernel" value="6.1"/>
    <property name="in force" value="link er1-primary is down: `lab heal er1-primary` repairs it"/>
    <property name="in force" value="link er2-primary is impaired by `lab impair` (delay 40ms): `lab heal er2-primary` ends that"/>
    "#);
    let json = serde_json::to_value(json::Verification::from(&verification)).unwrap();
    assert_snapshot!(json["in_force"], @r#"[{"link":"er1-primary","kind":"down","impairment":"","command":"lab heal er1-primary"},{"link":"er2-primary","kind":"impaired","impairment":"delay 40ms","command":"lab heal er2-primary"}]"#);
}

#[test]
fn a_single_disturbance_has_its_own_command_only() {
    let lab = Solved::hub_spoke();
    let one = vec![in_force("er1-primary", DisturbanceKind::Blackhole)];
    let text = text(&verification(&lab, one));
    assert_snapshot!(text.lines().take(3).collect::<Vec<_>>().join("\n"), @r"
    active failures and impairments that are not in the lab file:
      link er1-primary silently drops all packets (`lab fault --blackhole`): `lab heal er1-primary` ends that
    ");
}
