//! The elements of a lab's picture: nested boxes, and cables between them, without positions.

mod azure;
mod cables;
mod sites;
mod words;

use std::collections::BTreeMap;

use crate::topology::{NodeId, SegmentId, Topology, VnetId};

/// A box, by its position in [`Scene::boxes`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct BoxId(pub usize);

/// All elements of a picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scene {
    /// The lab's name.
    pub name: String,
    /// Its boxes; each one follows its parent.
    pub boxes: Vec<SceneBox>,
    /// The cables between them.
    pub cables: Vec<Cable>,
}

/// A box.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SceneBox {
    /// What it represents.
    pub kind: BoxKind,
    /// The name of that element in the lab; not unique among kinds.
    pub name: String,
    /// Its heading.
    pub title: String,
    /// A text behind the title in a weaker style.
    pub beside: String,
    /// The lines below the heading.
    pub notes: Vec<String>,
    /// The tooltip, one line per entry.
    pub tip: Vec<String>,
    /// The box that contains it.
    pub parent: Option<BoxId>,
    /// The node that it represents.
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
    /// An internal load balancer; it contains the machines behind it.
    LoadBalancer,
    /// An `ExpressRoute` circuit.
    Circuit,
    /// A circuit's Microsoft or private peering, which carries tunnels.
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
    /// Whether it contains other boxes.
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

    /// Its class in style sheets.
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

/// Parallel lines between the same two boxes, with a common label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cable {
    /// What it represents.
    pub kind: CableKind,
    /// Its label: the name, if it is informative, and the impairments.
    pub label: Vec<String>,
    /// Whether the first line of the label is a name.
    pub is_named: bool,
    /// The circuit that carries it.
    pub over: Option<BoxId>,
    /// The lines.
    pub lanes: Vec<Lane>,
}

/// One line of a cable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lane {
    /// Its name: a link's name as in `lab status` and `lab fault`; for a peering, its two networks.
    pub name: String,
    /// Every link of the lab that it represents, by name.
    pub links: Vec<String>,
    /// The boxes at its ends.
    pub ends: [BoxId; 2],
    /// Whether the lab file disables it.
    pub is_disabled: bool,
    /// The tooltip, one line per entry.
    pub tip: Vec<String>,
}

/// The kinds of cable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CableKind {
    /// A circuit's link, between an MSEE and a customer edge.
    CircuitLink,
    /// A circuit's connection to a gateway, with both MSEEs.
    Connection,
    /// Two circuits connected by Global Reach.
    GlobalReach,
    /// A site-to-site or VNet-to-VNet tunnel, over the internet or over a circuit.
    Tunnel,
    /// A peering of two networks of one region.
    Peering,
    /// A peering across regions.
    GlobalPeering,
    /// A link between two routers of a site.
    Link,
    /// A link between routers of two sites.
    Wan,
    /// The connection of a node to a LAN.
    Lan,
}

impl CableKind {
    /// Its class in style sheets.
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
    /// The elements of a lab's picture.
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

    /// The same elements with names only: without addresses, sizes and the labels of cables.
    #[must_use]
    pub fn compact(mut self) -> Self {
        for shape in &mut self.boxes {
            shape.beside.clear();
            shape.notes.clear();
            if shape.kind == BoxKind::Lan {
                "LAN".clone_into(&mut shape.title);
            }
        }
        for cable in &mut self.cables {
            cable.label.clear();
        }
        self
    }

    /// A box.
    #[must_use]
    pub fn shape(&self, id: BoxId) -> &SceneBox {
        &self.boxes[id.0]
    }

    /// The boxes directly inside a box, in order.
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

    /// Every line with its cable's kind.
    pub fn lanes(&self) -> impl Iterator<Item = (CableKind, &Lane)> {
        let cables = self.cables.iter();
        cables.flat_map(|cable| cable.lanes.iter().map(|lane| (cable.kind, lane)))
    }

    /// The boxes that contain a box, the innermost first.
    pub fn ancestors(&self, id: BoxId) -> impl Iterator<Item = BoxId> {
        std::iter::successors(self.shape(id).parent, |id| self.shape(*id).parent)
    }
}

/// A scene under construction.
struct Sketch<'a> {
    topology: &'a Topology,
    boxes: Vec<SceneBox>,
    cables: Vec<Cable>,
    nodes: BTreeMap<NodeId, BoxId>,
    vnets: BTreeMap<VnetId, BoxId>,
    lans: BTreeMap<SegmentId, BoxId>,
    /// The peerings of circuits that carry tunnels, by the circuit's position.
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
