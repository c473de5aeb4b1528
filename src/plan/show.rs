//! Plans for people: one operation per line, in the words of `ip`.

use std::fmt;

use ipnet::Ipv4Net;

use crate::plan::filter::{Filter, Refused};
use crate::plan::operation::{Hop, LinkEnd, Operation, Packets, Protocol};
use crate::plan::{Device, Plan};
use crate::topology::NodeId;
use crate::units::Impairment;

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.operations.iter().try_for_each(|operation| {
            writeln!(
                f,
                "{}",
                Shown {
                    plan: self,
                    operation
                }
            )
        })
    }
}

impl Plan {
    /// One operation in words, for messages.
    #[must_use]
    pub fn describe(&self, operation: &Operation) -> String {
        Shown {
            plan: self,
            operation,
        }
        .to_string()
    }
}

/// An operation with the names it needs.
struct Shown<'a> {
    plan: &'a Plan,
    operation: &'a Operation,
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.operation {
            Operation::AddNamespace { node, settings } => {
                write!(f, "netns add {}", self.plan.namespace(*node))?;
                settings
                    .iter()
                    .try_for_each(|(key, value)| write!(f, " {}={value}", key.replace('/', ".")))
            }
            Operation::AddBridge { end } => write!(f, "link add {} type bridge", self.end(end)),
            Operation::AddLink { ends, directions } => self.link(f, ends, directions),
            Operation::AddTunnel {
                name, ends, port, ..
            } => {
                let [near, far] = ends.each_ref().map(|end| {
                    let device = self.device(&end.device);
                    format!("{device} mtu {} local {}:{port}", end.mtu, end.public)
                });
                write!(f, "tunnel add {name} {near} peer {far}")
            }
            Operation::AddRoute { .. } => self.route(f),
            Operation::AskEachSource { node } => {
                write!(f, "rule add lookup main in {}", self.node(*node))
            }
            Operation::AddRule {
                node,
                packets,
                table,
            } => {
                let node = self.node(*node);
                match packets {
                    Packets::Arriving { interface, to } => {
                        write!(f, "rule add iif {interface}@{node} to {to} lookup {table}")
                    }
                    Packets::From(source) => {
                        write!(f, "rule add from {source} lookup {table} in {node}")
                    }
                }
            }
            Operation::LimitTogether { .. } => self.limit(f),
            Operation::SetPort { .. }
            | Operation::AddAddress { .. }
            | Operation::AddNeighbour { .. }
            | Operation::AddForwarding { .. }
            | Operation::Filter(_) => self.on_device(f),
        }
    }
}

