//! The internet of a lab, which joins the public addresses.

use crate::routing::speaker::Speaker;
use crate::topology::NodeId;

/// The internet of a lab.
#[derive(Debug)]
pub(super) struct Internet {
    pub(super) node: NodeId,
}

impl Speaker for Internet {}
