//! Virtual network gateways: VPN gateways and `ExpressRoute` gateways, which Azure has as one kind of resource.

pub(crate) mod capacity;
pub(crate) mod decode;
pub(crate) mod lower;
pub(crate) mod model;
pub(crate) mod rules;
mod sessions;
pub(crate) mod sizes;

pub use capacity::encrypted_rate;
pub use model::{
    ExpressRouteSku, GatewayKind, ScaleUnits, VirtualNetworkGateway, VpnGatewayInstance, VpnSku,
};

/// The nodes of a VPN gateway with that many instances.
pub(crate) fn instance_names(gateway: &str, instances: usize) -> Vec<String> {
    if instances == 1 {
        vec![gateway.to_owned()]
    } else {
        (0..instances)
            .map(|index| format!("{gateway}-in{index}"))
            .collect()
    }
}
