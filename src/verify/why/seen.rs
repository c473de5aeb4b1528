//! What a trace shows of the nodes on a path: which nodes answer, and where the answers of the others are lost.

use crate::addresses::Address;
use crate::firewall::Hook;
use crate::network::State;
use crate::routing::{Action, NextHop};
use crate::topology::{GatewayHops, InterfaceKind, LinkKind, NodeId};
use crate::verify::why::answer::source_toward;
use crate::verify::why::travel::{Purpose, travel_back};
use crate::verify::why::{Cause, Loss, Seen, Step, Untold, Way};

/// What a trace shows of each node on a path, and where the effect of a firewall on an answer cannot be told.
pub(super) fn by_trace(
    state: &State<'_>,
    there: &Way,
    back: Option<&Way>,
) -> (Vec<Seen>, Vec<Untold>) {
    let trace = Trace { state, there, back };
    let mut ttl = 0;
    let mut is_renewed = false;
    let mut seen = Vec::new();
    let mut all_untold = Vec::new();
    for position in 0..there.steps.len() {
        let (at, untold) = trace.at(position, ttl + 1, is_renewed);
        all_untold.extend(untold);
        if matches!(at, Seen::Answers { .. } | Seen::Silent { .. }) {
            ttl += 1;
        }
        is_renewed |= trace.renews_after(position);
        seen.push(at);
    }
    (seen, all_untold)
}

struct Trace<'a> {
    state: &'a State<'a>,
    there: &'a Way,
    back: Option<&'a Way>,
}

impl Trace<'_> {
    /// What a trace shows of the node at a position, if probes with that TTL expire there.
    fn at(&self, position: usize, ttl: usize, is_renewed: bool) -> (Seen, Option<Untold>) {
        let is_last = position + 1 == self.there.steps.len();
        let node = self.there.steps[position].node;
        let seen = match &self.there.loss {
            _ if position == 0 => Seen::Sender,
            None if is_last => self.destination(ttl),
            Some(loss) if is_last && !answers_before_it_loses(loss) => Seen::Lost,
            _ if is_renewed => Seen::Renewed,
            _ if self.is_transparent(position) => Seen::Transparent,
            _ => return self.router((node, position), ttl),
        };
        (seen, None)
    }

    /// The destination's answer is an echo reply, from the probed address.
    fn destination(&self, ttl: usize) -> Seen {
        let address = self.there.destination;
        match self.back.and_then(|back| back.loss.clone()) {
            None => Seen::Answers { ttl, address },
            Some(loss) => Seen::Silent {
                ttl,
                address: Some(address),
                loss: Box::new(loss),
            },
        }
    }

    /// A router's answer is a packet of its own. It is delivered or lost like any other packet.
    fn router(&self, (node, at): (NodeId, usize), ttl: usize) -> (Seen, Option<Untold>) {
        let asker = self.source_at(at);
        let source = source_toward(self.state, node, asker);
        let from = source.unwrap_or(self.there.destination);
        let sender = self.there.steps[0].node;
        let error = Purpose::Error { of: self.there, at };
        let answer = travel_back(self.state, node, (from, asker), (sender, error));
        let loss = self.silenced(&answer).or(answer.loss);
        let seen = match (source, loss) {
            (Some(address), None) => Seen::Answers { ttl, address },
            (address, loss) => {
                let no_address = || Loss {
                    node,
                    cause: Cause::NoRoute {
                        destination: asker,
                        dropped_by: None,
                    },
                    absences: Vec::new(),
                    mistake: None,
                };
                Seen::Silent {
                    ttl,
                    address,
                    loss: Box::new(loss.unwrap_or_else(no_address)),
                }
            }
        };
        (seen, answer.untold)
    }

    /// The source of probes that arrive at a position of the path.
    fn source_at(&self, at: usize) -> Address {
        let before = self.there.steps[..at].iter();
        let mut source = self.there.source;
        for step in before {
            let mut translations = self.there.translations.iter();
            if let Some(it) = translations.find(|it| it.node == step.node) {
                source = it.to;
            }
        }
        source
    }

    /// Where an answer is dropped on its path because of its source address.
    fn silenced(&self, answer: &Way) -> Option<Loss> {
        let State {
            topology, tables, ..
        } = self.state;
        let is_kept_back = |node: NodeId| {
            let route = tables.of(node).lookup(answer.destination);
            let Some(Action::Forward(hops)) = route.map(|route| &route.action) else {
                return false;
            };
            let mut hops = hops.iter();
            hops.any(|hop| topology.silenced_at(hop.interface).contains(&answer.source))
        };
        let mut nodes = answer.steps.iter().map(|step| step.node);
        let node = nodes.find(|node| is_kept_back(*node))?;
        let source = answer.source;
        Some(Loss {
            node,
            cause: Cause::Unshown { source },
            absences: Vec::new(),
            mistake: None,
        })
    }

    /// Whether a VPN gateway between its network and a tunnel, or between two tunnels, is hidden.
    fn is_transparent(&self, position: usize) -> bool {
        let steps = &self.there.steps;
        let is_gateway = self
            .state
            .topology
            .node(steps[position].node)
            .role
            .is_vpn_gateway();
        self.state.topology.semantics.vpn_gateway_hops == GatewayHops::Transparent
            && is_gateway
            && [&steps[position - 1], &steps[position]]
                .into_iter()
                .any(|step| self.enters_tunnel(step))
    }

    fn enters_tunnel(&self, step: &Step) -> bool {
        hop(step).is_some_and(|hop| {
            self.state.topology.interface(hop.interface).kind == InterfaceKind::Tunnel
        })
    }

    /// Whether the tunnel after a node sets a new TTL on packets that enter it there.
    fn renews_after(&self, position: usize) -> bool {
        let Some(hop) = hop(&self.there.steps[position]) else {
            return false;
        };
        let link = self.state.topology.interface(hop.interface).link;
        let Some(link) = link.map(|id| self.state.topology.link(id)) else {
            return false;
        };
        match &link.kind {
            LinkKind::Tunnel { inner_ttl, .. } => std::iter::zip(link.ends, inner_ttl)
                .any(|(end, ttl)| end == hop.interface && ttl.is_some()),
            LinkKind::Wire => false,
        }
    }
}

/// Whether a probe can expire at the node that loses it. It can if the node tries to forward it.
fn answers_before_it_loses(loss: &Loss) -> bool {
    match &loss.cause {
        Cause::NoRoute { dropped_by, .. } => dropped_by
            .as_ref()
            .is_some_and(|route| matches!(route.action, Action::Fabric(_))),
        // A router decrements the TTL before its rules for forwarded packets (`ip_forward` in Linux).
        Cause::Firewall { hook, .. } => matches!(hook, Hook::Forward | Hook::Postrouting),
        Cause::NobodyThere { .. }
        | Cause::Loop
        | Cause::NotSelected { .. }
        | Cause::KeptOut { .. }
        | Cause::LinkDown { .. }
        | Cause::LosesAll { .. } => true,
        Cause::NotARouter
        | Cause::UnknownSource { .. }
        | Cause::AnothersAddress { .. }
        | Cause::Unshown { .. } => false,
    }
}

/// The next hop of a step, if packets are forwarded there.
fn hop(step: &Step) -> Option<NextHop> {
    match &step.choice.as_ref()?.route.action {
        Action::Forward(hops) => hops.first().copied(),
        Action::Fabric(_) | Action::Drop => None,
    }
}
