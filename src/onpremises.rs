//! On-premises networks: one folder per kind of resource.

pub(crate) mod asn;
pub mod device;
pub mod site;
