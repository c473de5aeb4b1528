//! Sites with their routers, hosts and links, and the links between sites.

pub(crate) mod decode;
pub(crate) mod lower;
pub(crate) mod model;
pub(crate) mod rules;

pub use model::{Site, SiteHost, SiteLink, SiteRouter, WanLink};
