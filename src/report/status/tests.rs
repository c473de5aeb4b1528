//! A lab's status and a list of labs, as people and scripts see them.

use std::time::Duration;

use insta::assert_snapshot;

use crate::addresses::Address;
use crate::report::{impairment, labs, status};
use crate::units::{Impairment, Share};

const HUB_VM: Address = Address::v4(10, 10, 30, 4);

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
    assert_snapshot!(labs::none(false), @"no lab is up");
    assert_snapshot!(labs::none(true), @"no lab of yours is up; only sudo shows root's");
    assert_snapshot!(serde_json::to_string(&labs_up()).unwrap(), @r#"[{"lab":"hub-spoke","state":"up","nodes":22},{"lab":"two","state":"broken","nodes":3}]"#);
}

#[test]
fn all_labs_are_those_that_are_up_and_the_catalogue() {
    let catalogue = [
        ("hub-spoke", "The test setup."),
        ("two-hubs", "Two regions, each with a hub."),
    ];
    let catalogue = catalogue.map(|(name, about)| (name, about.to_owned()));
    let all = labs::all(&labs_up(), catalogue.into_iter());
    assert_snapshot!(labs::text_of_all(&all, 50), @r"
    LAB        STATE   NODES  ABOUT
    hub-spoke  up      22     The test setup.
    two        broken  3      -
    two-hubs   -       -      Two regions, each with a
                              hub.
    ");
    assert_snapshot!(serde_json::to_string(&all[1..]).unwrap(), @r#"[{"lab":"two","state":"broken","nodes":3,"about":null},{"lab":"two-hubs","state":null,"nodes":null,"about":"Two regions, each with a hub."}]"#);
}

fn circuit_link() -> status::Link {
    let there = Impairment {
        loss: Share::parse("1%").unwrap(),
        ..Impairment::delay(Duration::from_micros(750))
    };
    let nodes = ["er1-msee1", "loc1-ce1"].map(str::to_owned);
    let back = Impairment::delay(there.delay);
    let direction = |impairment, packets, dropped| status::Direction {
        impairment,
        packets,
        bytes: packets * 98,
        dropped,
    };
    let [out, home] = impairment::directions(&nodes, &[there, back]);
    status::Link {
        name: "er1-primary".to_owned(),
        ends: ["er1-msee1:loc1-ce1", "loc1-ce1:er1-msee1"].map(str::to_owned),
        delay_ms: 0.75,
        state: status::LinkState::Down,
        fault: None,
        carrier: status::Carrier::Netem,
        impaired: true,
        directions: [direction(out, 100, 1), direction(home, 99, 0)],
    }
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
        file: "/home/me/two.yaml".to_owned(),
        file_changed: true,
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
        links: vec![circuit_link()],
        tunnels: vec![status::Tunnel {
            name: "hub-branch".to_owned(),
            ends: ends("hub-vpngw:branch-vpngw", "branch-vpngw:hub-vpngw"),
            state: status::TunnelState::Up,
            fault: None,
            since_handshake_ms: Some(12_345),
            received_bytes: 1_480,
            sent_bytes: 2_960,
        }],
        capacities: vec![status::Capacity {
            gateway: "hub-vpngw".to_owned(),
            sku: "VpnGw1".to_owned(),
            rate_bits_per_second: 650_000_000,
            packets: [200, 180],
            dropped: [3, 0],
        }],
        in_force: Vec::new(),
        problems: vec!["node azure has no namespace".to_owned()],
        check: None,
    }
}

#[test]
fn a_status_is_tables_and_problems() {
    assert_snapshot!(status::text(&a_status()), @r"
    lab two is broken; supervisor: process 4711; tunnels: userspace; delays: kernel
    /home/me/two.yaml has changed since the last `lab up`; `lab up /home/me/two.yaml` applies the changes

    NODE    ROLE             ADDRESS     STATE
    hub-vm  virtual machine  10.10.30.4  up
    azure   virtual machine  -           missing

    LINK         FROM                TO                  IMPAIRMENTS                                    CARRIED BY  PACKETS  DROPPED  STATE
    er1-primary  er1-msee1:loc1-ce1  loc1-ce1:er1-msee1  there: delay 750us loss 1%; back: delay 750us  netem       100/99   1/0      down, impaired

    TUNNEL      FROM                    TO                      STATE  HANDSHAKE  BYTES IN  BYTES OUT
    hub-branch  hub-vpngw:branch-vpngw  branch-vpngw:hub-vpngw  up     12 s ago   1480      2960

    VPN GATEWAY  SKU     CARRIES     PACKETS  DROPPED
    hub-vpngw    VpnGw1  650 Mbit/s  200/180  3/0

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
        capacities: Vec::new(),
        problems: Vec::new(),
        ..a_status()
    };
    assert_snapshot!(status::text(&status), @r"
    lab two is up; supervisor: not running; tunnels: userspace; delays: kernel
    /home/me/two.yaml has changed since the last `lab up`; `lab up /home/me/two.yaml` applies the changes
    ");
}

#[test]
fn a_status_is_json_as_documented() {
    let status = status::Status {
        links: Vec::new(),
        capacities: Vec::new(),
        ..a_status()
    };
    assert_snapshot!(serde_json::to_string_pretty(&status).unwrap(), @r#"
    {
      "lab": "two",
      "state": "broken",
      "file": "/home/me/two.yaml",
      "file_changed": true,
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
      "links": [],
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
      "capacities": [],
      "in_force": [],
      "problems": [
        "node azure has no namespace"
      ]
    }
    "#);
    assert_snapshot!(serde_json::to_string(&a_status().capacities).unwrap(), @r#"[{"gateway":"hub-vpngw","sku":"VpnGw1","rate_bits_per_second":650000000,"packets":[200,180],"dropped":[3,0]}]"#);
    assert_snapshot!(serde_json::to_string(&circuit_link()).unwrap(), @r#"{"name":"er1-primary","ends":["er1-msee1:loc1-ce1","loc1-ce1:er1-msee1"],"delay_ms":0.75,"state":"down","fault":null,"carrier":"netem","impaired":true,"directions":[{"from":"er1-msee1","to":"loc1-ce1","delay_ms":0.75,"jitter_ms":0.0,"loss_percent":1.0,"duplicate_percent":0.0,"reorder_percent":0.0,"rate_bits_per_second":null,"queue_packets":null,"packets":100,"bytes":9800,"dropped":1},{"from":"loc1-ce1","to":"er1-msee1","delay_ms":0.75,"jitter_ms":0.0,"loss_percent":0.0,"duplicate_percent":0.0,"reorder_percent":0.0,"rate_bits_per_second":null,"queue_packets":null,"packets":99,"bytes":9702,"dropped":0}]}"#);
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
    er1-primary  er1-msee1:loc1-ce1  loc1-ce1:er1-msee1  there: delay 750us loss 1%; back: delay 750us  netem       100/99   1/0      down, by `lab fault`, impaired
    hub-branch  hub-vpngw:branch-vpngw  branch-vpngw:hub-vpngw  up, a blackhole  12 s ago   1480      2960
    difference: hub-vm lacks the route default
    118 routes in 22 namespaces compared with the expected ones, 1 difference
    ");
    let json = serde_json::to_value(&status).unwrap();
    assert_snapshot!(json["links"][0]["fault"], @r#""down""#);
    assert_snapshot!(json["check"], @r#"
    {"routes":118,"namespaces":22,"differences":["hub-vm lacks the route default"]}
    "#);
}
