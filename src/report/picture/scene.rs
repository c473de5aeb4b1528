//! What there is to draw of a lab: boxes within boxes, and cables between them. Nothing has a place yet.

mod azure;
mod cables;
mod sites;
mod words;

use std::collections::BTreeMap;

use crate::topology::{NodeId, SegmentId, Topology, VnetId};

/// A box, by its position in [`Scene::boxes`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct BoxId(pub usize);

/// All that is drawn of a lab.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scene {
    /// The lab's name.
    pub name: String,
    /// Its boxes, each after the one that it stands in.
    pub boxes: Vec<SceneBox>,
    /// What joins them.
    pub cables: Vec<Cable>,
}

/// A box.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SceneBox {
    /// What it stands for.
    pub kind: BoxKind,
    /// The name of that in the lab; not unique among kinds.
    pub name: String,
    /// What it is headed by.
    pub title: String,
    /// What stands behind the title, less loud.
    pub beside: String,
    /// The lines below.
    pub notes: Vec<String>,
    /// What is told of it on request, a line each.
    pub tip: Vec<String>,
    /// The box that it stands in.
    pub parent: Option<BoxId>,
    /// The node that it stands for.
    pub node: Option<NodeId>,
}

/// The kinds of box.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum BoxKind {
    /// An Azure region.
    Region,
    /// A virtual network.
    VirtualNetwork,
    /// A subnet.
    Subnet,
    /// An internal load balancer, around the machines behind it.
    LoadBalancer,
    /// An `ExpressRoute` circuit.
    Circuit,
    /// A circuit's Microsoft peering, which tunnels pass.
    MicrosoftPeering,
    /// An on-premises site.
    Site,
    /// A site's LAN.
    Lan,
    /// A virtual machine.
    Machine,
    /// A network virtual appliance.
    Appliance,
    /// An instance of a VPN gateway.
    VpnGateway,
    /// An `ExpressRoute` gateway.
    ExpressRouteGateway,
    /// A Microsoft Enterprise Edge router.
    Msee,
    /// An on-premises router.
    Router,
    /// An on-premises host.
    Host,
}

impl BoxKind {
    /// Whether other boxes stand in it.
    #[must_use]
    pub const fn holds_boxes(self) -> bool {
        matches!(
            self,
            Self::Region
                | Self::VirtualNetwork
                | Self::Subnet
                | Self::LoadBalancer
                | Self::Circuit
                | Self::Site
        )
    }

    /// As style sheets call it.
    #[must_use]
    pub const fn class(self) -> &'static str {
        match self {
            Self::Region => "region",
            Self::VirtualNetwork => "vnet",
            Self::Subnet => "subnet",
            Self::LoadBalancer => "load-balancer",
            Self::Circuit => "circuit",
            Self::MicrosoftPeering => "microsoft-peering",
            Self::Site => "site",
            Self::Lan => "lan",
            Self::Machine => "machine",
            Self::Appliance => "appliance",
            Self::VpnGateway => "vpn-gateway",
            Self::ExpressRouteGateway => "expressroute-gateway",
            Self::Msee => "msee",
            Self::Router => "router",
            Self::Host => "host",
        }
    }
}

/// Lines that run beside each other from end to end and share a label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cable {
    /// What it stands for.
    pub kind: CableKind,
    /// What stands on it: its name, where it has one that tells something, and what it does.
    pub label: Vec<String>,
    /// Whether the first line of the label is a name.
    pub is_named: bool,
    /// The circuit whose Microsoft peering it passes.
    pub over: Option<BoxId>,
    /// The lines.
    pub lanes: Vec<Lane>,
}

/// One line of a cable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lane {
    /// Its name: of a link as `lab status` and `lab fault` know it; of a peering, its two networks.
    pub name: String,
    /// Every link of the lab that it stands for, by name.
    pub links: Vec<String>,
    /// The boxes at its ends.
    pub ends: [BoxId; 2],
    /// The lab file has it disabled.
    pub is_disabled: bool,
    /// What is told of it on request, a line each.
    pub tip: Vec<String>,
}

