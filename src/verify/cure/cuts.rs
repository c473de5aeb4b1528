//! Paths between machines that work before an edit, and not after it.

use crate::network::State;
use crate::topology::NodeId;
use crate::verify::why::explain;

/// The most pairs of machines that are compared; a larger lab takes too long.
const MOST_PAIRS: usize = 400;

/// The pairs of machines that reach each other, by name; none in a lab with too many pairs.
pub(super) fn working(state: &State<'_>) -> Vec<[String; 2]> {
    let topology = &*state.topology;
    let machines: Vec<NodeId> = topology.machines().collect();
    let pairs = machines.iter().enumerate().flat_map(|(index, from)| {
        let others = machines.iter().skip(index + 1);
        others.map(move |to| [*from, *to])
    });
    let pairs: Vec<[NodeId; 2]> = pairs.collect();
    if pairs.len() > MOST_PAIRS {
        return Vec::new();
    }
    let working = pairs.into_iter().filter(|pair| works(state, *pair));
    let named = working.map(|pair| pair.map(|node| topology.node(node).name.to_string()));
    named.collect()
}

/// Those of the pairs that do not reach each other in a state.
pub(super) fn cut(pairs: &[[String; 2]], state: &State<'_>) -> Vec<[String; 2]> {
    let is_cut = |[from, to]: &&[String; 2]| {
        let ends = [from, to].map(|name| state.topology.find(name));
        !matches!(ends, [Some(from), Some(to)] if works(state, [from, to]))
    };
    pairs.iter().filter(is_cut).cloned().collect()
}

fn works(state: &State<'_>, [from, to]: [NodeId; 2]) -> bool {
    state.topology.node(to).address.is_some_and(|address| {
        let why = explain(state, from, address);
        why.is_answered() && why.to == Some(to)
    })
}
