//! Who may join: the decision on an enrolment, and on a session of an enrolled identity. Pure: the store hands in what
//! there is, within the transaction that writes what was decided.

mod admit;
mod decide;

pub use admit::{NoSession, may_have_session};
pub use decide::{Asked, Refusal, decide};
