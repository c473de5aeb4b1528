//! Random labs with few names, so that two of them have much in common.

use std::collections::BTreeMap;

use netns_lab::engine::load_text;
use netns_lab::plan::Plan;
use netns_lab::yaml::Source;
use proptest::collection::btree_map;
use proptest::prelude::*;

/// The most networks and routers.
const MOST: u8 = 4;

/// A lab, in numbers: the number of a network or router is part of its name and of its addresses.
#[derive(Debug, Clone)]
pub(crate) struct Lab {
    networks: BTreeMap<u8, Network>,
    /// The network of each machine; ignored if that is missing.
    machines: BTreeMap<u8, u8>,
    /// Pairs of networks, ignored unless both exist; whether the peering passes traffic.
    peerings: BTreeMap<(u8, u8), bool>,
    /// Pairs of networks, ignored unless both have a gateway; whether the tunnel uses BGP.
    tunnels: BTreeMap<(u8, u8), bool>,
    /// Routers, and whether each has a host.
    routers: BTreeMap<u8, bool>,
    /// Pairs of routers, ignored unless both exist; the delay of their wire in milliseconds.
    wires: BTreeMap<(u8, u8), u8>,
    /// Networks and routers that a VPN connects; ignored unless the network has a gateway and the router exists. The
    /// router has a tunnel interface of its own for the connection, or a BGP address beside its tunnel.
    branches: BTreeMap<(u8, u8), bool>,
    /// Networks whose machine is the far end of another network's gateway; ignored unless both are there.
    appliances: BTreeMap<u8, u8>,
    is_turned: bool,
}

#[derive(Debug, Clone)]
struct Network {
    has_gateway: bool,
    is_large: bool,
}

/// Generates a lab.
pub(crate) fn lab() -> impl Strategy<Value = Lab> {
    let pair = || (0..MOST, 0..MOST).prop_filter("two", |(a, b)| a < b);
    let most = usize::from(MOST);
    (
        btree_map(0..MOST, network(), 0..=most),
        btree_map(0..MOST, 0..MOST, 0..=most),
        btree_map(pair(), any::<bool>(), 0..most),
        btree_map(pair(), any::<bool>(), 0..most),
        btree_map(0..MOST, any::<bool>(), 1..=most),
        btree_map(pair(), 0..3_u8, 0..=most),
        btree_map((0..MOST, 0..MOST), any::<bool>(), 0..most),
        btree_map(0..MOST, 0..MOST, 0..2),
        any::<bool>(),
    )
        .prop_map(
            |(
                networks,
                machines,
                peerings,
                tunnels,
                routers,
                wires,
                branches,
                appliances,
                is_turned,
            )| Lab {
                networks,
                machines,
                peerings,
                tunnels,
                routers,
                wires,
                branches,
                appliances,
                is_turned,
            },
        )
}

fn network() -> impl Strategy<Value = Network> {
    (any::<bool>(), any::<bool>()).prop_map(|(has_gateway, is_large)| Network {
        has_gateway,
        is_large,
    })
}

/// The plan of a lab file.
pub(crate) fn planned(text: &str) -> Plan {
    let source = Source {
        file: "made-up.yaml".to_owned(),
        text: text.to_owned(),
    };
    match load_text(source) {
        Ok(lab) => lab.plan,
        Err(error) => panic!("{error:?} in\n{text}"),
    }
}

impl Lab {
    /// The same with all names in reverse order, except networks: a peering has the name of the first of its two
    /// networks.
    pub(crate) fn turned(&self) -> Self {
        Self {
            is_turned: !self.is_turned,
            ..self.clone()
        }
    }

    /// The lab file.
    pub(crate) fn text(&self) -> String {
        let mut text = "name: made-up\nsemantics: { strictPeeringFlags: true }\n".to_owned();
        if !self.networks.is_empty() {
            text += "virtualNetworks:\n";
            text += &self.networks().concat();
        }
        text += &self.section("virtualNetworkGateways:\n", self.gateways());
        text += &self.section("connections:\n", self.connections());
        text += "sites:\n  site:\n";
        text += &self.section("    routers:\n", self.routers());
        text += &self.section("    hosts:\n", self.hosts());
        text += &self.section("    links:\n", self.links());
        text
    }

    fn section(&self, title: &str, mut entries: Vec<String>) -> String {
        if entries.is_empty() {
            return String::new();
        }
        if self.is_turned {
            entries.reverse();
        }
        title.to_owned() + &entries.concat()
    }

    fn networks(&self) -> Vec<String> {
        let text = |number: &u8| {
            let own = self.machines.iter().filter(|(_, within)| *within == number);
            let machines = own.map(|(machine, _)| {
                let host = machine + 4;
                format!(
                    "vm{machine}: {{ subnet: default, privateIPAddress: 10.{number}.1.{host} }}"
                )
            });
            let appliance = self.appliance(*number).map(|_| {
                format!(
                    "nva{number}: {{ subnet: default, privateIPAddress: 10.{number}.1.100, ipForwarding: true, \
                     asn: 6520{number}, tunnel: {{ sourceAddress: 52.3.0.{}, address: 172.20.{number}.1 }}, \
                     advertise: [10.{number}.1.0/24] }}",
                    number + 1
                )
            });
            let machines = machines.chain(appliance);
            let halves = self.peerings.iter().filter_map(|((a, b), allows)| {
                let other = match number {
                    own if own == a => b,
                    own if own == b => a,
                    _ => return None,
                };
                self.networks.get(other)?;
                Some(format!(
                    "{{ remoteVirtualNetwork: n{other}, allowVirtualNetworkAccess: {allows} }}"
                ))
            });
            format!(
                "  n{number}:\n    location: region1\n    addressPrefixes: [10.{number}.0.0/16]\n    \
                 subnets: {{ default: {{ addressPrefix: 10.{number}.1.0/24 }}, GatewaySubnet: {{ addressPrefix: 10.{number}.0.0/24 }} }}\n    \
                 virtualMachines: {{ {} }}\n    peerings: [{}]\n",
                self.ordered(machines).join(", "),
                self.ordered(halves).join(", ")
            )
        };
        self.networks.keys().map(text).collect()
    }

