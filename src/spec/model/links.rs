//! What a lab file has happen to the packets of a link.

use std::time::Duration;

use crate::findings::Located;
use crate::units::{Bandwidth, ImpairmentChange, Share};

/// An item of `impairments`. What it leaves out stays as other parts of the file have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkImpairment {
    /// `link`: a link's name; a tunnel's or its connection's stands for the way across the internet.
    pub link: Located<String>,
    /// `from`: the end at which packets enter; both ends' where absent.
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
    /// What it sets, without where that stands.
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
