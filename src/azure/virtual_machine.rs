//! Virtual machines with their network interfaces, and network virtual appliances, which are virtual machines that
//! forward.

pub(crate) mod decode;
pub(crate) mod lower;
mod model;
pub(crate) mod rules;

pub use model::{NetworkInterface, VirtualMachine};
