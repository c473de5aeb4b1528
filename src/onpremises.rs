//! On-premises networks: one folder for each kind of resource.

pub(crate) mod asn;
pub mod device;
pub mod site;
