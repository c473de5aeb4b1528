//! Small labs, put together from parts that follow one scheme of addresses.

mod places;

use std::fmt::Write as _;

pub(super) use places::{Network, Site};

/// The sections of a lab file, in the order in which they are written.
const SECTIONS: [&str; 9] = [
    "semantics",
    "virtualNetworks",
    "routeTables",
    "loadBalancers",
    "virtualNetworkGateways",
    "expressRouteCircuits",
    "connections",
    "sites",
    "wan",
];

/// A lab file in parts, in any order.
///
/// Network `hub` with number 1 has 10.1.0.0/24, the machine `hub-vm` and the gateways `hub-vpn` and
/// `hub-er`. Site `east` with number 1 has 10.101.0.0/24, the router `east-ce` with a tunnel, the
/// router `east-lan` and the host `east-pc`.
#[derive(Clone, Default)]
pub(super) struct Lab {
    parts: Vec<(&'static str, String)>,
}

impl Lab {
    /// An entry of a section, as the file writes it, on one line or more.
    pub(super) fn add(mut self, section: &'static str, entry: &str) -> Self {
        assert!(SECTIONS.contains(&section), "no section {section}");
        let lines = entry.lines().filter(|line| !line.trim().is_empty());
        let margin = lines
            .clone()
            .map(|line| line.len() - line.trim_start().len());
        let margin = margin.min().unwrap_or_default();
        let indented = lines.fold(String::new(), |mut text, line| {
            let _ = writeln!(text, "  {}", &line[margin..]);
            text
        });
        self.parts.push((section, indented));
        self
    }

    /// A network, with its peerings as the file writes them.
    pub(super) fn network(self, name: &str, number: u8, peerings: &[&str]) -> Self {
        self.vnet(Network::new(name, number).peers(peerings))
    }

    /// A network.
    pub(super) fn vnet(self, network: Network) -> Self {
        self.add("virtualNetworks", &network.text())
    }

    /// A route table. A route is written as its prefix, the type of its next hop and an appliance's
    /// address.
    pub(super) fn table(self, name: &str, routes: &[&str]) -> Self {
        self.route_table(name, true, routes)
    }

    /// A route table that disables the propagation of gateway routes.
    pub(super) fn table_without_propagation(self, name: &str, routes: &[&str]) -> Self {
        self.route_table(name, false, routes)
    }

    fn route_table(self, name: &str, propagates: bool, routes: &[&str]) -> Self {
        let routes: Vec<String> = routes
            .iter()
            .enumerate()
            .map(|(index, route)| user_route(index, route))
            .collect();
        let disable = !propagates;
        let routes = routes.join(", ");
        self.add(
            "routeTables",
            &format!("{name}: {{ disableBgpRoutePropagation: {disable}, routes: {{ {routes} }} }}"),
        )
    }

    /// The VPN gateway of a network with this number.
    pub(super) fn vpn_gateway(self, network: &str, number: u8, asn: u32) -> Self {
        self.add(
            "virtualNetworkGateways",
            &format!(
                "{network}-vpn: {{ virtualNetwork: {network}, gatewayType: Vpn, asn: {asn}, privateIPAddress: 10.{number}.0.150, publicIPAddress: 203.0.113.{number} }}"
            ),
        )
    }

    /// The active-active VPN gateway of a network with this number.
    pub(super) fn vpn_gateway_pair(self, network: &str, number: u8, asn: u32) -> Self {
        let other = 100 + number;
        self.add(
            "virtualNetworkGateways",
            &format!(
                "{network}-vpn: {{ virtualNetwork: {network}, gatewayType: Vpn, activeActive: true, asn: {asn}, privateIPAddresses: [10.{number}.0.150, 10.{number}.0.151], publicIPAddresses: [203.0.113.{number}, 203.0.113.{other}] }}"
            ),
        )
    }

    /// A network's `ExpressRoute` gateway.
    pub(super) fn circuit_gateway(self, network: &str) -> Self {
        self.circuit_gateway_with(network, "allowRemoteVnetTraffic: true")
    }

    /// A network's `ExpressRoute` gateway, with what else belongs to it.
    pub(super) fn circuit_gateway_with(self, network: &str, settings: &str) -> Self {
        self.add(
            "virtualNetworkGateways",
            &format!(
                "{network}-er: {{ virtualNetwork: {network}, gatewayType: ExpressRoute, {settings} }}"
            ),
        )
    }

    /// A circuit with links to two routers; each entry is a router and further keys of its link.
    pub(super) fn circuit(self, name: &str, number: u8, edges: [&str; 2]) -> Self {
        let [primary, secondary] = edges;
        self.add(
            "expressRouteCircuits",
            &format!(
                "{name}:
  bandwidthInMbps: 50
  primary: {{ peerAddressPrefix: 172.16.{number}.0/30, customerEdge: {primary} }}
  secondary: {{ peerAddressPrefix: 172.16.{number}.4/30, customerEdge: {secondary} }}"
            ),
        )
    }

