//! The result of a trace: the hops of a path, and the reply to each probe of a hop.

use std::{collections::BTreeSet, net::Ipv4Addr, time::Duration};

use crate::units::Ttl;

/// The meaning of an answer for its probe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ReplyKind {
    /// The destination received the probe (RFC 792, type 0).
    EchoReply,
    /// A router dropped the probe because its TTL expired (type 11, code 0).
    TimeExceeded,
    /// A router or the destination refused the probe (type 3), with the code of the reason.
    Unreachable(u8),
}

impl ReplyKind {
    /// Whether no probe can get further than the sender of this answer.
    #[must_use]
    pub const fn ends_path(self) -> bool {
        matches!(self, Self::EchoReply | Self::Unreachable(_))
    }
}

/// A received answer, not yet matched to a probe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer {
    /// The sequence number of the probe that is answered.
    pub sequence: u16,
    /// The sender of the answer.
    pub from: Ipv4Addr,
    /// Its meaning.
    pub kind: ReplyKind,
    /// The remaining TTL of the answer on arrival.
    pub remaining_ttl: u8,
}

/// An answer to a probe of this run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reply {
    /// The sender of the answer.
    pub from: Ipv4Addr,
    /// From just before the send to the arrival at the kernel; zero if the clock was set meanwhile.
    pub round_trip_time: Duration,
    /// Its meaning.
    pub kind: ReplyKind,
    /// The remaining TTL of the answer on arrival.
    pub remaining_ttl: u8,
}

/// All probes of one TTL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hop {
    /// The TTL of the probes.
    pub ttl: Ttl,
    /// One entry per probe, in the order of sending; `None` for a probe without an answer.
    pub probes: Vec<Option<Reply>>,
    /// Why the first unsent probe could not be sent.
    pub send_error: Option<String>,
}

impl Hop {
    /// The replies, in the order of sending.
    pub fn replies(&self) -> impl Iterator<Item = &Reply> {
        self.probes.iter().flatten()
    }

    /// The addresses that answered; several where equal-cost paths (ECMP) diverge.
    #[must_use]
    pub fn addresses(&self) -> BTreeSet<Ipv4Addr> {
        self.replies().map(|reply| reply.from).collect()
    }

    /// The number of probes without an answer.
    #[must_use]
    pub fn lost(&self) -> usize {
        self.probes.iter().filter(|probe| probe.is_none()).count()
    }

    /// The shortest round-trip time; `None` without any answer.
    #[must_use]
    pub fn best_round_trip_time(&self) -> Option<Duration> {
        self.replies().map(|reply| reply.round_trip_time).min()
    }

    /// Whether the destination answered here.
    #[must_use]
    pub fn is_destination(&self) -> bool {
        self.replies()
            .any(|reply| reply.kind == ReplyKind::EchoReply)
    }
}

/// The answers on the path to a destination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trace {
    /// The destination of the probes.
    pub destination: Ipv4Addr,
    /// The hops by increasing TTL, up to the first one that [ends the path](ReplyKind::ends_path).
    pub hops: Vec<Hop>,
}

impl Trace {
    /// Whether the destination answered.
    #[must_use]
    pub fn reached(&self) -> bool {
        self.hops.iter().any(Hop::is_destination)
    }
}
