//! On-premises networks: one folder for each kind of resource.

pub mod device;
pub mod site;
