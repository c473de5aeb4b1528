//! The sentences of an explanation.

mod firewalls;
mod peerings;

use std::collections::BTreeSet;

use crate::addresses::Address;
use crate::report::origins;
use crate::routing::{Action, Origin, Route};
use crate::topology::{LinkId, Node, NodeId, Topology, UserNextHop, VnetId};
use crate::verify::why::{Cause, LosesBy, Loss, Mistake, Seen, Way, Why};

pub(super) use firewalls::untold;
use firewalls::{dropped_by, translated};
use peerings::{initiated, of_peerings};

/// Why a node does not answer; `None` if it does.
pub(super) fn silence(topology: &Topology, seen: &Seen) -> Option<String> {
    let text = match seen {
        Seen::Sender | Seen::Answers { .. } | Seen::Lost => return None,
        Seen::Transparent => {
            "does not show: a VPN gateway does not decrement the TTL of a tunnel's packets"
                .to_owned()
        }
        Seen::Renewed => "does not show: the device before the tunnel sets a new TTL".to_owned(),
        Seen::Silent {
            address: None,
            loss,
            ..
        } => format!("silent: {}", self::loss(topology, loss)),
        Seen::Silent {
            address: Some(address),
            loss,
            ..
        } => match &loss.cause {
            // The loss is about this address, so it is named only once.
            Cause::UnknownSource { .. } => {
                let refuser = &topology.node(loss.node).name;
                let known = if loss.absences.is_empty() {
                    ", which nobody advertises"
                } else {
                    ""
                };
                format!(
                    "silent: its answer has the source {address}{known}; {refuser} has no route to it and drops the answer ({FILTER})"
                )
            }
            Cause::Unshown { .. } if topology.node(loss.node).role.is_msee() => format!(
                "silent: its answer has the source {address}, which nobody advertises (`customerEdgeHops: silent`)"
            ),
            Cause::Unshown { .. } => {
                "silent: a VPN gateway of 2018 does not answer through its own tunnels".to_owned()
            }
            _ => format!(
                "silent: its answer has the source {address}, but {}",
                self::loss(topology, loss)
            ),
        },
    };
    Some(text)
}

/// What drops packets from a source without a route.
const FILTER: &str = "loose reverse-path filtering, RFC 3704, section 2.4";

/// A packet that none of a tunnel's traffic selectors contains.
fn not_selected(topology: &Topology, link: LinkId, [source, destination]: [Address; 2]) -> String {
    let tunnel = &topology.link(link).name;
    format!(
        "no traffic selector of the tunnel {tunnel} contains packets from {source} to {destination}"
    )
}

/// Where and why packets are lost.
pub(in crate::report) fn loss(topology: &Topology, loss: &Loss) -> String {
    let node = topology.node(loss.node);
    let name = &node.name;
    match &loss.cause {
        Cause::NoRoute {
            destination,
            dropped_by,
        } => {
            let what = format!("{name} has no route to {destination}");
            let but = dropped_by.as_ref().map(|route| but(topology, loss, route));
            what + &but.unwrap_or_default() + &of_peerings(topology, loss)
        }
        Cause::NobodyThere { route } => format!(
            "{name} has a route to {} ({}), but no node there has the address{}",
            route.prefix,
            origins::name(&route.origin),
            outside(topology, loss)
        ),
        Cause::NotARouter if node.role.is_machine() => {
            format!("{name} drops packets for other addresses: it has no `ipForwarding`")
        }
        Cause::NotARouter => format!("{name} drops packets for other addresses"),
        Cause::AnothersAddress { meant } => format!(
            "{name} has the same address as {} and receives the packets",
            topology.node(*meant).name
        ),
        Cause::Unshown { source } => unshown(node, *source),
        Cause::Loop => format!("packets return to {name} and loop until their TTL expires"),
        Cause::KeptOut { near, far, flag } => {
            let [near, far] = [near, far].map(|id| &topology.vnet(*id).name);
            format!("the peering of {far} with {near} drops what {name} sends: `{flag}` is off")
        }
        Cause::NotSelected { link, addresses } => not_selected(topology, *link, *addresses),
        Cause::Firewall { .. } => dropped_by(topology, node, &loss.cause),
        Cause::LinkDown { link } => {
            format!(
                "the path from {name} uses the link {}, which is down",
                topology.link(*link).name
            )
        }
        Cause::LosesAll { link, by } => {
            let link = &topology.link(*link).name;
            let how = match by {
                LosesBy::Blackhole => format!("it is a blackhole; `lab heal {link}` ends that"),
                LosesBy::Impairment => {
                    format!(
                        "`lab impair` makes it lose 100%; `lab impair {link} --clear` ends that"
                    )
                }
                LosesBy::LabFile => "the lab file makes it lose 100%".to_owned(),
            };
            format!("the path from {name} uses the link {link}, which loses all packets: {how}")
        }
        Cause::UnknownSource { source } => {
            format!(
                "{name} has no route back to {source} and drops packets from it ({FILTER}){}",
                of_peerings(topology, loss)
            )
        }
    }
}

