//! Networks and sites, in the words of a lab file.

use std::fmt::Write as _;

use super::*;

/// A virtual network with a number N: 10.N.0.0/24 with the subnets `default`, `nva` and
/// `GatewaySubnet`, and a machine at 10.N.0.4.
#[derive(Clone)]
pub(in super::super) struct Network {
    name: String,
    number: u8,
    location: String,
    peerings: Vec<String>,
    tables: Vec<(String, String)>,
    machines: Vec<String>,
}

impl Network {
    pub(in super::super) fn new(name: &str, number: u8) -> Self {
        Self {
            name: name.to_owned(),
            number,
            location: "region1".to_owned(),
            peerings: Vec::new(),
            tables: Vec::new(),
            machines: Vec::new(),
        }
    }

    pub(in super::super) fn location(mut self, location: &str) -> Self {
        location.clone_into(&mut self.location);
        self
    }

    /// Its halves of peerings, as the file writes them.
    pub(in super::super) fn peers(mut self, peerings: &[&str]) -> Self {
        let halves = peerings.iter();
        self.peerings
            .extend(halves.map(|half| format!("{{ remoteVirtualNetwork: {half} }}")));
        self
    }

    /// The route table of one of its subnets.
    pub(in super::super) fn table(mut self, subnet: &str, table: &str) -> Self {
        self.tables.push((subnet.to_owned(), table.to_owned()));
        self
    }

    /// An appliance in its subnet `nva`, at 10.N.0.`host`.
    pub(in super::super) fn appliance(self, name: &str, host: u8) -> Self {
        self.appliance_with(name, host, "")
    }

    /// An appliance in its subnet `nva`, with what else belongs to it.
    pub(in super::super) fn appliance_with(mut self, name: &str, host: u8, settings: &str) -> Self {
        let number = self.number;
        self.machines.push(format!(
            "{name}: {{ subnet: nva, privateIPAddress: 10.{number}.0.{host}, ipForwarding: true{} }}",
            further(settings)
        ));
        self
    }

    /// A further machine in its subnet `default`, at 10.N.0.`host`.
    pub(in super::super) fn machine(mut self, name: &str, host: u8) -> Self {
        let number = self.number;
        self.machines.push(format!(
            "{name}: {{ subnet: default, privateIPAddress: 10.{number}.0.{host} }}"
        ));
        self
    }

    pub(super) fn text(self) -> String {
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
pub(in super::super) struct Site {
    name: String,
    number: u8,
    asn: u32,
    advertised: String,
    edge: String,
    routers: Vec<String>,
    has_second_edge: bool,
}

impl Site {
    pub(in super::super) fn new(name: &str, number: u8, asn: u32) -> Self {
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
    pub(in super::super) fn advertise(mut self, advertised: &str) -> Self {
        advertised.clone_into(&mut self.advertised);
        self
    }

    /// What else belongs to its edge.
    pub(in super::super) fn edge(mut self, settings: &str) -> Self {
        settings.clone_into(&mut self.edge);
        self
    }

    /// A second edge without any neighbour outside, that learns from the first what that one learns.
    pub(in super::super) fn second_edge(mut self) -> Self {
        self.has_second_edge = true;
        let router = format!("{}-er: {{}}", self.name);
        self.router(&router)
    }

    /// A further router, as the file writes it.
    pub(in super::super) fn router(mut self, router: &str) -> Self {
        self.routers.push(router.to_owned());
        self
    }

    pub(super) fn text(self) -> String {
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
