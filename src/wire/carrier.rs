//! The thread that carries frames: it reads arriving frames, holds them, and writes due ones.
//!
//! It waits on every interface, on the alarm for the next deadline, and on orders, all in one call. An interface whose
//! direction is full is not waited for, so that its frames wait in it and others continue. A deleted interface is no
//! longer read; frames in transit to it are dropped and counted.
#![expect(
    clippy::disallowed_methods,
    reason = "a driver at the edge, which reads the clock"
)]

use std::{
    collections::BTreeMap,
    io::{
        self,
        ErrorKind::{InvalidInput, WouldBlock},
    },
    sync::{Arc, atomic::Ordering},
    time::Instant,
};

use nix::{
    errno::Errno,
    sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout},
};

use super::{
    Shared, Wire,
    alarm::Alarm,
    frame::Frame,
    order::{Change, Next, Orders},
    queue::{Direction, Queue},
    tap::Tap,
};

/// The most frames read from an interface before the next one is read, and the most written before interfaces are read
/// again. Written frames are answered at once, and the answers wait in interfaces that hold a thousand frames and drop
/// more.
const MOST_FRAMES_A_TURN: usize = 32;

/// The most frames written between two reads, so that reading does not delay due frames.
const MOST_WRITTEN_BETWEEN: usize = 2;

/// The most events read from the kernel at once.
const MOST_EVENTS: usize = 64;

/// The kernel's event value for the alarm. Interfaces have the number of the direction that starts there.
const ALARM: u64 = u64::MAX;

/// The kernel's event value for orders.
const ORDERS: u64 = u64::MAX - 1;

/// The state of the thread.
#[derive(Debug)]
pub(super) struct Carrier {
    wires: BTreeMap<usize, Carried>,
    queue: Queue,
    orders: Orders,
    alarm: Alarm,
    epoll: Epoll,
}

/// A wire, and the state of its ends.
#[derive(Debug)]
struct Carried {
    ends: [Tap; 2],
    /// Whether the frames of an end are waited for.
    reading: [Reading; 2],
    shared: Arc<Shared>,
}

/// Whether an interface is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reading {
    /// Always.
    On,
    /// Not until its direction has room.
    Paused,
    /// Never again: it was deleted.
    Over,
}

impl Carrier {
    /// Carries no wire yet, but follows `orders`.
    pub(super) fn new(seed: u64, orders: Orders) -> Result<Self, Errno> {
        let carrier = Self {
            wires: BTreeMap::new(),
            queue: Queue::new(seed),
            orders,
            alarm: Alarm::new()?,
            epoll: Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?,
        };
        let Self { epoll, alarm, .. } = &carrier;
        epoll.add(alarm, readable(ALARM))?;
        epoll.add(carrier.orders.descriptor(), readable(ORDERS))?;
        Ok(carrier)
    }

    /// Carries frames until it is stopped.
    pub(super) fn run(mut self) -> Result<(), Errno> {
        let mut events = [EpollEvent::empty(); MOST_EVENTS];
        while !self.take_turn(&mut events)? {}
        Ok(())
    }

    /// Sleeps, reads arriving frames and writes due ones. Returns whether to end.
    fn take_turn(&mut self, events: &mut [EpollEvent]) -> Result<bool, Errno> {
        let count = self.wait(events)?;
        for event in &events[..count] {
            match event.data() {
                ORDERS if self.carry_out_orders()? => return Ok(true),
                ORDERS => {}
                ALARM => self.alarm.acknowledge()?,
                number => self.take_in(number, event.events())?,
            }
        }
        self.give_out(Instant::now(), MOST_FRAMES_A_TURN)?;
        Ok(false)
    }

    /// Sleeps until there is something to do.
    fn wait(&mut self, events: &mut [EpollEvent]) -> Result<usize, Errno> {
        let deadline = self.queue.next_deadline();
        let timeout = if deadline.is_some_and(|due| due <= Instant::now()) {
            EpollTimeout::ZERO
        } else {
            self.alarm.set(deadline)?;
            EpollTimeout::NONE
        };
        match self.epoll.wait(events, timeout) {
            Err(Errno::EINTR) => Ok(0),
            other => other,
        }
    }

    /// Reads one turn's frames from the interface with this number.
    fn take_in(&mut self, number: u64, state: EpollFlags) -> Result<(), Errno> {
        // It may have been removed since the kernel reported the event.
        let Some(direction) = Direction::of_number(number)
            .filter(|direction| self.wires.contains_key(&direction.wire))
        else {
            return Ok(());
        };
        if state.contains(EpollFlags::EPOLLERR) {
            return self.turn(direction, Reading::Over);
        }
        for _ in 0..MOST_FRAMES_A_TURN {
            if !self.queue.has_room(direction) {
                return self.turn(direction, Reading::Paused);
            }
            match self.read(direction) {
                Ok(frame) => self.hold(direction, frame)?,
                // No more frames, or an invalid one, which is lost.
                Err(error) if matches!(error.kind(), WouldBlock | InvalidInput) => break,
                // Deleted between the event and the read: it would be reported again at once.
                Err(_) => return self.turn(direction, Reading::Over),
            }
        }
        Ok(())
    }

