//! The page's requests to a lab, and their answers. These functions block, so they need a thread that may block.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::control::{Changed, LinkAction};
use crate::engine::{self, EngineError, PingRun, TraceRun, Up};
use crate::network::State;
use crate::report::routes::{Routes, routes, text};
use crate::topology::{Expectation, ExpectedPath, LinkId, LinkKind, NodeId, Topology};
use crate::ui::matrix::{MOST_PATHS, Matrix};
use crate::ui::trace::{Traced, direction, words};
use crate::units::{Ttl, milliseconds};
use crate::verify;
use crate::verify::why::explain;

/// The highest TTL that is probed, as in tracert.
const MOST_HOPS: Ttl = Ttl::new(30).expect("30 is not 0");

/// Time to wait for an answer if the path is unknown, or if a link is impaired differently from the lab file.
const PATIENCE: Duration = Duration::from_secs(1);

/// Minimum time to wait for a hop's answer if the path is known.
const LEAST_PATIENCE: Duration = Duration::from_millis(300);

/// The number of requests of a ping, and the time between two of them.
const PINGS: u8 = 4;
const PING_INTERVAL: Duration = Duration::from_millis(200);

/// Allows one probe run at a time: all probes of a process carry the same identifiers.
#[derive(Debug, Default)]
pub(super) struct Turns(Mutex<()>);

impl Turns {
    fn take(&self) -> MutexGuard<'_, ()> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Two nodes, or a node and an address.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Pair {
    from: String,
    to: String,
}

/// A change of links.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Order {
    /// The links, as `lab fault` takes them. An empty list means all failed links, and is valid for a repair only.
    #[serde(default)]
    names: Vec<String>,
    fate: Wanted,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Wanted {
    Down,
    Blackhole,
    Heal,
}

/// The nodes and links of a lab.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Parts {
    lab: String,
    file: String,
    nodes: Vec<Part>,
    links: Vec<LinkPart>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Part {
    name: String,
    element: &'static str,
    address: Option<String>,
    /// Whether the node can be probed by name.
    #[serde(rename = "isMachine")]
    is_machine: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct LinkPart {
    name: String,
    kind: &'static str,
    ends: [String; 2],
}

/// The result of a ping.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Pinged {
    from: String,
    to: String,
    address: String,
    /// The round-trip time of each request in milliseconds; null for one without an answer.
    rtt_ms: Vec<Option<f64>>,
}

/// A node's routes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Routed {
    node: String,
    element: &'static str,
    routes: Routes,
    /// The output of `lab routes`.
    text: String,
}

/// The nodes and links of a lab.
pub(super) fn parts(up: &Up) -> Parts {
    let topology = &up.lab.topology;
    let nodes = topology.nodes.iter().map(|node| Part {
        name: node.name.to_string(),
        element: node.role.title(),
        address: node.address.map(|address| address.to_string()),
        is_machine: node.role.is_end(),
    });
    Parts {
        lab: topology.name.to_string(),
        file: up.lab.source.file.clone(),
        nodes: nodes.collect(),
        links: link_parts(topology),
    }
}

fn link_parts(topology: &Topology) -> Vec<LinkPart> {
    let ids = (0..topology.links.len()).map(LinkId);
    ids.map(|id| LinkPart {
        name: topology.link(id).name.clone(),
        kind: match topology.link(id).kind {
            LinkKind::Wire => "link",
            LinkKind::Tunnel { .. } => "tunnel",
        },
        ends: engine::travellers(topology, id),
    })
    .collect()
}

/// How long to wait for a hop's answer: longer than the round trip to the destination, by the delays of the lab's
/// links.
fn patience(state: &State<'_>, from: NodeId, to: Option<NodeId>, is_impaired: bool) -> Duration {
    let Some(to) = to.filter(|_| !is_impaired) else {
        return PATIENCE;
    };
    let path = Expectation {
        from,
        to,
        path: ExpectedPath::Unreachable,
    };
    let demands = verify::demands(&state.topology, &state.tables, &[path]);
    let settle = demands.first().map(|demand| demand.settle);
    settle.unwrap_or(PATIENCE).max(LEAST_PATIENCE)
}

/// Traces in both directions at once, and explains the paths. `is_impaired`: a link is impaired differently from the
/// lab file.
pub(super) fn trace(
    up: &Up,
    turns: &Turns,
    pair: &Pair,
    is_impaired: bool,
) -> Result<Traced, EngineError> {
    let topology = &up.lab.topology;
    let from = engine::find(topology, &pair.from)?;
    let destination = up.address(from, &pair.to)?;
    let turn = turns.take();
    let state = engine::state(up)?;
    let why = explain(&state, from, destination);
    let patience = patience(&state, from, why.to, is_impaired);
    let run = |from, destination| TraceRun {
        from,
        destination,
        most_hops: MOST_HOPS,
        patience,
    };
    let back = topology.find(&pair.to).zip(topology.node(from).address);
    let back = back.filter(|(to, _)| topology.taken_for(*to, from).is_none());
    let back = back.map(|(to, address)| run(to, address));
    let there = run(from, destination);
    let (seen, seen_back) = thread::scope(|scope| {
        let back = back.map(|back| scope.spawn(move || engine::trace(up, back)));
        let seen = engine::trace(up, there);
        (seen, back.and_then(|back| back.join().ok()))
    });
    drop(turn);
    let (summary, words) = words(topology, from, &why);
    let seen_back = seen_back.transpose()?;
    Ok(Traced {
        from: pair.from.clone(),
        to: pair.to.clone(),
        there: direction(&state, from, destination, &seen?),
        back: back
            .zip(seen_back)
            .map(|(run, seen)| direction(&state, run.from, run.destination, &seen)),
        summary,
        why: words,
    })
}

/// Sends pings.
pub(super) fn ping(up: &Up, turns: &Turns, pair: &Pair) -> Result<Pinged, EngineError> {
    let from = engine::find(&up.lab.topology, &pair.from)?;
    let destination = up.address(from, &pair.to)?;
    let run = PingRun {
        from,
        destination,
        count: PINGS,
        interval: PING_INTERVAL,
        patience: PATIENCE,
    };
    let _turn = turns.take();
    let times = engine::ping(up, run, &mut |_| {})?;
    Ok(Pinged {
        from: pair.from.clone(),
        to: pair.to.clone(),
        address: destination.to_string(),
        rtt_ms: times.iter().map(|time| time.map(milliseconds)).collect(),
    })
}

/// A node's routes.
pub(super) fn routes_of(up: &Up, name: &str) -> Result<Routed, EngineError> {
    let topology = &up.lab.topology;
    let node = engine::find(topology, name)?;
    let tables = engine::state(up)?.tables;
    let routes = routes(topology, &tables, node);
    Ok(Routed {
        node: name.to_owned(),
        element: topology.node(node).role.title(),
        text: text(&routes),
        routes,
    })
}

/// Probes every path.
pub(super) fn all_paths(up: &Up, turns: &Turns) -> Result<Matrix, EngineError> {
    let _turn = turns.take();
    let matrix = engine::matrix_by_probes(up, MOST_PATHS)?;
    Ok(Matrix::of(&up.lab.topology, &matrix))
}

/// Fails or repairs links.
pub(super) fn change(up: &Up, order: &Order) -> Result<Changed, EngineError> {
    let action = match order.fate {
        Wanted::Down => LinkAction::Down,
        Wanted::Blackhole => LinkAction::Blackhole,
        Wanted::Heal if order.names.is_empty() => return engine::restore(up),
        Wanted::Heal => LinkAction::Healed,
    };
    engine::act_on_parts(up, &order.names, action)
}
