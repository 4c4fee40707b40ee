//! The one place that reads a clock. Pure code gets `now` as an argument.

use std::sync::OnceLock;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use crate::time::{MonoMs, UnixMs};

/// The wall clock. A clock before 1970 reads as 1970.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this is the module the ban points to")]
pub fn wall() -> UnixMs {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    UnixMs(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// Milliseconds since this process first asked: never goes back, and does not jump when the wall clock is set.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this is the module the ban points to")]
pub fn mono() -> MonoMs {
    static START: OnceLock<Instant> = OnceLock::new();
    let elapsed = START.get_or_init(Instant::now).elapsed();
    MonoMs(u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX))
}
