//! A trace in both directions, as the page shows it: hops, path over the picture, and explanation.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::addresses::Address;
use crate::network::State;
use crate::report::tracert::names_of;
use crate::report::why;
use crate::topology::{NodeId, Topology};
use crate::ui::way::over;
use crate::units::milliseconds;
use crate::verify::why::{Why, explain};
use crate::verify::{Observation, ObservedHop};

/// A trace to a destination and, if that is a node, back.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Traced {
    /// The sender.
    pub(super) from: String,
    /// The destination.
    pub(super) to: String,
    /// The forward path.
    pub(super) there: Direction,
    /// The return path, traced from the destination; null if the destination is not a node of the lab, or if the sender
    /// has no address to trace to.
    pub(super) back: Option<Direction>,
    /// What the routes predict, in one sentence.
    pub(super) summary: String,
    /// The output of `lab why`.
    pub(super) why: String,
}

/// One direction of a trace.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Direction {
    /// Whether the destination answered.
    reached: bool,
    /// The hops by increasing TTL.
    hops: Vec<Hop>,
    /// The nodes on the path, the sender first.
    nodes: Vec<String>,
    /// The links on the path, with tunnels.
    links: Vec<String>,
    /// Why probes could not be sent; null if they were.
    error: Option<String>,
}

/// A hop.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Hop {
    /// The TTL.
    ttl: u8,
    /// The node that answered or, without an answer, the node that the routes predict; null if unknown.
    node: Option<String>,
    /// The kind of that node.
    element: Option<&'static str>,
    /// The address that answered; null without an answer.
    address: Option<Address>,
    /// The round-trip time of each probe in milliseconds; null for one without an answer.
    rtt_ms: Vec<Option<f64>>,
    /// Whether the answer was "destination unreachable".
    refused: bool,
    /// Why the hop does not answer; null if it does, or if the reason is unknown.
    silence: Option<String>,
}

/// The explanation of a path, as the page shows it: one sentence, and the full text.
pub(super) fn words(topology: &Topology, from: NodeId, why: &Why) -> (String, String) {
    let report = why::report(topology, from, why);
    let text = why::text(&report);
    (report.summary, text)
}

/// One direction of a trace, from its answers and the routes.
pub(super) fn direction(
    state: &State<'_>,
    from: NodeId,
    destination: Address,
    seen: &Observation,
) -> Direction {
    let topology = &*state.topology;
    let why = explain(state, from, destination);
    let report = why::report(topology, from, &why);
    let expected: BTreeMap<usize, &why::Hop> = report
        .there
        .hops
        .iter()
        .filter_map(|hop| Some((hop.ttl?, hop)))
        .collect();
    let names = names_of(topology);
    let names = names.seen_from(from);
    let hops: Vec<Hop> = seen
        .hops
        .iter()
        .map(|hop| {
            hop_of(
                topology,
                hop,
                expected.get(&usize::from(hop.ttl.get())),
                &names,
            )
        })
        .collect();
    let answered = hops.iter().filter(|hop| hop.address.is_some());
    let mut nodes = vec![from];
    nodes.extend(answered.filter_map(|hop| topology.find(hop.node.as_ref()?)));
    nodes.dedup();
    let way = over(topology, &state.tables, &nodes, destination);
    Direction {
        reached: seen.reached(),
        hops,
        nodes: way
            .nodes
            .iter()
            .map(|node| topology.node(*node).name.to_string())
            .collect(),
        links: way
            .links
            .iter()
            .map(|link| topology.link(*link).name.clone())
            .collect(),
        error: seen.send_error.clone(),
    }
}

