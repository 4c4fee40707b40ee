//! The evenkeel collector: ingest, store, statistics, the seven steps, actions; and the operator's command line.

pub mod action;
pub mod api;
pub mod app;
pub mod change;
pub mod cli;
pub mod config;
pub mod control;
pub mod csi;
pub mod enrol;
pub mod ingest;
pub mod net;
pub mod report;
pub mod series;
pub mod sla;
pub mod stats;
pub mod store;
pub mod view;
