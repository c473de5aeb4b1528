//! The two clocks of a capture.

use std::time::{Duration, Instant, SystemTime};

/// The clock by which packets wait.
#[expect(
    clippy::disallowed_methods,
    reason = "packets wait for earlier ones, so long and no longer"
)]
pub(super) fn now() -> Instant {
    Instant::now()
}

/// The clock by which the kernel stamps packets.
#[expect(
    clippy::disallowed_methods,
    reason = "the end of a capture is told beside packets that the kernel has stamped"
)]
pub(super) fn since_epoch() -> Duration {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    now.unwrap_or_default()
}
