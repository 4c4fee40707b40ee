//! The integration tests: one binary, a module a subject. Everything here runs real programs.

mod action;
mod actor;
mod cli;
mod crash;
mod events;
mod fast_path;
mod faults;
mod filter;
mod host_view;
mod isolation;
mod load;
mod main_job;
mod net;
mod once;
mod probes;
mod services;
mod stats;
