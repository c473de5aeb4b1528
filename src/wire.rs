//! Wires with impairments, for kernels without netem.
//!
//! A wire joins two TAP interfaces, each in its own namespace. It carries every Ethernet frame from one to the other,
//! with the delay and losses of that direction's [`Impairment`]. One thread carries all the wires of a lab. It sleeps
//! in the kernel until a frame arrives or is due. It ends when its [`Wires`] is dropped, and the interfaces vanish with
//! it.
//!
//! A frame is what an interface passes at once: up to 64 KiB of TCP or UDP, to be segmented at the far end. It counts
//! as one frame where packets are counted or dropped randomly, and as all its packets where bytes are counted. To count
//! packets, let the kernel segment them first, with the interface's `gso_max_size`: [`Impairment::largest_burst`] gives
//! the size.
//!
//! `queue` decides which frame leaves when, without clocks and descriptors; `carrier` connects it to both.

use std::{
    collections::BTreeMap,
    io,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use nix::errno::Errno;

use crate::names::IfName;
use crate::units::Impairment;

mod alarm;
mod carrier;
mod counters;
mod frame;
mod order;
mod queue;
mod tap;
#[cfg(test)]
mod tests;

pub use counters::Counters;
pub use tap::Tap;

use counters::Tally;
use order::{Change, Thread};

/// Two interfaces, and the impairments between them.
#[derive(Debug)]
pub struct Wire {
    /// The interfaces that the wire joins.
    pub ends: [Tap; 2],
    /// The impairments of each direction: the first from `ends[0]` to `ends[1]`, the second the reverse. Without
    /// impairments a frame passes at once, but still through this process: a veth pair does that better.
    pub directions: [Impairment; 2],
}

/// Wires that carry frames as long as this value lives.
#[derive(Debug)]
pub struct Wires {
    seed: u64,
    carried: Mutex<Carried>,
}

/// The present wires, and their thread once there was a wire.
#[derive(Debug, Default)]
struct Carried {
    /// How many wires there ever were.
    count: usize,
    shared: BTreeMap<usize, Arc<Shared>>,
    thread: Option<Thread>,
}

/// The state of a wire that the thread and others share.
#[derive(Debug, Default)]
struct Shared {
    tallies: [Tally; 2],
    is_blackhole: AtomicBool,
}

/// Errors of wires.
#[derive(Debug, thiserror::Error)]
pub enum WireError {
    /// The kernel refused the interface, for example because the name is taken.
    #[error("cannot create the TAP interface {name}")]
    Open {
        /// The requested interface.
        name: IfName,
        /// The kernel's error.
        #[source]
        source: io::Error,
    },
    /// The kernel refused a descriptor that the thread waits on.
    #[error("cannot watch the interfaces of the wires")]
    Watch(#[from] Errno),
    /// The kernel refused a thread.
    #[error("cannot start the thread that carries the wires")]
    Thread(#[source] io::Error),
    /// The kernel returned an error while waiting for frames.
    #[error("the thread that carries the wires has ended: stop the lab and start it again")]
    Ended,
}

impl Wires {
    /// Starts to carry frames over all of `wires`, on a new thread. Each wire is identified by its position. Without
    /// wires there is no thread, until one is added.
    ///
    /// The interfaces may still be down, and may be in any namespaces: their descriptors work from every thread.
    ///
    /// Random choices follow from `seed`: a direction with the same frames makes the same choices.
    ///
    /// # Errors
    ///
    /// [`WireError::Watch`] and [`WireError::Thread`], if the process is out of descriptors or threads. The interfaces
    /// are gone then.
    pub fn start(wires: Vec<Wire>, seed: u64) -> Result<Self, WireError> {
        let started = Self {
            seed,
            carried: Mutex::default(),
        };
        if !wires.is_empty() {
            started.add_all(wires)?;
        }
        Ok(started)
    }

    /// Adds a wire, and returns its id, which no other wire had before.
    ///
    /// # Errors
    ///
    /// As in [`Wires::start`], and [`WireError::Ended`]. The interfaces of the wire are gone then.
    pub fn add(&self, wire: Wire) -> Result<usize, WireError> {
        self.add_all(vec![wire])
    }

    /// Removes a wire with all frames in transit, and returns its counters. Its interfaces are closed on return, and
    /// gone unless others hold their descriptors. `None` if no wire has this id.
    pub fn remove(&self, wire: usize) -> Option<[Counters; 2]> {
        let mut carried = self.lock();
        let shared = carried.shared.remove(&wire)?;
        // A thread that has ended closed the interfaces before.
        let _ = carried.change(Change::Remove(wire));
        Some(shared.read())
    }

    /// Sets the impairments of one direction, 0 or 1, for frames that arrive from now on. Frames in transit keep their
    /// time. Returns whether that direction and the thread exist.
    pub fn set(&self, wire: usize, direction: usize, impairment: Impairment) -> bool {
        let carried = self.lock();
        direction < 2
            && carried.shared.contains_key(&wire)
            && carried
                .change(Change::Set(wire, direction, impairment))
                .is_ok()
    }

    /// The counters of each wire, by id. The first of a pair counts frames from `ends[0]` to `ends[1]`, the second
    /// those of the reverse direction.
    #[must_use]
    pub fn counters(&self) -> BTreeMap<usize, [Counters; 2]> {
        let carried = self.lock();
        let wires = carried.shared.iter();
        wires.map(|(wire, shared)| (*wire, shared.read())).collect()
    }

    /// Starts or ends a wire's blackhole, which silently drops every frame in both directions.
    pub fn set_blackhole(&self, wire: usize, lost: bool) {
        if let Some(shared) = self.lock().shared.get(&wire) {
            shared.is_blackhole.store(lost, Ordering::Relaxed);
        }
    }

    /// Whether frames are carried; true without wires. A removed interface does not change that; only an error of the
    /// kernel's wait does.
    #[must_use]
    pub fn are_running(&self) -> bool {
        self.lock().thread.as_ref().is_none_or(Thread::is_running)
    }

    /// Adds wires, at least one, and returns the id of the first.
    fn add_all(&self, wires: Vec<Wire>) -> Result<usize, WireError> {
        let mut carried = self.lock();
        if carried.thread.is_none() {
            carried.thread = Some(Thread::start(self.seed)?);
        }
        let first = carried.count;
        carried.count += wires.len();
        let wires: Vec<_> = (first..)
            .zip(wires)
            .map(|(number, wire)| (number, wire, Arc::new(Shared::default())))
            .collect();
        let shared: Vec<_> = wires
            .iter()
            .map(|(number, _, shared)| (*number, Arc::clone(shared)))
            .collect();
        carried.change(Change::Add(wires))?;
        carried.shared.extend(shared);
        Ok(first)
    }

    /// The locked value is consistent after every step, so it is usable even after a panic.
    fn lock(&self) -> MutexGuard<'_, Carried> {
        self.carried.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Carried {
    /// Makes a change in the thread, and waits until it is done.
    fn change(&self, change: Change) -> Result<(), WireError> {
        self.thread.as_ref().ok_or(WireError::Ended)?.change(change)
    }
}

impl Shared {
    fn read(&self) -> [Counters; 2] {
        [self.tallies[0].read(), self.tallies[1].read()]
    }
}
