//! [P] Service levels: exact arithmetic on time.

mod availability;

pub use availability::{Availability, Heard, HeardPoll, availability};
