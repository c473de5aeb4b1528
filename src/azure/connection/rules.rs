//! Connections: their ends must exist and be compatible.

use crate::azure::connection::ends::{Customer, find_device};
use crate::azure::connection::lower::speaks_bgp;
use crate::azure::connection::model::{ConnectionKind, IpSecEnd};
use crate::azure::gateway::model::GatewayKind;
use crate::azure::references::{Wanted, find_gateway, find_machine};
use crate::azure::resources::Resources;
use crate::azure::virtual_machine::model::VirtualMachine;
use crate::findings::{Finding, Located, Rule};
use crate::onpremises::site::find::find_router;
use crate::onpremises::site::model::Site;
use crate::units::Asn;

const NO_ASN: Rule = Rule::of_whole_files("no-asn").needing(&["enableBgp", "sku", "asn"]);
const SAME_ASN: Rule = Rule::of_whole_files("same-asn").needing(&["enableBgp", "sku", "asn"]);

/// The ASN of a router, its own or its site's, or a finding.
pub(crate) fn router_asn(spec: &Resources, router: &Located<String>) -> Result<Asn, Finding> {
    let (site, found) = find_router(&spec.sites, router)?;
    found
        .device
        .asn
        .or(site.asn)
        .map(|asn| asn.value)
        .ok_or_else(|| without_asn(site, router))
}

fn without_asn(site: &Site, router: &Located<String>) -> Finding {
    let message = format!(
        "router `{}` speaks BGP with Azure, but its site `{}` has no `asn`",
        router.value, site.name.value
    );
    Finding::new(NO_ASN, router.place, message).with_help(format!(
        "add `asn: 65001`, or another private number, to site `{}`",
        site.name.value
    ))
}

/// A tunnel must connect two VPN gateways, or a device to one gateway or an appliance. A device is a router of a site or
/// a virtual machine. With BGP, both ends must be in
/// different autonomous systems (vpn-gateway-bgp-overview).
pub(crate) fn tunnels_resolve(spec: &Resources) -> Vec<Finding> {
    spec.connections
        .iter()
        .flat_map(|connection| tunnel_resolves(spec, &connection.kind))
        .collect()
}

fn tunnel_resolves(spec: &Resources, kind: &ConnectionKind) -> Vec<Finding> {
    let speak_bgp = speaks_bgp(spec, kind);
    let (ends, last) = match kind {
        ConnectionKind::ExpressRoute { .. } | ConnectionKind::GlobalReach { .. } => {
            return Vec::new();
        }
        ConnectionKind::VnetToVnet { gateways, .. }
        | ConnectionKind::IpSecGateways { gateways, .. } => {
            let [a, b] = gateways;
            ([gateway_asn(spec, a), gateway_asn(spec, b)], b)
        }
        ConnectionKind::IpSec { end, device, .. } => {
            let azure = match end {
                IpSecEnd::Gateway(gateway) => gateway_asn(spec, gateway),
                IpSecEnd::Appliance(appliance) => appliance_asn(spec, appliance, speak_bgp),
            };
            ([azure, device_asn(spec, device, speak_bgp)], device)
        }
    };
    match ends {
        [Ok(Some(a)), Ok(Some(b))] if speak_bgp && a == b => {
            let message = format!(
                "both ends of this tunnel have the AS number {a}, so neither accepts the other's routes"
            );
            vec![
                Finding::new(SAME_ASN, last.place, message)
                    .with_help("give one of them another private `asn`"),
            ]
        }
        ends => ends.into_iter().filter_map(Result::err).collect(),
    }
}

fn gateway_asn(spec: &Resources, name: &Located<String>) -> Result<Option<Asn>, Finding> {
    match &find_gateway(spec, name, Wanted::Vpn)?.kind {
        GatewayKind::Vpn { asn, .. } => Ok(Some(asn.value)),
        GatewayKind::ExpressRoute { .. } => Ok(Some(Asn::AZURE_GATEWAY)),
    }
}

/// The ASN of a customer's device, which BGP needs.
fn device_asn(
    spec: &Resources,
    name: &Located<String>,
    speaks_bgp: bool,
) -> Result<Option<Asn>, Finding> {
    match find_device(spec, name)? {
        Customer::Router(..) if speaks_bgp => router_asn(spec, name).map(Some),
        Customer::Router(..) => Ok(None),
        Customer::Machine(machine) => machine_asn(machine, name, speaks_bgp),
    }
}

/// The ASN of an appliance, which BGP needs.
fn appliance_asn(
    spec: &Resources,
    name: &Located<String>,
    speaks_bgp: bool,
) -> Result<Option<Asn>, Finding> {
    let (_, machine) = find_machine(spec, name)?;
    machine_asn(machine, name, speaks_bgp)
}

fn machine_asn(
    machine: &VirtualMachine,
    name: &Located<String>,
    speaks_bgp: bool,
) -> Result<Option<Asn>, Finding> {
    let asn = machine.device.asn.map(|asn| asn.value);
    if asn.is_some() || !speaks_bgp {
        return Ok(asn);
    }
    let message = format!(
        "virtual machine `{}` speaks BGP over this connection, but has no `asn`",
        name.value
    );
    Err(Finding::new(NO_ASN, name.place, message).with_help(format!(
        "add `asn: 65010`, or another private number, to `{}`, or `enableBgp: false` here",
        name.value
    )))
}
