//! The JSON of the contract, one file a noun. The API writes these, the command line reads them and renders tables.

pub mod action;
pub mod activity;
pub mod agent;
pub mod calendar;
pub mod change;
pub mod change_verdict;
pub mod cycle;
pub mod error;
pub mod export;
pub mod finding;
pub mod host;
pub mod import;
pub mod metrics;
pub mod outage;
pub mod query;
pub mod review;
pub mod service;
pub mod sla;
pub mod status;
pub mod store;
mod time;
pub mod token;
pub mod verdict;
pub mod vm;

pub use time::Time;
