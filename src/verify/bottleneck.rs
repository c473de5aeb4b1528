//! What limits the throughput from one machine to another.

use crate::azure::gateway::capacity::encrypted_rate;
use crate::network::Impairments;
use crate::routing::{End, Tables, walk};
use crate::topology::{GatewayKind, InterfaceId, InterfaceKind, LinkId, NodeId, Topology};
use crate::units::{Bandwidth, Impairment, Share};

/// The part of a path with the lowest rate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bottleneck {
    /// Its rate: packets for a VPN gateway, whole frames for everything else.
    pub rate: Bandwidth,
    /// What it is, and the setting of the lab file or the limit of Azure that causes it.
    pub name: String,
}

/// A limit, and its rate in encrypted frames. All limits are compared by this rate.
type Limit = (Bandwidth, Bottleneck);

/// The part with the lowest rate on the path from one machine to another; the first if several are equal. `None` if
/// nothing limits the rate, or if the packets do not arrive. Like [`walk`], it follows the first of several equal next
/// hops.
#[must_use]
pub fn bottleneck(
    topology: &Topology,
    tables: &Tables,
    current: &Impairments,
    from: NodeId,
    to: NodeId,
) -> Option<Bottleneck> {
    let way = walk(topology, tables, from, topology.node(to).address?);
    let lab = Lab { topology, current };
    let crossed = way
        .crossed
        .into_iter()
        .filter(|_| way.end == End::Delivered);
    crossed
        .flat_map(|end| lab.limits(end))
        .min_by_key(|(rate, _)| *rate)
        .map(|(_, narrowest)| narrowest)
}

/// A link on a path with random loss.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lossy {
    /// The link.
    pub link: String,
    /// The share of lost packets.
    pub share: Share,
}

/// The links with random loss on the path from one machine to another, in order.
#[must_use]
pub fn lossy(
    topology: &Topology,
    tables: &Tables,
    current: &Impairments,
    from: NodeId,
    to: NodeId,
) -> Vec<Lossy> {
    let Some(destination) = topology.node(to).address else {
        return Vec::new();
    };
    let lab = Lab { topology, current };
    let crossed = walk(topology, tables, from, destination).crossed;
    let ends = crossed.into_iter();
    let ends = ends.flat_map(|end| topology.sending_ends(end));
    let lossy = ends.filter_map(|end| {
        let link = topology.interface(end).link?;
        let share = lab.leaving(end).loss;
        (!share.is_none()).then(|| Lossy {
            link: topology.link(link).name.clone(),
            share,
        })
    });
    lossy.collect()
}

struct Lab<'a> {
    topology: &'a Topology,
    current: &'a Impairments,
}

impl Lab<'_> {
    /// The limits for packets that leave through an interface, up to the next node.
    fn limits(&self, end: InterfaceId) -> Vec<Limit> {
        if self.topology.interface(end).kind != InterfaceKind::Tunnel {
            let limit = self.link_limit(end);
            let plain = limit.map(|limit| (encrypted_rate(limit.rate), limit));
            return plain.into_iter().collect();
        }
        let beneath = self.topology.sending_ends(end).into_iter();
        let links = beneath.filter_map(|beneath| {
            let limit = self.link_limit(beneath)?;
            Some((limit.rate, limit))
        });
        self.gateway_limits(end).chain(links).collect()
    }

    /// The VPN gateways at the two ends of a tunnel.
    fn gateway_limits(&self, end: InterfaceId) -> impl Iterator<Item = Limit> {
        let topology = self.topology;
        let ends = [Some(end), topology.across(end)].into_iter().flatten();
        let gateways = ends.filter_map(|end| topology.gateway_of(topology.interface(end).node));
        gateways.filter_map(|gateway| {
            let gateway = topology.gateway(gateway);
            let mut capacities = topology.capacities.iter();
            let capacity = capacities.find(|capacity| capacity.name == gateway.name)?;
            let size = gateway.size;
            let name = format!(
                "VPN gateway {}: sku {} {}",
                gateway.name, size.name, size.throughput
            );
            let rate = size.throughput;
            Some((capacity.rate, Bottleneck { rate, name }))
        })
    }

    /// The impairments of packets that leave through an interface.
    fn leaving(&self, end: InterfaceId) -> Impairment {
        let topology = self.topology;
        let link = topology.interface(end).link;
        let current = link.and_then(|link| Some((link, self.current.get(&link)?)));
        match current {
            Some((link, directions)) => directions[usize::from(end != topology.link(link).ends[0])],
            None => topology.leaving(end),
        }
    }

    /// The rate of a link for packets that leave through one of its ends.
    fn link_limit(&self, end: InterfaceId) -> Option<Bottleneck> {
        let link = self.topology.interface(end).link?;
        let rate = self.leaving(end).rate?;
        let name = self
            .circuit(link, rate)
            .or_else(|| self.express_route_gateway(end, rate))
            .unwrap_or_else(|| {
                let name = &self.topology.link(link).name;
                format!("link {name}: rate {}", rate.tc_text())
            });
        Some(Bottleneck { rate, name })
    }

    /// The circuit of a link, if the link's rate is the circuit's bandwidth.
    fn circuit(&self, link: LinkId, rate: Bandwidth) -> Option<String> {
        let mut circuits = self.topology.circuits.iter();
        let circuit = circuits.find(|circuit| circuit.links.contains(&link))?;
        let [msee, _] = self.topology.link(link).ends;
        let is_primary = circuit.msees.first() == Some(&self.topology.interface(msee).node);
        let leg = if is_primary { "primary" } else { "secondary" };
        (rate == circuit.bandwidth).then(|| {
            let megabits = rate.bits_per_second() / 1_000_000;
            format!(
                "circuit {}, {leg} link: bandwidthInMbps {megabits}",
                circuit.name
            )
        })
    }

    /// The `ExpressRoute` gateway at an interface toward its network, if the link's rate is the gateway's own.
    fn express_route_gateway(&self, end: InterfaceId, rate: Bandwidth) -> Option<String> {
        let node = self.topology.interface(end).node;
        let gateway = self.topology.gateway(self.topology.gateway_of(node)?);
        let is_limit = matches!(gateway.kind, GatewayKind::ExpressRoute { .. })
            && self.topology.nic(node) == Some(end)
            && rate == gateway.size.throughput;
        is_limit.then(|| {
            format!(
                "ExpressRoute gateway {}: sku {} {}",
                gateway.name, gateway.size.name, rate
            )
        })
    }
}

#[cfg(test)]
mod tests;
