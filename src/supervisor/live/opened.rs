//! Interfaces that a process holds, opened in their nodes' namespaces while these are created.

use std::collections::BTreeSet;
use std::io;
use std::net::{Ipv4Addr, SocketAddrV4};

use crate::kernel::Backends;
use crate::names::IfName;
use crate::plan::{Carriage, Plan, TunnelEnd};
use crate::supervisor::error::SupervisorError;
use crate::topology::{LinkId, NodeId};
use crate::tunnel::{Tun, Underlay};
use crate::wire::Tap;

/// A link, and one of its ends.
pub(super) type EndOf = (LinkId, usize);

/// An interface that this process opened in a node's namespace.
pub(super) enum Opened {
    Tap(EndOf, Tap),
    Tunnel(EndOf, Tun, Underlay),
}

/// Opened tunnel ends.
pub(super) type Tuns = Vec<(EndOf, (Tun, Underlay))>;

impl Opened {
    /// Separates the interfaces of wires from those of tunnels.
    pub(super) fn sorted(opened: impl Iterator<Item = Self>) -> (Vec<(EndOf, Tap)>, Tuns) {
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
    Tap(EndOf, &'a IfName),
    Tunnel(EndOf, &'a TunnelEnd, u16),
}

/// All interfaces to open, by node.
pub(super) struct Opens<'a>(Vec<Vec<Open<'a>>>);

impl<'a> Opens<'a> {
    /// The interfaces of a plan that a process must open.
    pub(super) fn of(plan: &'a Plan, backends: Backends) -> Self {
        let mut opens: Vec<Vec<Open<'_>>> = plan.nodes.iter().map(|_| Vec::new()).collect();
        let taps = plan.links.iter().filter(|link| {
            !backends.kernel_delays && Carriage::of(&link.directions) == Carriage::Impaired
        });
        for link in taps {
            for (number, end) in link.ends.iter().enumerate() {
                opens[end.node.0].push(Open::Tap((link.id, number), &end.interface.name));
            }
        }
        let tunnels = plan.tunnels.iter().filter(|_| !backends.kernel_tunnels);
        for tunnel in tunnels {
            for (number, end) in tunnel.ends.iter().enumerate() {
                let open = Open::Tunnel((tunnel.id, number), end, tunnel.port);
                opens[end.device.node.0].push(open);
            }
        }
        Self(opens)
    }

    /// The nodes with interfaces to open.
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
                Open::Tap(position, name) => {
                    let tap = Tap::open(name)?;
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
