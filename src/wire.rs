//! Wires that impair what they carry, for kernels that cannot do that themselves.
//!
//! A wire joins two TAP interfaces, each in its own namespace, and carries every Ethernet frame
//! from one to the other, as late and with such losses as the [`Impairment`] of that direction says.
//! One thread carries all the wires of a lab. It sleeps in the kernel until a frame arrives or one
//! is due; it ends when its [`Wires`] is dropped, and the interfaces vanish with it.
//!
//! A frame is what an interface hands over at once. Interfaces hand over up to 64 KiB of TCP or UDP
//! as one frame, to be cut at the far end; such a frame counts as one where packets are counted or
//! drawn by lot, and as all its packets where bytes are. Whoever wants packets counted has the kernel
//! cut them first, by the interface's `gso_max_size`: [`Impairment::largest_burst`] tells to what size.
//!
//! `queue` decides which frame leaves when and knows neither clocks nor descriptors; `carrier`
//! joins it to both.

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

/// Two interfaces, and what happens to frames between them.
#[derive(Debug)]
pub struct Wire {
    /// The interfaces that the wire joins.
    pub ends: [Tap; 2],
    /// What each direction does: the first from `ends[0]` to `ends[1]`, the second the other way.
    /// Where it does nothing a frame passes at once, but still through this process: a pair of
    /// kernel interfaces does that better.
    pub directions: [Impairment; 2],
}

/// Wires that carry frames as long as this value lives.
#[derive(Debug)]
pub struct Wires {
    seed: u64,
    carried: Mutex<Carried>,
}

/// The wires there are, and the thread that carries them, once there was one to carry.
#[derive(Debug, Default)]
struct Carried {
    /// How many there ever were.
    count: usize,
    shared: BTreeMap<usize, Arc<Shared>>,
    thread: Option<Thread>,
}

/// What the carrying thread and others know of a wire.
#[derive(Debug, Default)]
struct Shared {
    tallies: [Tally; 2],
    is_blackhole: AtomicBool,
}

/// What could not be done with a wire.
#[derive(Debug, thiserror::Error)]
pub enum WireError {
    /// The kernel refused the interface, as it does when the name is taken.
    #[error("cannot create the TAP interface {name}")]
    Open {
        /// The interface asked for.
        name: IfName,
        /// The kernel's answer.
        #[source]
        source: io::Error,
    },
    /// The kernel refused a descriptor that the carrying thread waits on.
    #[error("cannot watch the interfaces of the wires")]
    Watch(#[from] Errno),
    /// The kernel refused a thread.
    #[error("cannot start the thread that carries the wires")]
    Thread(#[source] io::Error),
    /// The kernel refused to wait for frames, some time before.
    #[error("the thread that carries the wires has ended: stop the lab and start it again")]
    Ended,
}

impl Wires {
    /// Starts to carry frames over all of `wires`, on one thread of its own. Each wire is named by
    /// its position. With no wire there is no thread either, until one is added.
    ///
    /// The interfaces may still be down, and may lie in any namespaces: their descriptors work
    /// from every thread.
    ///
    /// What is left to chance follows from `seed`: a direction that gets the same frames does the
    /// same with the first, the second and so on.
    ///
    /// # Errors
    ///
    /// [`WireError::Watch`] and [`WireError::Thread`], when the process is out of descriptors or
    /// threads. The interfaces are gone then.
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

    /// Carries one more wire, and gives the number that names it, which no other wire had before.
    ///
    /// # Errors
    ///
    /// As [`Wires::start`], and [`WireError::Ended`]. The interfaces of the wire are gone then.
    pub fn add(&self, wire: Wire) -> Result<usize, WireError> {
        self.add_all(vec![wire])
    }

    /// Ends a wire with all that is under way on it, and tells what it carried. Its interfaces have
    /// been closed on return, and are gone unless someone else holds their descriptors. Nothing for
    /// a number that names no wire.
    pub fn remove(&self, wire: usize) -> Option<[Counters; 2]> {
        let mut carried = self.lock();
        let shared = carried.shared.remove(&wire)?;
        // A thread that has ended closed the interfaces before.
        let _ = carried.change(Change::Remove(wire));
        Some(shared.read())
    }

    /// Has one direction of a wire, 0 or 1, do this to the frames that come from now on. Those under
    /// way keep their time. Says whether there is such a direction, and a thread that carries it.
    pub fn set(&self, wire: usize, direction: usize, impairment: Impairment) -> bool {
        let carried = self.lock();
        direction < 2
            && carried.shared.contains_key(&wire)
            && carried
                .change(Change::Set(wire, direction, impairment))
                .is_ok()
    }

    /// What each wire has carried so far, by its number. The first of a pair counts frames from
    /// `ends[0]` to `ends[1]`, the second those the other way.
    #[must_use]
    pub fn counters(&self) -> BTreeMap<usize, [Counters; 2]> {
        let carried = self.lock();
        let wires = carried.shared.iter();
        wires.map(|(wire, shared)| (*wire, shared.read())).collect()
    }

    /// Has a wire lose every frame that was to arrive at either end, with nothing to see there, or no
    /// longer.
    pub fn set_blackhole(&self, wire: usize, lost: bool) {
        if let Some(shared) = self.lock().shared.get(&wire) {
            shared.is_blackhole.store(lost, Ordering::Relaxed);
        }
    }

    /// Whether frames are still carried, if there are wires. No interface that goes away changes
    /// that; only a kernel that refuses to wait for frames does.
    #[must_use]
    pub fn are_running(&self) -> bool {
        self.lock().thread.as_ref().is_none_or(Thread::is_running)
    }

    /// Carries further wires, at least one, and gives the number of the first.
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

    /// What is locked is whole after every step, so it is good even if a step failed.
    fn lock(&self) -> MutexGuard<'_, Carried> {
        self.carried.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Carried {
    /// Has the thread change something, and waits until it did.
    fn change(&self, change: Change) -> Result<(), WireError> {
        self.thread.as_ref().ok_or(WireError::Ended)?.change(change)
    }
}

impl Shared {
    fn read(&self) -> [Counters; 2] {
        [self.tallies[0].read(), self.tallies[1].read()]
    }
}
