//! The tests' own lab files.

use std::fmt::Write;
use std::fs;

use crate::machine::{self, Ran};

/// The folder of these files: each machine has its own /run.
const FOLDER: &str = "/run";

/// Labs of the catalogue.
pub(crate) const SHIPPED: [&str; 10] = [
    include_str!("../../labs/hub-spoke.yaml"),
    include_str!("../../labs/er-resiliency.yaml"),
    include_str!("../../labs/hub-nva.yaml"),
    include_str!("../../labs/two-nic-nva.yaml"),
    include_str!("../../labs/two-hubs.yaml"),
    include_str!("../../labs/er-vpn-coexistence.yaml"),
    include_str!("../../labs/s2s-over-expressroute.yaml"),
    include_str!("../../labs/branch-in-vnet.yaml"),
    include_str!("../../labs/ipsec-over-expressroute.yaml"),
    include_str!("../../labs/active-active.yaml"),
];

/// A lab, and two files to build it from.
#[derive(Debug, Clone)]
pub(crate) struct Lab {
    pub(crate) name: String,
    pub(crate) files: [String; 2],
}

impl Lab {
    /// A lab of these two texts, which contain its name as `{NAME}`.
    pub(crate) fn of(name: &str, texts: [&str; 2]) -> Self {
        let mut number = 0;
        let files = texts.map(|text| {
            number += 1;
            let path = format!("{FOLDER}/{name}-{number}.yaml");
            fs::write(&path, text.replace("{NAME}", name)).expect("a file in /run");
            path
        });
        Self {
            name: name.to_owned(),
            files,
        }
    }

    /// The hub and its spoke, and the same with one more machine, other addresses at a circuit and no second tunnel.
    pub(crate) fn hub_spoke(name: &str) -> Self {
        let text = nameless(SHIPPED[0]);
        let edited = [
            (
                "      hub-vm: {",
                "      hub-vm2: { subnet: default, privateIPAddress: 10.10.30.5 }\n      hub-vm: {",
            ),
            (
                "  hub-branch:\n    connectionType: Vnet2Vnet\n    gateways: [hub-vpngw, branch-vpngw]\n    rtt: 1ms\n",
                "",
            ),
            ("    rtt: 66.2ms", "    rtt: 30ms"),
            (
                "192.168.30.0/31, 192.168.30.1/31",
                "192.168.30.8/31, 192.168.30.9/31",
            ),
        ];
        let edited = edited.iter().fold(text.clone(), |text, (from, to)| {
            assert_eq!(text.matches(from).count(), 1, "`{from}` in the lab file");
            text.replace(from, to)
        });
        Self::of(name, [&text, &edited])
    }

    /// The hub and its spoke, and the same with one more machine, which changes no expectation.
    pub(crate) fn grown(name: &str) -> Self {
        let text = nameless(SHIPPED[0]);
        let first = "      hub-vm: {";
        let more = "      hub-vm2: { subnet: default, privateIPAddress: 10.10.30.5 }\n";
        let edited = text.replacen(first, &format!("{more}{first}"), 1);
        assert_ne!(text, edited);
        Self::of(name, [&text, &edited])
    }

    /// Two circuits, and the same with a longer delay between the networks and one of them.
    pub(crate) fn circuits(name: &str) -> Self {
        let text = nameless(SHIPPED[1]);
        let edited = text.replace("rtt: 2ms", "rtt: 4ms");
        assert_ne!(text, edited);
        Self::of(name, [&text, &edited])
    }

    /// Routers in a row, the second link with a delay, and the same with one more in front.
    pub(crate) fn row(name: &str, routers: usize) -> Self {
        Self::of(name, [&row(1, routers), &row(0, routers)])
    }

    pub(crate) fn run(&self, words: &[&str]) -> Ran {
        machine::lab(&self.name, words)
    }

    pub(crate) fn up(&self) -> Ran {
        self.run(&["up", &self.files[0]])
    }

    pub(crate) fn down(&self) -> Ran {
        self.run(&["down", &self.name])
    }

    pub(crate) fn status(&self) -> Ran {
        self.run(&["status", &self.name, "--json"])
    }
}

/// The text of a shipped lab, without its name.
pub(crate) fn nameless(text: &str) -> String {
    let name = text
        .lines()
        .find(|line| line.starts_with("name: "))
        .expect("a name");
    text.replacen(name, "name: {NAME}", 1)
}

fn row(first: usize, last: usize) -> String {
    let mut text = "name: {NAME}\nsites:\n  row:\n    routers:\n".to_owned();
    // Writing to a String does not fail.
    for router in first..=last {
        let _ = writeln!(text, "      r{router}: {{}}");
    }
    text.push_str("    links:\n");
    for link in first..last {
        let rtt = if link == 2 { ", rtt: 2ms" } else { "" };
        let _ = writeln!(
            text,
            "      - {{ a: r{link}, b: r{}, addresses: [10.9.{link}.0/31, 10.9.{link}.1/31]{rtt} }}",
            link + 1
        );
    }
    text
}
