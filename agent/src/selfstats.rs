//! What the agent costs and does, as ordinary series of its host.

mod indicator;
pub mod process;
mod reader;
mod tally;

pub use indicator::Indicator;
pub use reader::Reader;
pub use tally::Tally;
