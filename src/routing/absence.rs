//! Why a node has no route: which node has one, and where its propagation ends.

use std::collections::BTreeSet;
use std::fmt;

use crate::addresses::{Address, Prefix};
use crate::routing::Tables;
use crate::routing::bgp::{self, Refused};
use crate::routing::index::Number;
use crate::routing::speaker::{Context, session};
use crate::topology::{Denial, NodeId, SessionId, Topology};

/// Why a node did not learn a route: which node has one, and where its propagation ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Absence {
    /// The node with the route.
    pub holder: NodeId,
    /// The prefix of its route.
    pub prefix: Prefix,
    /// The node that does not receive the route.
    pub listener: NodeId,
    /// The session between them.
    pub session: SessionId,
    /// The reason.
    pub reason: Reason,
}

/// Why a route is not propagated over a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// The session is down.
    SessionDown,
    /// The session is shut, and its link is not the reason.
    SessionShut,
    /// The connection has no BGP.
    NoBgp,
    /// An `ExpressRoute` gateway does not advertise routes to circuits that it learned elsewhere.
    GatewayKeepsFromCircuit,
    /// A VPN gateway does not advertise routes to tunnels that an `ExpressRoute` gateway learned.
    GatewayKeepsFromTunnel,
    /// A VPN gateway never advertises a default route.
    DefaultRoute,
    /// The networks of a circuit reach each other only if both gateways allow it.
    RemoteVnetTraffic,
    /// A route learned over Global Reach is not advertised to a third circuit.
    GlobalReachOnce,
    /// A device without transit advertises its own prefixes only.
    NoTransit,
    /// A route from an internal session is not advertised to another internal session.
    InternalOnce,
    /// A route is not advertised back to the neighbor that it came from.
    SplitHorizon,
    /// The route has the community `no-advertise`.
    NoAdvertise,
    /// The route has the community `no-export`, or that of a confederation's system.
    NoExport,
    /// An entry of the speaker's export filter, or the filter as a whole.
    ExportFilter(Denial),
    /// An entry of the listener's import filter, or the filter as a whole.
    ImportFilter(Denial),
    /// The listener's own ASN is in the path.
    Loop,
    /// The prefix is local to the listener, or inside its network's address space.
    OwnAddressSpace,
}

impl Reason {
    /// The document of the rule: Azure's, or an RFC; `None` for a rule that the lab file sets.
    #[must_use]
    pub const fn source(self) -> Option<&'static str> {
        match self {
            Self::GatewayKeepsFromCircuit | Self::GatewayKeepsFromTunnel => {
                Some("expressroute-faqs")
            }
            Self::DefaultRoute | Self::OwnAddressSpace => Some("vpn-gateway-vpn-faq"),
            Self::RemoteVnetTraffic => Some("expressroute-howto-linkvnet"),
            Self::GlobalReachOnce => Some("expressroute-global-reach"),
            Self::InternalOnce | Self::Loop => Some("RFC 4271, section 9"),
            Self::NoAdvertise | Self::NoExport => Some("RFC 1997"),
            Self::SessionDown
            | Self::SessionShut
            | Self::NoBgp
            | Self::NoTransit
            | Self::SplitHorizon
            | Self::ExportFilter(_)
            | Self::ImportFilter(_) => None,
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SessionDown => "the session is down",
            Self::SessionShut => "the session is shut",
            Self::NoBgp => "the connection has no BGP",
            Self::GatewayKeepsFromCircuit => {
                "an ExpressRoute gateway does not advertise to a circuit what it learned from another circuit or from a VPN gateway"
            }
            Self::GatewayKeepsFromTunnel => {
                "a VPN gateway does not advertise to tunnels what it learned from circuits"
            }
            Self::DefaultRoute => "a VPN gateway never advertises a default route",
            Self::RemoteVnetTraffic => {
                "networks on one circuit reach each other only where both gateways set allowRemoteVnetTraffic"
            }
            Self::GlobalReachOnce => "routes from Global Reach are not advertised to a third circuit",
            Self::NoTransit => "a device without `transit` advertises only its own prefixes",
            Self::InternalOnce => "routes learned by iBGP are not advertised to other iBGP neighbours",
            Self::SplitHorizon => "the route was learned from there",
            Self::NoAdvertise => "its community no-advertise keeps it from all neighbours",
            Self::NoExport => "its community no-export keeps it in the autonomous system",
            Self::ExportFilter(None) => "its export filter denies it",
            Self::ImportFilter(None) => "the import filter there denies it",
            Self::ExportFilter(Some(entry)) => {
                return write!(f, "entry {entry} of its export filter denies it");
            }
            Self::ImportFilter(Some(entry)) => {
                return write!(f, "entry {entry} of the import filter there denies it");
            }
            Self::Loop => "the neighbour's ASN is already in the AS path",
            Self::OwnAddressSpace => {
                "the prefix is the neighbour's own, or inside the address space of its network"
            }
        })
    }
}

