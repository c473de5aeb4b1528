//! Plans as text: one operation per line, in the syntax of `ip`.

use std::fmt;

use crate::addresses::Prefix;
use crate::names::IfName;
use crate::plan::change::{Hop, Path, Protocol, RouteKey};
use crate::plan::filter::{Filter, Refused};
use crate::plan::link::{InterfacePlan, LinkPlan, TunnelPlan};
use crate::plan::node::{Entry, Limit, RuleSelector};
use crate::plan::{Device, Operation, Plan};
use crate::topology::NodeId;
use crate::units::{Impairment, counted};

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut operations = self.operations().into_iter();
        operations.try_for_each(|operation| {
            let plan = self;
            writeln!(f, "{}", Shown { plan, operation })
        })
    }
}

impl Plan {
    /// One operation in words, for messages.
    #[must_use]
    pub fn describe(&self, operation: Operation<'_>) -> String {
        let plan = self;
        Shown { plan, operation }.to_string()
    }
}

/// An operation with the names it needs.
struct Shown<'a> {
    plan: &'a Plan,
    operation: Operation<'a>,
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.operation {
            Operation::Namespace(node, settings) => {
                write!(f, "netns add {}", self.plan.namespace(node))?;
                settings
                    .iter()
                    .try_for_each(|(key, value)| write!(f, " {}={value}", key.replace('/', ".")))
            }
            Operation::Bridge(node, bridge) => {
                write!(f, "link add {} type bridge", self.interface(node, bridge))
            }
            Operation::Link(link) => self.link(f, link),
            Operation::Tunnel(tunnel) => self.tunnel(f, tunnel),
            Operation::Entry(node, entry) => self.entry(f, node, entry),
            Operation::Route(key, path) => {
                let within = format!(" in {}", self.node(key.node));
                write!(f, "route add ")?;
                route(f, key, path, &within)
            }
            Operation::Filter(node, filter) => self.filter(f, node, filter),
            Operation::Firewall(node, firewall) => {
                let lines = counted(firewall.lines(), "line");
                write!(f, "nft load the firewall of {}, {lines}", self.node(node))
            }
            Operation::Limit(node, limit) => self.limit(f, node, limit),
        }
    }
}

