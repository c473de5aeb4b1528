//! Orders from other threads to the running thread.

use std::{
    sync::{
        Arc,
        mpsc::{self, Receiver, Sender, TryRecvError},
    },
    thread::{self, JoinHandle},
};

use nix::{
    errno::Errno,
    sys::eventfd::{EfdFlags, EventFd},
};
use thread_priority::{
    RealtimeThreadSchedulePolicy, ThreadPriority, ThreadSchedulePolicy, thread_native_id,
};

use super::{Shared, Wire, WireError, carrier::Carrier};
use crate::privilege;
use crate::units::Impairment;

/// A change.
#[derive(Debug)]
pub(super) enum Change {
    /// Adds these wires, with these ids.
    Add(Vec<(usize, Wire, Arc<Shared>)>),
    /// Removes this wire.
    Remove(usize),
    /// Sets the impairments of one direction, 0 or 1, of a wire for later frames.
    Set(usize, usize, Impairment),
}

/// An order.
#[derive(Debug)]
pub(super) enum Next {
    /// Make a change.
    Make(Change, Done),
    /// Wait for frames.
    Wait,
    /// End.
    End,
}

/// Where to report that a change is done.
#[derive(Debug)]
pub(super) struct Done(Sender<Result<(), Errno>>);

/// The thread, as other threads see it. It ends when this is dropped.
#[derive(Debug)]
pub(super) struct Thread {
    /// Taken to stop the thread.
    orders: Option<Sender<(Change, Done)>>,
    wake: Arc<EventFd>,
    handle: Option<JoinHandle<Result<(), Errno>>>,
}

/// The orders, as the thread sees them.
#[derive(Debug)]
pub(super) struct Orders {
    orders: Receiver<(Change, Done)>,
    wake: Arc<EventFd>,
}

impl Thread {
    /// Starts a thread without wires.
    pub(super) fn start(seed: u64) -> Result<Self, WireError> {
        let (mut thread, orders) = channel()?;
        let carrier = Carrier::new(seed, orders)?;
        let handle = thread::Builder::new()
            .name("wires".to_owned())
            .spawn(|| {
                go_before_others();
                // If this fails, the thread still carries frames.
                let _ = privilege::give_up();
                carrier.run()
            })
            .map_err(WireError::Thread)?;
        thread.handle = Some(handle);
        Ok(thread)
    }

    /// Whether it still carries frames.
    pub(super) fn is_running(&self) -> bool {
        self.handle
            .as_ref()
            .is_some_and(|thread| !thread.is_finished())
    }

    /// Makes a change in the thread, and waits until it is done.
    pub(super) fn change(&self, change: Change) -> Result<(), WireError> {
        let (done, answer) = mpsc::channel();
        let orders = self.orders.as_ref().ok_or(WireError::Ended)?;
        orders
            .send((change, Done(done)))
            .map_err(|_| WireError::Ended)?;
        self.wake.write(1)?;
        answer.recv().map_err(|_| WireError::Ended)??;
        Ok(())
    }
}

impl Drop for Thread {
    fn drop(&mut self) {
        self.orders = None;
        let was_told = self.wake.write(1).is_ok();
        if let Some(thread) = self.handle.take()
            && was_told
        {
            // A thread that failed or panicked has stopped too.
            drop(thread.join());
        }
    }
}

impl Orders {
    /// The descriptor that becomes readable when there is an order.
    pub(super) fn descriptor(&self) -> &EventFd {
        &self.wake
    }

    /// Clears the descriptor until the next order.
    pub(super) fn acknowledge(&self) -> Result<(), Errno> {
        match self.wake.read() {
            Ok(_) | Err(Errno::EAGAIN) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// The next order.
    pub(super) fn next(&self) -> Next {
        match self.orders.try_recv() {
            Ok((change, done)) => Next::Make(change, done),
            Err(TryRecvError::Empty) => Next::Wait,
            Err(TryRecvError::Disconnected) => Next::End,
        }
    }
}

impl Done {
    /// Sends the result to the thread that waits, if it still does.
    pub(super) fn tell(self, result: Result<(), Errno>) {
        let _ = self.0.send(result);
    }
}

/// Gives this thread real-time priority, so that it runs as soon as a frame arrives or is due, even on a busy machine.
/// It takes turns with threads of the same priority and starves none: it sleeps without frames, and their senders have
/// normal priority.
fn go_before_others() {
    let policy = RealtimeThreadSchedulePolicy::RoundRobin;
    // A container may refuse this; frames are then late on a busy machine.
    let _ = thread_priority::set_thread_priority_and_policy(
        thread_native_id(),
        ThreadPriority::Min,
        ThreadSchedulePolicy::Realtime(policy),
    );
}

/// Both sides, without a thread.
pub(super) fn channel() -> Result<(Thread, Orders), Errno> {
    let flags = EfdFlags::EFD_CLOEXEC | EfdFlags::EFD_NONBLOCK;
    let wake = Arc::new(EventFd::from_flags(flags)?);
    let (sender, orders) = mpsc::channel();
    let thread = Thread {
        orders: Some(sender),
        wake: Arc::clone(&wake),
        handle: None,
    };
    Ok((thread, Orders { orders, wake }))
}
