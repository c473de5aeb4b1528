//! Applies the impairments of the file to the links that it names.

use std::collections::{BTreeMap, BTreeSet};

use crate::findings::{Finding, Located, Rule, no_such, with_links_of};
use crate::lab::impairments::model::LinkImpairment;
use crate::lab::model::Spec;
use crate::topology::internet::tunnel_across;
use crate::topology::{InterfaceId, LinkId, LinkKind, Session, Topology};
use crate::units::Impairment;

const NOT_AN_END: Rule = Rule::new("not-an-end");
const OVER_A_CIRCUIT: Rule = Rule::new("over-a-circuit");
const IMPAIRED_TWICE: Rule = Rule::new("impaired-twice");
const JITTER: Rule = Rule::new("jitter");
const REORDER: Rule = Rule::new("reorder");
const TOO_LONG: Rule = Rule::new("too-long");

/// One direction of a link: packets that leave the first end, or the second.
type Direction = (LinkId, usize);

/// Applies the file's impairments to a lab's links. Returns those that are not possible.
pub(crate) fn impair(spec: &Spec, topology: &mut Topology) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut impaired = BTreeSet::new();
    let mut changed = BTreeMap::new();
    for one in &spec.impairments {
        let directions = directions(topology, one);
        let outcome = directions.and_then(|directions| {
            refuse_twice(topology, one, &directions, &mut impaired)?;
            change(topology, one, &directions)
        });
        match outcome {
            Ok(ways) => changed.extend(ways),
            Err(finding) => findings.push(*finding),
        }
    }
    for ((link, from), way) in changed {
        topology.links[link.0].directions[from] = way;
    }
    findings
}

/// Boxed, since a finding is large and rare.
type Outcome<T> = Result<T, Box<Finding>>;

/// The directions of an impairment.
fn directions(topology: &Topology, one: &LinkImpairment) -> Outcome<Vec<Direction>> {
    let links = links(topology, &one.link)?;
    let Some(from) = &one.from else {
        let both = links.iter().flat_map(|link| [(*link, 0), (*link, 1)]);
        return Ok(both.collect());
    };
    let is_end = |(link, end): &Direction| {
        let names = topology.end_names(*link, *end);
        names.contains(&from.value)
    };
    let ends = links.iter().flat_map(|link| [(*link, 0), (*link, 1)]);
    let found: Vec<Direction> = ends.filter(is_end).collect();
    if found.is_empty() {
        Err(Box::new(not_an_end(topology, &one.link, from, &links)))
    } else {
        Ok(found)
    }
}

fn not_an_end(
    topology: &Topology,
    link: &Located<String>,
    from: &Located<String>,
    links: &[LinkId],
) -> Finding {
    let mut known = Vec::new();
    for link in links {
        for end in [0, 1] {
            let name = topology.end_names(*link, end).swap_remove(0);
            if !known.contains(&name) {
                known.push(name);
            }
        }
    }
    let message = format!("`{}` is not an end of `{}`", from.value, link.value);
    Finding::new(NOT_AN_END, from.place, message)
        .with_help(format!("packets enter it at {}", known.join(" or ")))
}

impl Topology {
    /// The possible names of the first or second end of a link, the best name first: a node, or the gateway of an
    /// instance. Both ends of a peering are in one node; their names are those of the networks. Both ends of a path
    /// across the internet are in another node; their names are those of the tunnel's ends or, if a circuit carries the
    /// tunnel, of the MSEE. Never empty.
    #[must_use]
    pub fn end_names(&self, link: LinkId, end: usize) -> Vec<String> {
        let interface = self.link(link).ends[end];
        if let Some(vnet) = peered_network(self, interface) {
            return vec![vnet];
        }
        let mut paths = self.internet_paths.iter();
        let path = paths.find(|path| path.link == link);
        let beyond = path.and_then(|path| self.across(path.access[end]));
        let node = self.interface(beyond.unwrap_or(interface)).node;
        let gateway = self.gateway_of(node);
        let gateway = gateway.map(|id| self.gateway(id).name.to_string());
        let name = self.node(node).name.to_string();
        let other = gateway.filter(|gateway| *gateway != name);
        std::iter::once(name).chain(other).collect()
    }
}

/// The network at whose bridge the wire of a peering ends.
fn peered_network(topology: &Topology, interface: InterfaceId) -> Option<String> {
    let port = topology.interface(interface).port?;
    let vnet = topology.segment(port.segment).vnet;
    let vnet = vnet.filter(|_| port.isolated)?;
    Some(topology.vnet(vnet).name.to_string())
}