impl Shown<'_> {
    fn node(&self, node: NodeId) -> &str {
        self.plan.node(node).name.as_str()
    }

    fn named(&self, node: NodeId, name: &IfName) -> String {
        format!("{name}@{}", self.node(node))
    }

    fn device(&self, device: &Device) -> String {
        self.named(device.node, &device.name)
    }

    fn interface(&self, node: NodeId, interface: &InterfacePlan) -> String {
        let bridge = interface
            .bridge
            .as_ref()
            .map(|bridge| format!(" master {bridge}"))
            .unwrap_or_default();
        let arp = if interface.resolves { "" } else { " arp off" };
        let state = if interface.up { "up" } else { "down" };
        format!(
            "{} index {} address {}{arp}{bridge} {state}",
            self.named(node, &interface.name),
            interface.index,
            interface.mac
        )
    }

    /// Impairments are printed once if both directions have the same.
    fn link(&self, f: &mut fmt::Formatter<'_>, link: &LinkPlan) -> fmt::Result {
        let LinkPlan {
            id: _,
            ends,
            directions: [there, back],
        } = link;
        let [near, far] = ends
            .each_ref()
            .map(|end| self.interface(end.node, &end.interface));
        write!(f, "link add {near} type veth peer {far}")?;
        if there == back {
            return write!(f, "{}", Spaced(there));
        }
        for (end, way) in ends.iter().zip([there, back]) {
            if !way.is_none() {
                write!(f, " from {}{}", self.device(&end.device()), Spaced(way))?;
            }
        }
        Ok(())
    }

    fn tunnel(&self, f: &mut fmt::Formatter<'_>, tunnel: &TunnelPlan) -> fmt::Result {
        let TunnelPlan {
            id: _,
            name,
            ends,
            port,
            carried: _,
        } = tunnel;
        let [near, far] = ends.each_ref().map(|end| {
            let device = self.device(&end.device);
            format!("{device} mtu {} local {}:{port}", end.mtu, end.public)
        });
        write!(f, "tunnel add {name} {near} peer {far}")
    }

    /// The limit of several interfaces of a node.
    fn limit(&self, f: &mut fmt::Formatter<'_>, node: NodeId, limit: &Limit) -> fmt::Result {
        let Limit {
            name,
            interfaces,
            rate,
            arriving,
            leaving,
        } = limit;
        write!(
            f,
            "tc limit {name} in {} on {} rate {} ingress by ifb {arriving} egress by ifb {leaving}",
            self.node(node),
            joined(interfaces),
            rate.tc_text()
        )
    }

    fn entry(&self, f: &mut fmt::Formatter<'_>, node: NodeId, entry: &Entry) -> fmt::Result {
        let name = |interface| self.named(node, interface);
        match entry {
            Entry::Port { port, isolated } => {
                let isolated = if *isolated { " isolated on" } else { "" };
                let port = name(port);
                write!(f, "bridge link set {port} learning off flood off{isolated}")
            }
            Entry::Forwarding { port, mac } => {
                write!(f, "bridge fdb add {mac} dev {} static", name(port))
            }
            Entry::Address {
                interface,
                address,
                connected,
            } => {
                let flag = if *connected { "" } else { " noprefixroute" };
                write!(f, "address add {address} dev {}{flag}", name(interface))
            }
            Entry::Neighbour {
                interface,
                address,
                mac,
            } => {
                let interface = name(interface);
                write!(
                    f,
                    "neighbour add {address} lladdr {mac} dev {interface} nud permanent"
                )
            }
            Entry::Rule { packets, table } => match packets {
                RuleSelector::Arriving { interface, to } => {
                    let interface = name(interface);
                    write!(f, "rule add iif {interface} to {to} lookup {table}")
                }
                RuleSelector::From(source) => {
                    let node = self.node(node);
                    write!(f, "rule add from {source} lookup {table} in {node}")
                }
                RuleSelector::Udp { to, port } => {
                    let node = self.node(node);
                    write!(
                        f,
                        "rule add to {to} ipproto udp dport {port} lookup {table} in {node}"
                    )
                }
            },
            Entry::AskEachSource => write!(f, "rule add lookup main in {}", self.node(node)),
        }
    }

    fn filter(&self, f: &mut fmt::Formatter<'_>, node: NodeId, filter: &Filter) -> fmt::Result {
        let name = |interface| self.named(node, interface);
        match filter {
            Filter::SetInnerTtl { tunnel, ttl } => {
                write!(f, "nft oifname {} ip ttl set {ttl}", name(tunnel))
            }
            Filter::Silence { interface, sources } => write!(
                f,
                "nft oifname {} ip saddr {} icmp type time-exceeded drop",
                name(interface),
                joined(sources)
            ),
            Filter::DropForwarded { nic } => {
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
            Filter::SelectTraffic { tunnel, pairs } => {
                let pairs = pairs
                    .iter()
                    .map(|[own, other]| format!("{own} and {other}"));
                let pairs: Vec<String> = pairs.collect();
                let tunnel = name(tunnel);
                write!(
                    f,
                    "nft drop what crosses {tunnel} except between {}",
                    pairs.join(", ")
                )
            }
            Filter::ClampMss { tunnels, mss } => write!(
                f,
                "nft between any and {} in {} tcp option maxseg size set at most {mss}",
                joined(tunnels),
                self.node(node)
            ),
        }
    }
}

/// A route as `ip route` prints it; `within` follows the destination.
pub(super) fn route(
    f: &mut fmt::Formatter<'_>,
    key: &RouteKey,
    path: &Path,
    within: &str,
) -> fmt::Result {
    let RouteKey { prefix, table, .. } = key;
    let kind = if path.hops.is_empty() {
        "blackhole "
    } else {
        ""
    };
    write!(f, "{kind}{}{within}", ShownPrefix(*prefix))?;
    let mut hops = path.hops.iter();
    hops.try_for_each(|hop| write!(f, "{}", ShownHop(hop)))?;
    let mut source = path.source.iter();
    source.try_for_each(|source| write!(f, " src {source}"))?;
    let mut table = table.iter();
    table.try_for_each(|table| write!(f, " table {table}"))?;
    write!(f, " proto {}", path.protocol)
}

struct ShownHop<'a>(&'a Hop);

impl fmt::Display for ShownHop<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Hop { name, via, on_link } = self.0;
        via.iter().try_for_each(|via| write!(f, " via {via}"))?;
        write!(f, " dev {name}{}", if *on_link { " onlink" } else { "" })
    }
}

/// A prefix; the default route has `ip`'s name for it.
struct ShownPrefix(Prefix);

impl fmt::Display for ShownPrefix {
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
