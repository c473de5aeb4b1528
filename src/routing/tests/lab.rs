//! Small labs, put together from parts that follow one scheme of addresses.

use std::fmt::Write as _;

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

/// A lab file in parts, which may stand in any order.
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

    /// A route table whose subnets get nothing that gateways learned.
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

    /// The VPN gateway of a network, whose number is given.
    pub(super) fn vpn_gateway(self, network: &str, number: u8, asn: u32) -> Self {
        self.add(
            "virtualNetworkGateways",
            &format!(
                "{network}-vpn: {{ virtualNetwork: {network}, gatewayType: Vpn, asn: {asn}, privateIPAddress: 10.{number}.0.150, publicIPAddress: 203.0.113.{number} }}"
            ),
        )
    }

    /// The active-active VPN gateway of a network, whose number is given.
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

    /// A circuit whose links end at two routers; each is written with what else belongs to its link.
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

    /// A circuit's connection to a network, whose number is given, with endpoints from `first` on.
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

    /// The same lab with every section the other way round.
    pub(super) fn reversed(mut self) -> Self {
        self.parts.reverse();
        self
    }

    /// The same lab with its parts in an order that `pick` makes: it is given how many are left and
    /// says which of them comes next.
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

/// A virtual network with a number N: 10.N.0.0/24 with the subnets `default`, `nva` and
/// `GatewaySubnet`, and a machine at 10.N.0.4.
#[derive(Clone)]
pub(super) struct Network {
    name: String,
    number: u8,
    location: String,
    peerings: Vec<String>,
    tables: Vec<(String, String)>,
    machines: Vec<String>,
}

impl Network {
    pub(super) fn new(name: &str, number: u8) -> Self {
        Self {
            name: name.to_owned(),
            number,
            location: "region1".to_owned(),
            peerings: Vec::new(),
            tables: Vec::new(),
            machines: Vec::new(),
        }
    }

    pub(super) fn location(mut self, location: &str) -> Self {
        location.clone_into(&mut self.location);
        self
    }

    /// Its halves of peerings, as the file writes them.
    pub(super) fn peers(mut self, peerings: &[&str]) -> Self {
        let halves = peerings.iter();
        self.peerings
            .extend(halves.map(|half| format!("{{ remoteVirtualNetwork: {half} }}")));
        self
    }

    /// The route table of one of its subnets.
    pub(super) fn table(mut self, subnet: &str, table: &str) -> Self {
        self.tables.push((subnet.to_owned(), table.to_owned()));
        self
    }

    /// An appliance in its subnet `nva`, at 10.N.0.`host`.
    pub(super) fn appliance(self, name: &str, host: u8) -> Self {
        self.appliance_with(name, host, "")
    }

    /// An appliance in its subnet `nva`, with what else belongs to it.
    pub(super) fn appliance_with(mut self, name: &str, host: u8, settings: &str) -> Self {
        let number = self.number;
        self.machines.push(format!(
            "{name}: {{ subnet: nva, privateIPAddress: 10.{number}.0.{host}, ipForwarding: true{} }}",
            further(settings)
        ));
        self
    }

    /// A further machine in its subnet `default`, at 10.N.0.`host`.
    pub(super) fn machine(mut self, name: &str, host: u8) -> Self {
        let number = self.number;
        self.machines.push(format!(
            "{name}: {{ subnet: default, privateIPAddress: 10.{number}.0.{host} }}"
        ));
        self
    }

    fn text(self) -> String {
        let (name, number) = (&self.name, self.number);
        let subnet = |subnet: &str, prefix: &str| {
            let mut tables = self.tables.iter();
            let table = tables.find(|(of, _)| of == subnet);
            let table = table.map(|(_, table)| format!("routeTable: {table}"));
            format!(
                "{subnet}: {{ addressPrefix: 10.{number}.0.{prefix}{} }}",
                further(&table.unwrap_or_default())
            )
        };
        let subnets = [
            subnet("default", "0/26"),
            subnet("nva", "64/26"),
            subnet("GatewaySubnet", "128/25"),
        ];
        let own = format!("{name}-vm: {{ subnet: default, privateIPAddress: 10.{number}.0.4 }}");
        let machines = [vec![own], self.machines.clone()].concat();
        format!(
            "{name}:
  location: {}
  addressPrefixes: [10.{number}.0.0/24]
  subnets: {{ {} }}
  virtualMachines: {{ {} }}
  peerings: [{}]",
            self.location,
            subnets.join(", "),
            machines.join(", "),
            self.peerings.join(", ")
        )
    }
}

/// A site with a number N: 10.(100 + N).0.0/24, an edge with a tunnel, a router of the LAN and a host.
#[derive(Clone)]
pub(super) struct Site {
    name: String,
    number: u8,
    asn: u32,
    advertised: String,
    edge: String,
    routers: Vec<String>,
    has_second_edge: bool,
}

impl Site {
    pub(super) fn new(name: &str, number: u8, asn: u32) -> Self {
        Self {
            name: name.to_owned(),
            number,
            asn,
            advertised: format!("10.{}.0.0/24", 100 + number),
            edge: String::new(),
            routers: Vec::new(),
            has_second_edge: false,
        }
    }

    /// What it advertises instead of its LAN.
    pub(super) fn advertise(mut self, advertised: &str) -> Self {
        advertised.clone_into(&mut self.advertised);
        self
    }

    /// What else belongs to its edge.
    pub(super) fn edge(mut self, settings: &str) -> Self {
        settings.clone_into(&mut self.edge);
        self
    }

    /// A second edge without any neighbour outside, that learns from the first what that one learns.
    pub(super) fn second_edge(mut self) -> Self {
        self.has_second_edge = true;
        let router = format!("{}-er: {{}}", self.name);
        self.router(&router)
    }

    /// A further router, as the file writes it.
    pub(super) fn router(mut self, router: &str) -> Self {
        self.routers.push(router.to_owned());
        self
    }

    fn text(self) -> String {
        let Self {
            name,
            number,
            asn,
            advertised,
            edge,
            routers,
            has_second_edge,
        } = self;
        let byte = 100 + number;
        let further_routers = routers.iter().fold(String::new(), |mut text, router| {
            let _ = write!(text, "\n    {router}");
            text
        });
        let link_of_second = if has_second_edge {
            format!(
                ", {{ a: {name}-ce, b: {name}-er, addresses: [172.31.{number}.2/31, 172.31.{number}.3/31] }}"
            )
        } else {
            String::new()
        };
        format!(
            "{name}:
  asn: {asn}
  ibgp: {has_second_edge}
  routers:
    {name}-ce: {{ tunnel: {{ sourceAddress: 198.51.100.{number}, address: 10.{byte}.0.125 }}{} }}
    {name}-lan: {{ address: 10.{byte}.0.1/24 }}{further_routers}
  hosts: {{ {name}-pc: {{ address: 10.{byte}.0.10/24, gateway: 10.{byte}.0.1 }} }}
  links: [{{ a: {name}-ce, b: {name}-lan, addresses: [172.31.{number}.0/31, 172.31.{number}.1/31] }}{link_of_second}]
  advertise: [{advertised}]",
            further(&edge)
        )
    }
}
