//! How a link is built, by its impairments.

use crate::units::Impairment;

/// The queue length of an interface that a process carries, in frames; further frames are dropped. It holds the largest
/// TCP burst of one stream (`net.ipv4.tcp_wmem`, 4 MiB), since frames are carried one by one. The kernel's default of
/// 1,000 would lose dozens of frames.
pub const MOST_FRAMES_WAITING: u32 = 3000;

/// How a link carries packets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Carriage {
    /// Directly: a veth pair.
    Direct,
    /// With a rate only: the kernel's token bucket (tbf) at the ends that have a rate.
    Shaped,
    /// With the kernel's network emulator (netem) or, without netem, a wire of the supervisor.
    Impaired,
}

impl Carriage {
    /// How a link with these impairments of its two directions is carried.
    #[must_use]
    pub fn of(directions: &[Impairment; 2]) -> Self {
        let is_shaped = |way: &Impairment| way.is_none() || way.is_rate_alone();
        if directions.iter().all(Impairment::is_none) {
            Self::Direct
        } else if directions.iter().all(is_shaped) {
            Self::Shaped
        } else {
            Self::Impaired
        }
    }
}