    fn ordered(&self, entries: impl Iterator<Item = String>) -> Vec<String> {
        let mut entries: Vec<String> = entries.collect();
        if self.is_turned {
            entries.reverse();
        }
        entries
    }

    fn gateways(&self) -> Vec<String> {
        let with = self
            .networks
            .iter()
            .filter(|(_, network)| network.has_gateway);
        let text = |(number, network): (&u8, &Network)| {
            let sku = if network.is_large {
                "VpnGw2AZ"
            } else {
                "VpnGw1AZ"
            };
            format!(
                "  n{number}-gw: {{ virtualNetwork: n{number}, gatewayType: Vpn, sku: {sku}, asn: {}, publicIPAddress: 52.0.{}.{} }}\n",
                65_010 + u32::from(*number),
                u8::from(network.is_large),
                number + 1
            )
        };
        with.map(text).collect()
    }

    fn has_gateway(&self, number: u8) -> bool {
        let network = self.networks.get(&number);
        network.is_some_and(|network| network.has_gateway)
    }

    /// The network whose gateway a network's appliance has a tunnel to.
    fn appliance(&self, number: u8) -> Option<u8> {
        let home = self.appliances.get(&number).copied();
        home.filter(|home| *home != number && self.has_gateway(*home))
    }

    /// The networks with a gateway that a router has tunnels to, and whether each has its own interface.
    fn branches_of(&self, router: u8) -> Vec<(u8, bool)> {
        let all = self.branches.iter();
        let own = all.filter(|((network, end), _)| *end == router && self.has_gateway(*network));
        own.map(|((network, _), has_own)| (*network, *has_own))
            .collect()
    }

    fn connections(&self) -> Vec<String> {
        let both = self.tunnels.iter();
        let both = both.filter(|((a, b), _)| self.has_gateway(*a) && self.has_gateway(*b));
        let text = |((a, b), speaks): (&(u8, u8), &bool)| {
            format!(
                "  n{a}-n{b}: {{ connectionType: Vnet2Vnet, gateways: [n{a}-gw, n{b}-gw], enableBgp: {speaks} }}\n"
            )
        };
        let to_appliances = self.networks.keys().filter_map(|number| {
            let home = self.appliance(*number)?;
            Some(format!(
                "  nva{number}-n{home}: {{ gateway: n{home}-gw, device: nva{number} }}\n"
            ))
        });
        let to_routers = self.routers.keys().flat_map(|router| {
            let own = self.branches_of(*router).into_iter();
            own.map(move |(network, _)| {
                format!("  n{network}-r{router}: {{ gateway: n{network}-gw, device: r{router} }}\n")
            })
        });
        both.map(text)
            .chain(to_appliances)
            .chain(to_routers)
            .collect()
    }

    fn routers(&self) -> Vec<String> {
        let text = |number: &u8| {
            let branches = self.branches_of(*number);
            let own = branches.iter().filter(|(_, has_own)| *has_own);
            let own: Vec<String> = own
                .map(|(network, _)| {
                    format!(
                        "n{network}-r{number}: {{ sourceAddress: 52.2.{number}.{network}, address: 172.21.{number}.{network} }}"
                    )
                })
                .collect();
            let vpn = if branches.is_empty() {
                String::new()
            } else {
                format!(
                    ", asn: 6510{number}, tunnel: {{ sourceAddress: 52.1.0.{}, address: 172.21.{number}.100, \
                     bgpPeeringAddress: 172.21.{number}.200 }}, tunnelInterfaces: {{ {} }}",
                    number + 1,
                    own.join(", ")
                )
            };
            format!("      r{number}: {{ address: 10.201.{number}.1/24{vpn} }}\n")
        };
        self.routers.keys().map(text).collect()
    }

    fn hosts(&self) -> Vec<String> {
        let with = self.routers.iter().filter(|(_, has_host)| **has_host);
        let text = |(number, _): (&u8, &bool)| {
            format!(
                "      h{number}: {{ address: 10.201.{number}.2/24, gateway: 10.201.{number}.1 }}\n"
            )
        };
        with.map(text).collect()
    }

    fn links(&self) -> Vec<String> {
        let are_there =
            |(a, b): &(u8, u8)| self.routers.contains_key(a) && self.routers.contains_key(b);
        let both = self.wires.iter().filter(|(pair, _)| are_there(pair));
        let text = |((a, b), takes): (&(u8, u8), &u8)| {
            let number = a * MOST + b;
            let rtt = match takes {
                0 => String::new(),
                takes => format!(", rtt: {takes}ms"),
            };
            format!(
                "      - {{ a: r{a}, b: r{b}, addresses: [10.200.{number}.0/31, 10.200.{number}.1/31]{rtt} }}\n"
            )
        };
        both.map(text).collect()
    }
}
