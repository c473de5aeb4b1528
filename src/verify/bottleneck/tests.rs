//! What limits flows in the shipped labs and in a small lab.

use std::time::Duration;

use crate::lab::parse;
use crate::lab::resolve;
use crate::network::Impairments;
use crate::routing::{Failures, Tables, solve};
use crate::topology::Topology;
use crate::units::{Bandwidth, Impairment, Share};
use crate::verify::{bottleneck, lossy};

const OVER_CIRCUIT: &str = include_str!("../../../labs/s2s-over-expressroute.yaml");
const HUB_SPOKE: &str = include_str!("../../../labs/hub-spoke.yaml");

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
  gate: { virtualNetwork: hub, gatewayType: Vpn, sku: Basic, publicIPAddress: 52.1.1.1 }
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

struct Lab {
    topology: Topology,
    tables: Tables,
    current: Impairments,
}

impl Lab {
    fn of(text: &str) -> Self {
        let topology = resolve(&parse(text).unwrap()).unwrap();
        let tables = solve(&topology, &Failures::default()).unwrap();
        Self {
            topology,
            tables,
            current: Impairments::new(),
        }
    }

    /// What limits the flow from one machine to another, and to which rate.
    fn between(&self, from: &str, to: &str) -> String {
        let [from, to] = [from, to].map(|name| self.topology.find(name).unwrap());
        bottleneck(&self.topology, &self.tables, &self.current, from, to).map_or_else(
            || "nothing".to_owned(),
            |found| format!("{} by {}", found.rate, found.name),
        )
    }

    /// The lab with another impairment in one direction of a link.
    fn with(mut self, link: &str, from: usize, way: Impairment) -> Self {
        let id = self.topology.link_named(link).unwrap();
        let file = self.topology.link(id).directions;
        self.current.entry(id).or_insert(file)[from] = way;
        self
    }
}

fn rated(megabits: u32) -> Impairment {
    Impairment {
        rate: Bandwidth::from_megabits_per_second(megabits),
        ..Impairment::delay(Duration::from_millis(1))
    }
}

#[test]
fn a_tunnel_has_its_gateways_size_and_private_peering_the_circuits_bandwidth() {
    let lab = Lab::of(OVER_CIRCUIT);
    let tunnel = "650 Mbit/s by VPN gateway core-vpngw: sku VpnGw1AZ 650 Mbit/s";
    assert_eq!(lab.between("secret-vm", "secret-host"), tunnel);
    assert_eq!(lab.between("secret-host", "secret-vm"), tunnel);
    let circuit = "1 Gbit/s by circuit er1, primary link: bandwidthInMbps 1000";
    assert_eq!(lab.between("open-vm", "open-host"), circuit);
    assert_eq!(lab.between("open-host", "open-vm"), circuit);
    assert_eq!(lab.between("open-vm", "secret-vm"), "nothing");
    assert_eq!(lab.between("open-host", "secret-host"), "nothing");
}

#[test]
fn the_smallest_gateway_limits_its_tunnel() {
    let lab = Lab::of(OFFICE);
    let gate = "100 Mbit/s by VPN gateway gate: sku Basic 100 Mbit/s";
    assert_eq!(lab.between("app", "pc"), gate);
    assert_eq!(lab.between("pc", "app"), gate);
}

/// Encrypted frames are larger than the packets in them: a gateway with 1 Gbit/s sends more than a circuit with 1
/// Gbit/s carries.
#[test]
fn what_carries_a_tunnel_limits_it_too() {
    let larger = OVER_CIRCUIT.replace("sku: VpnGw1AZ", "sku: VpnGw2AZ");
    assert_ne!(larger, OVER_CIRCUIT);
    assert_eq!(
        Lab::of(&larger).between("secret-vm", "secret-host"),
        "1 Gbit/s by circuit er1, primary link: bandwidthInMbps 1000"
    );
}

#[test]
fn what_a_link_does_now_counts_and_only_in_its_direction() {
    let lab = Lab::of(OVER_CIRCUIT).with("er1-primary", 0, rated(100));
    let narrowed = "100 Mbit/s by link er1-primary: rate 100mbit";
    assert_eq!(lab.between("open-vm", "open-host"), narrowed);
    assert_eq!(lab.between("secret-vm", "secret-host"), narrowed);
    assert_eq!(
        lab.between("open-host", "open-vm"),
        "1 Gbit/s by circuit er1, primary link: bandwidthInMbps 1000"
    );
    let unlimited = Impairment::default();
    let lab = lab.with("er1-primary", 1, unlimited);
    assert_eq!(
        lab.between("open-host", "open-vm"),
        "1 Gbit/s by ExpressRoute gateway core-ergw: sku ErGw1Az 1 Gbit/s"
    );
    let lab = lab.with("open-vm", 1, rated(10));
    assert_eq!(
        lab.between("open-host", "open-vm"),
        "10 Mbit/s by link open-vm: rate 10mbit"
    );
    let lab = lab.with("open-host", 1, rated(5));
    assert_eq!(
        lab.between("open-vm", "open-host"),
        "5 Mbit/s by link open-host: rate 5mbit"
    );
}

#[test]
fn a_peerings_wire_counts() {
    let lab = Lab::of(HUB_SPOKE);
    assert_eq!(lab.between("hub-vm", "spoke-vm"), "nothing");
    let lab = lab.with("hub-spoke", 0, rated(20));
    assert_eq!(
        lab.between("hub-vm", "spoke-vm"),
        "20 Mbit/s by link hub-spoke: rate 20mbit"
    );
    assert_eq!(lab.between("spoke-vm", "hub-vm"), "nothing");
}

#[test]
fn links_that_lose_packets_are_found_on_the_way_and_nowhere_else() {
    let mut lab = Lab::of(HUB_SPOKE);
    let link = lab.topology.link_named("er1-primary").unwrap();
    let mut directions = lab.topology.link(link).directions;
    directions[0].loss = Share::parse("1%").unwrap();
    directions[1].loss = Share::parse("2%").unwrap();
    lab.current.insert(link, directions);
    let found = |from: &str, to: &str| {
        let [from, to] = [from, to].map(|name| lab.topology.find(name).unwrap());
        let lossy = lossy(&lab.topology, &lab.tables, &lab.current, from, to);
        let links = lossy.iter();
        let links = links.map(|lossy| format!("{} {}", lossy.link, lossy.share));
        links.collect::<Vec<_>>().join(", ")
    };
    let [there, back] = [found("loc1-vm", "hub-vm"), found("hub-vm", "loc1-vm")];
    let mut both = [there, back];
    both.sort();
    assert_eq!(both, ["er1-primary 1%", "er1-primary 2%"]);
    assert_eq!(found("hub-vm", "spoke-vm"), "");
}
