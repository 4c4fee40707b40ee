//! Measurements of the statistics: how often they cry wolf, what they find and how fast they are, beside the naive tests
//! and scipy. `tests/bench stats`.

pub mod calibrate;
mod families;
mod fourier;
mod levels;
mod noop;
pub mod random;
pub mod rates;
pub mod report;
pub mod series;
pub mod speed;
