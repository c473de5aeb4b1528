//! The WireGuard session of one end: packets in, packets out, without a socket.

use std::{
    net::{SocketAddr, SocketAddrV4},
    sync::Arc,
    time::{Duration, Instant},
};

use gotatun::{
    noise::{Tunn, TunnResult, index_table::IndexTable, rate_limiter::RateLimiter},
    packet::{Packet, WgKind},
    tun::MtuWatcher,
};

use super::{Endpoint, Stats, underlay::Datagram};

/// Handshakes per second above which a peer must prove that it owns its address, as in gotatun's own program.
const MOST_HANDSHAKES: u64 = 100;

/// One end of the sessions with its only peer.
pub(super) struct Session {
    noise: Tunn,
    gate: Arc<RateLimiter>,
    /// The peer's last known endpoint, at first the configured one.
    peer_address: SocketAddrV4,
    mtu: MtuWatcher,
    has_keepalive: bool,
    /// When the last handshake was started.
    called: Option<Instant>,
    /// Encrypted packets to be sent.
    outgoing: Vec<Datagram>,
}

impl Session {
    pub(super) fn new(endpoint: &Endpoint) -> Self {
        let keys = &endpoint.keys;
        let keepalive_seconds = endpoint.keepalive_seconds;
        let gate = Arc::new(RateLimiter::new(
            &keys.public().for_gotatun(),
            MOST_HANDSHAKES,
        ));
        let noise = Tunn::new(
            keys.for_gotatun(),
            endpoint.peer.for_gotatun(),
            None,
            keepalive_seconds,
            IndexTable::from_os_rng(),
            gate.clone(),
        );
        Self {
            noise,
            gate,
            peer_address: endpoint.peer_address,
            mtu: MtuWatcher::new(endpoint.tun.mtu()),
            has_keepalive: keepalive_seconds.is_some_and(|seconds| seconds > 0),
            called: None,
            outgoing: Vec::new(),
        }
    }

    /// The packets to be sent now.
    pub(super) const fn outgoing(&mut self) -> &mut Vec<Datagram> {
        &mut self.outgoing
    }

    /// Whether the next packet passes.
    pub(super) fn is_active(&self) -> bool {
        self.noise.has_active_session()
    }

    /// Encrypts a packet. Without a session the packet waits, and a handshake starts.
    pub(super) fn encrypt(&mut self, packet: Packet, now: Instant) {
        if is_ipv4(&packet) {
            let encrypted = self
                .noise
                .handle_outgoing_packet(packet, Some(&mut self.mtu));
            self.post(encrypted, now);
        }
    }

    /// Decrypts a datagram, or answers it. Datagrams that are not from the peer are dropped.
    pub(super) fn decrypt(&mut self, (datagram, from): Datagram, now: Instant) -> Option<Packet> {
        let verified = self.gate.verify_packet(SocketAddr::V4(from), datagram);
        let message = match verified {
            Ok(message) => message,
            Err(TunnResult::WriteToNetwork(cookie)) => {
                self.outgoing.push((cookie.into(), from));
                return None;
            }
            Err(_) => return None,
        };
        match self.noise.handle_incoming_packet(message) {
            TunnResult::Done | TunnResult::Err(_) => None,
            TunnResult::WriteToNetwork(answer) => {
                self.peer_address = from;
                let has_session = matches!(answer, WgKind::Data(_));
                self.post(Some(answer), now);
                if has_session {
                    self.encrypt_waiting(now);
                }
                None
            }
            TunnResult::WriteToTunnel(packet) => {
                self.peer_address = from;
                // The first packet of a session that the peer started confirms the session.
                self.encrypt_waiting(now);
                // An empty packet is a keepalive.
                let ip = packet.try_into_ipvx().ok()?;
                ip.left().map(Packet::from)
            }
        }
    }

    /// Starts a handshake, unless there is a session or one was started less than `patience` ago.
    pub(super) fn call(&mut self, patience: Duration, now: Instant) {
        if self.is_active() {
            return;
        }
        let is_late = self.called.is_none_or(|called| now - called >= patience);
        let call = self.noise.format_handshake_initiation(is_late);
        self.post(call.map(WgKind::from), now);
    }

    /// Runs due timers; called a few times a second.
    pub(super) fn tick(&mut self, now: Instant) {
        if let Ok(due) = self.noise.update_timers() {
            self.post(due, now);
        }
        // An idle session ends after 180 seconds, and unanswered handshakes stop after 90, until there is a packet to
        // send. An end with a keepalive starts a handshake itself.
        if self.has_keepalive && self.noise.time_since_last_handshake().is_none() {
            self.call(Duration::MAX, now);
        }
    }

    pub(super) fn stats(&self) -> Stats {
        let (since_handshake, sent, received, ..) = self.noise.stats();
        Stats {
            since_handshake,
            received,
            sent,
            peer_address: self.peer_address,
        }
    }

    fn encrypt_waiting(&mut self, now: Instant) {
        let waiting: Vec<_> = self.noise.get_queued_packets(&mut self.mtu).collect();
        for message in waiting {
            self.post(Some(message), now);
        }
    }

    fn post(&mut self, message: Option<WgKind>, now: Instant) {
        if let Some(message) = message {
            if matches!(message, WgKind::HandshakeInit(_)) {
                self.called = Some(now);
            }
            self.outgoing.push((message.into(), self.peer_address));
        }
    }
}

fn is_ipv4(packet: &[u8]) -> bool {
    packet.first().is_some_and(|byte| byte >> 4 == 4)
}
