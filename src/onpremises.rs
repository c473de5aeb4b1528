//! On-premises networks: one folder for each kind of resource, as in [`crate::azure`].

pub mod device;
pub mod site;
