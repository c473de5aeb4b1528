//! Builds a topology, part by part.

use std::collections::{BTreeMap, BTreeSet};
use std::{iter, time::Duration};

use crate::addresses::{Address, Prefix};
use crate::names::{IfName, NodeName};
use crate::topology::allocate::Allocations;
use crate::topology::model::{
    Interface, InterfaceId, InterfaceKind, Link, LinkId, LinkKind, Mac, Member, Node, NodeId, Port,
    Role, Segment, SegmentId, Topology, VnetId,
};
use crate::units::Impairment;

/// The node that holds every virtual network's bridge.
pub(crate) const FABRIC: &str = "azure";

/// The node that connects all public addresses.
pub(crate) const INTERNET: &str = "internet";

/// A topology under construction. Only the code that fills it knows the type of its source.
pub(crate) struct Builder<S> {
    pub(crate) source: S,
    pub(crate) topology: Topology,
    pub(crate) allocations: Allocations,
    nodes: BTreeMap<String, NodeId>,
    link_names: BTreeSet<String>,
    interface_names: BTreeSet<(NodeId, IfName)>,
}

/// An interface without an id.
pub(crate) struct NewInterface<'a> {
    pub(crate) node: NodeId,
    pub(crate) name: &'a str,
    pub(crate) addresses: Vec<Prefix>,
    pub(crate) connected: bool,
}

impl<'a> NewInterface<'a> {
    /// An interface without an address.
    pub(crate) fn bare(node: NodeId, name: &'a str) -> Self {
        Self {
            node,
            name,
            addresses: Vec::new(),
            connected: false,
        }
    }

    /// An interface whose address creates no route.
    pub(crate) fn unadvertised(node: NodeId, name: &'a str, address: Prefix) -> Self {
        Self {
            node,
            name,
            addresses: vec![address],
            connected: false,
        }
    }

    /// An interface whose address creates a route to its prefix.
    pub(crate) fn connected(node: NodeId, name: &'a str, address: Prefix) -> Self {
        Self {
            node,
            name,
            addresses: vec![address],
            connected: true,
        }
    }
}

impl<S> Builder<S> {
    pub(crate) fn new(source: S, topology: Topology) -> Self {
        Self {
            source,
            topology,
            allocations: Allocations::default(),
            nodes: BTreeMap::new(),
            link_names: BTreeSet::new(),
            interface_names: BTreeSet::new(),
        }
    }

    pub(crate) fn add_node(
        &mut self,
        name: NodeName,
        role: Role,
        address: Option<Address>,
    ) -> NodeId {
        let id = NodeId(self.topology.nodes.len());
        self.nodes.insert(name.to_string(), id);
        self.topology.nodes.push(Node {
            name,
            role,
            address,
            loopback: Vec::new(),
            asn: None,
            advertise: Vec::new(),
            transit: false,
            static_routes: Vec::new(),
            firewall: None,
            interfaces: Vec::new(),
            instances: Vec::new(),
        });
        id
    }

    /// The fabric or the internet, created on first use: a lab without Azure has neither.
    pub(crate) fn common_node(&mut self, name: &str, role: Role) -> NodeId {
        self.nodes.get(name).copied().unwrap_or_else(|| {
            let name = NodeName::new(name).expect("the common nodes have valid names");
            self.add_node(name, role, None)
        })
    }

    pub(crate) fn node_mut(&mut self, id: NodeId) -> &mut Node {
        &mut self.topology.nodes[id.0]
    }

    pub(crate) fn interface_mut(&mut self, id: InterfaceId) -> &mut Interface {
        &mut self.topology.interfaces[id.0]
    }

    /// The node of a name in the file. The rules ensure that it exists.
    pub(crate) fn node_named(&self, name: &str) -> NodeId {
        self.nodes[name]
    }

    /// The link of an interface.
    pub(crate) fn link_of(&self, interface: InterfaceId) -> LinkId {
        self.topology
            .interface(interface)
            .link
            .expect("only bridges are ends of no link")
    }

