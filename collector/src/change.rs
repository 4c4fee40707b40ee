//! [P] Changes: the windows in which their effect is looked for, what was expected of them, the series of all members
//! together, and the verdict as a whole.

mod aggregate;
mod expect;
mod look;
mod whole;

pub use aggregate::{Aggregation, covers, together};
pub use expect::{Amount, Expectation, Kept};
pub use look::Look;
pub use whole::{sentence, worst};
