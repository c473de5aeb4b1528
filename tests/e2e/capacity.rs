//! The throughput of circuits and gateways, measured by iperf3, and the bottleneck of each path.
//!
//! How close a link comes to its rate depends on the machine's load: `cargo bench --bench wire` prints it. These tests
//! assert that no path exceeds its rate, and compare the rates of two runs.

use serde_json::Value;

use crate::lab::{Lab, Turn};
use crate::program::lab;

/// The most by which a path may exceed its rate: the bucket's size, over a few seconds.
const TOLERANCE: f64 = 0.05;

/// The smallest gateway, with one tunnel to an office.
const OFFICE: &str = "\
name: office
virtualNetworks:
  hub:
    location: region1
    addressPrefixes: [10.0.0.0/24]
    subnets:
      default: { addressPrefix: 10.0.0.0/25 }
      GatewaySubnet: { addressPrefix: 10.0.0.128/25 }
    virtualMachines:
      app: { subnet: default, privateIPAddress: 10.0.0.4 }
virtualNetworkGateways:
  gate:
    virtualNetwork: hub
    gatewayType: Vpn
    sku: Basic
    publicIPAddress: 52.1.1.1
connections:
  to-office:
    connectionType: IPsec
    gateway: gate
    device: edge
    localNetworkAddressPrefixes: [10.3.0.0/24]
    rtt: 2ms
sites:
  office:
    routers:
      edge:
        address: 10.3.0.1/24
        tunnel: { sourceAddress: 203.0.113.1, address: 10.9.0.1 }
        routes: [{ addressPrefix: 10.0.0.0/24, connection: to-office }]
    hosts:
      pc: { address: 10.3.0.10/24, gateway: 10.3.0.1 }
";

const S2S: &str = include_str!("../../labs/s2s-over-expressroute.yaml");

fn measured(lab: &Lab, words: &[&str]) -> Value {
    lab.run(&[&["iperf", "--json"], words].concat())
        .exits(0)
        .json()
}

/// Measures a path's throughput in Mbit/s: at most its rate, and the bottleneck is reported.
#[track_caller]
fn carries(lab: &Lab, words: &[&str], megabits: f64, bottleneck: &str) -> f64 {
    let report = measured(lab, words);
    let carried = report["bits_per_second"].as_f64().expect("a rate") / 1e6;
    assert!(
        carried > 0.0 && carried <= megabits * (1.0 + TOLERANCE),
        "{words:?} carried {carried:.1} Mbit/s of {megabits}: {report:#}"
    );
    let named = report["bottleneck"]["what"].as_str().unwrap_or_default();
    assert!(named.starts_with(bottleneck), "{named}");
    carried
}

/// Whether one rate is about four times the other: other load on the machine slows both alike.
#[track_caller]
fn are_four_to_one(fast: f64, slow: f64) {
    let ratio = fast / slow;
    assert!(
        (2.5..=6.0).contains(&ratio),
        "{fast:.1} to {slow:.1} Mbit/s"
    );
}

#[test]
fn a_circuit_carries_its_bandwidth_in_both_directions() {
    let turn = Turn::begin();
    let edit = (
        "  er1:\n    bandwidthInMbps: 1000",
        "  er1:\n    bandwidthInMbps: 200",
    );
    let lab = turn.lab_up("circuit", &[edit]);
    let name = "circuit er1, primary link";
    let directions = [&[][..], &["--reverse"]];
    let mut carried = Vec::new();
    for direction in directions {
        let tcp = ["loc1-vm", "hub-vm", "--time", "3"];
        carried.push(carries(&lab, &[&tcp[..], direction].concat(), 200.0, name));
        let udp = ["loc1-vm", "hub-vm", "--time", "3", "--udp", "250mbit"];
        carries(&lab, &[&udp[..], direction].concat(), 200.0, name);
    }
    let status = lab.status();
    let links = status["links"].as_array().expect("links");
    let link = links
        .iter()
        .find(|link| link["name"] == "er1-primary")
        .expect("the circuit");
    let dropped = (0..2).filter_map(|way| link["directions"][way]["dropped"].as_u64());
    assert!(
        dropped.sum::<u64>() > 0,
        "what does not fit is counted: {link:#}"
    );
    lab.run(&["impair", "er1-primary", "--rate", "50mbit"])
        .exits(0);
    for (direction, fast) in directions.into_iter().zip(carried) {
        let words = [&["loc1-vm", "hub-vm", "--time", "3"][..], direction].concat();
        let slow = carries(&lab, &words, 50.0, "link er1-primary: rate 50mbit");
        are_four_to_one(fast, slow);
    }
}

