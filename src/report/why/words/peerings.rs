//! What peerings do not do, in words.

use crate::routing::Origin;
use crate::topology::{Topology, VnetId};
use crate::verify::why::{Cause, Loss, Mistake};

/// The note on what peerings do not do, for a missing route.
pub(super) fn of_peerings(topology: &Topology, loss: &Loss) -> String {
    let is_by_user = matches!(
        &loss.cause,
        Cause::NoRoute { dropped_by: Some(route), .. } if matches!(route.origin, Origin::User { .. })
    );
    match loss.mistake {
        Some(Mistake::Initiated { with, without }) if !is_by_user => {
            format!("; {}", initiated(topology, with, without))
        }
        Some(Mistake::NotTransitive { near, hub, far }) if !is_by_user => {
            not_transitive(topology, loss, [near, hub, far])
        }
        Some(Mistake::UnusedGateway { network, hub }) if !is_by_user => {
            unused_gateway(topology, network, hub)
        }
        _ => String::new(),
    }
}

/// The settings that a network lacks to use the gateway of the network that it is peered with.
fn unused_gateway(topology: &Topology, network: VnetId, hub: VnetId) -> String {
    let mut of_hub = topology.vnet(hub).peerings.iter();
    let gives = of_hub.any(|peering| peering.remote == network && peering.offers_transit);
    let [network, hub] = [network, hub].map(|id| &topology.vnet(id).name);
    let further = if gives {
        String::new()
    } else {
        format!(", and the peering of {hub} lacks `allowGatewayTransit`")
    };
    format!(
        "; {network} is peered with {hub}, which has a gateway, but does not use it: the peering of {network} lacks \
         `useRemoteGateways`{further}"
    )
}

/// The networks around the one that two are peered with, and the prefix that the missing route would have.
fn not_transitive(topology: &Topology, loss: &Loss, [near, hub, far]: [VnetId; 3]) -> String {
    let wanted = match &loss.cause {
        Cause::NoRoute { destination, .. } => Some(*destination),
        Cause::UnknownSource { source } => Some(*source),
        _ => None,
    };
    let mut prefixes = topology.vnet(far).prefixes.iter();
    let prefix = prefixes.find(|prefix| wanted.is_some_and(|wanted| prefix.contains(&wanted)));
    let has = prefix.map_or_else(String::new, |prefix| format!(", which has {prefix}"));
    let [near, hub, far] = [near, hub, far].map(|id| &topology.vnet(id).name);
    format!(
        "; {near} is peered with {hub}, and {hub} with {far}{has}, but peering is not transitive \
         (virtual-network-peering-overview)"
    )
}

/// A peering with only one side.
pub(super) fn initiated(topology: &Topology, with: VnetId, without: VnetId) -> String {
    let [with, without] = [with, without].map(|id| &topology.vnet(id).name);
    format!(
        "the peering {with} to {without} is Initiated, because {without} has no peering to {with}"
    )
}
