//! [P] Series: counters as rates, aggregates over steps, in the units that are shown.

pub mod decimal;
mod delta;
mod feed;
mod function;
mod grid;
mod intervals;
mod number;
pub mod rollup;
pub mod sketch;

pub use delta::{Delta, Deltas};
pub use feed::{Feed, Shown, Sink};
pub use function::{Function, NotAFunction};
pub use grid::{Cells, Grid, GridError, fitting_step};
pub use intervals::{Intervals, UNPOLLED};
pub use number::{Number, Scale};