impl Shown<'_> {
    fn node(&self, node: NodeId) -> &str {
        self.plan.nodes[node.0].as_str()
    }

    fn device(&self, device: &Device) -> String {
        format!("{}@{}", device.name, self.node(device.node))
    }

    fn end(&self, end: &LinkEnd) -> String {
        let bridge = end
            .bridge
            .as_ref()
            .map(|bridge| format!(" master {bridge}"))
            .unwrap_or_default();
        let arp = if end.resolves { "" } else { " arp off" };
        let state = if end.up { "up" } else { "down" };
        format!(
            "{} index {} address {}{arp}{bridge} {state}",
            self.device(&end.device),
            end.index,
            end.mac
        )
    }

    /// Impairments are printed once if both directions have the same.
    fn link(
        &self,
        f: &mut fmt::Formatter<'_>,
        ends: &[LinkEnd; 2],
        [there, back]: &[Impairment; 2],
    ) -> fmt::Result {
        let [near, far] = ends.each_ref().map(|end| self.end(end));
        write!(f, "link add {near} type veth peer {far}")?;
        if there == back {
            return write!(f, "{}", Spaced(there));
        }
        for (end, way) in ends.iter().zip([there, back]) {
            if !way.is_none() {
                write!(f, " from {}{}", self.device(&end.device), Spaced(way))?;
            }
        }
        Ok(())
    }

    /// The limit of several interfaces of a node.
    fn limit(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Operation::LimitTogether {
            name,
            node,
            interfaces,
            rate,
            arriving,
            leaving,
        } = self.operation
        else {
            return Ok(());
        };
        write!(
            f,
            "tc limit {name} in {} on {} rate {} ingress by ifb {arriving} egress by ifb {leaving}",
            self.node(*node),
            joined(interfaces),
            rate.tc_text()
        )
    }

    /// An operation on one interface.
    fn on_device(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |device| self.device(device);
        match self.operation {
            Operation::SetPort { device, isolated } => {
                let isolated = if *isolated { " isolated on" } else { "" };
                let device = name(device);
                write!(
                    f,
                    "bridge link set {device} learning off flood off{isolated}"
                )
            }
            Operation::AddAddress {
                device,
                address,
                connected,
            } => {
                let flag = if *connected { "" } else { " noprefixroute" };
                write!(f, "address add {address} dev {}{flag}", name(device))
            }
            Operation::AddNeighbour {
                device,
                address,
                mac,
            } => {
                let device = name(device);
                write!(
                    f,
                    "neighbour add {address} lladdr {mac} dev {device} nud permanent"
                )
            }
            Operation::AddForwarding { device, mac } => {
                write!(f, "bridge fdb add {mac} dev {} static", name(device))
            }
            Operation::Filter(filter) => self.filter(f, filter),
            Operation::AddNamespace { .. }
            | Operation::AddBridge { .. }
            | Operation::AddLink { .. }
            | Operation::AddTunnel { .. }
            | Operation::AddRule { .. }
            | Operation::AskEachSource { .. }
            | Operation::LimitTogether { .. }
            | Operation::AddRoute { .. } => Ok(()),
        }
    }

    fn filter(&self, f: &mut fmt::Formatter<'_>, filter: &Filter) -> fmt::Result {
        let name = |device: &Device| self.device(device);
        match filter {
            Filter::SetInnerTtl { device, ttl } => {
                write!(f, "nft oifname {} ip ttl set {ttl}", name(device))
            }
            Filter::Silence { device, sources } => write!(
                f,
                "nft oifname {} ip saddr {} icmp type time-exceeded drop",
                name(device),
                joined(sources)
            ),
            Filter::KeepOwn { nic } => {
                let nic = name(nic);
                write!(f, "nft drop what is forwarded in or out by {nic}")
            }
            Filter::HideGateway { nic, tunnels } => {
                let (nic, tunnels) = (name(nic), joined(tunnels));
                write!(f, "nft between {nic} and {tunnels} ip ttl increment")
            }
            Filter::FilterPeering { port, refused } => {
                write!(f, "nft iifname {}{} drop", name(port), Matching(refused))
            }
            Filter::ClampMss { node, tunnels, mss } => write!(
                f,
                "nft between any and {} in {} tcp option maxseg size set at most {mss}",
                joined(tunnels),
                self.node(*node)
            ),
        }
    }

    fn route(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Operation::AddRoute {
            node,
            prefix,
            table,
            hops,
            source,
            protocol,
        } = self.operation
        else {
            return Ok(());
        };
        let kind = if hops.is_empty() { "blackhole " } else { "" };
        write!(
            f,
            "route add {kind}{} in {}",
            Prefix(*prefix),
            self.node(*node)
        )?;
        hops.iter()
            .try_for_each(|hop| write!(f, "{}", ShownHop(hop)))?;
        source
            .iter()
            .try_for_each(|source| write!(f, " src {source}"))?;
        table
            .iter()
            .try_for_each(|table| write!(f, " table {table}"))?;
        write!(f, " proto {protocol}")
    }
}

pub(super) struct ShownHop<'a>(pub(super) &'a Hop);

impl fmt::Display for ShownHop<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Hop { name, via, on_link } = self.0;
        via.iter().try_for_each(|via| write!(f, " via {via}"))?;
        write!(f, " dev {name}{}", if *on_link { " onlink" } else { "" })
    }
}

/// A prefix; the default route has `ip`'s name for it.
pub(super) struct Prefix(pub(super) Ipv4Net);

impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.prefix_len() == 0 {
            f.write_str("default")
        } else {
            self.0.fmt(f)
        }
    }
}

fn joined<T: ToString>(names: &[T]) -> String {
    let names: Vec<_> = names.iter().map(T::to_string).collect();
    names.join(" ")
}

/// Impairments, after a space; empty without any.
struct Spaced<'a>(&'a Impairment);

impl fmt::Display for Spaced<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_none() {
            Ok(())
        } else {
            write!(f, " {}", self.0)
        }
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Static => "static",
            Self::Bgp => "bgp",
            Self::Ospf => "ospf",
            Self::Kernel => "kernel",
            Self::Other(3) => "boot",
            Self::Other(number) => return number.fmt(f),
        })
    }
}

/// The packets that a peering's filter matches.
struct Matching<'a>(&'a Refused);

impl fmt::Display for Matching<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Refused::Everything => Ok(()),
            Refused::Forwarded(machines) => machines.iter().try_for_each(|(mac, address)| {
                write!(f, " ether saddr {mac} ip saddr != {address}")
            }),
        }
    }
}
