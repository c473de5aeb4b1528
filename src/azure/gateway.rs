//! Virtual network gateways: VPN gateways and `ExpressRoute` gateways, which Azure has as one kind of resource.

pub(crate) mod capacity;
pub(crate) mod decode;
pub(crate) mod lower;
pub(crate) mod model;
pub(crate) mod rules;
pub(crate) mod sizes;

pub use capacity::encrypted_rate;
pub use model::{
    ExpressRouteSku, GatewayKind, ScaleUnits, VirtualNetworkGateway, VpnGatewayInstance, VpnSku,
};
