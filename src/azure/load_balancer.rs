//! Internal load balancers in front of network virtual appliances.

pub(crate) mod rules;

pub use crate::azure::virtual_network::model::LoadBalancer;