/// The kinds of cable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CableKind {
    /// A circuit's link, between an MSEE and a customer edge.
    CircuitLink,
    /// A circuit's connection to a gateway, by both of its MSEEs.
    Connection,
    /// Two circuits joined by Global Reach.
    GlobalReach,
    /// A site-to-site or VNet-to-VNet tunnel, over the internet or over Microsoft peering.
    Tunnel,
    /// A peering of two networks of one region.
    Peering,
    /// A peering across regions.
    GlobalPeering,
    /// A link between two routers of a site.
    Link,
    /// A link between routers of two sites.
    Wan,
    /// What joins a node to a LAN.
    Lan,
}

impl CableKind {
    /// As style sheets call it.
    #[must_use]
    pub const fn class(self) -> &'static str {
        match self {
            Self::CircuitLink => "circuit-link",
            Self::Connection => "connection",
            Self::GlobalReach => "global-reach",
            Self::Tunnel => "tunnel",
            Self::Peering => "peering",
            Self::GlobalPeering => "peering global",
            Self::Link => "wire",
            Self::Wan => "wan",
            Self::Lan => "lan-port",
        }
    }
}

impl Scene {
    /// What there is to draw of a lab.
    #[must_use]
    pub fn of(topology: &Topology) -> Self {
        let mut sketch = Sketch {
            topology,
            boxes: Vec::new(),
            cables: Vec::new(),
            nodes: BTreeMap::new(),
            vnets: BTreeMap::new(),
            lans: BTreeMap::new(),
            microsoft: BTreeMap::new(),
        };
        sketch.sites();
        sketch.circuits();
        sketch.regions();
        sketch.cables();
        Self {
            name: topology.name.to_string(),
            boxes: sketch.boxes,
            cables: sketch.cables,
        }
    }

    /// A box.
    #[must_use]
    pub fn shape(&self, id: BoxId) -> &SceneBox {
        &self.boxes[id.0]
    }

    /// The boxes that stand right in a box, in order.
    pub fn children(&self, parent: BoxId) -> impl Iterator<Item = BoxId> {
        let boxes = self.boxes.iter().enumerate();
        boxes
            .filter(move |(_, shape)| shape.parent == Some(parent))
            .map(|(index, _)| BoxId(index))
    }

    /// The box of a node.
    #[must_use]
    pub fn box_of(&self, node: NodeId) -> Option<BoxId> {
        let position = self.boxes.iter().position(|shape| shape.node == Some(node));
        position.map(BoxId)
    }

    /// Every line, with the kind of its cable.
    pub fn lanes(&self) -> impl Iterator<Item = (CableKind, &Lane)> {
        let cables = self.cables.iter();
        cables.flat_map(|cable| cable.lanes.iter().map(|lane| (cable.kind, lane)))
    }

    /// The boxes that a box stands in, the nearest first.
    pub fn ancestors(&self, id: BoxId) -> impl Iterator<Item = BoxId> {
        std::iter::successors(self.shape(id).parent, |id| self.shape(*id).parent)
    }
}

/// A scene on its way.
struct Sketch<'a> {
    topology: &'a Topology,
    boxes: Vec<SceneBox>,
    cables: Vec<Cable>,
    nodes: BTreeMap<NodeId, BoxId>,
    vnets: BTreeMap<VnetId, BoxId>,
    lans: BTreeMap<SegmentId, BoxId>,
    /// The Microsoft peerings of circuits, by the circuit's position.
    microsoft: BTreeMap<usize, BoxId>,
}

impl Sketch<'_> {
    fn add(&mut self, shape: SceneBox) -> BoxId {
        let id = BoxId(self.boxes.len());
        if let Some(node) = shape.node {
            self.nodes.insert(node, id);
        }
        self.boxes.push(shape);
        id
    }
}

impl SceneBox {
    fn new(kind: BoxKind, name: &str, parent: Option<BoxId>) -> Self {
        Self {
            kind,
            name: name.to_owned(),
            title: name.to_owned(),
            beside: String::new(),
            notes: Vec::new(),
            tip: Vec::new(),
            parent,
            node: None,
        }
    }
}
