//! A large lab file: hubs with spokes, each hub with both kinds of gateway, a site with a tunnel, and a circuit shared
//! with the next hub.

use std::fmt::Write as _;

/// The number of spokes of a hub.
const SPOKES: usize = 19;

/// The lab file of that many virtual networks, up to 1,000, twenty per hub; with ten times as many prefixes if each
/// site advertises its share.
pub(crate) fn networks(networks: usize, with_many_prefixes: bool) -> String {
    let hubs = networks / (SPOKES + 1);
    lab(hubs, SPOKES, if with_many_prefixes { 179 } else { 0 })
}

/// The lab file of `hubs` hubs with `spokes` spokes each, and sites with `more` additional prefixes.
fn lab(hubs: usize, spokes: usize, more: usize) -> String {
    let mut sections = Sections {
        spokes,
        more,
        ..Sections::default()
    };
    for hub in 0..hubs {
        sections.add_hub(hub, hubs);
    }
    let Sections {
        networks,
        gateways,
        circuits,
        connections,
        sites,
        ..
    } = sections;
    format!(
        "name: large\nvirtualNetworks:\n{networks}virtualNetworkGateways:\n{gateways}\
         expressRouteCircuits:\n{circuits}connections:\n{connections}sites:\n{sites}"
    )
}

#[derive(Default)]
struct Sections {
    spokes: usize,
    more: usize,
    networks: String,
    gateways: String,
    circuits: String,
    connections: String,
    sites: String,
}

impl Sections {
    fn add_hub(&mut self, hub: usize, hubs: usize) {
        let [a, b] = self.octets(hub);
        let mut peerings = String::new();
        for spoke in 0..self.spokes {
            let _ = writeln!(
                peerings,
                "      - {{ remoteVirtualNetwork: h{hub}s{spoke}, allowGatewayTransit: true }}"
            );
        }
        let _ = write!(
            self.networks,
            "  h{hub}:\n    location: region1\n    addressPrefixes: [10.{a}.{b}.0/24]\n    subnets:\n      \
             default: {{ addressPrefix: 10.{a}.{b}.0/25 }}\n      \
             GatewaySubnet: {{ addressPrefix: 10.{a}.{b}.128/25 }}\n    peerings:\n{peerings}"
        );
        for spoke in 0..self.spokes {
            let number = hub * (self.spokes + 1) + 1 + spoke;
            let (a, b) = (number / 256, number % 256);
            let _ = write!(
                self.networks,
                "  h{hub}s{spoke}:\n    location: region1\n    addressPrefixes: [10.{a}.{b}.0/24]\n    \
                 subnets: {{ default: {{ addressPrefix: 10.{a}.{b}.0/25 }} }}\n    \
                 virtualMachines: {{ vm{hub}-{spoke}: {{ subnet: default, privateIPAddress: 10.{a}.{b}.4 }} }}\n    \
                 peerings: [{{ remoteVirtualNetwork: h{hub}, useRemoteGateways: true }}]\n"
            );
        }
        self.add_edges(hub, hubs, [a, b]);
    }

    fn add_edges(&mut self, hub: usize, hubs: usize, [a, b]: [usize; 2]) {
        let next = (hub + 1) % hubs;
        let _ = write!(
            self.gateways,
            "  vpn{hub}: {{ virtualNetwork: h{hub}, gatewayType: Vpn, publicIPAddress: 203.0.{hub}.1 }}\n  \
             er{hub}: {{ virtualNetwork: h{hub}, gatewayType: ExpressRoute, allowRemoteVnetTraffic: true }}\n"
        );
        let _ = write!(
            self.circuits,
            "  c{hub}:\n    bandwidthInMbps: 50\n    \
             primary: {{ peerAddressPrefix: 172.20.{hub}.0/30, customerEdge: ce{hub} }}\n    \
             secondary: {{ peerAddressPrefix: 172.20.{hub}.4/30, customerEdge: ce{hub} }}\n"
        );
        let _ = write!(
            self.connections,
            "  c{hub}-h{hub}: {{ connectionType: ExpressRoute, gateway: er{hub}, circuit: c{hub}, \
             endpoints: [10.{a}.{b}.132, 10.{a}.{b}.133] }}\n  \
             s{hub}: {{ connectionType: IPsec, gateway: vpn{hub}, device: ce{hub} }}\n"
        );
        let [na, nb] = self.octets(next);
        let _ = writeln!(
            self.connections,
            "  c{hub}-h{next}: {{ connectionType: ExpressRoute, gateway: er{next}, circuit: c{hub}, \
             endpoints: [10.{na}.{nb}.134, 10.{na}.{nb}.135] }}"
        );
        let mut more = String::new();
        for number in 0..self.more {
            let _ = write!(more, ", 100.{}.{number}.0/24", 64 + hub);
        }
        let _ = write!(
            self.sites,
            "  site{hub}:\n    asn: {}\n    routers:\n      \
             ce{hub}: {{ address: 172.16.{hub}.1/24, tunnel: {{ sourceAddress: 198.51.{hub}.1, address: 172.31.{hub}.1 }} }}\n    \
             hosts: {{ pc{hub}: {{ address: 172.16.{hub}.10/24, gateway: 172.16.{hub}.1 }} }}\n    \
             advertise: [172.16.{hub}.0/24{more}]\n",
            64600 + hub
        );
    }

    /// The second and third octet of a hub's address space; those of its spokes follow.
    fn octets(&self, hub: usize) -> [usize; 2] {
        let first = hub * (self.spokes + 1);
        [first / 256, first % 256]
    }
}
