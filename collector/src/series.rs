//! [P] Series: counters as rates, aggregates over steps, in the units that are shown.

mod delta;
mod feed;
mod function;
mod grid;
mod intervals;
mod number;
pub mod rollup;

pub use delta::{Delta, Deltas};
pub use feed::{Feed, Shown, Sink};
pub use function::{Function, NotAFunction};
pub use grid::{Cells, Grid, GridError, fitting_step};
pub use intervals::Intervals;
pub use number::{Number, Scale};
