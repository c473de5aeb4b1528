//! What the carrying thread is told by others while it runs.

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

/// What is to be different from now on.
#[derive(Debug)]
pub(super) enum Change {
    /// These wires are carried too, under these numbers.
    Add(Vec<(usize, Wire, Arc<Shared>)>),
    /// This wire is no longer carried.
    Remove(usize),
    /// One direction, 0 or 1, of a wire does this to frames to come.
    Set(usize, usize, Impairment),
}

/// What the carrying thread is to do.
#[derive(Debug)]
pub(super) enum Next {
    /// To make a change.
    Make(Change, Done),
    /// To wait for frames.
    Wait,
    /// To end.
    End,
}

/// Where to say that a change was made.
#[derive(Debug)]
pub(super) struct Done(Sender<Result<(), Errno>>);

/// The carrying thread, as others see it. It ends with this value.
#[derive(Debug)]
pub(super) struct Thread {
    /// Taken away to stop the thread.
    orders: Option<Sender<(Change, Done)>>,
    wake: Arc<EventFd>,
    handle: Option<JoinHandle<Result<(), Errno>>>,
}

/// The orders, as the carrying thread sees them.
#[derive(Debug)]
pub(super) struct Orders {
    orders: Receiver<(Change, Done)>,
    wake: Arc<EventFd>,
}

impl Thread {
    /// Starts a thread that carries no wire yet.
    pub(super) fn start(seed: u64) -> Result<Self, WireError> {
        let (mut thread, orders) = channel()?;
        let carrier = Carrier::new(seed, orders)?;
        let handle = thread::Builder::new()
            .name("wires".to_owned())
            .spawn(|| {
                go_before_others();
                // With more rights than it needs it would carry frames all the same.
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

    /// Has the thread make a change, and waits until it did.
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
            // A thread that failed or panicked carries nothing any more, which is all that is
            // asked of it here.
            drop(thread.join());
        }
    }
}

impl Orders {
    /// What becomes readable when there is an order.
    pub(super) fn descriptor(&self) -> &EventFd {
        &self.wake
    }

    /// Makes the descriptor quiet again, until the next order is given.
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
    /// Tells whoever waits how it went, if they still do.
    pub(super) fn tell(self, result: Result<(), Errno>) {
        let _ = self.0.send(result);
    }
}

/// Has the kernel run this thread as soon as a frame comes or is due, also on a busy machine. It
/// takes turns with others that are as pressing, and none is starved: it sleeps unless there are
/// frames, and those who send them wait for a processor like everybody.
fn go_before_others() {
    let policy = RealtimeThreadSchedulePolicy::RoundRobin;
    // A container may refuse, and frames are then as late as the machine is busy.
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
