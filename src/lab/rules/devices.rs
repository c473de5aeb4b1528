//! Rules for routers and appliances, their neighbors and their static routes.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::addresses::{Address, Prefix};
use crate::azure::circuit::model::CircuitLink;
use crate::azure::connection::ends::device_names;
use crate::azure::connection::lower::speaks_bgp;
use crate::azure::facts::addresses::circuit_addresses;
use crate::azure::references::{find_subnet, machines};
use crate::azure::resources::Resources;
use crate::azure::virtual_machine::model::VirtualMachine;
use crate::azure::virtual_network::model::VirtualNetwork;
use crate::findings::{Finding, Located};
use crate::findings::{Rule, no_such};
use crate::onpremises::device::model::{Device, StaticNextHop, tunnel_names};
use crate::onpremises::site::find::routers;
use crate::onpremises::site::model::{Site, SiteRouter};

const USELESS_ROUTE: Rule = Rule::new("useless-route");

/// A router or appliance, and where it is.
#[derive(Clone, Copy)]
pub(crate) struct Speaker<'a> {
    pub(crate) name: &'a str,
    pub(crate) device: &'a Device,
    pub(crate) stand: Stand<'a>,
}

#[derive(Clone, Copy)]
pub(crate) enum Stand<'a> {
    Site(&'a Site, &'a SiteRouter),
    Network(&'a VirtualNetwork, &'a VirtualMachine),
}

pub(crate) fn speakers(spec: &Resources) -> impl Iterator<Item = Speaker<'_>> {
    let machines = machines(spec).map(|(vnet, machine)| Speaker {
        name: machine.name.value.as_str(),
        device: &machine.device,
        stand: Stand::Network(vnet, machine),
    });
    let routers = routers(&spec.sites).map(|(site, router)| Speaker {
        name: router.name.value.as_str(),
        device: &router.device,
        stand: Stand::Site(site, router),
    });
    machines.chain(routers)
}

/// A neighbor, with the name that policies use for it.
pub(crate) struct Neighbour<'a> {
    pub(crate) name: &'a str,
    pub(crate) kind: &'static str,
    pub(crate) speaks_bgp: bool,
}

pub(crate) fn links_at<'a>(
    links: &'a [CircuitLink],
    router: &str,
) -> impl Iterator<Item = &'a CircuitLink> {
    links.iter().filter(move |link| link.ends_at(router))
}

/// The connections that end at a device.
pub(crate) fn connections_of<'a>(spec: &'a Resources, speaker: Speaker<'_>) -> Vec<Neighbour<'a>> {
    let connections = spec.connections.iter().filter_map(|connection| {
        let mut devices = device_names(&connection.kind);
        let ends_here = devices.any(|device| device.value == speaker.name);
        ends_here.then_some(Neighbour {
            name: connection.name.value.as_str(),
            kind: "connection",
            speaks_bgp: speaks_bgp(spec, &connection.kind),
        })
    });
    connections.collect()
}

/// The valid names at a device: its own neighbors or, if it has none, any connection.
pub(crate) fn own_or_all<'a>(spec: &'a Resources, own: Vec<&'a str>) -> Vec<&'a str> {
    if own.is_empty() {
        let connections = spec.connections.iter();
        connections.map(|one| one.name.value.as_str()).collect()
    } else {
        own
    }
}

/// A static route must lead to a neighbor on one of the device's links, or into one of its tunnels.
pub(crate) fn static_routes_lead_to_neighbours(spec: &Resources) -> Vec<Finding> {
    let mut findings = Vec::new();
    let links = Links::of(spec);
    for speaker in speakers(spec) {
        let wrong = speaker
            .device
            .routes
            .iter()
            .filter_map(|route| match &route.next_hop {
                StaticNextHop::Address(address) => leads_nowhere(&links, speaker, address),
                StaticNextHop::Connection(name) => no_tunnel(spec, speaker, name),
            });
        findings.extend(wrong);
    }
    findings
}

