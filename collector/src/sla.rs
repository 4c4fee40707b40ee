//! [P] Service levels: exact arithmetic on time.

mod availability;
mod calendar;
mod combine;
mod level;
mod outage;
mod projection;
mod reliability;
mod reported;
mod spans;
mod spell;

pub use availability::{Availability, Heard, HeardPoll, availability};
pub use calendar::{CalendarError, Days, Rule, RuleError, When, Window, agreed_outside, moment, window_spans};
pub use combine::{Member, Piece, combine};
pub use level::{Counted, Level, Seconds, UnknownAs, burn_rate, counted, seconds};
pub use outage::{Outage, OutageRule, outages};
pub use projection::{Projection, project};
pub use reliability::{Reliability, reliability};
pub use reported::{Told, ToldOutage};
pub use spans::{Span, Spans};
pub use spell::{NO_DATA, Observation, Spell, push, spells};
