//! A lab's status and a list of labs, as people and scripts see them.

use std::net::Ipv4Addr;

use insta::assert_snapshot;

use crate::report::{labs, status};

const HUB_VM: Ipv4Addr = Ipv4Addr::new(10, 10, 30, 4);

fn labs_up() -> Vec<labs::LabSummary> {
    let lab = |name: &str, state, nodes| labs::LabSummary {
        lab: name.to_owned(),
        state,
        nodes,
    };
    vec![
        lab("hub-spoke", status::Condition::Up, 22),
        lab("two", status::Condition::Broken, 3),
    ]
}

#[test]
fn labs_are_a_table_and_json() {
    assert_snapshot!(labs::text(&labs_up()), @r"
    LAB        STATE   NODES
    hub-spoke  up      22
    two        broken  3
    ");
    assert_snapshot!(labs::text(&[]), @"no lab is up");
    assert_snapshot!(serde_json::to_string(&labs_up()).unwrap(), @r#"[{"lab":"hub-spoke","state":"up","nodes":22},{"lab":"two","state":"broken","nodes":3}]"#);
}

fn a_status() -> status::Status {
    let ends = |a: &str, b: &str| [a.to_owned(), b.to_owned()];
    let node = |name: &str, address, state| status::Node {
        name: name.to_owned(),
        role: "virtual machine".to_owned(),
        address,
        state,
    };
    status::Status {
        lab: "two".to_owned(),
        state: status::Condition::Broken,
        supervisor: status::Supervisor {
            pid: Some(4711),
            running: true,
        },
        backends: status::Backends {
            tunnels: status::Backend::Userspace,
            delays: status::Backend::Kernel,
        },
        nodes: vec![
            node("hub-vm", Some(HUB_VM), status::Presence::Up),
            node("azure", None, status::Presence::Missing),
        ],
        links: vec![status::Link {
            name: "er1-primary".to_owned(),
            ends: ends("er1-msee1:loc1-ce1", "loc1-ce1:er1-msee1"),
            delay_ms: 0.75,
            state: status::LinkState::Down,
            fault: None,
        }],
        tunnels: vec![status::Tunnel {
            name: "hub-branch".to_owned(),
            ends: ends("hub-vpngw:branch-vpngw", "branch-vpngw:hub-vpngw"),
            state: status::TunnelState::Up,
            fault: None,
            since_handshake_ms: Some(12_345),
            received_bytes: 1_480,
            sent_bytes: 2_960,
        }],
        problems: vec!["node azure has no namespace".to_owned()],
        check: None,
    }
}

#[test]
fn a_status_is_tables_and_problems() {
    assert_snapshot!(status::text(&a_status()), @r"
    lab two is broken; supervisor: process 4711; tunnels: userspace; delays: kernel

    NODE    ROLE             ADDRESS     STATE
    hub-vm  virtual machine  10.10.30.4  up
    azure   virtual machine  -           missing

    LINK         FROM                TO                  DELAY    STATE
    er1-primary  er1-msee1:loc1-ce1  loc1-ce1:er1-msee1  0.75 ms  down

    TUNNEL      FROM                    TO                      STATE  HANDSHAKE  BYTES IN  BYTES OUT
    hub-branch  hub-vpngw:branch-vpngw  branch-vpngw:hub-vpngw  up     12 s ago   1480      2960

    problem: node azure has no namespace
    ");
}

#[test]
fn a_status_without_parts_is_one_line() {
    let status = status::Status {
        state: status::Condition::Up,
        supervisor: status::Supervisor {
            pid: None,
            running: false,
        },
        nodes: Vec::new(),
        links: Vec::new(),
        tunnels: Vec::new(),
        problems: Vec::new(),
        ..a_status()
    };
    assert_snapshot!(status::text(&status), @"lab two is up; supervisor: not running; tunnels: userspace; delays: kernel");
}

#[test]
fn a_status_is_json_as_documented() {
    assert_snapshot!(serde_json::to_string_pretty(&a_status()).unwrap(), @r#"
    {
      "lab": "two",
      "state": "broken",
      "supervisor": {
        "pid": 4711,
        "running": true
      },
      "backends": {
        "tunnels": "userspace",
        "delays": "kernel"
      },
      "nodes": [
        {
          "name": "hub-vm",
          "role": "virtual machine",
          "address": "10.10.30.4",
          "state": "up"
        },
        {
          "name": "azure",
          "role": "virtual machine",
          "address": null,
          "state": "missing"
        }
      ],
      "links": [
        {
          "name": "er1-primary",
          "ends": [
            "er1-msee1:loc1-ce1",
            "loc1-ce1:er1-msee1"
          ],
          "delay_ms": 0.75,
          "state": "down",
          "fault": null
        }
      ],
      "tunnels": [
        {
          "name": "hub-branch",
          "ends": [
            "hub-vpngw:branch-vpngw",
            "branch-vpngw:hub-vpngw"
          ],
          "state": "up",
          "fault": null,
          "since_handshake_ms": 12345,
          "received_bytes": 1480,
          "sent_bytes": 2960
        }
      ],
      "problems": [
        "node azure has no namespace"
      ]
    }
    "#);
}

#[test]
fn a_fault_and_a_comparison_of_routes_are_shown() {
    let mut status = a_status();
    status.links[0].fault = Some(status::Fault::Down);
    status.tunnels[0].fault = Some(status::Fault::Blackhole);
    status.check = Some(status::Check {
        routes: 118,
        namespaces: 22,
        differences: vec!["hub-vm lacks the route default".to_owned()],
    });
    let text = status::text(&status);
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| {
            ["er1", "hub-b", "diff", "118"]
                .iter()
                .any(|start| line.starts_with(start))
        })
        .collect();
    assert_snapshot!(lines.join("\n"), @r"
    er1-primary  er1-msee1:loc1-ce1  loc1-ce1:er1-msee1  0.75 ms  down, by `lab fault`
    hub-branch  hub-vpngw:branch-vpngw  branch-vpngw:hub-vpngw  up, a blackhole  12 s ago   1480      2960
    difference: hub-vm lacks the route default
    118 routes in 22 namespaces agree with what belongs there, 1 differ
    ");
    let json = serde_json::to_value(&status).unwrap();
    assert_snapshot!(json["links"][0]["fault"], @r#""down""#);
    assert_snapshot!(json["check"], @r#"{"differences":["hub-vm lacks the route default"],"namespaces":22,"routes":118}"#);
}
