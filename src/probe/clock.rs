//! The clocks that the driver reads, and the conversion of the kernel's time stamps.

use std::time::{Instant, SystemTime};

#[expect(
    clippy::disallowed_methods,
    reason = "the driver reads the clock that the strategy is given"
)]
pub(super) fn now() -> Instant {
    Instant::now()
}

#[expect(
    clippy::disallowed_methods,
    reason = "the kernel stamps what arrives by the wall clock"
)]
fn wall_time() -> SystemTime {
    SystemTime::now()
}

/// Two clocks read at the same time: the monotonic one, and the one by which the kernel stamps packets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Clock {
    now: Instant,
    wall: SystemTime,
}

impl Clock {
    /// Reads both. The fastest of three attempts counts: an interruption between the two reads would look like a
    /// difference between the clocks.
    pub(super) fn read() -> Self {
        let tries = [(); 3].map(|()| {
            let clock = Self {
                now: now(),
                wall: wall_time(),
            };
            (now().saturating_duration_since(clock.now), clock)
        });
        let [first, others @ ..] = tries;
        let quicker = |best, next| if next < best { next } else { best };
        others.into_iter().fold(first, quicker).1
    }

    /// When a packet with this stamp arrived. Without a stamp, the result is the current time. It is never before
    /// `earliest`, even if the wall clock was set.
    pub(super) fn time_of(self, stamp: Option<SystemTime>, earliest: Instant) -> Instant {
        let age = stamp.and_then(|stamp| self.wall.duration_since(stamp).ok());
        let at = self.now.checked_sub(age.unwrap_or_default());
        at.unwrap_or(earliest).max(earliest)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn an_arrival_is_dated_by_its_stamp_within_what_is_possible() {
        let clock = Clock::read();
        let earliest = clock.now.checked_sub(Duration::from_millis(50)).unwrap();
        let before = |milliseconds| clock.now.checked_sub(Duration::from_millis(milliseconds));
        let stamp = |milliseconds| clock.wall.checked_sub(Duration::from_millis(milliseconds));
        let after = clock.wall.checked_add(Duration::from_hours(1));
        for (name, stamp, at) in [
            ("stamped", stamp(20), before(20)),
            ("not stamped", None, before(0)),
            ("clock set forward meanwhile", stamp(3_600_000), before(50)),
            ("clock set back meanwhile", after, before(0)),
            (
                "clock set from long ago",
                Some(SystemTime::UNIX_EPOCH),
                before(50),
            ),
        ] {
            assert_eq!(Some(clock.time_of(stamp, earliest)), at, "{name}");
        }
    }
}
