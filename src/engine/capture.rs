//! Captures packets of a running lab's interfaces: at one node, or at every hop between two.

mod points;
mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use crate::addresses::Address;
use crate::capture::filter::{self, Program};
use crate::capture::pcapng::{Header, Interface};
use crate::capture::socket::{PacketSocket, SockFilter};
use crate::capture::{self, CaptureError, Captured, Limits, Place, Source, Takes, Until};
use crate::engine::{EngineError, Up, client, running};
use crate::kernel;
use crate::kernel::netns::{self, Netns};
use crate::names::NodeName;
use crate::store::views;
use crate::topology::{NodeId, Topology};
use points::Point;

pub(super) use words::PROGRAM as FILTERS;

/// The MTU of an interface that no longer exists: a TAP beside a link.
const ETHERNET_MTU: usize = 1500;

/// The place of a capture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Span<'a> {
    /// At a node: one interface or all.
    Node(NodeId, Option<&'a str>),
    /// At every interface that packets from a node to a destination, or back, may pass.
    Along(NodeId, &'a str),
}

/// A requested capture.
#[derive(Debug, Clone, Copy)]
pub struct CaptureRun<'a> {
    /// The place.
    pub span: Span<'a>,
    /// The filter, in libpcap's language; empty for all packets. Along a path it applies to packets between the two
    /// ends.
    pub filter: &'a str,
    /// The most bytes kept of a packet.
    pub bytes: u32,
}

/// A capture in progress: packets wait in its sockets.
#[derive(Debug)]
pub struct Capture<'a> {
    up: &'a Up,
    header: Header,
    nodes: Vec<NodeId>,
    places: Vec<Place>,
    /// Each interface's index in the file.
    shown: BTreeMap<(NodeId, String), u32>,
}

/// Starts a capture.
///
/// # Errors
///
/// [`EngineError::NoSuchInterface`], [`EngineError::NoFilter`], [`EngineError::NoProgram`] without tcpdump, and errors
/// of the kernel's packet sockets.
pub fn capture<'a>(up: &'a Up, run: &CaptureRun<'_>) -> Result<Capture<'a>, EngineError> {
    let topology = &up.lab.topology;
    let (points, filter) = match run.span {
        Span::Node(node, interface) => {
            let filter = words::addressed(topology, run.filter);
            (points::of_node(topology, node, interface)?, filter)
        }
        Span::Along(from, to) => {
            let to = running::address(topology, from, to)?;
            let tables = running::state(up)?.tables;
            let (points, tunnels) = points::along(topology, &tables, from, to);
            let own = words::addressed(topology, run.filter);
            let filter = words::between(topology, from, to, &own, &tunnels);
            (points, filter)
        }
    };
    let programs = words::programs(&filter, &points)?;
    let shown = (0..).zip(&points);
    let shown = shown.map(|(place, point)| ((point.node, point.name.clone()), place));
    let mut begun = Capture {
        up,
        header: header(topology, &points, filter, run.bytes),
        nodes: Vec::new(),
        places: Vec::new(),
        shown: shown.collect(),
    };
    begun.open(&programs)?;
    Ok(begun)
}

fn header(topology: &Topology, points: &[Point], filter: String, bytes: u32) -> Header {
    let interfaces = points.iter().map(|point| Interface {
        name: format!("{}:{}", topology.node(point.node).name, point.name),
        description: point.description.clone(),
        link_type: point.link_type,
    });
    let nodes: BTreeSet<NodeId> = points.iter().map(|point| point.node).collect();
    let is_meant = |address: Address, name: &NodeName| {
        let mut owners = nodes.iter().map(|node| topology.owner(*node, address));
        let is_named =
            |owner: Option<NodeId>| owner.is_some_and(|owner| topology.node(owner).name == *name);
        topology.is_unambiguous(address) || owners.all(is_named)
    };
    let names = views::names(topology).into_iter();
    let names = names.filter(|(address, name)| is_meant(*address, name));
    Header {
        program: concat!("lab ", env!("CARGO_PKG_VERSION")).to_owned(),
        filter: Some(filter).filter(|filter| !filter.is_empty()),
        most_bytes: bytes,
        interfaces: interfaces.collect(),
        names: names
            .filter_map(|(address, name)| Some((address.ipv4()?, name.to_string())))
            .collect(),
    }
}

