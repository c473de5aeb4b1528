//! What a speaker originates.

use crate::addresses::{Address, Prefix};
use crate::routing::bgp::Ground;
use crate::routing::index::Number;
use crate::topology::SessionId;

/// A prefix that a speaker is the source of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::routing) struct Originated {
    /// The prefix.
    pub(in crate::routing) prefix: Prefix,
    /// The session that it is a static prefix behind; none for what is the speaker's own.
    pub(in crate::routing) behind: Option<SessionId>,
    /// It is the BGP address of that session's other end, and not a network.
    pub(in crate::routing) is_peer: bool,
}

impl Originated {
    fn network(prefix: Prefix) -> Self {
        Self {
            prefix,
            behind: None,
            is_peer: false,
        }
    }
}

/// What a speaker originates: its own prefixes, then the static prefixes behind its sessions, as long as those are carried.
/// Static prefixes do not depend on BGP.
pub(super) fn of(ground: Ground<'_>, speaker: Number, carried: &[bool]) -> Vec<Originated> {
    let Ground {
        topology,
        index,
        failures,
        ..
    } = ground;
    let networks = index
        .speaker(index.numbered[speaker.0].node)
        .networks(topology, failures);
    let mut originated: Vec<Originated> = networks.into_iter().map(Originated::network).collect();
    for (id, end) in index.sessions[speaker.0]
        .iter()
        .filter(|(id, _)| carried[id.0])
    {
        let session = topology.session(*id);
        let end = &session.ends[*end];
        let behind = |prefix, is_peer| Originated {
            prefix,
            behind: Some(*id),
            is_peer,
        };
        let peer = end.peer_address.map(host);
        // A local network gateway often lists its peer's BGP address too: that is one route, not two.
        let networks = end.networks.iter().filter(|prefix| Some(**prefix) != peer);
        originated.extend(networks.map(|prefix| behind(*prefix, false)));
        originated.extend(peer.map(|peer| behind(peer, true)));
    }
    originated
}

fn host(address: Address) -> Prefix {
    Prefix::from(address)
}
