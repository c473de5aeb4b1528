//! Waits for many descriptors at a cost that does not grow with their number.

use std::{
    io,
    os::fd::{AsFd, BorrowedFd},
    time::Duration,
};

use nix::{
    errno::Errno,
    poll::{PollFd, PollFlags, ppoll},
    sys::{
        epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout},
        time::TimeSpec,
    },
};

/// The descriptors that are waited for, each with its index.
#[derive(Debug)]
pub(super) struct Readiness {
    epoll: Epoll,
    /// Room for events of all descriptors: a missing event would count as silence.
    events: Vec<EpollEvent>,
}

impl Readiness {
    /// Watches descriptors while they are open.
    pub(super) fn of<'a>(
        descriptors: impl IntoIterator<Item = BorrowedFd<'a>>,
    ) -> io::Result<Self> {
        let epoll = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?;
        let mut events = Vec::new();
        for (descriptor, place) in descriptors.into_iter().zip(0..) {
            epoll.add(descriptor, EpollEvent::new(EpollFlags::EPOLLIN, place))?;
            events.push(EpollEvent::empty());
        }
        Ok(Self { epoll, events })
    }

    /// Stops watching a descriptor.
    pub(super) fn forget(&self, descriptor: BorrowedFd<'_>) -> io::Result<()> {
        Ok(self.epoll.delete(descriptor)?)
    }

    /// All readable descriptors, after a wait of at most the given time, in nanosecond resolution. A signal may end the
    /// wait early.
    pub(super) fn wait(
        &mut self,
        at_most: Duration,
    ) -> io::Result<impl Iterator<Item = usize> + use<'_>> {
        let mut any = [PollFd::new(self.epoll.0.as_fd(), PollFlags::POLLIN)];
        let is_any_ready = match ppoll(&mut any, Some(TimeSpec::from(at_most)), None) {
            Ok(count) => count > 0,
            Err(Errno::EINTR) => false,
            Err(errno) => return Err(errno.into()),
        };
        let count = if is_any_ready {
            match self.epoll.wait(&mut self.events, EpollTimeout::ZERO) {
                Err(Errno::EINTR) => 0,
                other => other?,
            }
        } else {
            0
        };
        let places = self.events[..count].iter().map(EpollEvent::data);
        Ok(places.filter_map(|place| usize::try_from(place).ok()))
    }
}