    pub(crate) fn add_interface(&mut self, new: NewInterface<'_>) -> InterfaceId {
        let id = InterfaceId(self.topology.interfaces.len());
        let name = IfName::near(new.name, |name| {
            let taken = &self.interface_names;
            name.as_str() == "lo" || taken.contains(&(new.node, name.clone()))
        });
        let node = &self.topology.node(new.node).name;
        let mac = self.allocations.mac(node.as_str(), name.as_str());
        self.interface_names.insert((new.node, name.clone()));
        self.topology.interfaces.push(Interface {
            node: new.node,
            name,
            mac,
            addresses: new.addresses,
            connected: new.connected,
            up: true,
            kind: InterfaceKind::Link,
            port: None,
            segment: None,
            nic: None,
            link: None,
        });
        self.node_mut(new.node).interfaces.push(id);
        id
    }

    /// Joins two new interfaces by a wire with this delay in each direction.
    pub(crate) fn add_wire(
        &mut self,
        name: String,
        ends: [NewInterface<'_>; 2],
        delay: Duration,
    ) -> [InterfaceId; 2] {
        let ends = ends.map(|end| self.add_interface(end));
        self.add_link(Link {
            name,
            ends,
            directions: [Impairment::delay(delay); 2],
            kind: LinkKind::Wire,
        });
        ends
    }

    pub(crate) fn add_link(&mut self, link: Link) -> LinkId {
        let id = LinkId(self.topology.links.len());
        let link = Link {
            name: self.free_link_name(&link.name),
            ..link
        };
        for end in link.ends {
            self.interface_mut(end).link = Some(id);
            if matches!(link.kind, LinkKind::Tunnel { .. }) {
                self.interface_mut(end).kind = InterfaceKind::Tunnel;
            }
        }
        self.topology.links.push(link);
        id
    }

    /// Two nodes may have several links between them, and a peering may have the name of a connection: a repeated name
    /// gets a number.
    fn free_link_name(&mut self, wanted: &str) -> String {
        let numbered = (2_u32..).map(|number| format!("{wanted}-{number}"));
        let name = iter::once(wanted.to_owned())
            .chain(numbered)
            .find(|name| !self.link_names.contains(name))
            .unwrap_or_else(|| wanted.to_owned());
        self.link_names.insert(name.clone());
        name
    }

    /// An empty bridge.
    pub(crate) fn add_segment(
        &mut self,
        bridge: NewInterface<'_>,
        mac: Option<Mac>,
        vnet: Option<VnetId>,
    ) -> SegmentId {
        let bridge = self.add_interface(bridge);
        let id = SegmentId(self.topology.segments.len());
        let interface = self.interface_mut(bridge);
        interface.kind = InterfaceKind::Bridge;
        interface.mac = mac.unwrap_or(interface.mac);
        self.topology.segments.push(Segment {
            bridge,
            vnet,
            members: Vec::new(),
            peerings: Vec::new(),
        });
        id
    }

    /// Adds a new interface to a segment, by a wire to a port of the segment's bridge. The port has the name of the
    /// interface's node.
    pub(crate) fn attach(
        &mut self,
        link: String,
        interface: NewInterface<'_>,
        segment: SegmentId,
        delay: Duration,
    ) -> InterfaceId {
        let bridge = self.topology.segment(segment).bridge;
        let holder = self.topology.interface(bridge).node;
        let port_name = self.topology.node(interface.node).name.to_string();
        let [member, port] = self.add_wire(
            link,
            [interface, NewInterface::bare(holder, &port_name)],
            delay,
        );
        self.interface_mut(member).segment = Some(segment);
        self.interface_mut(port).port = Some(Port {
            segment,
            isolated: false,
        });
        self.topology.segments[segment.0].members.push(Member {
            interface: member,
            port,
        });
        member
    }
}
