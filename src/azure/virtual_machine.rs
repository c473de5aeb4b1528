//! Virtual machines, and network virtual appliances, which are virtual machines that forward.

pub use crate::azure::virtual_network::model::VirtualMachine;