/// The wires for a name: the wire with that name, or the paths across the internet of a tunnel or of all tunnels of a
/// connection.
fn links(topology: &Topology, name: &Located<String>) -> Outcome<Vec<LinkId>> {
    if let Some(link) = topology.link_named(&name.value) {
        if topology.link(link).kind == LinkKind::Wire {
            return Ok(vec![link]);
        }
        return ways(topology, name, |session| session.link == Some(link));
    }
    let tunnelled = tunnel_across(&name.value).unwrap_or(&name.value);
    let tunnel = topology.link_named(tunnelled);
    let ways = ways(topology, name, |session| {
        session.name.as_str() == tunnelled || tunnel.is_some() && session.link == tunnel
    })?;
    if ways.is_empty() {
        let known = || topology.links.iter().map(|link| link.name.as_str());
        let finding = no_such("link", name, known());
        return Err(Box::new(with_links_of(name, finding, known())));
    }
    Ok(ways)
}

/// The paths of the given tunnels across the internet.
fn ways(
    topology: &Topology,
    name: &Located<String>,
    is_meant: impl Fn(&Session) -> bool,
) -> Outcome<Vec<LinkId>> {
    let sessions = topology.sessions.iter().filter(|session| is_meant(session));
    let tunnels = sessions.filter(|session| {
        let link = session.link.map(|link| &topology.link(link).kind);
        matches!(link, Some(LinkKind::Tunnel { .. }))
    });
    tunnels
        .filter_map(|session| {
            if let Some(circuit) = circuit_link(topology, session) {
                return Some(Err(Box::new(over_a_circuit(topology, name, circuit))));
            }
            let mut paths = topology.internet_paths.iter();
            let path = paths.find(|path| session.carriers.contains(&path.link));
            path.map(|path| Ok(path.link))
        })
        .collect()
}

/// The circuit's link that carries a tunnel.
fn circuit_link(topology: &Topology, session: &Session) -> Option<LinkId> {
    let is_of_circuit = |link: &&LinkId| {
        let mut circuits = topology.circuits.iter();
        circuits.any(|circuit| circuit.links.contains(link))
    };
    session.carriers.iter().find(is_of_circuit).copied()
}

fn over_a_circuit(topology: &Topology, name: &Located<String>, circuit: LinkId) -> Finding {
    let circuit = &topology.link(circuit).name;
    let message = format!(
        "`{}` goes over a circuit, not across the internet",
        name.value
    );
    Finding::new(OVER_A_CIRCUIT, name.place, message)
        .with_help(format!("name the circuit's link, `{circuit}`"))
}

/// Only one item may impair each direction of each link, whatever values it sets.
fn refuse_twice(
    topology: &Topology,
    one: &LinkImpairment,
    directions: &[Direction],
    impaired: &mut BTreeSet<Direction>,
) -> Outcome<()> {
    let mut again = directions.iter().filter(|way| impaired.contains(way));
    if let Some((link, end)) = again.next() {
        let from = topology.end_names(*link, *end).swap_remove(0);
        let link = &topology.link(*link).name;
        let message = format!("packets that enter `{link}` at `{from}` already have an impairment");
        return Err(Box::new(
            Finding::new(IMPAIRED_TWICE, one.link.place, message)
                .with_help("write all of it in one item, or one item with `from` for each end"),
        ));
    }
    impaired.extend(directions);
    Ok(())
}

/// The directions after the change, with their impairments.
fn change(
    topology: &Topology,
    one: &LinkImpairment,
    directions: &[Direction],
) -> Outcome<Vec<(Direction, Impairment)>> {
    let changed = directions.iter().map(|(link, end)| {
        let way = one.change().of(&topology.link(*link).directions[*end]);
        match way.check() {
            Ok(()) => Ok(((*link, *end), way)),
            Err(message) => Err(Box::new(impossible(one, &way, message))),
        }
    });
    changed.collect()
}

/// The finding about an impossible impairment, at the value that causes it. This item sets the value, since the link is
/// possible without the item.
fn impossible(one: &LinkImpairment, way: &Impairment, message: String) -> Finding {
    let delay = one.delay.map(|delay| delay.place);
    let jitter = one.jitter.map(|jitter| jitter.place);
    let reorder = one.reorder.map(|reorder| reorder.place);
    let (rule, place) = if way.jitter > way.delay {
        (JITTER, jitter.or(delay))
    } else if !way.reorder.is_none() && way.delay.is_zero() {
        (REORDER, reorder.or(delay))
    } else {
        (TOO_LONG, delay.or(jitter))
    };
    Finding::new(rule, place.unwrap_or(one.link.place), message)
}