    /// A circuit's connection to a network with this number; endpoints are assigned from `first` on.
    pub(super) fn circuit_connection(
        self,
        circuit: &str,
        network: &str,
        number: u8,
        first: u8,
    ) -> Self {
        self.circuit_connection_with(circuit, network, [number, first], "")
    }

    /// A circuit's connection to a network with a number, endpoints from a byte on, and what else
    /// belongs to it.
    pub(super) fn circuit_connection_with(
        self,
        circuit: &str,
        network: &str,
        [number, first]: [u8; 2],
        settings: &str,
    ) -> Self {
        let second = first + 1;
        self.add(
            "connections",
            &format!(
                "{circuit}-{network}: {{ connectionType: ExpressRoute, gateway: {network}-er, circuit: {circuit}, endpoints: [10.{number}.0.{first}, 10.{number}.0.{second}]{} }}",
                further(settings)
            ),
        )
    }

    /// A tunnel between two networks' gateways.
    pub(super) fn tunnel(self, a: &str, b: &str) -> Self {
        self.tunnel_with(a, b, "")
    }

    /// A tunnel between two networks' gateways, with what else belongs to it.
    pub(super) fn tunnel_with(self, a: &str, b: &str, settings: &str) -> Self {
        self.add(
            "connections",
            &format!(
                "{a}-to-{b}: {{ connectionType: Vnet2Vnet, gateways: [{a}-vpn, {b}-vpn]{} }}",
                further(settings)
            ),
        )
    }

    /// A tunnel between a network's gateway and a site's edge.
    pub(super) fn site_to_site(self, network: &str, site: &str) -> Self {
        self.site_to_site_with(network, site, "")
    }

    /// A tunnel between a network's gateway and a site's edge, with what else belongs to it.
    pub(super) fn site_to_site_with(self, network: &str, site: &str, settings: &str) -> Self {
        self.add(
            "connections",
            &format!(
                "{network}-to-{site}: {{ connectionType: IPsec, gateway: {network}-vpn, device: {site}-ce{} }}",
                further(settings)
            ),
        )
    }

    /// A site that advertises its LAN.
    pub(super) fn site(self, name: &str, number: u8, asn: u32) -> Self {
        self.on_premises(Site::new(name, number, asn))
    }

    /// A site that advertises what is given.
    pub(super) fn advertising_site(
        self,
        name: &str,
        number: u8,
        asn: u32,
        advertised: &str,
    ) -> Self {
        self.on_premises(Site::new(name, number, asn).advertise(advertised))
    }

    /// A site.
    pub(super) fn on_premises(self, site: Site) -> Self {
        self.add("sites", &site.text())
    }

    /// A link between the edges of two sites.
    pub(super) fn wan(self, number: u8, a: &str, b: &str) -> Self {
        self.add(
            "wan",
            &format!("{a}-{b}: {{ a: {a}-ce, b: {b}-ce, addresses: [172.30.{number}.0/31, 172.30.{number}.1/31] }}"),
        )
    }

    /// The same lab with every section reversed.
    pub(super) fn reversed(mut self) -> Self {
        self.parts.reverse();
        self
    }

    /// The same lab with its parts in another order. `pick` gets the number of remaining parts, and returns the index
    /// of the next one.
    pub(super) fn shuffled(mut self, mut pick: impl FnMut(usize) -> usize) -> Self {
        let mut parts = Vec::new();
        while !self.parts.is_empty() {
            parts.push(self.parts.remove(pick(self.parts.len())));
        }
        Self { parts }
    }

    /// The lab file.
    pub(super) fn text(&self) -> String {
        let mut text = "name: small\n".to_owned();
        for section in SECTIONS {
            let mut parts = self
                .parts
                .iter()
                .filter(|(of, _)| *of == section)
                .peekable();
            if parts.peek().is_some() {
                let _ = writeln!(text, "{section}:");
                text.extend(parts.map(|(_, part)| part.as_str()));
            }
        }
        text
    }
}

fn further(settings: &str) -> String {
    if settings.is_empty() {
        String::new()
    } else {
        format!(", {settings}")
    }
}

fn user_route(index: usize, route: &str) -> String {
    let mut words = route.split(' ');
    let mut word = || words.next().unwrap_or_default();
    let [prefix, next_hop, address] = [word(), word(), word()];
    let address = if address.is_empty() {
        String::new()
    } else {
        format!(", nextHopIpAddress: {address}")
    };
    format!("r{index}: {{ addressPrefix: {prefix}, nextHopType: {next_hop}{address} }}")
}
