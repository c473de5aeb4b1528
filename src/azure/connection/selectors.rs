//! Rules for the traffic selectors of a connection.

use crate::addresses::Address;
use crate::azure::connection::ends::find_device;
use crate::azure::connection::lower::speaks_bgp;
use crate::azure::connection::model::{Connection, ConnectionKind};
use crate::azure::resources::Resources;
use crate::findings::{Finding, Rule};

const PEER_NOT_SELECTED: Rule =
    Rule::new("peer-not-selected").needing(&["enableBgp", "sku", "bgpPeeringAddress"]);

/// The address of a device's BGP session is in a remote range: the session uses the tunnel as all other packets do.
pub(crate) fn selectors_let_bgp_pass(spec: &Resources) -> Vec<Finding> {
    let connections = spec.connections.iter();
    connections
        .filter_map(|one| peer_not_selected(spec, one))
        .collect()
}

fn peer_not_selected(spec: &Resources, connection: &Connection) -> Option<Finding> {
    let ConnectionKind::IpSec { device, .. } = &connection.kind else {
        return None;
    };
    let first = connection.traffic_selectors.first()?;
    if !speaks_bgp(spec, &connection.kind) {
        return None;
    }
    // Another rule reports a device that does not exist.
    let customer = find_device(spec, device).ok()?;
    let name = connection.name.value.as_str();
    let ends = customer.device().tunnel_ends_of(name).into_iter();
    let mut peers = ends.map(|end| end.bgp_address().value);
    let peer = peers.find(|peer| !is_remote(connection, *peer))?;
    let place = first.remote.first()?.place;
    let message = format!(
        "the traffic selectors do not contain {peer}, the BGP address of `{}`: its session cannot be established",
        device.value
    );
    let help = format!(
        "add {peer}/32 to `remoteAddressRanges`, or `enableBgp: false` with `localNetworkAddressPrefixes`"
    );
    Some(Finding::new(PEER_NOT_SELECTED, place, message).with_help(help))
}

/// Whether a remote range of a connection contains an address.
fn is_remote(connection: &Connection, address: Address) -> bool {
    let selectors = connection.traffic_selectors.iter();
    let mut remote = selectors.flat_map(|selector| &selector.remote);
    remote.any(|range| range.value.contains(&address))
}
