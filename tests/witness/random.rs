//! Random labs with everything that concerns BGP: valid, and rarely realistic.

mod devices;
mod networks;
mod policies;

use std::fmt::Write as _;

use crate::dice::Dice;
use devices::Site;
use networks::{Network, VpnGateway};

/// Prefixes with several origins, so that speakers have a choice.
const CONTESTED: [&str; 8] = [
    "0.0.0.0/0",
    "10.0.0.0/8",
    "172.20.0.0/30",
    "172.20.0.4/30",
    "172.30.0.0/16",
    "172.30.1.0/24",
    "192.168.0.0/16",
    "192.168.7.0/24",
];

/// A lab file under construction.
struct Draft {
    dice: Dice,
    networks: Vec<Network>,
    sites: Vec<Site>,
    circuits: Vec<String>,
    connections: String,
    wan: String,
    circuit_text: String,
    /// How many numbers were assigned so far: to connections, links and prefixes.
    numbered: usize,
}

/// The lab file of a seed.
pub(crate) fn lab_file(seed: u64) -> String {
    let mut draft = Draft {
        dice: Dice::new(seed),
        networks: Vec::new(),
        sites: Vec::new(),
        circuits: Vec::new(),
        connections: String::new(),
        wan: String::new(),
        circuit_text: String::new(),
        numbered: 0,
    };
    draft.add_networks();
    draft.add_sites();
    draft.add_circuits();
    draft.connect_circuits();
    draft.join_circuits();
    draft.join_networks();
    draft.connect_sites();
    draft.connect_appliances();
    draft.add_wan();
    draft.text(seed)
}

impl Draft {
    fn number(&mut self) -> usize {
        self.numbered += 1;
        self.numbered
    }

    /// A name with a random first letter: names break ties.
    fn name(&mut self, what: &str) -> String {
        let letter = char::from(self.dice.pick(b"abcdefghijklmnopqrstuvwxyz"));
        let number = self.number();
        format!("{letter}{what}{number}")
    }

    /// Both links of a circuit mostly end at one site, and sometimes at one router.
    fn add_circuits(&mut self) {
        for index in 0..self.dice.below(4) {
            let name = self.name("er");
            let first = self.dice.below(self.sites.len());
            let other = if self.dice.percent(75) {
                first
            } else {
                self.dice.below(self.sites.len())
            };
            let links = [
                self.circuit_link(&name, first, &format!("172.20.{index}.0/30")),
                self.circuit_link(&name, other, &format!("172.20.{index}.4/30")),
            ];
            let _ = writeln!(
                self.circuit_text,
                "  {name}:\n    bandwidthInMbps: 50\n    primary: {}\n    secondary: {}",
                links[0], links[1]
            );
            self.circuits.push(name);
        }
    }

    fn circuit_link(&mut self, circuit: &str, site: usize, prefix: &str) -> String {
        let is_enabled = self.dice.percent(90);
        let routers = &mut self.sites[site].routers;
        let edge = self.dice.below(routers.len());
        routers[edge].add_neighbour(circuit);
        format!(
            "{{ peerAddressPrefix: {prefix}, customerEdge: {}, enabled: {is_enabled} }}",
            routers[edge].name
        )
    }

    fn connect_circuits(&mut self) {
        let networks = 0..self.networks.len();
        let circuits = self.circuits.clone();
        let all =
            networks.flat_map(|network| circuits.iter().map(move |circuit| (network, circuit)));
        for (network, circuit) in all {
            let gateway = self.networks[network].circuit_gateway.clone();
            let Some(gateway) = gateway.filter(|_| self.dice.percent(65)) else {
                continue;
            };
            let [primary, secondary] = self.networks[network].free_endpoints();
            let weight = self.dice.pick(&[0, 0, 0, 10, 100]);
            self.add_connection(&format!(
                "connectionType: ExpressRoute, gateway: {gateway}, circuit: {circuit}, \
                 endpoints: [{primary}, {secondary}], routingWeight: {weight}"
            ));
        }
    }

    fn join_circuits(&mut self) {
        for [first, second] in pairs(&self.circuits) {
            if self.dice.percent(50) {
                let number = self.number();
                self.add_connection(&format!(
                    "connectionType: GlobalReach, circuits: [{first}, {second}], \
                     addressPrefix: 172.21.{number}.0/29"
                ));
            }
        }
    }

    fn join_networks(&mut self) {
        let gateways = self.networks.iter();
        let gateways: Vec<_> = gateways
            .filter_map(|network| network.vpn_gateway.clone())
            .collect();
        for [first, second] in pairs(&gateways) {
            if self.dice.percent(45) {
                let speaks_bgp = first.asn != second.asn && self.dice.percent(75);
                self.add_connection(&format!(
                    "connectionType: Vnet2Vnet, gateways: [{}, {}], enableBgp: {speaks_bgp}",
                    first.name, second.name
                ));
            }
        }
    }

    fn connect_sites(&mut self) {
        for network in 0..self.networks.len() {
            let Some(gateway) = self.networks[network].vpn_gateway.clone() else {
                continue;
            };
            let range = self.networks[network].ranges[0].clone();
            let routers = self.routers();
            let mut again = Vec::new();
            for router in self.dice.some(&routers, 40) {
                self.connect(&gateway, router, &range, false);
                again.extend(self.dice.percent(20).then_some(router));
            }
            for router in again {
                self.connect(&gateway, router, &range, true);
            }
        }
    }

    /// The position of each router.
    fn routers(&self) -> Vec<[usize; 2]> {
        let sites = self.sites.iter().enumerate();
        let routers = sites.flat_map(|(site, inside)| {
            let routers = 0..inside.routers.len();
            routers.map(move |router| [site, router])
        });
        routers.collect()
    }

