//! What a link is made of, by what it has to do to packets.

use crate::units::Impairment;

/// Frames that wait in an interface to be carried by a process; it loses further ones. As many as a TCP stream sends at
/// once at most where frames are carried one by one (`net.ipv4.tcp_wmem`, 4 MiB): the kernel's own thousand are lost by
/// the dozen then.
pub const MOST_FRAMES_WAITING: u32 = 3000;

/// How a link carries packets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Carriage {
    /// At once: a pair of interfaces, and nothing more.
    Direct,
    /// At once, but no more than so much: the kernel's token bucket (tbf) at the ends that have a rate.
    Shaped,
    /// By the kernel's network emulator (netem) or, where it has none, by a wire of our own.
    Impaired,
}

impl Carriage {
    /// What a link needs that does this to the packets of its two directions.
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
