//! Internal load balancers with a rule for all ports.

use super::Import;
use crate::import::id::Id;
use crate::import::names::plain;
use crate::import::resource::Resource;
use crate::import::text::{Map, Value};
use crate::import::view::View;

impl Import<'_> {
    /// The section `loadBalancers`.
    pub(super) fn balancers(&mut self) {
        let mut section = Map::default();
        for balancer in self.resources.of("loadBalancers") {
            let name = self.name(&balancer.id);
            match self.balancer(balancer) {
                Ok(map) => {
                    section.set_under(self.origin(&balancer.id), &name, map);
                    self.notes.take("loadBalancers", &name);
                }
                Err(why) => self.notes.leave("loadBalancers", &name, why),
            }
        }
        if !section.is_empty() {
            self.document.set("loadBalancers", section);
        }
    }

    fn balancer(&self, balancer: &Resource) -> Result<Map, &'static str> {
        let view = balancer.view();
        let is_for_all = |rule: &View<'_>| {
            let protocol = rule.text("protocol").unwrap_or_default();
            protocol.eq_ignore_ascii_case("All") && rule.number("frontendPort").unwrap_or(0) == 0
        };
        let rule = view.list("loadBalancingRules").find(is_for_all);
        let rule = rule.ok_or("it has no rule for all ports, so it is no next hop")?;
        let frontend_id = rule.reference("frontendIPConfiguration");
        let is_rules = |one: &View<'_>| {
            frontend_id.as_ref().is_none_or(|id| {
                one.text("name")
                    .is_some_and(|name| name.eq_ignore_ascii_case(id.name()))
            })
        };
        let frontend = view.list("frontendIPConfigurations").find(is_rules);
        let frontend = frontend.ok_or("its frontend is not in the files")?;
        let subnet = frontend
            .reference("subnet")
            .ok_or("it is a public load balancer")?;
        let network = self
            .network_of_subnet(&subnet)
            .ok_or("its virtual network is not in the files")?;
        let backends = self.backends(balancer);
        if backends.is_empty() {
            return Err("none of its backends is in the files");
        }
        let mut map = Map::default();
        map.set("virtualNetwork", self.name(&network.id));
        map.set("subnet", self.subnet_name(&subnet));
        map.set_some("frontendIPAddress", frontend.text("privateIPAddress"));
        map.set("backends", Value::texts(backends));
        Ok(map)
    }

    /// The machines behind a load balancer: those whose interface names one of its pools, or is named by one.
    fn backends(&self, balancer: &Resource) -> Vec<String> {
        let pools = balancer.view().list("backendAddressPools");
        let of_pools: Vec<Id> = pools
            .flat_map(|pool| pool.references("backendIPConfigurations"))
            .collect();
        let is_named = |interface: &Resource| {
            of_pools.iter().any(|one| {
                one.parent()
                    .is_some_and(|id| id.key() == interface.id.key())
            })
        };
        let names_a_pool = |interface: &Resource| {
            let configurations = interface.view().list("ipConfigurations");
            let mut pools =
                configurations.flat_map(|one| one.references("loadBalancerBackendAddressPools"));
            pools.any(|pool| {
                pool.parent()
                    .is_some_and(|id| id.key() == balancer.id.key())
            })
        };
        let interfaces = self.resources.of("networkInterfaces");
        let behind = interfaces.filter(|one| is_named(one) || names_a_pool(one));
        let mut names: Vec<String> = behind.filter_map(|one| self.machine_of(one)).collect();
        names.dedup();
        names
    }

    /// The name of a machine as the backend of an interface: with the interface's name if the machine has several.
    fn machine_of(&self, interface: &Resource) -> Option<String> {
        let machine = self.machines.owners.get(interface.id.key())?;
        let name = &self.machines.placed.get(machine.key())?.name;
        Some(if self.machines.with_several.contains(machine.key()) {
            format!("{name}/{}", plain(interface.name()))
        } else {
            name.clone()
        })
    }
}
