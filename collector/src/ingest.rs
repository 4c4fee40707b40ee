//! From a batch to rows.

pub mod owner;
pub mod time_of_record;
