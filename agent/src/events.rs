//! What libvirt tells by itself: a child hears its events, and they go to the collector at once, between the ticks.
//!
//! The child (`evenkeel-agent-libvirt event-worker`) has a connection of its own, so that killing a scrape worker that
//! hangs loses no event. `translate` puts an event into words, `limiter` holds back floods and counts what it held back,
//! `machine` decides when to send; all three are pure.

mod backoff;
mod child;
mod limiter;
mod listener;
mod machine;
mod marks;
pub mod protocol;
pub mod translate;

pub use child::{EarError, hear_once};
pub use listener::{Listener, Place};
pub use marks::{Marked, Marks};