/// Which node has an address that Azure looks for in a network but does not find there.
fn outside(topology: &Topology, loss: &Loss) -> String {
    match loss.mistake {
        Some(Mistake::Inside { owner }) => format!(
            "; {} has it, but in a site, and the site's range is inside the network's",
            topology.node(owner).name
        ),
        _ => String::new(),
    }
}

/// Why an answer is suppressed.
fn unshown(node: &Node, source: Address) -> String {
    let name = &node.name;
    if node.role.is_msee() {
        format!("{name} does not forward answers from {source}, which nobody advertises")
    } else {
        format!("{name} does not answer through a tunnel from an address of its own network")
    }
}

/// The note on a route that drops packets, if there is no other route.
fn but(topology: &Topology, loss: &Loss, route: &Route) -> String {
    match &route.origin {
        Origin::Internet => {
            " except Azure's system route to the Internet, which a lab does not have".to_owned()
        }
        Origin::ServiceEndpoint { service } => format!(
            " except the service endpoint route {} to {service}, which a lab does not have",
            route.prefix
        ),
        Origin::Reserved => format!(" except the system route {} to None", route.prefix),
        Origin::User {
            table,
            name,
            next_hop,
        } => {
            let way = match next_hop {
                UserNextHop::VirtualAppliance(address) => {
                    format!("to {address}, {}", no_next_hop(topology, loss))
                }
                UserNextHop::VirtualNetworkGateway => no_gateway(topology, loss),
                other => format!("to {other}"),
            };
            format!(
                " except the user-defined route {table}/{name}, {} {way}",
                route.prefix
            )
        }
        _ => String::new(),
    }
}

/// Why a route's next-hop address is not a valid next hop.
fn no_next_hop(topology: &Topology, loss: &Loss) -> String {
    let node = &topology.node(loss.node).name;
    let vnet = |id: VnetId| &topology.vnet(id).name;
    match loss.mistake {
        Some(Mistake::Nobody) => "which no node has".to_owned(),
        Some(Mistake::LeadsBack) if !topology.node(loss.node).role.forwards() => {
            format!("which is an address of {node}, and {node} does not forward")
        }
        Some(Mistake::LeadsBack) => format!(
            "which leads back to {node}: in Azure, packets loop until their TTL expires; the lab drops them"
        ),
        Some(Mistake::ExpressRoute) => {
            "which belongs to ExpressRoute and is never the next hop of a route".to_owned()
        }
        Some(Mistake::Outside { owner }) => format!(
            "which belongs to {} and is not directly reachable: a next hop cannot be behind a gateway",
            topology.node(owner).name
        ),
        Some(Mistake::NotPeered { network }) => format!(
            "which is not directly reachable: it is in {}, which is not peered with this network",
            vnet(network)
        ),
        Some(Mistake::Hidden { network }) => format!(
            "which is not directly reachable: it is in a subnet that the peering of {} excludes",
            vnet(network)
        ),
        Some(Mistake::Initiated { with, without }) => format!(
            "which is not directly reachable: {}",
            initiated(topology, with, without)
        ),
        Some(
            Mistake::NoVpnGateway { .. }
            | Mistake::NotTransitive { .. }
            | Mistake::UnusedGateway { .. }
            | Mistake::Inside { .. },
        )
        | None => "which no working machine in this network or a peered one has".to_owned(),
    }
}

fn no_gateway(topology: &Topology, loss: &Loss) -> String {
    match loss.mistake {
        Some(Mistake::NoVpnGateway { network }) => format!(
            "to VirtualNetworkGateway: {} has no VPN gateway and uses no remote one",
            topology.vnet(network).name
        ),
        _ => "to a VPN gateway, which does not work".to_owned(),
    }
}