/// `tunnelInterfaces` must name connections that end at the device, or single tunnels of these.
pub(crate) fn tunnel_interfaces_are_of_connections(spec: &Resources) -> Vec<Finding> {
    let stray = speakers(spec).flat_map(|speaker| {
        let own = connections_of(spec, speaker);
        let stray = speaker
            .device
            .tunnel_interfaces
            .iter()
            .filter(move |(name, _)| {
                let mut own = own.iter();
                !own.any(|connection| {
                    connection.name == name.value
                        || tunnel_names(connection.name).contains(&name.value)
                })
            });
        stray.filter_map(move |(name, _)| no_tunnel(spec, speaker, name))
    });
    stray.collect()
}

fn no_tunnel(spec: &Resources, speaker: Speaker<'_>, name: &Located<String>) -> Option<Finding> {
    let own = connections_of(spec, speaker);
    if own.iter().any(|connection| connection.name == name.value) {
        return None;
    }
    let mut connections = spec.connections.iter();
    if !connections.any(|connection| connection.name.value.as_str() == name.value) {
        let own = own.iter().map(|connection| connection.name).collect();
        return Some(no_such("connection", name, own_or_all(spec, own)));
    }
    let message = format!(
        "connection `{}` does not end at `{}`, so `{1}` cannot use it",
        name.value, speaker.name
    );
    let known: Vec<_> = own.iter().map(|connection| connection.name).collect();
    let help = if known.is_empty() {
        format!("no connection ends at `{}`", speaker.name)
    } else {
        format!("its connections are {}", known.join(", "))
    };
    Some(Finding::new(super::NOT_A_NEIGHBOUR, name.place, message).with_help(help))
}

/// A link of a device: its prefix, and the addresses at its other end.
type Reach = (Prefix, Vec<Address>);

fn leads_nowhere(
    links: &Links<'_>,
    speaker: Speaker<'_>,
    address: &Located<Address>,
) -> Option<Finding> {
    let reaches = match speaker.stand {
        Stand::Site(site, router) => links.of_router(site, router),
        Stand::Network(_, machine) if machine.network_interfaces.len() == 1 => {
            return Some(routed_by_the_fabric(speaker, address));
        }
        Stand::Network(vnet, machine) => return on_no_interface(vnet, machine, address),
    };
    if reaches
        .iter()
        .any(|(_, neighbours)| neighbours.contains(&address.value))
    {
        return None;
    }
    let on_link = reaches
        .iter()
        .find(|(prefix, _)| prefix.contains(&address.value));
    let (message, known): (String, Vec<_>) = if let Some((prefix, neighbours)) = on_link {
        let message = format!(
            "no neighbour of `{}` on {prefix} has the address {}",
            speaker.name, address.value
        );
        (message, neighbours.to_vec())
    } else {
        let message = format!("{} is on no link of `{}`", address.value, speaker.name);
        let all = reaches.iter().flat_map(|(_, neighbours)| &**neighbours);
        (message, all.copied().collect())
    };
    let finding = Finding::new(super::NOT_A_NEIGHBOUR, address.place, message);
    Some(if known.is_empty() {
        finding.with_help(format!("`{}` has no neighbour there", speaker.name))
    } else {
        let known: Vec<_> = known.iter().map(Address::to_string).collect();
        finding.with_help(format!("its neighbours have {}", known.join(", ")))
    })
}

/// The route table of the subnet routes a machine's packets, not the machine's own routes.
fn routed_by_the_fabric(speaker: Speaker<'_>, address: &Located<Address>) -> Finding {
    let message = format!(
        "Azure routes what `{}` sends by the table of its subnet, not by this route",
        speaker.name
    );
    Finding::new(USELESS_ROUTE, address.place, message).with_help(
        "write the route in one of `routeTables`, or lead it into a tunnel with `connection` (virtual-networks-udr-overview)",
    )
}

