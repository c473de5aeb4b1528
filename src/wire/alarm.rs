//! A descriptor that becomes readable at a given instant, with the kernel's nanosecond precision.
#![expect(
    clippy::disallowed_methods,
    reason = "the one place that relates instants to the kernel's clock"
)]

use std::{
    os::fd::{AsFd, BorrowedFd},
    time::{Duration, Instant},
};

use nix::{
    errno::Errno,
    sys::{
        time::TimeSpec,
        timerfd::{ClockId, Expiration, TimerFd, TimerFlags, TimerSetTimeFlags},
    },
    time,
};

/// A timer for one instant at a time.
#[derive(Debug)]
pub(super) struct Alarm {
    timer: TimerFd,
    set_for: Option<Instant>,
    /// The same moment on both clocks. `Instant` is the kernel's monotonic clock but hides its value. It is read first,
    /// so the alarm may be late by the time between the two readings, and is never early.
    origin: (Instant, Duration),
}

impl Alarm {
    /// An alarm that is not set.
    pub(super) fn new() -> Result<Self, Errno> {
        let flags = TimerFlags::TFD_CLOEXEC | TimerFlags::TFD_NONBLOCK;
        Ok(Self {
            timer: TimerFd::new(ClockId::CLOCK_MONOTONIC, flags)?,
            set_for: None,
            origin: (
                Instant::now(),
                time::clock_gettime(time::ClockId::CLOCK_MONOTONIC)?.into(),
            ),
        })
    }

    /// Moves the alarm to `deadline`. Without a deadline it stays set: a needless alarm costs one idle turn, while
    /// unsetting it would cost a system call each time.
    pub(super) fn set(&mut self, deadline: Option<Instant>) -> Result<(), Errno> {
        if deadline.is_none() || deadline == self.set_for {
            return Ok(());
        }
        self.set_for = deadline;
        let (instant, reading) = self.origin;
        let since_origin = deadline.map_or(Duration::ZERO, |deadline| {
            deadline.saturating_duration_since(instant)
        });
        self.timer.set(
            Expiration::OneShot(TimeSpec::from_duration(reading + since_origin)),
            TimerSetTimeFlags::TFD_TIMER_ABSTIME,
        )
    }

    /// Clears the descriptor after the alarm.
    pub(super) fn acknowledge(&mut self) -> Result<(), Errno> {
        self.set_for = None;
        match self.timer.wait() {
            // It was moved to a later instant after it expired.
            Err(Errno::EAGAIN) => Ok(()),
            other => other,
        }
    }
}

impl AsFd for Alarm {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.timer.as_fd()
    }
}
