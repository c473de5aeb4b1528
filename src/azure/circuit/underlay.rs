//! Links of circuits that lead to public addresses, and devices that need no other path to these.

use crate::addresses::Address;
use crate::azure::connection::model::{Connection, ConnectionKind};
use crate::azure::resources::Resources;
use crate::onpremises::device::model::Device;
use crate::topology::{InterfaceId, NodeId};

/// A circuit's link that leads to public addresses.
pub(crate) struct MicrosoftPeering {
    pub(crate) circuit: String,
    pub(crate) is_enabled: bool,
    /// The MSEE's end of the link and the customer edge's.
    pub(crate) wire: [Underlay; 2],
    /// The MSEE's end of its link to the internet and the internet's.
    pub(crate) access: [Underlay; 2],
}

/// One end of a link between public addresses.
#[derive(Clone, Copy)]
pub(crate) struct Underlay {
    pub(crate) node: NodeId,
    pub(crate) interface: InterfaceId,
    pub(crate) address: Address,
}

/// Whether circuits carry all of a device's tunnels with a source address, so that this one needs no link to the
/// internet.
pub(crate) fn stays_off_the_internet(
    spec: &Resources,
    (name, device): (&str, &Device),
    source: Address,
) -> bool {
    let uses = |connection: &Connection| {
        let mut ends = device
            .tunnel_ends_of(connection.name.value.as_str())
            .into_iter();
        ends.any(|end| end.source_address.value == source)
    };
    let connections = spec.connections.iter();
    let mut by_circuit = connections
        .filter_map(|connection| match &connection.kind {
            ConnectionKind::IpSec {
                device: end,
                transport,
                ..
            } if end.value == name && uses(connection) => Some(transport.is_some()),
            _ => None,
        })
        .peekable();
    by_circuit.peek().is_some() && by_circuit.all(|by_circuit| by_circuit)
}
