//! Rules for the next hops of user-defined routes (virtual-networks-udr-overview).
//!
//! Azure does not check the next hop when it creates a route. It drops packets to a next hop that does not exist or is
//! not directly reachable.

use std::collections::{BTreeMap, BTreeSet};

use crate::addresses::Address;
use crate::azure::addresses::{Given, given};
use crate::azure::facts::addresses::is_usable;
use crate::azure::gateway::rules::{
    express_route_gateway_of, gateway_subnet, instances, vpn_gateway_of,
};
use crate::azure::peering::rules::{State, state, used_gateways};
use crate::azure::references::vnet_named;
use crate::azure::resources::Resources;
use crate::azure::route_table::model::UserRoute;
use crate::azure::route_table::owners::{Owner, express_route_owner, hidden_subnet};
use crate::azure::route_table::rules::{Use, uses};
use crate::azure::virtual_machine::rules::does_not_forward;
use crate::azure::virtual_network::model::VirtualNetwork;
use crate::findings::{Finding, Located, Place, Rule};
use crate::topology::UserNextHop;

/// The keys that decide where a next hop is and which networks it can be reached from.
const WHERE: &[&str] = &[
    "virtualNetwork",
    "subnet",
    "addressPrefix",
    "addressPrefixes",
    "remoteVirtualNetwork",
    "peerings",
    "localSubnetNames",
    "peerCompleteVnets",
    "ipForwarding",
    "privateIPAddress",
    "privateIPAddresses",
    "frontendIPAddress",
    "backends",
];
const NO_NEXT_HOP: Rule = Rule::of_whole_files("no-next-hop").needing(WHERE);
const WRONG_NEXT_HOP: Rule = Rule::new("wrong-next-hop");
const NOT_REACHABLE: Rule = Rule::of_whole_files("not-reachable").needing(WHERE);
const GATEWAYS_COEXIST: Rule = Rule::new("gateways-coexist");
const NO_VPN_GATEWAY: Rule = Rule::of_whole_files("no-vpn-gateway").needing(&[
    "virtualNetwork",
    "remoteVirtualNetwork",
    "useRemoteGateways",
    "peerings",
]);
const ROUTE_LOOP: Rule = Rule::new("route-loop");

fn routes_of(spec: &Resources) -> impl Iterator<Item = &UserRoute> {
    spec.route_tables.iter().flat_map(|table| &table.routes)
}

fn appliance_address(route: &UserRoute) -> Option<Located<Address>> {
    match route.next_hop.value {
        UserNextHop::VirtualAppliance(value) => Some(Located {
            value,
            place: route.next_hop.place,
        }),
        _ => None,
    }
}

/// The next hop of a route through an appliance must be a machine that forwards, a load balancer or an instance of a
/// VPN gateway, as seen from each network that uses the route.
///
/// An address that a VPN gateway may get because the file omits the gateway's address is an error: the lab may assign
/// another address than Azure.
pub(crate) fn lead_to_appliances(spec: &Resources) -> Vec<Finding> {
    let given = given(spec);
    let mut users: BTreeMap<Place, Vec<&VirtualNetwork>> = BTreeMap::new();
    for (vnet, route) in routes_by_network(spec) {
        users.entry(route.next_hop.place).or_default().push(vnet);
    }
    let addresses = routes_of(spec).filter_map(appliance_address);
    addresses
        .filter_map(|address| {
            let users = users.get(&address.place).map_or(&[][..], Vec::as_slice);
            no_appliance(spec, &given, users, address)
        })
        .collect()
}

