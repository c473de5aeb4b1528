//! Creates load balancers.

use crate::azure::source::Builder;
use crate::topology::LoadBalancer;

impl Builder<'_> {
    pub(crate) fn load_balancers(&mut self) {
        let balancers = self.source.resources.load_balancers.iter().map(|balancer| {
            let backends = balancer.backends.iter();
            LoadBalancer {
                name: balancer.name.value.clone(),
                vnet: self.vnet_named(&balancer.virtual_network.value),
                frontend: balancer.frontend_ip_address.value,
                backends: backends.map(|name| self.nic_named(&name.value)).collect(),
            }
        });
        self.topology.load_balancers = balancers.collect();
    }
}
