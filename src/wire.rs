//! Wires with a delay, for kernels that cannot delay packets themselves.
//!
//! A wire joins two TAP interfaces, each in its own namespace, and carries every Ethernet frame
//! from one to the other after a fixed time. One thread carries all the wires of a lab. It sleeps
//! in the kernel until a frame arrives or one is due; it ends when its [`Wires`] is dropped, and
//! the interfaces vanish with it.
//!
//! `queue` decides which frame leaves when and knows neither clocks nor descriptors; `carrier`
//! joins it to both.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use nix::{
    errno::Errno,
    sys::eventfd::{EfdFlags, EventFd},
};

use crate::names::IfName;

mod alarm;
mod carrier;
mod counters;
mod queue;
mod tap;
#[cfg(test)]
mod tests;

pub use counters::Counters;
pub use tap::Tap;

use carrier::Carrier;
use counters::Tally;

/// Two interfaces and how long a frame takes from either to the other.
#[derive(Debug)]
pub struct Wire {
    /// The interfaces that the wire joins.
    pub ends: [Tap; 2],
    /// How long a frame is under way, in one direction. With zero a frame passes at once, but
    /// still through this process: a pair of kernel interfaces does that better.
    pub delay: Duration,
}

/// Wires that carry frames as long as this value lives.
#[derive(Debug)]
pub struct Wires {
    tallies: Arc<[Tally]>,
    blackholes: Blackholes,
    stop: EventFd,
    thread: Option<thread::JoinHandle<Result<(), Errno>>>,
}

/// Which wires lose every frame that arrives, one after the other.
type Blackholes = Arc<[AtomicBool]>;

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
}

impl Wires {
    /// Starts to carry frames over all of `wires`, on one thread of its own.
    ///
    /// The interfaces may still be down, and may lie in any namespaces: their descriptors work
    /// from every thread.
    ///
    /// # Errors
    ///
    /// [`WireError::Watch`] and [`WireError::Thread`], when the process is out of descriptors or
    /// threads. The interfaces are gone then.
    pub fn start(wires: Vec<Wire>) -> Result<Self, WireError> {
        let tallies: Arc<[Tally]> = wires
            .iter()
            .flat_map(|_| [Tally::default(), Tally::default()])
            .collect();
        let blackholes: Blackholes = wires.iter().map(|_| AtomicBool::new(false)).collect();
        let stop = EventFd::from_flags(EfdFlags::EFD_CLOEXEC)?;
        let carrier = Carrier::new(wires, Arc::clone(&tallies), Arc::clone(&blackholes), &stop)?;
        let thread = thread::Builder::new()
            .name("wires".to_owned())
            .spawn(|| carrier.run())
            .map_err(WireError::Thread)?;
        Ok(Self {
            tallies,
            blackholes,
            stop,
            thread: Some(thread),
        })
    }

    /// What each wire has carried so far, in the order of [`Wires::start`]. The first of a pair
    /// counts frames from `ends[0]` to `ends[1]`, the second those the other way.
    #[must_use]
    pub fn counters(&self) -> Vec<[Counters; 2]> {
        let (wires, _) = self.tallies.as_chunks();
        wires
            .iter()
            .map(|[there, back]| [there.read(), back.read()])
            .collect()
    }

    /// Has a wire lose every frame that arrives at either end, with nothing to see there, or no
    /// longer. The wire is named by its position at [`Wires::start`].
    pub fn set_blackhole(&self, wire: usize, lost: bool) {
        if let Some(blackhole) = self.blackholes.get(wire) {
            blackhole.store(lost, Ordering::Relaxed);
        }
    }

    /// Whether frames are still carried. No interface that goes away changes that; only a kernel
    /// that refuses to wait for frames does.
    #[must_use]
    pub fn are_running(&self) -> bool {
        self.thread
            .as_ref()
            .is_some_and(|thread| !thread.is_finished())
    }
}

impl Drop for Wires {
    fn drop(&mut self) {
        let was_told = self.stop.write(1).is_ok();
        if let Some(thread) = self.thread.take()
            && was_told
        {
            // A thread that failed or panicked carries nothing any more, which is all that is
            // asked of it here.
            drop(thread.join());
        }
    }
}
