//! Private endpoints.

use super::Import;
use crate::import::id::Id;
use crate::import::resource::Resource;
use crate::import::text::Map;
use crate::import::view::View;

impl Import<'_> {
    /// The private endpoints of each network in the section `virtualNetworks`.
    pub(super) fn endpoints(&mut self) {
        for endpoint in self.resources.of("privateEndpoints") {
            let name = self.name(&endpoint.id);
            let subnet = endpoint.view().reference("subnet");
            let network = subnet.as_ref().and_then(|one| self.network_of_subnet(one));
            let (Some(subnet), Some(network)) = (subnet, network) else {
                let why = "its virtual network is not in the files";
                self.notes.leave("privateEndpoints", &name, why);
                continue;
            };
            let mut map = Map::default();
            map.set("subnet", self.subnet_name(&subnet));
            map.set_some("privateIPAddress", self.address_of_endpoint(endpoint));
            let network = self.name(&network.id);
            let network = self.document.at("virtualNetworks").at(&network);
            network.at("privateEndpoints").set(&name, map);
            self.notes.take("privateEndpoints", &name);
            let what = "ports of private endpoints are 443; `port` of an endpoint sets another one";
            self.notes.choose(what, &name);
        }
    }

    /// The address of a private endpoint: that of its interface, if it is in the files, or the one that it states.
    fn address_of_endpoint(&self, endpoint: &Resource) -> Option<String> {
        let interfaces = endpoint.view().references("networkInterfaces");
        let interfaces = interfaces.iter().filter_map(|id| self.resources.get(id));
        let mut views = interfaces.map(Resource::view).chain([endpoint.view()]);
        let address = views.find_map(|view| {
            let mut configurations = view.list("ipConfigurations");
            configurations.find_map(|one| one.text("privateIPAddress"))
        });
        address.map(str::to_owned)
    }

    /// The value of a subnet's `privateEndpointNetworkPolicies`, if it makes a difference: if an endpoint is there.
    pub(super) fn endpoint_policies(&self, network: &Resource, subnet: View<'_>) -> Option<String> {
        let stated = subnet.text("privateEndpointNetworkPolicies")?;
        let name = subnet.text("name")?;
        let id = Id::new(&format!("{}/subnets/{name}", network.id.text()));
        let mut endpoints = self.resources.of("privateEndpoints");
        let is_used = endpoints.any(|one| {
            let of = one.view().reference("subnet");
            of.is_some_and(|of| of.key() == id.key())
        });
        (is_used && !stated.eq_ignore_ascii_case("Disabled")).then(|| stated.to_owned())
    }
}