fn hop_of(
    topology: &Topology,
    hop: &ObservedHop,
    expected: Option<&&why::Hop>,
    names: &dyn Fn(Address) -> Option<String>,
) -> Hop {
    let address = hop.addresses.first().copied();
    let expected = expected.filter(|_| address.is_none());
    let node = match address {
        Some(address) => names(address),
        None => expected.map(|hop| hop.node.clone()),
    };
    let id = node.as_deref().and_then(|name| topology.find(name));
    let times = hop.round_trip_times.iter();
    Hop {
        ttl: hop.ttl.get(),
        element: id.map(|id| topology.node(id).role.title()),
        node,
        address,
        rtt_ms: times.map(|time| time.map(milliseconds)).collect(),
        refused: hop.refused,
        silence: expected.and_then(|hop| hop.silence.clone()),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::engine::{Lab, load};
    use crate::units::Ttl;

    /// A trace's observation: one address per hop, `None` for a silent hop; the last one is the destination.
    fn observation(hops: &[Option<&str>], reached: bool) -> Observation {
        let last = hops.len() - 1;
        let observed = |(index, address): (usize, Option<&str>)| ObservedHop {
            ttl: Ttl::new(u8::try_from(index + 1).unwrap()).unwrap(),
            addresses: address.iter().map(|text| text.parse().unwrap()).collect(),
            round_trip_times: vec![address.map(|_| Duration::from_micros(1500))],
            arrival: reached && index == last,
            refused: false,
        };
        Observation {
            hops: hops.iter().copied().enumerate().map(observed).collect(),
            send_error: None,
        }
    }

    fn shown(from: &str, to: &str, seen: &Observation) -> String {
        let Lab {
            topology, tables, ..
        } = load("hub-spoke").unwrap();
        let state = State::whole(&topology, tables);
        let [from, to] = [from, to].map(|name| topology.find(name).unwrap());
        let address = topology.node(to).address.unwrap();
        let direction = direction(&state, from, address, seen);
        let hops = direction.hops.iter().map(|hop| {
            let node = hop.node.as_deref().unwrap_or("-");
            let address = hop
                .address
                .map_or("*".to_owned(), |address| address.to_string());
            let why = hop.silence.as_deref().unwrap_or_default();
            format!("{} {node} {address} {:?} {why}\n", hop.ttl, hop.element)
        });
        let hops: String = hops.collect();
        format!(
            "{hops}nodes {}\nlinks {}\nreached {}",
            direction.nodes.join(" "),
            direction.links.join(" "),
            direction.reached
        )
    }

    #[test]
    fn a_silent_hop_is_named_by_the_routes_and_lies_on_the_way() {
        let seen = observation(
            &[
                Some("10.2.30.3"),
                Some("192.168.30.0"),
                Some("192.168.30.18"),
                None,
                Some("10.10.30.4"),
            ],
            true,
        );
        insta::assert_snapshot!(shown("loc1-vm", "hub-vm", &seen), @r#"
        1 loc1-lan 10.2.30.3 Some("router") 
        2 loc1-ce1 192.168.30.0 Some("router") 
        3 er1-msee1 192.168.30.18 Some("MSEE") 
        4 hub-ergw * Some("ExpressRoute gateway") silent: its answer has the source 169.254.201.7, which nobody advertises; er1-msee1 has no route to it and drops the answer (loose reverse-path filtering, RFC 3704, section 2.4)
        5 hub-vm 10.10.30.4 Some("virtual machine") 
        nodes loc1-vm loc1-lan loc1-ce1 er1-msee1 hub-ergw hub-vm
        links loc1-vm loc1-ce1-loc1-lan er1-primary er1-hub-primary-in hub-ergw hub-vm
        reached true
        "#);
    }

    #[test]
    fn packets_that_took_the_other_of_two_equal_ways_are_shown_on_it() {
        let seen = observation(
            &[
                Some("10.1.31.3"),
                Some("192.168.31.4"),
                Some("192.168.31.22"),
                None,
                Some("10.10.30.4"),
            ],
            true,
        );
        insta::assert_snapshot!(shown("loc2-vm", "hub-vm", &seen), @r#"
        1 loc2-lan 10.1.31.3 Some("router") 
        2 loc2-ce2 192.168.31.4 Some("router") 
        3 er2-msee2 192.168.31.22 Some("MSEE") 
        4 hub-ergw * Some("ExpressRoute gateway") silent: its answer has the source 169.254.203.50, which nobody advertises; er2-msee1 has no route to it and drops the answer (loose reverse-path filtering, RFC 3704, section 2.4)
        5 hub-vm 10.10.30.4 Some("virtual machine") 
        nodes loc2-vm loc2-lan loc2-ce2 er2-msee2 hub-ergw hub-vm
        links loc2-vm loc2-ce2-loc2-lan er2-secondary er2-hub-secondary-in hub-ergw hub-vm
        reached true
        "#);
    }

    #[test]
    fn a_way_ends_where_nobody_answers_any_more() {
        let seen = observation(&[Some("10.2.30.3"), None, None], false);
        insta::assert_snapshot!(shown("loc1-vm", "hub-vm", &seen), @r#"
        1 loc1-lan 10.2.30.3 Some("router") 
        2 loc1-ce1 * Some("router") 
        3 er1-msee1 * Some("MSEE") 
        nodes loc1-vm loc1-lan
        links loc1-vm
        reached false
        "#);
        let seen = observation(&[None], false);
        insta::assert_snapshot!(shown("hub-vm", "spoke-vm", &seen), @r#"
        1 spoke-vm * Some("virtual machine") 
        nodes hub-vm
        links 
        reached false
        "#);
    }
}
