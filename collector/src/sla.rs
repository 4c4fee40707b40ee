//! [P] Service levels: exact arithmetic on time.

mod availability;
mod calendar;
mod spans;

pub use availability::{Availability, Heard, HeardPoll, availability};
pub use calendar::{CalendarError, Days, Rule, RuleError, When, Window, agreed_outside, moment, window_spans};
pub use spans::{Span, Spans};