impl Absence {
    /// The reason, with the text of the filter's entry if that denies the route.
    #[must_use]
    pub fn because(&self, topology: &Topology) -> String {
        let reason = self.reason.to_string();
        let policy = |node| {
            let mut ends = topology.session(self.session).ends.iter();
            ends.find(|end| end.node == node).map(|end| &end.policy)
        };
        let (filter, number) = match self.reason {
            Reason::ExportFilter(Some(number)) => (
                policy(self.holder).and_then(|own| own.export.as_ref()),
                number,
            ),
            Reason::ImportFilter(Some(number)) => (
                policy(self.listener).and_then(|own| own.import.as_ref()),
                number,
            ),
            _ => return reason,
        };
        let position = usize::try_from(number - 1).ok();
        let entry = filter.and_then(|filter| filter.entries.get(position?));
        match entry {
            Some(entry) => format!("{reason}: {entry}"),
            None => reason,
        }
    }
}

impl Tables {
    /// Whether a session works.
    #[must_use]
    pub fn is_live(&self, session: SessionId) -> bool {
        self.ribs.is_live(session)
    }

    /// Why a node has no route to an address. Starting at the node, or at the gateways of its network, it follows the
    /// sessions to every node that has a route, and returns where the propagation ends. Empty if no speaker has a
    /// route, or if the node has no speaker to learn from.
    #[must_use]
    pub fn absence(&self, topology: &Topology, node: NodeId, address: Address) -> Vec<Absence> {
        let mut absences = Vec::new();
        let mut frontier: Vec<Number> = self.speakers_of(topology, node);
        let mut seen: BTreeSet<Number> = frontier.iter().copied().collect();
        while let Some(listener) = frontier.pop() {
            let sessions = self.index.sessions[listener.0].iter();
            let neighbours = sessions.map(|(id, end)| {
                let holder = self.index.ends[id.0][1 - end];
                (*id, 1 - end, holder, self.holding(holder, address))
            });
            // A prefix that the listener originates is not missing.
            let neighbours = neighbours.map(|(id, end, holder, prefix)| {
                let missing = prefix.filter(|prefix| !self.is_own(listener, *prefix));
                (id, end, holder, missing)
            });
            let (holding, others): (Vec<_>, Vec<_>) =
                neighbours.partition(|(.., prefix)| prefix.is_some());
            absences.extend(
                holding
                    .into_iter()
                    .filter_map(|(session, end, holder, prefix)| {
                        Some(Absence {
                            holder: self.index.numbered[holder.0].node,
                            prefix: prefix?,
                            listener: self.index.numbered[listener.0].node,
                            session,
                            reason: self.stopped(topology, session, end, prefix?)?,
                        })
                    }),
            );
            let others = others.into_iter().map(|(_, _, other, _)| other);
            frontier.extend(others.filter(|other| seen.insert(*other)));
        }
        absences.sort_by_key(|absence| (absence.session, absence.listener));
        // The instances at one node usually lack a route for the same reason.
        let mut seen = BTreeSet::new();
        absences.retain(|absence| {
            let link = topology.session(absence.session).link;
            let [holder, listener] = [absence.holder, absence.listener];
            let is_shared = !topology.node(holder).instances.is_empty()
                || !topology.node(listener).instances.is_empty();
            !is_shared || seen.insert((holder, listener, link, absence.prefix, absence.reason))
        });
        absences
    }

