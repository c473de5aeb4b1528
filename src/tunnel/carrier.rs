//! The thread of one end of a tunnel: reads packets, encrypts and sends them, and the other way
//! round.
//!
//! It waits on the interface, on the socket, and on the order to stop, all in one call. An
//! interface that is deleted is no longer read; the end still answers its peer.
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

/// Packets after which the other direction has its turn. A turn lasts some 0.2 ms.
const TURN: usize = 128;

/// How often sessions are looked after, as in gotatun's own program.
const TICK: Duration = Duration::from_millis(250);

/// What the kernel is told to answer when each is ready.
const INTERFACE: u64 = 0;
const UNDERLAY: u64 = 1;
const STOP: u64 = 2;

/// What the thread and the [`super::Tunnel`] both use.
pub(super) struct Shared {
    session: Mutex<Session>,
    underlay: Underlay,
    /// Rings when there is a session and was none.
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

    /// The session, for less than a turn.
    pub(super) fn session(&self) -> MutexGuard<'_, Session> {
        // What a panic left behind is still a session, and its stats may tell why.
        self.session.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether there is a session. Without one the peer is called, unless a call has been under
    /// way for less than `patience`.
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

/// All that the thread holds.
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
    /// Watches the interface and the socket; `stop` ends the run.
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

    /// Carries packets until told to stop.
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
        // Rounded up: a timeout of none would have it turn idly until the tick is due.
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

    /// Takes a turn's packets from the namespace to the peer.
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

    /// Takes a turn's datagrams from the peer to the namespace.
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