/// A route of a machine with several interfaces selects an interface by an address in that interface's subnet. The
/// first address of the subnet is usual; Azure's fabric answers for all of them.
fn on_no_interface(
    vnet: &VirtualNetwork,
    machine: &VirtualMachine,
    address: &Located<Address>,
) -> Option<Finding> {
    let interfaces = machine.network_interfaces.iter();
    let subnets = interfaces.filter_map(|interface| {
        let subnet = find_subnet(vnet, &interface.subnet).ok()?;
        Some((&interface.name.value, subnet.address_prefix.value))
    });
    let subnets: Vec<_> = subnets.collect();
    if subnets
        .iter()
        .any(|(_, subnet)| subnet.contains(&address.value))
    {
        return None;
    }
    let message = format!(
        "{} is in no subnet of the network interfaces of `{}`",
        address.value, machine.name.value
    );
    let gateways = subnets.iter().map(|(name, subnet)| {
        let gateway = subnet.first_host();
        format!("{gateway} for `{name}`")
    });
    let gateways: Vec<_> = gateways.collect();
    let help = format!("write the subnet's first address: {}", gateways.join(", "));
    Some(Finding::new(super::NOT_A_NEIGHBOUR, address.place, message).with_help(help))
}

/// The addresses that the devices of a file reach directly.
struct Links<'a> {
    /// By site and LAN: the addresses on the LAN, routers first.
    lans: BTreeMap<(&'a str, Prefix), Vec<Address>>,
    /// By site and router: the far ends of the site's own links.
    inside: BTreeMap<(&'a str, &'a str), Vec<Reach>>,
    /// By router: the far ends of the links between sites, then those of circuits.
    outside: BTreeMap<&'a str, Vec<Reach>>,
}

impl<'a> Links<'a> {
    fn of(spec: &'a Resources) -> Self {
        let mut links = Self {
            lans: BTreeMap::new(),
            inside: BTreeMap::new(),
            outside: BTreeMap::new(),
        };
        for site in &spec.sites {
            links.add_site(site);
        }
        for link in &spec.wan {
            for (router, reach) in both_ways(&link.ends, &link.addresses) {
                links.outside.entry(router).or_default().push(reach);
            }
        }
        let circuits = spec.express_route_circuits.iter();
        for link in circuits.flat_map(|circuit| &circuit.links) {
            let prefix = link.peer_address_prefix.value;
            let [_, msee] = circuit_addresses(prefix);
            let Some(router) = &link.customer_edge else {
                continue;
            };
            let reaches = links.outside.entry(&router.value).or_default();
            reaches.push((prefix, vec![msee]));
        }
        links
    }

    fn add_site(&mut self, site: &'a Site) {
        let name = site.name.value.as_str();
        let routers = site.routers.iter().filter_map(|router| router.address);
        let hosts = site.hosts.iter().map(|host| host.address);
        for address in routers.chain(hosts).map(|address| address.value) {
            let lan = self.lans.entry((name, address.trunc())).or_default();
            lan.push(address.addr());
        }
        for link in &site.links {
            for (router, reach) in both_ways(&link.ends, &link.addresses) {
                self.inside.entry((name, router)).or_default().push(reach);
            }
        }
    }

    /// The addresses that a router reaches.
    fn of_router<'l>(
        &'l self,
        site: &'l Site,
        router: &'l SiteRouter,
    ) -> Vec<(Prefix, Cow<'l, [Address]>)> {
        let (site, name) = (site.name.value.as_str(), router.name.value.as_str());
        let lan = router.address.map(|address| address.value).and_then(|own| {
            let there = self.lans.get(&(site, own.trunc()))?.iter().copied();
            let others = there.filter(|address| *address != own.addr());
            Some((own.trunc(), Cow::Owned(others.collect())))
        });
        let inside = self.inside.get(&(site, name)).into_iter().flatten();
        let outside = self.outside.get(name).into_iter().flatten();
        let links = inside.chain(outside);
        let links = links.map(|(prefix, far)| (*prefix, Cow::from(far)));
        lan.into_iter().chain(links).collect()
    }
}

/// A link, once for each of its ends.
fn both_ways<'a>(
    ends: &'a [Located<String>; 2],
    addresses: &[Located<Prefix>; 2],
) -> [(&'a str, Reach); 2] {
    [(0, 1), (1, 0)].map(|(own, other)| {
        let reach = (
            addresses[own].value.trunc(),
            vec![addresses[other].value.addr()],
        );
        (ends[own].value.as_str(), reach)
    })
}
