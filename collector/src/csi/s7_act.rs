//! Step 7, act: what is proposed waits until a person decides, and a cycle ends with the plan of the next.

use super::period::{Period, Unit};
use super::service::Service;

/// How a person decides on a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// What was proposed, or something better, was done.
    Done,
    /// Nothing is to be done.
    Accepted,
    /// It is wrong.
    Rejected,
}

impl Decision {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Done, Self::Accepted, Self::Rejected];

    /// The word for it, also of a finding that was decided so.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
        }
    }

    /// The decision of a word.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == word)
    }
}

/// The period that follows one of a service, for the plan of its cycle; none where the calendar ends.
#[must_use]
pub fn next(service: &Service, to_s: i64) -> Option<Period> {
    Unit::of(&service.review_period).around(to_s, &service.zone)
}