    fn read(&mut self, direction: Direction) -> io::Result<Frame> {
        let entry = &self.wires[&direction.wire].ends[direction.entry];
        self.queue.pool().read(|buffer| entry.read(buffer))
    }

    fn hold(&mut self, direction: Direction, frame: Frame) -> Result<(), Errno> {
        let now = Instant::now();
        let fate = self.queue.push(direction, frame, now);
        self.wires[&direction.wire].shared.tallies[direction.entry].count_fate(fate);
        self.give_out(now, MOST_WRITTEN_BETWEEN)
    }

    /// Writes due frames, up to a limit.
    fn give_out(&mut self, now: Instant, most: usize) -> Result<(), Errno> {
        for _ in 0..most {
            let Some((direction, frame)) = self.queue.pop_due(now) else {
                break;
            };
            let wire = &self.wires[&direction.wire];
            let tally = &wire.shared.tallies[direction.entry];
            if wire.shared.is_blackhole.load(Ordering::Relaxed) {
                tally.count_blackholed();
            } else if wire.ends[direction.exit()].write(frame.bytes()).is_ok() {
                tally.count_carried(frame.len());
            } else {
                tally.count_far_end_down();
            }
            let was_paused = wire.reading[direction.entry] == Reading::Paused;
            self.queue.pool().recycle(frame);
            if was_paused && self.queue.has_room_again(direction) {
                self.turn(direction, Reading::On)?;
            }
        }
        Ok(())
    }

    /// Starts or stops the kernel's events for readable frames.
    fn turn(&mut self, direction: Direction, reading: Reading) -> Result<(), Errno> {
        let Some(wire) = self.wires.get_mut(&direction.wire) else {
            return Ok(());
        };
        wire.reading[direction.entry] = reading;
        let entry = &wire.ends[direction.entry];
        let mut event = readable(direction.number());
        match reading {
            Reading::On => self.epoll.modify(entry, &mut event),
            Reading::Paused => {
                event = EpollEvent::new(EpollFlags::empty(), direction.number());
                self.epoll.modify(entry, &mut event)
            }
            Reading::Over => self.epoll.delete(entry),
        }
    }

    /// Makes every ordered change. Returns whether to end.
    fn carry_out_orders(&mut self) -> Result<bool, Errno> {
        self.orders.acknowledge()?;
        loop {
            match self.orders.next() {
                Next::Make(change, done) => done.tell(self.make(change)),
                Next::Wait => return Ok(false),
                Next::End => return Ok(true),
            }
        }
    }

    fn make(&mut self, change: Change) -> Result<(), Errno> {
        match change {
            Change::Add(wires) => return self.add_all(wires),
            Change::Remove(number) => self.remove(number),
            Change::Set(wire, entry, impairment) => {
                self.queue
                    .set(Direction { wire, entry }, impairment.in_frames());
            }
        }
        Ok(())
    }

    /// Adds all of these wires, or none.
    fn add_all(&mut self, wires: Vec<(usize, Wire, Arc<Shared>)>) -> Result<(), Errno> {
        let numbers: Vec<usize> = wires.iter().map(|(number, ..)| *number).collect();
        let added = wires
            .into_iter()
            .try_for_each(|(number, wire, shared)| self.add(number, wire, shared));
        if added.is_err() {
            for number in numbers {
                self.remove(number);
            }
        }
        added
    }

    fn add(&mut self, number: usize, wire: Wire, shared: Arc<Shared>) -> Result<(), Errno> {
        for (direction, impairment) in Direction::both(number).into_iter().zip(wire.directions) {
            self.queue.add(direction, impairment.in_frames());
        }
        let carried = Carried {
            ends: wire.ends,
            reading: [Reading::On; 2],
            shared,
        };
        let ends = &self.wires.entry(number).or_insert(carried).ends;
        let mut watched = Direction::both(number).into_iter().zip(ends);
        watched.try_for_each(|(direction, end)| self.epoll.add(end, readable(direction.number())))
    }

    fn remove(&mut self, number: usize) {
        for direction in Direction::both(number) {
            self.queue.remove(direction);
        }
        let ends = self.wires.remove(&number).map(|wire| wire.ends);
        for end in ends.iter().flatten() {
            // Closing is not enough if others hold the descriptors too. It is no error if the interface is not watched.
            let _ = self.epoll.delete(end);
        }
    }
}

fn readable(answer: u64) -> EpollEvent {
    EpollEvent::new(EpollFlags::EPOLLIN, answer)
}
