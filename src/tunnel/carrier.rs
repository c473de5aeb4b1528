//! The thread of one end of a tunnel: it encrypts packets and sends them, and the reverse.
//!
//! It waits on the interface, on the socket, and on the order to stop, all in one call. A deleted interface is no
//! longer read; the end still answers its peer.
#![expect(
    clippy::disallowed_methods,
    reason = "a driver at the edge, which reads the clock"
)]

use std::{
    io, mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use gotatun::packet::Packet;
use nix::{
    errno::Errno,
    sys::{
        epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout},
        eventfd::EventFd,
    },
};
use tokio::sync::Notify;

use super::{
    Underlay,
    interface::{Interface, Pool, Tun},
    session::Session,
    underlay::{Datagram, Inbox},
};

/// How many packets are handled before the other direction's: about 0.2 ms.
const TURN: usize = 128;

/// How often timers of sessions are checked, as in gotatun's own program.
const TICK: Duration = Duration::from_millis(250);

/// The kernel's event value of each descriptor.
const INTERFACE: u64 = 0;
const UNDERLAY: u64 = 1;
const STOP: u64 = 2;

/// The state that the thread and the [`super::Tunnel`] share.
pub(super) struct Shared {
    session: Mutex<Session>,
    underlay: Underlay,
    /// Notifies when a session is established.
    pub(super) agreed: Notify,
}

impl Shared {
    pub(super) fn new(session: Session, underlay: Underlay) -> Self {
        Self {
            session: Mutex::new(session),
            underlay,
            agreed: Notify::new(),
        }
    }

    /// The session, locked for less than a turn.
    pub(super) fn session(&self) -> MutexGuard<'_, Session> {
        // After a panic it is still a session, and its statistics may explain the cause.
        self.session.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether there is a session. Without one it starts a handshake, unless one was started less than `patience` ago.
    pub(super) fn is_active_or_call(&self, patience: Duration) -> bool {
        let mut session = self.session();
        session.call(patience, Instant::now());
        let mut datagrams = mem::take(session.outgoing());
        let is_active = session.is_active();
        drop(session);
        self.underlay.send(&mut datagrams);
        is_active
    }
}

/// The state of the thread.
pub(super) struct Carrier {
    shared: Arc<Shared>,
    interface: Interface,
    inbox: Inbox,
    pool: Pool,
    epoll: Epoll,
    packets: Vec<Packet>,
    incoming: Vec<Datagram>,
    outgoing: Vec<Datagram>,
}

impl Carrier {
    /// Watches the interface and the socket; `stop` ends the thread.
    pub(super) fn new(shared: Arc<Shared>, tun: Tun, stop: &EventFd) -> Result<Self, Errno> {
        let pool = Pool::new(TURN);
        let epoll = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?;
        let readable = |answer| EpollEvent::new(EpollFlags::EPOLLIN, answer);
        epoll.add(stop, readable(STOP))?;
        epoll.add(&tun, readable(INTERFACE))?;
        epoll.add(&shared.underlay, readable(UNDERLAY))?;
        Ok(Self {
            interface: Interface::new(tun, &pool),
            shared,
            inbox: Inbox::new(),
            pool,
            epoll,
            packets: Vec::new(),
            incoming: Vec::new(),
            outgoing: Vec::new(),
        })
    }

    /// Carries packets until it is stopped.
    pub(super) fn run(mut self) -> Result<(), Errno> {
        let mut events = [EpollEvent::empty(); 3];
        let mut next_tick = Instant::now();
        loop {
            let now = Instant::now();
            if now >= next_tick {
                self.tick(now);
                next_tick = now + TICK;
            }
            let count = self.wait(&mut events, next_tick - now)?;
            for event in &events[..count] {
                match event.data() {
                    STOP => return Ok(()),
                    INTERFACE => self.take_out()?,
                    _ => self.take_in(),
                }
            }
        }
    }

    fn wait(&self, events: &mut [EpollEvent], most: Duration) -> Result<usize, Errno> {
        // Rounded up: a zero timeout would make it spin until the tick is due.
        let timeout =
            EpollTimeout::try_from(most + Duration::from_millis(1)).unwrap_or(EpollTimeout::ZERO);
        match self.epoll.wait(events, timeout) {
            Err(Errno::EINTR) => Ok(0),
            other => other,
        }
    }

    fn tick(&mut self, now: Instant) {
        let mut session = self.shared.session();
        session.tick(now);
        mem::swap(session.outgoing(), &mut self.outgoing);
        drop(session);
        self.shared.underlay.forget_refusals();
        self.shared.underlay.send(&mut self.outgoing);
    }

    /// Sends a turn's packets from the namespace to the peer.
    fn take_out(&mut self) -> Result<(), Errno> {
        while self.packets.len() < TURN {
            match self.interface.read(&self.pool, &mut self.packets) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                // Deleted: it would be readable again at once.
                Err(_) => {
                    self.epoll.delete(&self.interface)?;
                    break;
                }
            }
        }
        let now = Instant::now();
        let mut session = self.shared.session();
        for packet in self.packets.drain(..) {
            session.encrypt(packet, now);
        }
        mem::swap(session.outgoing(), &mut self.outgoing);
        drop(session);
        self.shared.underlay.send(&mut self.outgoing);
        Ok(())
    }

    /// Passes a turn's datagrams from the peer to the namespace.
    fn take_in(&mut self) {
        while self.incoming.len() < TURN {
            let underlay = &self.shared.underlay;
            let received = self.inbox.receive(underlay, &self.pool, &mut self.incoming);
            if received.is_err() {
                break;
            }
        }
        let now = Instant::now();
        let mut session = self.shared.session();
        let was_active = session.is_active();
        for datagram in self.incoming.drain(..) {
            self.packets.extend(session.decrypt(datagram, now));
        }
        let is_active = session.is_active();
        mem::swap(session.outgoing(), &mut self.outgoing);
        drop(session);
        self.shared.underlay.send(&mut self.outgoing);
        self.interface.write(&mut self.packets);
        if is_active && !was_active {
            self.shared.agreed.notify_waiters();
        }
    }
}
