//! The sentences about firewalls.

use crate::firewall::FlowState;
use crate::topology::{Node, Topology};
use crate::verify::why::{Cause, Doubt, Untold, Why};

/// Which rule of a firewall drops packets. The rules of a private endpoint are not those of the lab file.
pub(super) fn dropped_by(topology: &Topology, node: &Node, cause: &Cause) -> String {
    let networks = topology.virtual_networks.iter();
    let mut endpoints = networks.flat_map(|network| &network.private_endpoints);
    if endpoints.any(|endpoint| endpoint.name == node.name) {
        let name = &node.name;
        return format!("{name} is a private endpoint, which answers TCP on its `port` only");
    }
    let Cause::Firewall {
        rule,
        is_rejected,
        state,
        ..
    } = cause
    else {
        return String::new();
    };
    let does = if *is_rejected { "rejects" } else { "drops" };
    let what = match state {
        Some(FlowState::Invalid) => "the answers, since it has not seen what they answer",
        Some(FlowState::Related) => "errors of routers",
        Some(FlowState::Established) => "the answers",
        Some(FlowState::New | FlowState::Untracked) | None => "the packets",
    };
    format!("{} {does} {what}: {rule}", node.name)
}

/// Why the effect of a firewall is unknown.
pub(in crate::report::why) fn untold(topology: &Topology, untold: &Untold) -> String {
    let name = &topology.node(untold.node).name;
    match &untold.doubt {
        Doubt::Part(part) => {
            format!("{name} has a firewall whose rules are not evaluated for this packet: {part}")
        }
        Doubt::EqualCost => format!(
            "{name} sends a flow on one of several equal-cost paths, which have different firewalls"
        ),
        Doubt::WithoutForwarding => format!(
            "{name} has a firewall that translates addresses, which is not evaluated beside an interface without \
             `ipForwarding`"
        ),
    }
}

/// Under which address the destination sees the sender, if a node translates it.
pub(super) fn translated(topology: &Topology, why: &Why) -> String {
    let translations = why.there.translations.iter();
    let texts = translations.map(|it| {
        let name = &topology.node(it.node).name;
        format!(
            "; {name} translates the source {} to {}, and the destination of answers back",
            it.from, it.to
        )
    });
    texts.collect()
}
