//! Small labs, put together from parts that follow one scheme of addresses.

use std::fmt::Write as _;

/// A lab file in parts, which may stand in any order.
///
/// Network `hub` with number 1 has 10.1.0.0/24, the machine `hub-vm` and the gateways `hub-vpn` and
/// `hub-er`. Site `east` with number 1 has 10.101.0.0/24, the router `east-ce` with a tunnel, the
/// router `east-lan` and the host `east-pc`.
#[derive(Clone, Default)]
pub(super) struct Lab {
    networks: Vec<String>,
    gateways: Vec<String>,
    circuits: Vec<String>,
    connections: Vec<String>,
    sites: Vec<String>,
}

impl Lab {
    /// A network, with its peerings as the file writes them.
    pub(super) fn network(mut self, name: &str, number: u8, peerings: &[&str]) -> Self {
        let peerings: String = peerings.iter().fold(String::new(), |mut text, peering| {
            let _ = writeln!(text, "      - {{ remoteVirtualNetwork: {peering} }}");
            text
        });
        self.networks.push(format!(
            "  {name}:
    location: region1
    addressPrefixes: [10.{number}.0.0/24]
    subnets: {{ default: {{ addressPrefix: 10.{number}.0.0/25 }}, GatewaySubnet: {{ addressPrefix: 10.{number}.0.128/25 }} }}
    virtualMachines: {{ {name}-vm: {{ subnet: default, privateIPAddress: 10.{number}.0.4 }} }}
    peerings:
{peerings}"
        ));
        self
    }

    /// The VPN gateway of a network, whose number is given.
    pub(super) fn vpn_gateway(mut self, network: &str, number: u8, asn: u32) -> Self {
        self.gateways.push(format!(
            "  {network}-vpn: {{ virtualNetwork: {network}, gatewayType: Vpn, asn: {asn}, privateIPAddress: 10.{number}.0.150, publicIPAddress: 203.0.113.{number} }}\n"
        ));
        self
    }

    /// A network's `ExpressRoute` gateway.
    pub(super) fn circuit_gateway(mut self, network: &str) -> Self {
        self.gateways.push(format!(
            "  {network}-er: {{ virtualNetwork: {network}, gatewayType: ExpressRoute }}\n"
        ));
        self
    }

    /// A circuit whose links end at two routers; each is written with what else belongs to its link.
    pub(super) fn circuit(mut self, name: &str, number: u8, edges: [&str; 2]) -> Self {
        let [primary, secondary] = edges;
        self.circuits.push(format!(
            "  {name}:
    bandwidthInMbps: 50
    primary: {{ peerAddressPrefix: 172.16.{number}.0/30, customerEdge: {primary} }}
    secondary: {{ peerAddressPrefix: 172.16.{number}.4/30, customerEdge: {secondary} }}
"
        ));
        self
    }

    /// A circuit's connection to a network, whose number is given, with endpoints from `first` on.
    pub(super) fn circuit_connection(
        mut self,
        circuit: &str,
        network: &str,
        number: u8,
        first: u8,
    ) -> Self {
        let second = first + 1;
        self.connections.push(format!(
            "  {circuit}-{network}: {{ connectionType: ExpressRoute, gateway: {network}-er, circuit: {circuit}, endpoints: [10.{number}.0.{first}, 10.{number}.0.{second}] }}\n"
        ));
        self
    }

    /// A tunnel between two networks' gateways.
    pub(super) fn tunnel(mut self, a: &str, b: &str) -> Self {
        self.connections.push(format!(
            "  {a}-to-{b}: {{ connectionType: Vnet2Vnet, gateways: [{a}-vpn, {b}-vpn] }}\n"
        ));
        self
    }

    /// A tunnel between a network's gateway and a site's edge.
    pub(super) fn site_to_site(mut self, network: &str, site: &str) -> Self {
        self.connections
            .push(format!("  {network}-to-{site}: {{ connectionType: IPsec, gateway: {network}-vpn, device: {site}-ce }}\n"));
        self
    }

    /// A site that advertises its LAN.
    pub(super) fn site(self, name: &str, number: u8, asn: u32) -> Self {
        let lan = format!("10.{}.0.0/24", 100 + number);
        self.advertising_site(name, number, asn, &lan)
    }

    /// A site that advertises what is given.
    pub(super) fn advertising_site(
        mut self,
        name: &str,
        number: u8,
        asn: u32,
        advertised: &str,
    ) -> Self {
        let byte = 100 + number;
        self.sites.push(format!(
            "  {name}:
    asn: {asn}
    routers:
      {name}-ce: {{ tunnel: {{ sourceAddress: 198.51.100.{number}, address: 10.{byte}.0.125 }} }}
      {name}-lan: {{ address: 10.{byte}.0.1/24 }}
    hosts: {{ {name}-pc: {{ address: 10.{byte}.0.10/24, gateway: 10.{byte}.0.1 }} }}
    links: [{{ a: {name}-ce, b: {name}-lan, addresses: [172.31.{number}.0/31, 172.31.{number}.1/31] }}]
    advertise: [{advertised}]
"
        ));
        self
    }

    /// The same lab with every section the other way round.
    pub(super) fn reversed(mut self) -> Self {
        for part in [
            &mut self.networks,
            &mut self.gateways,
            &mut self.circuits,
            &mut self.connections,
            &mut self.sites,
        ] {
            part.reverse();
        }
        self
    }

    /// The lab file.
    pub(super) fn text(&self) -> String {
        let sections = [
            ("virtualNetworks", &self.networks),
            ("virtualNetworkGateways", &self.gateways),
            ("expressRouteCircuits", &self.circuits),
            ("connections", &self.connections),
            ("sites", &self.sites),
        ];
        sections
            .iter()
            .fold("name: small\n".to_owned(), |mut text, (name, parts)| {
                let _ = writeln!(text, "{name}:\n{}", parts.concat());
                text
            })
    }
}
