//! The impairments of a link in a lab file.

use std::time::Duration;

use crate::findings::Located;
use crate::units::{Bandwidth, ImpairmentChange, Share};

/// An item of `impairments`. An omitted value stays as other parts of the file set it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkImpairment {
    /// `link`: a link's name. The name of a tunnel or connection means its path across the internet.
    pub link: Located<String>,
    /// `from`: the end at which packets enter; by default both.
    pub from: Option<Located<String>>,
    /// `delay`, one way. It replaces half of `rtt`.
    pub delay: Option<Located<Duration>>,
    /// `jitter`.
    pub jitter: Option<Located<Duration>>,
    /// `loss`.
    pub loss: Option<Share>,
    /// `duplicate`.
    pub duplicate: Option<Share>,
    /// `reorder`.
    pub reorder: Option<Located<Share>>,
    /// `rate`. It replaces a circuit's `bandwidthInMbps`.
    pub rate: Option<Bandwidth>,
    /// `queue`, in packets.
    pub queue: Option<u32>,
}

impl LinkImpairment {
    /// The values that it sets, without their places.
    #[must_use]
    pub fn change(&self) -> ImpairmentChange {
        ImpairmentChange {
            delay: self.delay.map(|delay| delay.value),
            jitter: self.jitter.map(|jitter| jitter.value),
            loss: self.loss,
            duplicate: self.duplicate,
            reorder: self.reorder.map(|reorder| reorder.value),
            rate: self.rate,
            queue: self.queue,
        }
    }
}
