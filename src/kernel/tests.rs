//! Tests links in real namespaces, with Debian's programs. They need root.
#![expect(
    clippy::disallowed_methods,
    reason = "Debian's ip, tc, ping, iperf3 and tcpdump judge"
)]

mod clamp;
mod counters;
mod divert;
mod emulator;
mod limit;
mod shape;
mod wireguard;

use std::collections::BTreeSet;
use std::process::{Child, Command, Stdio};

use crate::kernel::netns::{self, Netns};
use crate::kernel::{Backends, Build, Failure, Live, Preset};
use crate::names::{IfName, LabName, NodeName};
use crate::plan::{Device, Entry, InterfacePlan, LinkEnd, LinkPlan, NodePlan, Plan};
use crate::topology::{LinkId, Mac, NodeId};
use crate::units::{Bandwidth, Impairment};

/// A lab built from a test's plan, removed when dropped.
struct Stand {
    plan: Plan,
    live: Option<Live>,
}

impl Stand {
    /// Builds a lab.
    fn build(plan: Plan) -> Self {
        Self::try_build(plan).unwrap()
    }

    /// Builds a lab with kernel backends, even if the kernel lacks them.
    fn try_build(plan: Plan) -> Result<Self, Failure> {
        netns::prepare_directory().expect("these tests need root");
        let mut stand = Self { plan, live: None };
        let backends = Backends {
            kernel_tunnels: true,
            kernel_delays: true,
        };
        let inside = |_| Ok::<_, Failure>(());
        let (mut build, _) = Build::namespaces(&stand.plan, backends, &Preset::new(), inside)?;
        build.links()?;
        build.addresses()?;
        build.routes()?;
        let (live, _) = build.into_live(&stand.plan);
        stand.live = Some(live);
        Ok(stand)
    }

    fn live(&mut self) -> &mut Live {
        self.live.as_mut().unwrap()
    }

    fn namespace(&self, node: usize) -> String {
        self.plan.namespace(NodeId(node))
    }

    fn within<T: Send>(&self, node: usize, work: impl FnOnce() -> T + Send) -> T {
        let namespace = Netns::open(&self.namespace(node)).unwrap();
        namespace.within(work).unwrap()
    }

    fn start(&self, node: usize, command: &str) -> Child {
        let mut words = command.split_whitespace();
        self.within(node, || {
            Command::new(words.next().unwrap())
                .args(words)
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap()
        })
    }

    /// The output of a command inside a node. The test fails if the command fails.
    fn run(&self, node: usize, command: &str) -> String {
        finish(self.start(node, command), command)
    }

    fn json(&self, node: usize, command: &str) -> serde_json::Value {
        serde_json::from_str(&self.run(node, command)).unwrap()
    }

    /// An iperf3 server that listens, and ends after one test.
    fn iperf_server(&self, node: usize, port: u16) -> Child {
        let server = self.start(node, &format!("iperf3 -s -1 -p {port}"));
        let listening = format!("ss -Hltn sport = :{port}");
        while self.run(node, &listening).is_empty() {
            std::thread::yield_now();
        }
        server
    }
}

impl Drop for Stand {
    fn drop(&mut self) {
        self.live = None;
        for node in 0..self.plan.nodes.len() {
            netns::unpin(&self.namespace(node)).unwrap();
        }
    }
}

fn finish(child: Child, what: &str) -> String {
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{what}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// The received rate in iperf3's report, in Mbit/s.
fn megabits(report: &str) -> f64 {
    let report: serde_json::Value = serde_json::from_str(report).unwrap();
    let rate = &report["end"]["sum_received"]["bits_per_second"];
    rate.as_f64().unwrap() / 1e6
}

fn device(node: usize, name: &str) -> Device {
    Device {
        node: NodeId(node),
        name: IfName::new(name).unwrap(),
    }
}

fn rate(text: &str) -> Impairment {
    Impairment {
        rate: Bandwidth::parse(text).ok(),
        ..Impairment::default()
    }
}

/// A lab of forwarding nodes `n0`, `n1` and so on.
fn nodes(lab: &str, count: usize) -> Plan {
    let node = |index| NodePlan {
        settings: vec![("ipv4/ip_forward", "1")],
        ..NodePlan::unchanged(NodeName::new(&format!("n{index}")).unwrap())
    };
    Plan {
        lab: LabName::new(lab).unwrap(),
        nodes: (0..count).map(node).collect(),
        links: Vec::new(),
        tunnels: Vec::new(),
    }
}

/// Adds a link between two interfaces, each given by its node, name and address. ARP is on.
fn link(plan: &mut Plan, ends: [(usize, &str, &str); 2], directions: [Impairment; 2]) {
    let number = u8::try_from(plan.links.len()).unwrap();
    let index = |side: u8| number * 2 + side;
    let end = |side: u8, (node, name, _): (usize, &str, _)| LinkEnd {
        node: NodeId(node),
        interface: InterfacePlan {
            name: IfName::new(name).unwrap(),
            index: 1000 + u32::from(index(side)),
            mac: Mac([2, 0, 0, 0, 0, index(side)]),
            resolves: true,
            bridge: None,
            up: true,
        },
    };
    let [a, b] = ends;
    plan.links.push(LinkPlan {
        id: LinkId(plan.links.len()),
        ends: [end(0, a), end(1, b)],
        directions,
    });
    for (node, name, address) in ends {
        plan.nodes[node].entries.push(numbered(name, address));
    }
}

/// An interface's address.
fn numbered(name: &str, address: &str) -> Entry {
    Entry::Address {
        interface: IfName::new(name).unwrap(),
        address: address.parse().unwrap(),
        connected: true,
    }
}

/// Two nodes, and a link between `left` of `n0` at 192.0.2.1 and `right` of `n1` at 192.0.2.2.
fn left_and_right(lab: &str, directions: [Impairment; 2]) -> Plan {
    let mut plan = nodes(lab, 2);
    let ends = [(0, "left", "192.0.2.1/24"), (1, "right", "192.0.2.2/24")];
    link(&mut plan, ends, directions);
    plan
}

/// Builds [`left_and_right`].
fn pair(lab: &str, directions: [Impairment; 2]) -> Stand {
    Stand::build(left_and_right(lab, directions))
}

#[test]
fn what_decides_and_what_is_shown_of_a_kernel_agree() {
    use crate::kernel::{probe, survey};
    let features = probe(&BTreeSet::new()).unwrap();
    let abilities = survey();
    let has = |name: &str| {
        let ability = abilities.iter().find(|ability| ability.name == name);
        ability.unwrap().missing.is_none()
    };
    assert_eq!(has("WireGuard"), features.wireguard);
    assert_eq!(has("netem"), features.netem);
    let vital = abilities.iter().filter(|ability| ability.is_vital);
    let missing: Vec<_> = vital.filter(|ability| ability.missing.is_some()).collect();
    assert!(missing.is_empty(), "{missing:?}");
    assert!(has("network namespaces") && has("tbf") && has("ifb"));
    assert!(has("redirection (clsact, u32, mirred)"));
}