    /// The speakers that a node has its routes from: itself if it speaks BGP, otherwise those of its network or site.
    fn speakers_of(&self, topology: &Topology, node: NodeId) -> Vec<Number> {
        let speaking = |node: NodeId| {
            let numbers = self.index.numbers_at(topology, node);
            numbers.filter(|number| !self.index.sessions[number.0].is_empty())
        };
        let own: Vec<Number> = speaking(node).collect();
        if !own.is_empty() {
            return own;
        }
        let others = self.index.speaker(node).learns_from(topology).into_iter();
        others.flat_map(speaking).collect()
    }

    /// The longest prefix of a speaker that contains an address.
    fn holding(&self, speaker: Number, address: Address) -> Option<Prefix> {
        let own = self.ribs.originated(speaker).iter().map(|own| own.prefix);
        let learned = self.ribs.of(speaker).choices().map(|(prefix, _)| prefix);
        own.chain(learned)
            .filter(|prefix| prefix.contains(&address))
            .max_by_key(Prefix::prefix_len)
    }

    /// Why a route of a speaker does not reach its neighbor.
    fn stopped(
        &self,
        topology: &Topology,
        id: SessionId,
        speaker: usize,
        prefix: Prefix,
    ) -> Option<Refused> {
        if !self.ribs.is_live(id) {
            let is_shut = self.failures.shut.contains(&id);
            return Some(if is_shut {
                Reason::SessionShut
            } else {
                Reason::SessionDown
            });
        }
        let session = topology.session(id);
        if !session::has_bgp(session) {
            return Some(Reason::NoBgp);
        }
        let context = self.context(topology);
        let node = self.index.ends[id.0][speaker];
        let passed = match self.ribs.of(node).choice(prefix) {
            Some(choice) if !self.is_own(node, prefix) => {
                let best = &choice.best[0];
                bgp::passed_on(context, best, id).map(|_| &best.attributes)
            }
            _ if self.advertises_own(topology, node, prefix, id) => Ok(&None),
            _ => Err(Reason::SplitHorizon),
        };
        let left = passed
            .and_then(|attributes| bgp::may_leave(context, (id, speaker), prefix, attributes));
        let received = self.ribs.received_of(id, 1 - speaker, prefix);
        let listener = self.index.ends[id.0][1 - speaker];
        left.and_then(|_| match received {
            Some(advertisement) => {
                bgp::accepted(context, (id, 1 - speaker), (prefix, advertisement), || {
                    self.is_own(listener, prefix)
                })
            }
            None => Ok(None),
        })
        .err()
    }

    pub(super) fn context<'a>(&'a self, topology: &'a Topology) -> Context<'a> {
        Context {
            topology,
            index: &self.index,
        }
    }

    /// Whether a speaker originates a prefix.
    pub(super) fn is_own(&self, speaker: Number, prefix: Prefix) -> bool {
        let mut own = self.ribs.originated(speaker).iter();
        own.any(|own| own.prefix == prefix && own.behind.is_none())
    }

    fn advertises_own(
        &self,
        topology: &Topology,
        number: Number,
        prefix: Prefix,
        to: SessionId,
    ) -> bool {
        let mut own = self.ribs.originated(number).iter();
        let node = self.index.numbered[number.0].node;
        let speaker = self.index.speaker(node);
        let to = topology.session(to);
        own.any(|own| own.prefix == prefix && speaker.advertises(topology, own, to))
    }
}
