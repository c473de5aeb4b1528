//! The thread that carries frames: reads those that come, holds them, writes those that are due.
//!
//! It waits on every interface, on the alarm for the next deadline, and on the order to stop, all
//! in one call. An interface that is deleted is no longer read; what is still under way to it is
//! dropped and counted.
#![expect(
    clippy::disallowed_methods,
    reason = "a driver at the edge, which reads the clock"
)]

use std::{
    io,
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant},
};

use nix::{
    errno::Errno,
    sys::{
        epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout},
        eventfd::EventFd,
    },
};

use super::{
    Blackholes, Wire,
    alarm::Alarm,
    counters::Tally,
    queue::{Direction, Queue},
    tap::Tap,
};

/// The largest frame that an interface sends: the largest IP packet and a tagged Ethernet header.
const LARGEST_FRAME: usize = 65_535 + 18;

/// Most frames read from an interface before others have their turn. A turn lasts some 0.1 ms,
/// which bounds how late a busy wire makes the frames of another.
const MOST_FRAMES_A_TURN: usize = 32;

/// Most events taken from the kernel at once.
const MOST_EVENTS: usize = 64;

/// What the kernel is told to answer when the alarm goes off. Interfaces answer their number.
const ALARM: u64 = u64::MAX;

/// What the kernel is told to answer when the thread is to stop.
const STOP: u64 = u64::MAX - 1;

/// All that the carrying thread holds.
pub(super) struct Carrier {
    taps: Vec<Tap>,
    queue: Queue,
    tallies: Arc<[Tally]>,
    blackholes: Blackholes,
    alarm: Alarm,
    epoll: Epoll,
    buffer: Box<[u8]>,
}

impl Carrier {
    /// Watches the ends of `wires`. `tallies` has one entry per direction and `blackholes` one per
    /// wire; `stop` ends the run.
    pub(super) fn new(
        wires: Vec<Wire>,
        tallies: Arc<[Tally]>,
        blackholes: Blackholes,
        stop: &EventFd,
    ) -> Result<Self, Errno> {
        let delays: Vec<Duration> = wires.iter().map(|wire| wire.delay).collect();
        let carrier = Self {
            taps: wires.into_iter().flat_map(|wire| wire.ends).collect(),
            queue: Queue::new(delays),
            tallies,
            blackholes,
            alarm: Alarm::new()?,
            epoll: Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?,
            buffer: vec![0; LARGEST_FRAME].into(),
        };
        carrier.watch_all(stop)?;
        Ok(carrier)
    }

    fn watch_all(&self, stop: &EventFd) -> Result<(), Errno> {
        let readable = |answer| EpollEvent::new(EpollFlags::EPOLLIN, answer);
        self.epoll.add(stop, readable(STOP))?;
        self.epoll.add(&self.alarm, readable(ALARM))?;
        (0_u64..)
            .zip(&self.taps)
            .try_for_each(|(number, tap)| self.epoll.add(tap, readable(number)))
    }

    /// Carries frames until told to stop.
    pub(super) fn run(mut self) -> Result<(), Errno> {
        let mut events = [EpollEvent::empty(); MOST_EVENTS];
        loop {
            self.alarm.set(self.queue.next_deadline())?;
            let count = self.wait(&mut events)?;
            for event in &events[..count] {
                match event.data() {
                    STOP => return Ok(()),
                    ALARM => self.alarm.acknowledge()?,
                    number => self.take_in(number, event.events())?,
                }
                self.give_out(Instant::now());
            }
        }
    }

    fn wait(&self, events: &mut [EpollEvent]) -> Result<usize, Errno> {
        match self.epoll.wait(events, EpollTimeout::NONE) {
            Err(Errno::EINTR) => Ok(0),
            other => other,
        }
    }

    /// Reads a turn's worth of frames from the interface with this number.
    fn take_in(&mut self, number: u64, state: EpollFlags) -> Result<(), Errno> {
        let Some(entry) = usize::try_from(number)
            .ok()
            .filter(|entry| *entry < self.taps.len())
        else {
            return Ok(());
        };
        if state.contains(EpollFlags::EPOLLERR) {
            return self.epoll.delete(&self.taps[entry]);
        }
        let direction = Direction { entry };
        for _ in 0..MOST_FRAMES_A_TURN {
            match self.taps[entry].read(&mut self.buffer) {
                Ok(len) => self.hold(direction, len),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                // Deleted between the answer and the read: it would answer again at once.
                Err(_) => return self.epoll.delete(&self.taps[entry]),
            }
        }
        Ok(())
    }

    fn hold(&mut self, direction: Direction, len: usize) {
        let pushed = self
            .queue
            .push(direction, &self.buffer[..len], Instant::now());
        if pushed.is_err() {
            self.tallies[direction.entry].count_dropped();
        }
    }

    fn give_out(&mut self, now: Instant) {
        while let Some((direction, frame)) = self.queue.pop_due(now) {
            if self.blackholes[direction.entry / 2].load(Ordering::Relaxed) {
                self.tallies[direction.entry].count_dropped();
            } else {
                let written = self.taps[direction.exit()].write(frame.bytes());
                self.tallies[direction.entry].count(&written);
            }
            self.queue.recycle(frame);
        }
    }
}