fn no_appliance(
    spec: &Resources,
    given: &[Given<'_>],
    users: &[&VirtualNetwork],
    address: Located<Address>,
) -> Option<Finding> {
    let Some(any) = Owner::all(spec, address.value).next() else {
        return Some(nobodys(spec, given, address));
    };
    if users.is_empty() {
        // The next hop of a table without subnets may be anywhere in the lab.
        return is_no_appliance(&any, address);
    }
    let mut users = users.iter();
    users.find_map(|vnet| match Owner::seen_from(spec, vnet, address.value) {
        Some(owner) => is_no_appliance(&owner, address),
        None => Some(nobody_there(vnet, address)),
    })
}

/// The warning about an address in a network's own ranges whose only owners are in networks that may have the same
/// ranges.
fn nobody_there(vnet: &VirtualNetwork, address: Located<Address>) -> Finding {
    let message = format!(
        "no resource in `{}` has the address {}: the route's packets are dropped",
        vnet.name.value, address.value
    );
    let help = "a next hop in the network's own ranges is a machine, a load balancer or a VPN gateway of the network (virtual-networks-udr-overview)";
    let finding = Finding::new(NO_NEXT_HOP, address.place, message).with_help(help);
    finding.as_warning()
}

fn is_no_appliance(owner: &Owner<'_>, address: Located<Address>) -> Option<Finding> {
    let Owner::Machine(vnet, machine, interface) = owner else {
        return None;
    };
    let mut endpoints = vnet.private_endpoints.iter();
    if endpoints.any(|endpoint| endpoint.name.value == machine.name.value) {
        let message = format!(
            "{} is the private endpoint `{}`, which forwards nothing: the route's packets are dropped",
            address.value, machine.name.value
        );
        let help = "name the address of a machine with `ipForwarding: true`; a route to the endpoint itself is not needed (private-endpoint-overview)";
        let finding = Finding::new(NO_NEXT_HOP, address.place, message).with_help(help);
        return Some(finding.as_warning());
    }
    let name = Located {
        value: machine.name.value.to_string(),
        place: address.place,
    };
    does_not_forward(&name, (machine, interface), "the next hop of a route")
}

/// The finding for an address without an owner that could be a next hop.
fn nobodys(spec: &Resources, given: &[Given<'_>], address: Located<Address>) -> Finding {
    let help = "a next hop is a virtual machine with `ipForwarding`, a load balancer's frontend or the written address of a VPN gateway's instance (virtual-networks-udr-overview)";
    let warning = |rule, message: String| Finding::new(rule, address.place, message).as_warning();
    if let Some(gateway) = express_route_owner(spec, address.value) {
        let message = format!(
            "{} belongs to ExpressRoute at `{gateway}`, which is never the next hop of a route: the route's packets are dropped",
            address.value
        );
        return warning(WRONG_NEXT_HOP, message).with_help(help);
    }
    let owner = given
        .iter()
        .find(|given| given.address.value == address.value);
    if let Some(Given { whose, .. }) = owner {
        let message = format!(
            "{} belongs to {whose}, which is not directly reachable from a virtual network: the route's packets are dropped",
            address.value
        );
        return warning(NOT_REACHABLE, message).with_help(
            "a next hop is in the network itself or in one peered with it, not behind a gateway (virtual-networks-udr-overview)",
        );
    }
    if let Some(gateway) = open_gateway_at(spec, address.value) {
        let message = format!(
            "no resource has the address {}, and the file does not say which address `{gateway}` has",
            address.value
        );
        let help = format!("write the private address of `{gateway}`, and use it as the next hop");
        return Finding::new(NO_NEXT_HOP, address.place, message).with_help(help);
    }
    let message = format!(
        "no resource has the address {}: the route's packets are dropped",
        address.value
    );
    warning(NO_NEXT_HOP, message).with_help(help)
}

/// The VPN gateway that may get an address, because the file omits the gateway's address.
fn open_gateway_at(spec: &Resources, address: Address) -> Option<&str> {
    let mut gateways = spec.virtual_network_gateways.iter();
    let open = gateways.find(|gateway| {
        let mut instances = instances(gateway).iter();
        let subnet = vnet_named(spec, &gateway.virtual_network.value).and_then(gateway_subnet);
        instances.any(|instance| instance.private_ip_address.is_none())
            && subnet.is_some_and(|subnet| is_usable(subnet, address))
    });
    open.map(|gateway| gateway.name.value.as_str())
}

/// The routes of the tables of every network, once per network: its subnets may share a table.
fn routes_by_network(spec: &Resources) -> Vec<(&VirtualNetwork, &UserRoute)> {
    let mut seen = BTreeSet::new();
    let tables = uses(spec)
        .filter(|using| seen.insert((using.vnet.name.value.as_str(), using.name.value.as_str())));
    tables
        .filter_map(|using| Some((using.vnet, using.table?)))
        .flat_map(|(vnet, table)| table.routes.iter().map(move |route| (vnet, route)))
        .collect()
}

/// A next hop must be in the network itself, or in a peered one.
pub(crate) fn are_directly_reachable(spec: &Resources) -> Vec<Finding> {
    let unreachable = routes_by_network(spec)
        .into_iter()
        .filter_map(|(vnet, route)| {
            let address = appliance_address(route)?;
            let owner = Owner::seen_from(spec, vnet, address.value)?;
            unreachable_from(spec, vnet, &owner, address)
        });
    unreachable.collect()
}

fn unreachable_from(
    spec: &Resources,
    vnet: &VirtualNetwork,
    owner: &Owner<'_>,
    address: Located<Address>,
) -> Option<Finding> {
    let (own, remote) = (vnet.name.value.as_str(), owner.vnet());
    // Another rule reports a network that does not exist.
    if own == remote {
        return None;
    }
    let holder = vnet_named(spec, remote)?;
    let finding = |message: String, help: String| {
        let finding = Finding::new(NOT_REACHABLE, address.place, message).with_help(help);
        Some(finding.as_warning())
    };
    let what = format!(
        "`{}` at {} is not directly reachable from `{own}`",
        owner.name(),
        address.value
    );
    let missing = match state(vnet, holder) {
        State::Connected => None,
        State::Initiated => Some((remote, own)),
        State::Unanswered => Some((own, remote)),
        State::Absent => {
            return finding(
                format!("{what}: it is in `{remote}`, and the route's packets are dropped"),
                format!(
                    "a next hop is in the network itself or in one peered with it, not behind a gateway (virtual-networks-udr-overview): peer `{own}` with `{remote}`"
                ),
            );
        }
    };
    if let Some((without, with)) = missing {
        return finding(
            format!(
                "{what}: the peering `{with}` to `{without}` is Initiated, and the route's packets are dropped"
            ),
            format!("add `- {{ remoteVirtualNetwork: {with} }}` to the peerings of `{without}`"),
        );
    }
    let hidden_in = hidden_subnet(spec, own, remote, address.value)?;
    finding(
        format!(
            "{what}: the peering of `{remote}` excludes its subnet, and the route's packets are dropped"
        ),
        format!("add `{hidden_in}` to `localSubnetNames` of the peering of `{remote}` to `{own}`"),
    )
}

/// A route to `VirtualNetworkGateway` needs a VPN gateway in the network, or in the network whose gateways it uses.
/// Azure accepts the route without any gateway, but refuses it if there is an `ExpressRoute` gateway, even together
/// with a VPN gateway.
pub(crate) fn lead_to_a_vpn_gateway_alone(spec: &Resources) -> Vec<Finding> {
    let to_gateways = routes_by_network(spec)
        .into_iter()
        .filter(|(_, route)| route.next_hop.value == UserNextHop::VirtualNetworkGateway);
    to_gateways
        .filter_map(|(vnet, route)| no_vpn_gateway(spec, vnet, route))
        .collect()
}

fn no_vpn_gateway(spec: &Resources, vnet: &VirtualNetwork, route: &UserRoute) -> Option<Finding> {
    let own = vnet.name.value.as_str();
    let has_gateway = |vnet: &str| {
        vpn_gateway_of(spec, vnet).is_some() || express_route_gateway_of(spec, vnet).is_some()
    };
    let holder = used_gateways(spec, vnet)
        .filter(|_| !has_gateway(own))
        .unwrap_or(own);
    let place = route.next_hop.place;
    match (
        vpn_gateway_of(spec, holder),
        express_route_gateway_of(spec, holder),
    ) {
        (Some(_), None) => None,
        (Some(vpn), Some(express_route)) => {
            let holder = if holder == own {
                format!("`{own}`")
            } else {
                format!("`{holder}`, whose gateways `{own}` uses,")
            };
            let message = format!(
                "{holder} has the ExpressRoute gateway `{}` beside `{}`, so no route may have this next-hop type",
                express_route.name.value, vpn.name.value
            );
            Some(Finding::new(GATEWAYS_COEXIST, place, message).with_help(
                "use `nextHopType: VirtualAppliance` with the `privateIPAddress` of the VPN gateway (virtual-networks-udr-overview)",
            ))
        }
        (None, Some(express_route)) => {
            let message = format!(
                "`{own}` has no VPN gateway for this route, and `{}` is an ExpressRoute gateway",
                express_route.name.value
            );
            Some(Finding::new(NO_VPN_GATEWAY, place, message).with_help(
                "a route to VirtualNetworkGateway leads to a VPN gateway; prefixes learned over ExpressRoute need no user-defined route (virtual-networks-udr-overview)",
            ))
        }
        (None, None) => {
            let message = format!(
                "`{own}` has no VPN gateway for this route and uses no remote one: the route's packets are dropped"
            );
            let help = format!(
                "give `{own}` a VPN gateway under `virtualNetworkGateways`, or a peering with `useRemoteGateways: true`"
            );
            let finding = Finding::new(NO_VPN_GATEWAY, place, message).with_help(help);
            Some(finding.as_warning())
        }
    }
}

/// The route table of an appliance's own subnet also routes packets that the appliance forwards, so it must not lead
/// back to the appliance. Azure accepts such a table and returns the packets to the appliance.
pub(crate) fn do_not_lead_back(spec: &Resources) -> Vec<Finding> {
    uses(spec)
        .flat_map(|using| leads_back(spec, &using))
        .collect()
}

fn leads_back(spec: &Resources, using: &Use<'_>) -> Vec<Finding> {
    let mut seen = BTreeSet::new();
    let routes = using.table.into_iter().flat_map(|table| &table.routes);
    let targets = routes.filter_map(|route| match route.next_hop.value {
        UserNextHop::VirtualAppliance(address) => Owner::seen_from(spec, using.vnet, address),
        UserNextHop::VirtualNetworkGateway => {
            vpn_gateway_of(spec, using.vnet.name.value.as_str()).map(Owner::VpnGateway)
        }
        _ => None,
    });
    let looping = targets
        .filter(|owner| owner.forwards_from(using.vnet, using.subnet))
        .filter(|owner| !matches!(owner, Owner::Machine(_, _, one) if !one.ip_forwarding.value))
        .filter(|owner| seen.insert(owner.name()));
    looping
        .map(|owner| {
            let subnet = &using.subnet.name.value;
            let name = owner.name();
            let outcome = match owner {
                Owner::Machine(..) => format!("in Azure, packets loop until their TTL expires; the lab drops them at `{name}`"),
                Owner::LoadBalancer(_) => "in Azure, packets loop until their TTL expires; in the lab, a backend sends them to other backends only".to_owned(),
                Owner::VpnGateway(_) => "packets would loop".to_owned(),
            };
            let message = format!(
                "`{name}` forwards from subnet `{subnet}`, but the route table of this subnet leads back to it: {outcome}"
            );
            let finding = Finding::new(ROUTE_LOOP, using.name.place, message).with_help(
                "an appliance needs a subnet without routes to that appliance (virtual-networks-udr-overview)",
            );
            match owner {
                Owner::VpnGateway(_) => finding,
                Owner::Machine(..) | Owner::LoadBalancer(_) => finding.as_warning(),
            }
        })
        .collect()
}