/// A summary in one sentence.
pub(super) fn summary(topology: &Topology, from: NodeId, why: &Why) -> String {
    let sender = &topology.node(from).name;
    let to = match why.to {
        Some(to) => topology.node(to).name.to_string(),
        None => why.there.destination.to_string(),
    };
    match (&why.there.loss, &why.back) {
        (Some(loss), None) if why.to.is_none() && !is_by_mistake(loss) => {
            format!("{sender} does not reach {to}: no node has that address")
        }
        (Some(loss), _) => {
            format!(
                "{sender} does not reach {to}: {}",
                self::loss(topology, loss)
            )
        }
        (
            None,
            Some(Way {
                loss: Some(loss), ..
            }),
        ) => format!(
            "packets from {sender} reach {to}, but its answers are lost: {}",
            self::loss(topology, loss)
        ),
        (None, _) => format!(
            "{sender} reaches {to} in {}{}{}{}{}",
            hops(&why.seen),
            silent_hops(&why.seen),
            asymmetry(topology, why),
            translated(topology, why),
            lost_flows(topology, why)
        ),
    }
}

/// Whether a mistake in the lab file causes the loss, whichever node has the destination.
fn is_by_mistake(loss: &Loss) -> bool {
    loss.mistake.is_some() || matches!(loss.cause, Cause::NotARouter | Cause::Loop)
}

/// The flows that are lost although others arrive: those that a load balancer sends to a machine that does not forward.
fn lost_flows(topology: &Topology, why: &Why) -> String {
    let ways = [Some(&why.there), why.back.as_ref()].into_iter().flatten();
    let lost: BTreeSet<NodeId> = ways
        .flat_map(|way| next_hops_without_forwarding(topology, way))
        .collect();
    let name = |node: NodeId| &topology.node(node).name;
    let lost = lost.into_iter().map(|node| {
        let name = name(node);
        format!("; flows by {name} are lost: {name} drops packets for other addresses: it has no `ipForwarding`")
    });
    lost.collect()
}

/// The machines among the next hops of a path that do not forward.
fn next_hops_without_forwarding(topology: &Topology, way: &Way) -> Vec<NodeId> {
    let mut dropping = Vec::new();
    for step in &way.steps {
        let Some(Action::Forward(hops)) = step.choice.as_ref().map(|one| &one.route.action) else {
            continue;
        };
        let next = hops
            .iter()
            .filter_map(|hop| topology.owner(step.node, hop.via?));
        let drops = |node: &NodeId| {
            let mut nics = topology.nics(*node);
            let is_machine = topology.node(*node).role.is_machine();
            is_machine
                && nics.any(|(id, nic)| {
                    let address = topology.address_of(id);
                    let is_next = hops.iter().any(|hop| hop.via == address);
                    is_next && !nic.forwards && address != Some(way.destination)
                })
        };
        dropping.extend(next.filter(drops));
    }
    dropping
}

fn hops(seen: &[Seen]) -> String {
    let is_hop = |seen: &&Seen| matches!(seen, Seen::Answers { .. } | Seen::Silent { .. });
    match seen.iter().filter(is_hop).count() {
        1 => "1 hop".to_owned(),
        several => format!("{several} hops"),
    }
}

fn silent_hops(seen: &[Seen]) -> String {
    let silent: Vec<String> = seen
        .iter()
        .filter_map(|seen| match seen {
            Seen::Silent { ttl, .. } => Some(ttl.to_string()),
            _ => None,
        })
        .collect();
    match silent.as_slice() {
        [] => String::new(),
        [only] => format!(", hop {only} silent"),
        several => format!(", hops {} silent", joined(several)),
    }
}

/// The difference between forward and return path, if there is any.
fn asymmetry(topology: &Topology, why: &Why) -> String {
    let named = |nodes: &[NodeId]| {
        let node = |id: &NodeId| {
            let node = topology.node(*id);
            format!("{} {}", node.role.title(), node.name)
        };
        joined(&nodes.iter().map(node).collect::<Vec<_>>())
    };
    let [there, back] = why.asymmetry();
    match (there.is_empty(), back.is_empty()) {
        (true, true) => String::new(),
        (true, false) => format!(
            "; the return path crosses {}, the forward path does not",
            named(&back)
        ),
        (false, true) => format!(
            "; the forward path crosses {}, the return path does not",
            named(&there)
        ),
        (false, false) => format!(
            "; the forward path crosses {}, the return path {}",
            named(&there),
            named(&back)
        ),
    }
}

/// `a`, `a and b`, `a, b and c`.
fn joined(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}