    /// A connection of a gateway and a router. Without BGP both have static routes to the prefixes behind the other. A
    /// further connection of the two has tunnels of its own, sometimes to one instance only.
    fn connect(
        &mut self,
        gateway: &VpnGateway,
        [site, router]: [usize; 2],
        range: &str,
        is_further: bool,
    ) {
        let asn = self.sites[site].routers[router].asn;
        let speaks_bgp = asn != gateway.asn && self.dice.percent(80);
        let lan = self.sites[site].range.clone();
        let mut behind = self.dice.some(&CONTESTED[1..], 15);
        if behind.is_empty() && !speaks_bgp || self.dice.percent(15) {
            behind.push(&lan);
        }
        let peer = format!("{}/32", self.sites[site].routers[router].peer);
        if self.dice.percent(15) {
            behind.push(&peer);
        }
        let instances = if gateway.is_double && is_further && self.dice.percent(50) {
            self.dice.pick(&[", instances: [0]", ", instances: [1]"])
        } else {
            ""
        };
        let name = self.add_connection(&format!(
            "connectionType: IPsec, gateway: {}, device: {}, enableBgp: {speaks_bgp}, \
             localNetworkAddressPrefixes: [{}]{instances}",
            gateway.name,
            self.sites[site].routers[router].name,
            behind.join(", ")
        ));
        if is_further {
            let number = self.number();
            self.sites[site].routers[router].add_tunnel(&name, number);
        }
        let by_hand = self.dice.some(&CONTESTED, 5);
        let device = &mut self.sites[site].routers[router];
        if speaks_bgp {
            device.add_neighbour(&name);
        } else {
            device.add_route(range, &name);
        }
        for prefix in by_hand {
            device.add_route(prefix, &name);
        }
    }

    fn connect_appliances(&mut self) {
        let networks = 0..self.networks.len();
        let appliances = networks.filter(|network| self.networks[*network].appliance.is_some());
        for network in appliances.collect::<Vec<_>>() {
            let [site, router] = self.dice.pick(&self.routers());
            let device = self.sites[site].routers[router].name.clone();
            let appliance = self.networks[network].appliance.as_ref();
            let appliance = appliance.map_or(String::new(), |appliance| appliance.name.clone());
            if self.connect_to_a_gateway(network, &appliance) {
                continue;
            }
            let name = self.add_connection(&format!(
                "connectionType: IPsec, appliance: {appliance}, device: {device}"
            ));
            let appliance = self.networks[network].appliance.iter_mut();
            for end in appliance.chain([&mut self.sites[site].routers[router]]) {
                end.add_neighbour(&name);
            }
        }
    }

    /// Makes an appliance the far end of another network's gateway, in half of the labs that have one.
    fn connect_to_a_gateway(&mut self, network: usize, appliance: &str) -> bool {
        let others = self.networks.iter().enumerate();
        let others = others.filter(|(other, _)| *other != network);
        let gateways = others.filter_map(|(_, other)| other.vpn_gateway.as_ref());
        let gateways: Vec<String> = gateways.map(|gateway| gateway.name.clone()).collect();
        if gateways.is_empty() || self.dice.percent(50) {
            return false;
        }
        let gateway = self.dice.pick(&gateways);
        let keys = format!("connectionType: IPsec, gateway: {gateway}, device: {appliance}");
        let name = self.add_connection(&keys);
        if let Some(device) = &mut self.networks[network].appliance {
            device.add_neighbour(&name);
        }
        true
    }

    fn add_connection(&mut self, keys: &str) -> String {
        let name = self.name("c");
        let _ = writeln!(self.connections, "  {name}: {{ {keys} }}");
        name
    }

    fn add_wan(&mut self) {
        for ends in pairs(&self.routers()) {
            let is_wan = ends[0][0] != ends[1][0];
            if is_wan && self.dice.percent(20) {
                self.add_wan_link(ends);
            }
        }
    }

    fn add_wan_link(&mut self, ends: [[usize; 2]; 2]) {
        let name = self.name("w");
        let number = self.number();
        let [a, b] = ends.map(|[site, router]| {
            let router = &mut self.sites[site].routers[router];
            router.add_neighbour(&name);
            router.name.clone()
        });
        let _ = writeln!(
            self.wan,
            "  {name}: {{ a: {a}, b: {b}, addresses: [172.22.{number}.0/31, 172.22.{number}.1/31] }}"
        );
    }

    fn text(mut self, seed: u64) -> String {
        let mut text = format!("name: seed-{seed}\n");
        if self.dice.percent(20) {
            text.push_str("semantics: { expressRouteRoutesInVpnGateway: true }\n");
        }
        text.push_str("virtualNetworks:\n");
        let mut gateways = String::new();
        for network in &self.networks {
            text.push_str(&network.text(&mut self.dice));
            gateways.push_str(&network.gateways_text());
        }
        let mut sites = String::new();
        for site in &self.sites {
            sites.push_str(&site.text(&mut self.dice));
        }
        for (section, content) in [
            ("virtualNetworkGateways", gateways),
            ("expressRouteCircuits", self.circuit_text),
            ("connections", self.connections),
            ("sites", sites),
            ("wan", self.wan),
        ] {
            if !content.is_empty() {
                let _ = write!(text, "{section}:\n{content}");
            }
        }
        text
    }
}

/// All pairs of several elements.
fn pairs<T: Clone>(all: &[T]) -> Vec<[T; 2]> {
    let numbered = all.iter().enumerate();
    let pairs = numbered.flat_map(|(index, first)| {
        let others = all[index + 1..].iter();
        others.map(|second| [first.clone(), second.clone()])
    });
    pairs.collect()
}
