//! The evenkeel collector: ingest, store, statistics, the seven steps, actions; and the operator's command line.

pub mod store;
