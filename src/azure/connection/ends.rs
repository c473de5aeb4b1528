//! The devices at the far ends of tunnels: routers of sites, and virtual machines.

use crate::azure::connection::model::{ConnectionKind, IpSecEnd};
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
        | ConnectionKind::GlobalReach { .. } => [None, None],
    };
    near.into_iter().chain(far)
}
