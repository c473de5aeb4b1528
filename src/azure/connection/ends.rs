//! The devices at the far ends of tunnels: routers of sites, and virtual machines.

use crate::addresses::Prefix;
use crate::azure::connection::model::{ConnectionKind, IpSecEnd};
use crate::azure::gateway::model::instance_names;
use crate::azure::references::machines;
use crate::azure::resources::Resources;
use crate::azure::virtual_machine::model::VirtualMachine;
use crate::findings::{Finding, Located, no_such};
use crate::onpremises::device::model::Device;
use crate::onpremises::site::find::routers;
use crate::onpremises::site::model::SiteRouter;

/// A device of a customer.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Customer<'a> {
    /// A router of a site.
    Router(&'a SiteRouter),
    /// A virtual machine of a network.
    Machine(&'a VirtualMachine),
}

impl<'a> Customer<'a> {
    /// Its configuration as a device.
    pub(crate) fn device(self) -> &'a Device {
        match self {
            Self::Router(router) => &router.device,
            Self::Machine(machine) => &machine.device,
        }
    }
}

/// The router or virtual machine with that name, or a finding.
pub(crate) fn find_device<'a>(
    spec: &'a Resources,
    name: &Located<String>,
) -> Result<Customer<'a>, Finding> {
    let routers = || routers(&spec.sites);
    let router = routers().find(|(_, router)| router.name.value.as_str() == name.value);
    if let Some((_, router)) = router {
        return Ok(Customer::Router(router));
    }
    let machine = machines(spec).find(|(_, machine)| machine.name.value.as_str() == name.value);
    machine
        .map(|(_, machine)| Customer::Machine(machine))
        .ok_or_else(|| {
            let routers = routers().map(|(_, router)| router.name.value.as_str());
            let machines = machines(spec).map(|(_, machine)| machine.name.value.as_str());
            no_such("router or virtual machine", name, routers.chain(machines))
        })
}

/// The names of the devices that a connection ends at: `appliance` and `device`.
pub(crate) fn device_names(kind: &ConnectionKind) -> impl Iterator<Item = &Located<String>> {
    let [near, far] = match kind {
        ConnectionKind::IpSec { end, device, .. } => match end {
            IpSecEnd::Appliance(appliance) => [Some(appliance), Some(device)],
            IpSecEnd::Gateway(_) => [None, Some(device)],
        },
        ConnectionKind::ExpressRoute { .. }
        | ConnectionKind::VnetToVnet { .. }
        | ConnectionKind::IpSecGateways { .. }
        | ConnectionKind::GlobalReach { .. } => [None, None],
    };
    near.into_iter().chain(far)
}

/// The instances of a gateway with that many instances that have the tunnels of a connection, by position.
pub(crate) fn chosen(kind: &ConnectionKind, gateway: &str, count: usize) -> Vec<usize> {
    let named = kind.instances().iter();
    let named: Vec<usize> = named
        .filter_map(|instance| instance_named(&instance.value, gateway, count))
        .collect();
    let is_chosen = |index: &usize| named.is_empty() || named.contains(index);
    (0..count).filter(is_chosen).collect()
}

/// The instance of a gateway with that number or that name.
pub(crate) fn instance_named(instance: &str, gateway: &str, count: usize) -> Option<usize> {
    let by_number = instance.parse().ok().filter(|number| *number < count);
    by_number.or_else(|| {
        let mut names = instance_names(gateway, count).into_iter();
        names.position(|name| name == instance)
    })
}

/// The prefixes that a gateway's local network gateway has for the other end of a connection.
pub(crate) fn prefixes_known<'a>(kind: &'a ConnectionKind, gateway: &str) -> &'a [Located<Prefix>] {
    match kind {
        ConnectionKind::IpSec {
            local_network_address_prefixes,
            ..
        } => local_network_address_prefixes,
        ConnectionKind::IpSecGateways {
            local_network_address_prefixes,
            ..
        } => {
            let mut all = local_network_address_prefixes.iter();
            let own = all.find(|(name, _)| name.value == gateway);
            own.map_or(&[], |(_, prefixes)| prefixes)
        }
        ConnectionKind::ExpressRoute { .. }
        | ConnectionKind::VnetToVnet { .. }
        | ConnectionKind::GlobalReach { .. } => &[],
    }
}
