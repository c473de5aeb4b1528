//! What stops a packet besides the routes: Azure's source filter, links that are down, and the flags of peerings.

use crate::addresses::{Address, Prefix};
use crate::network::State;
use crate::routing::Action;
use crate::topology::{
    InterfaceId, LinkId, LinkKind, Member, NodeId, SegmentId, SessionKind, VnetId,
};
use crate::verify::why::{Cause, LosesBy};

/// A packet on its path.
pub(super) struct Passage<'a> {
    pub(super) state: &'a State<'a>,
    /// The source with which it was sent.
    pub(super) sent_from: Address,
    /// Its present source.
    pub(super) source: Address,
    /// Its present destination.
    pub(super) destination: Address,
}

/// The links and interfaces between two nodes.
#[derive(Default)]
struct Crossing {
    /// Every link.
    links: Vec<LinkId>,
    /// The outgoing interfaces, one for each link.
    ends: Vec<InterfaceId>,
    /// The two ends of a peering, the outgoing one first.
    segments: Option<[SegmentId; 2]>,
}

impl Passage<'_> {
    /// Why a node drops the packet when it arrives.
    pub(super) fn on_arrival(&self, nodes: &[NodeId], position: usize) -> Option<Cause> {
        let source = self.source;
        let is_refused = position > 0 && self.is_refused_by(nodes[position]);
        is_refused.then_some(Cause::UnknownSource { source })
    }

    /// Why the packet is lost between a node and the next one.
    pub(super) fn on_leaving(&self, nodes: &[NodeId], position: usize) -> Option<Cause> {
        let (from, to) = (nodes[position], *nodes.get(position + 1)?);
        let source = Some(self.sent_from).filter(|_| position == 0);
        let crossing = self.crossing((from, source), to)?;
        self.link_down(&crossing)
            .or_else(|| self.loses_all(&crossing))
            .or_else(|| self.kept_out(from, &crossing))
            .or_else(|| self.not_selected(from, &crossing))
    }

    /// Whether an Azure node has no route back to the packet's source. A route that ends in Azure's fabric counts: the
    /// kernel's check treats the fabric as any other interface.
    fn is_refused_by(&self, node: NodeId) -> bool {
        let route = self.state.tables.of(node).lookup(self.source);
        let has_way = route.is_some_and(|route| route.action != Action::Drop);
        self.state.topology.node(node).role.is_azure() && !has_way
    }

    fn crossing(&self, (from, source): (NodeId, Option<Address>), to: NodeId) -> Option<Crossing> {
        let topology = &*self.state.topology;
        let table = self.state.tables.of(from);
        let route = table.lookup_from(topology, source, self.destination)?;
        let Action::Forward(hops) = &route.action else {
            return None;
        };
        let hop = hops.first()?;
        let (out, address) = (hop.interface, hop.via.unwrap_or(self.destination));
        let link = |interface: InterfaceId| topology.interface(interface).link;
        let Some(near) = topology.interface(out).segment else {
            return Some(Crossing {
                links: self.carriers(link(out)?),
                ends: topology.sending_ends(out),
                segments: None,
            });
        };
        let member = |segment: SegmentId| {
            let is_there = |member: &&Member| {
                topology.interface(member.interface).node == to
                    && topology
                        .addresses_at(member.interface)
                        .any(|own| own == address)
            };
            let mut members = topology.segment(segment).members.iter();
            members.find(is_there).map(|member| member.interface)
        };
        if let Some(entered) = member(near) {
            return Some(Crossing {
                links: [out, entered].into_iter().filter_map(link).collect(),
                ends: [Some(out), topology.across(entered)]
                    .into_iter()
                    .flatten()
                    .collect(),
                segments: None,
            });
        }
        let mut peerings = topology.segment(near).peerings.iter();
        peerings.find_map(|(port, far)| {
            let entered = member(*far)?;
            Some(Crossing {
                links: [out, *port, entered].into_iter().filter_map(link).collect(),
                ends: [Some(out), Some(*port), topology.across(entered)]
                    .into_iter()
                    .flatten()
                    .collect(),
                segments: Some([near, *far]),
            })
        })
    }

    /// A link, and every link that carries it if it is a tunnel.
    fn carriers(&self, link: LinkId) -> Vec<LinkId> {
        let mut sessions = self.state.topology.sessions.iter();
        let tunnel = sessions.find(|session| {
            let is_tunnel = matches!(
                session.kind,
                SessionKind::Tunnel | SessionKind::StaticTunnel
            );
            is_tunnel && session.link == Some(link)
        });
        tunnel.map_or_else(|| vec![link], |session| session.carriers.clone())
    }

    fn link_down(&self, crossing: &Crossing) -> Option<Cause> {
        let mut links = crossing.links.iter();
        let down = links.find(|link| self.state.failures.links.contains(link));
        down.map(|link| Cause::LinkDown { link: *link })
    }

    /// The first link that loses all packets in this direction.
    fn loses_all(&self, crossing: &Crossing) -> Option<Cause> {
        let State {
            topology,
            disturbances,
            ..
        } = self.state;
        let mut ends = crossing.ends.iter();
        let end = ends.find(|end| disturbances.loses_all(topology, **end))?;
        let link = topology.interface(*end).link?;
        let by = if disturbances.blackholed.contains(&link) {
            LosesBy::Blackhole
        } else if disturbances.impaired.contains_key(&link) {
            LosesBy::Impairment
        } else {
            LosesBy::LabFile
        };
        Some(Cause::LosesAll { link, by })
    }

    /// The tunnel whose traffic selectors do not contain the packet.
    fn not_selected(&self, from: NodeId, crossing: &Crossing) -> Option<Cause> {
        let topology = &*self.state.topology;
        let mut links = crossing.links.iter();
        links.find_map(|id| {
            let link = topology.link(*id);
            let LinkKind::Tunnel { selectors, .. } = &link.kind else {
                return None;
            };
            let is_first = topology.interface(link.ends[0]).node == from;
            let addresses = [self.source, self.destination];
            let [own, other] = if is_first { [0, 1] } else { [1, 0] };
            let contains = |[one, another]: &[Prefix; 2]| {
                one.contains(&addresses[own]) && another.contains(&addresses[other])
            };
            let is_lost = !selectors.is_empty() && !selectors.iter().any(contains);
            is_lost.then_some(Cause::NotSelected {
                link: *id,
                addresses,
            })
        })
    }

    /// Why a peering drops a node's packets, if the lab enforces peering flags.
    fn kept_out(&self, from: NodeId, crossing: &Crossing) -> Option<Cause> {
        let topology = &*self.state.topology;
        if !topology.semantics.strict_peering_flags {
            return None;
        }
        let [near, far]: [Option<VnetId>; 2] = crossing
            .segments?
            .map(|segment| topology.segment(segment).vnet);
        let (near, far) = near.zip(far)?;
        let mut halves = topology.vnet(far).peerings.iter();
        let half = halves.find(|half| half.remote == near)?;
        let role = &topology.node(from).role;
        let is_appliance = role.is_appliance();
        let mut nics = topology.nics(from);
        let is_own = nics.any(|(nic, _)| topology.address_of(nic) == Some(self.source));
        let is_forwarded = is_appliance && !is_own;
        let flag = if !half.gives_access {
            "allowVirtualNetworkAccess"
        } else if is_forwarded && !half.takes_forwarded {
            "allowForwardedTraffic"
        } else {
            return None;
        };
        Some(Cause::KeptOut { near, far, flag })
    }
}