#[test]
fn a_vpn_gateway_carries_what_its_size_says_in_both_directions() {
    let turn = Turn::begin();
    let office = turn.named_lab("office", OFFICE);
    lab(&["up", &office.file]).exits(0);
    let name = "VPN gateway gate: sku Basic";
    carries(&office, &["app", "pc", "--time", "4"], 100.0, name);
    carries(
        &office,
        &["app", "pc", "--time", "4", "--reverse"],
        100.0,
        name,
    );
    carries(
        &office,
        &["app", "pc", "--time", "4", "--parallel", "4"],
        100.0,
        name,
    );
    // TCP adapts to the rate; UDP does not.
    let udp = ["app", "pc", "--time", "3", "--udp", "150mbit"];
    let out = carries(&office, &udp, 100.0, name);
    carries(&office, &[&udp[..], &["--reverse"]].concat(), 100.0, name);
    let gate = office.status()["capacities"][0].clone();
    assert_eq!([&gate["gateway"], &gate["sku"]], ["gate", "Basic"]);
    let dropped = gate["dropped"][0].as_u64().expect("a count");
    // A machine too busy to send at this rate cannot saturate a gateway.
    assert!(
        dropped > 0 || out < 95.0,
        "what does not fit is counted: {gate:#}"
    );
}

#[test]
fn tunnels_are_held_back_by_the_vpn_gateway_and_private_peering_is_not() {
    let turn = Turn::begin();
    let s2s = turn.named_lab("s2s-over-expressroute", S2S);
    lab(&["up", &s2s.file]).exits(0);
    let secret = measured(
        &s2s,
        &["secret-vm", "secret-host", "--time", "5", "--parallel", "4"],
    );
    let open = measured(&s2s, &["open-vm", "open-host", "--time", "5"]);
    let rate = |report: &Value| report["bits_per_second"].as_f64().expect("a rate") / 1e6;
    let [secret_rate, open_rate] = [&secret, &open].map(rate);
    assert!(secret_rate <= 650.0 * (1.0 + TOLERANCE), "{secret:#}");
    assert!(open_rate > secret_rate, "{open:#}, and {secret:#}");
    assert!(open_rate <= 1000.0 * (1.0 + TOLERANCE), "{open:#}");
    let limits = [&secret, &open].map(|report| report["bottleneck"]["bits_per_second"].clone());
    assert_eq!(limits, [650_000_000, 1_000_000_000]);
}

#[test]
fn an_express_route_gateway_caps_what_comes_in_and_not_what_goes_out() {
    let turn = Turn::begin();
    // The circuit is faster than the smallest gateway.
    let edit = (
        "  er1:\n    bandwidthInMbps: 1000",
        "  er1:\n    bandwidthInMbps: 10000",
    );
    let lab = turn.lab_up("gateway", &[edit]);
    let limit = |words: &[&str]| {
        let report = measured(&lab, &[words, &["--time", "3"]].concat());
        let rate = report["bits_per_second"].as_f64().expect("a rate") / 1e6;
        (rate, report["bottleneck"]["what"].to_string())
    };
    let (inward, what) = limit(&["loc1-vm", "hub-vm"]);
    assert!(inward <= 1000.0 * (1.0 + TOLERANCE), "{inward}");
    assert!(what.contains("ExpressRoute gateway hub-ergw"), "{what}");
    let (_, what) = limit(&["hub-vm", "loc1-vm"]);
    assert!(what.contains("circuit er1"), "{what}");
}

#[test]
fn a_throttled_link_is_named_while_it_is() {
    let turn = Turn::begin();
    let lab = turn.lab_up("throttled", &[]);
    let pair = ["hub-vm", "spoke-vm", "--time", "3"];
    lab.run(&["impair", "hub-spoke", "--rate", "50mbit"])
        .exits(0);
    let throttled = carries(&lab, &pair, 50.0, "link hub-spoke");
    lab.run(&["impair", "hub-spoke", "--clear"]).exits(0);
    let free = measured(&lab, &pair)["bits_per_second"]
        .as_f64()
        .expect("a rate");
    assert!(free / 1e6 > 4.0 * throttled, "{free} after {throttled}");
}

#[test]
fn loss_on_the_way_is_named_as_what_holds_tcp_back() {
    let turn = Turn::begin();
    let lab = turn.lab_up("lossy", &[]);
    lab.run(&["impair", "er1-primary", "--loss", "1%"]).exits(0);
    let report = measured(&lab, &["loc1-vm", "hub-vm", "--time", "1"]);
    assert_eq!(
        report["lossy"],
        serde_json::json!([{"link": "er1-primary", "percent": 1.0}])
    );
}

#[test]
fn without_iperf_it_says_so() {
    let turn = Turn::begin();
    let lab = turn.lab_up("bare", &[]);
    let words = ["iperf", "--lab", &lab.name, "hub-vm", "spoke-vm"];
    let mut bare = crate::program::command(crate::program::LAB, &words);
    let refused = crate::program::finish(bare.env("PATH", "/nowhere")).exits(3);
    assert_eq!(
        refused.complained,
        "error: there is no `iperf3` on this machine: install it, on Debian by `apt-get install iperf3`\n"
    );
}
