//! Interfaces that a process holds, opened in their nodes' namespaces while these are created.

use std::collections::BTreeSet;
use std::io;
use std::net::{Ipv4Addr, SocketAddrV4};

use crate::kernel::Backends;
use crate::plan::{Carriage, LinkEnd, Operation, Plan, TunnelEnd};
use crate::supervisor::error::SupervisorError;
use crate::topology::NodeId;
use crate::tunnel::{Tun, Underlay};
use crate::wire::Tap;

/// An operation of the plan, by position, and one of its ends.
pub(super) type LinkPosition = (usize, usize);

/// An interface that this process opened in a node's namespace.
pub(super) enum Opened {
    Tap(LinkPosition, Tap),
    Tunnel(LinkPosition, Tun, Underlay),
}

/// Opened tunnel ends.
pub(super) type Tuns = Vec<(LinkPosition, (Tun, Underlay))>;

impl Opened {
    /// Interfaces of wires, and those of tunnels.
    pub(super) fn sorted(opened: impl Iterator<Item = Self>) -> (Vec<(LinkPosition, Tap)>, Tuns) {
        let mut taps = Vec::new();
        let mut tuns = Vec::new();
        for one in opened {
            match one {
                Self::Tap(position, tap) => taps.push((position, tap)),
                Self::Tunnel(position, tun, underlay) => tuns.push((position, (tun, underlay))),
            }
        }
        (taps, tuns)
    }
}

/// An interface to open.
enum Open<'a> {
    Tap(LinkPosition, &'a LinkEnd),
    Tunnel(LinkPosition, &'a TunnelEnd, u16),
}

/// The part of an operation that a process does.
fn opens_of(index: usize, operation: &Operation, backends: Backends) -> Vec<(NodeId, Open<'_>)> {
    match operation {
        Operation::AddLink { ends, directions }
            if Carriage::of(directions) == Carriage::Impaired && !backends.kernel_delays =>
        {
            let taps = ends.iter().enumerate();
            taps.map(|(number, end)| (end.device.node, Open::Tap((index, number), end)))
                .collect()
        }
        Operation::AddTunnel { ends, port, .. } if !backends.kernel_tunnels => {
            let tunnels = ends.iter().enumerate();
            tunnels
                .map(|(number, end)| (end.device.node, Open::Tunnel((index, number), end, *port)))
                .collect()
        }
        _ => Vec::new(),
    }
}

/// All interfaces to open, by node.
pub(super) struct Opens<'a>(Vec<Vec<Open<'a>>>);

impl<'a> Opens<'a> {
    /// The part of a plan that a process does.
    pub(super) fn of(plan: &'a Plan, backends: Backends) -> Self {
        let mut opens: Vec<Vec<Open<'_>>> = plan.nodes.iter().map(|_| Vec::new()).collect();
        for (index, operation) in plan.operations.iter().enumerate() {
            for (node, open) in opens_of(index, operation, backends) {
                opens[node.0].push(open);
            }
        }
        Self(opens)
    }

    /// The nodes that have some.
    pub(super) fn nodes(&self) -> BTreeSet<NodeId> {
        let numbered = self.0.iter().zip((0..).map(NodeId));
        let having = numbered.filter(|(opens, _)| !opens.is_empty());
        having.map(|(_, node)| node).collect()
    }

    /// Opens a node's interfaces, from inside its namespace.
    pub(super) fn open(&self, node: NodeId) -> Result<Vec<Opened>, SupervisorError> {
        let staying = |result: io::Result<()>| {
            result.map_err(|source| {
                SupervisorError::system("keep an interface in its namespace", source)
            })
        };
        let open = |one: &Open<'_>| {
            Ok(match one {
                Open::Tap(position, end) => {
                    let tap = Tap::open(&end.device.name)?;
                    staying(tap.stay())?;
                    Opened::Tap(*position, tap)
                }
                Open::Tunnel(position, end, port) => {
                    let tun = Tun::open(&end.device.name, end.mtu)?;
                    staying(tun.stay())?;
                    // The node has no address yet; its route selects the public one as source.
                    let any = SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, *port);
                    Opened::Tunnel(*position, tun, Underlay::bind(any)?)
                }
            })
        };
        self.0[node.0].iter().map(open).collect()
    }
}
