//! The one calendar: maintenance windows and business hours, which SLA evaluation, alarms and actions all ask.
//!
//! A recurring window is a rule on the wall clock of a time zone: a moment is inside when the clock on the wall says so.
//! So an hour that a clock change repeats is inside twice, and one that it leaves out is not there at all.

mod rule;
mod window;

pub use rule::{Days, Rule, RuleError};
pub use window::{CalendarError, When, Window, agreed_outside, moment, window_spans};