impl Capture<'_> {
    /// The interfaces, with their names in the file.
    #[must_use]
    pub fn interfaces(&self) -> Vec<String> {
        let interfaces = self.header.interfaces.iter();
        interfaces.map(|interface| interface.name.clone()).collect()
    }

    /// Writes the file, until it has the requested number of packets or something stops it.
    ///
    /// # Errors
    ///
    /// [`EngineError::Capture`].
    pub fn run(
        mut self,
        output: &mut impl Write,
        packets: Option<u64>,
        until: &Until<'_>,
    ) -> Result<Captured, EngineError> {
        let header = self.header.write(output).and_then(|()| output.flush());
        header.map_err(CaptureError::Output)?;
        let limits = Limits {
            packets,
            bytes: self.header.most_bytes,
            interfaces: self.header.interfaces.len(),
        };
        let mut places = std::mem::take(&mut self.places);
        let mut identify = |place: usize, index: u32| self.identify(place, index);
        let captured = capture::run(&mut places, output, limits, until, &mut identify)?;
        Ok(captured)
    }

    fn open(&mut self, [ethernet, raw]: &[Program; 2]) -> Result<(), EngineError> {
        let mut nodes: Vec<NodeId> = self.shown.keys().map(|(node, _)| *node).collect();
        nodes.dedup();
        let mut spaces = Vec::new();
        for node in nodes {
            let namespace = self.up.namespace(node)?;
            let there = self.there(node, &namespace)?;
            spaces.push((node, namespace, there));
        }
        // Only now: the supervisor answers after its present work, and then knows every existing TAP.
        let taps = self.taps();
        for (node, namespace, there) in spaces {
            let sources: BTreeMap<u32, Option<Source>> = there
                .into_iter()
                .map(|(index, there)| (index, self.source(&taps, (node, index), Some(there))))
                .collect();
            let passed_over = sources.iter().filter(|(_, source)| source.is_none());
            let passed_over: Vec<u32> = passed_over.map(|(index, _)| *index).collect();
            let program = filter::joined(&passed_over, ethernet, raw);
            let opened = namespace.within(|| open_inside(&program));
            let socket = opened.map_err(|source| self.no_entry(node, source))??;
            self.places.push(Place { socket, sources });
            self.nodes.push(node);
        }
        Ok(())
    }

    fn there(
        &self,
        node: NodeId,
        namespace: &Netns,
    ) -> Result<BTreeMap<u32, (String, u32)>, EngineError> {
        kernel::interfaces(namespace).map_err(|source| self.no_entry(node, source))
    }

    fn no_entry(&self, node: NodeId, source: io::Error) -> EngineError {
        let name = self.up.lab.plan.namespace(node);
        EngineError::system(format!("enter namespace {name}"), source)
    }

    /// The description of an interface that appeared after the start. It may be gone already: its packets are read
    /// later.
    fn identify(&self, place: usize, index: u32) -> Option<Source> {
        let node = *self.nodes.get(place)?;
        let namespace = self.up.namespace(node).ok()?;
        let there = self.there(node, &namespace).ok()?.remove(&index);
        self.source(&self.taps(), (node, index), there)
    }

    /// How an interface's packets are written to the file. `there` is its name and its MTU if it still exists; `taps`
    /// are those that packets leave through instead of others.
    fn source(
        &self,
        taps: &BTreeMap<(NodeId, u32), String>,
        (node, index): (NodeId, u32),
        there: Option<(String, u32)>,
    ) -> Option<Source> {
        let mtu = there.as_ref().and_then(|(_, mtu)| (*mtu).try_into().ok());
        let shown = |name: String, takes| {
            let interface = *self.shown.get(&(node, name))?;
            let place = usize::try_from(interface).ok()?;
            Some(Source {
                interface,
                takes,
                link_type: self.header.interfaces.get(place)?.link_type,
                mtu: mtu.unwrap_or(ETHERNET_MTU),
            })
        };
        let own = there.and_then(|(name, _)| shown(name, Takes::Both));
        own.or_else(|| shown(taps.get(&(node, index))?.clone(), Takes::Leaving))
    }

    /// The TAP interfaces, also former ones, through which packets leave instead of through a link's own end, while a
    /// process carries the link. Packet sockets on the link's end see arriving packets, but not leaving ones, which are
    /// redirected first.
    fn taps(&self) -> BTreeMap<(NodeId, u32), String> {
        let topology = &self.up.lab.topology;
        let taps = client::ask(&self.up.folder).map_or_else(Vec::new, |status| status.taps);
        let ends = taps.into_iter().filter_map(|taps| {
            let link = topology.link(topology.link_named(&taps.link)?);
            Some(link.ends.into_iter().zip(taps.indexes))
        });
        let ends = ends.flatten().map(|(end, index)| {
            let end = topology.interface(end);
            ((end.node, index), end.name.to_string())
        });
        ends.collect()
    }
}

/// Opens a socket in a lab's namespace, and nowhere else.
fn open_inside(program: &[SockFilter]) -> Result<PacketSocket, EngineError> {
    if netns::is_isolated() {
        Ok(PacketSocket::open(program)?)
    } else {
        Err(EngineError::NotIsolated)
    }
}

#[cfg(test)]
mod tests;
