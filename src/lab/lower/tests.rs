//! Topologies as text: the nodes, links, addresses and sessions of small lab files.

mod capacities;
mod circuits;
mod devices;
mod gateways;
mod hub_spoke;
mod microsoft;
mod networks;
mod owners;
mod policies;
mod storyboards;
mod tunnels;

use crate::lab::parse;
use crate::lab::resolve;
use crate::topology::*;

/// The topology of a file without findings.
fn built(text: &str) -> Topology {
    resolve(&parse(text).unwrap()).unwrap()
}

fn lines(all: impl Iterator<Item = String>) -> String {
    all.collect::<Vec<_>>().join("\n")
}

fn shown<T: ToString>(value: Option<T>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| value.to_string())
}

fn node_name(topology: &Topology, node: NodeId) -> &str {
    topology.node(node).name.as_str()
}

/// Each value after a space and a word.
fn spaced<T: ToString>(word: &str, values: &[T]) -> String {
    let each = values
        .iter()
        .map(|value| [" ", word, &value.to_string()].concat());
    each.collect()
}

/// A word and the values; empty without values.
fn all<T: ToString>(word: &str, values: &[T]) -> String {
    if values.is_empty() {
        String::new()
    } else {
        format!(" {word}{}", spaced("", values))
    }
}

/// An interface as `name@node address...`.
fn interface(topology: &Topology, id: InterfaceId) -> String {
    let one = topology.interface(id);
    let state = if one.up { "" } else { " down" };
    let addresses = spaced("", &one.addresses);
    format!(
        "{}@{}{addresses}{state}",
        one.name,
        node_name(topology, one.node)
    )
}

/// Every node: its role, address, ASN and settings.
fn nodes(topology: &Topology) -> String {
    let node = |node: &Node| {
        let transit = if node.transit { " transit" } else { "" };
        let routes: Vec<_> = node
            .static_routes
            .iter()
            .map(|route| format!("{} via {}", route.prefix, route.via))
            .collect();
        format!(
            "{}: {} {} AS {}{}{}{transit}{}",
            node.name,
            node.role.title(),
            shown(node.address),
            shown(node.asn),
            spaced("lo ", &node.loopback),
            all("advertises", &node.advertise),
            all("routes", &routes)
        )
    };
    lines(topology.nodes.iter().map(node))
}

/// Every link: its two interfaces and, for a tunnel, its public addresses.
fn links(topology: &Topology) -> String {
    let link = |link: &Link| {
        let [a, b] = link.ends.map(|end| interface(topology, end));
        let tunnel = match &link.kind {
            LinkKind::Wire => String::new(),
            LinkKind::Tunnel {
                public: [a, b],
                port,
                inner_ttl: [to_a, to_b],
                mtu: _,
                selectors: _,
            } => {
                format!(
                    " over {a} {b} port {port} inner ttl {} {}",
                    shown(*to_a),
                    shown(*to_b)
                )
            }
        };
        format!("{}: {a} -- {b}{tunnel}", link.name)
    };
    lines(topology.links.iter().map(link))
}

/// Every session: its name and kind, its detection time, the links that carry it (its own link first, after `on`), and
/// its two ends.
fn sessions(topology: &Topology) -> String {
    let session = |session: &Session| {
        if let Some(end) = session.ends.iter().find(|end| end.instance > 0) {
            let speaker = topology.speaker_name(end.speaker());
            return format!("{} the same with {speaker}", session.name);
        }
        let name = |link: &LinkId| topology.link(*link).name.as_str();
        let on: Vec<_> = session.link.iter().map(name).collect();
        let carriers: Vec<_> = session.carriers.iter().map(name).collect();
        let (first, others) = carriers.split_at(on.len());
        assert_eq!(
            on, first,
            "a session's own link is the first that carries it"
        );
        let [a, b] = session
            .ends
            .each_ref()
            .map(|end| session_end(topology, end));
        format!(
            "{} {}{}{} lost in {:?}\n  {a}\n  {b}",
            session.name,
            kind(topology, session.kind),
            all("on", &on),
            all("over", others),
            session.detection
        )
    };
    lines(topology.sessions.iter().map(session))
}

fn kind(topology: &Topology, kind: SessionKind) -> String {
    match kind {
        SessionKind::GatewayConnection {
            endpoint,
            shown: _,
            leg,
            bypasses_gateway,
        } => {
            let past = if bypasses_gateway {
                " past the gateway"
            } else {
                ""
            };
            assert_eq!(topology.interface(leg).addresses, [endpoint.into()]);
            format!("GatewayConnection at {endpoint}{past}")
        }
        other => format!("{other:?}"),
    }
}

fn session_end(topology: &Topology, end: &SessionEnd) -> String {
    let Policy {
        weight,
        local_preference,
        prepend,
        import,
        export,
    } = &end.policy;
    let usual = Policy::default();
    let set = |word: &str, value: u32, usual: u32| {
        let value = (value != usual).then(|| format!(" {word} {value}"));
        value.unwrap_or_default()
    };
    let filter = |word, filter: &Option<RouteFilter>| {
        let entry = |entry: &FilterEntry| {
            if *entry == FilterEntry::inside(entry.prefix) {
                entry.prefix.to_string()
            } else {
                format!("({entry}{})", entry.set)
            }
        };
        let entries = |filter: &RouteFilter| filter.entries.iter().map(entry).collect::<Vec<_>>();
        let shown = filter
            .as_ref()
            .map(|filter| format!(" {word} only{}", spaced("", &entries(filter))));
        shown.unwrap_or_default()
    };
    format!(
        "{}@{} source {}{}{}{}{}{}{}{}{}",
        topology.interface(end.interface).name,
        node_name(topology, end.node),
        end.source,
        all("next hop", &Vec::from_iter(end.next_hop)),
        all("peer", &Vec::from_iter(end.peer_address)),
        all("networks", &end.networks),
        set("weight", *weight, usual.weight),
        set("preference", *local_preference, usual.local_preference),
        set("prepends", (*prepend).into(), usual.prepend.into()),
        filter("takes", import),
        filter("tells", export),
    )
}
