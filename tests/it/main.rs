//! The integration tests: one binary, a module a subject. Everything here runs real programs.

mod action;
mod actor;
mod cli;
mod crash;
mod events;
mod exchange;
mod fast_path;
mod faults;
mod filter;
mod full_disk;
mod host_view;
mod isolation;
mod load;
mod main_job;
mod net;
mod once;
mod probes;
mod services;
mod simulated;
mod site;
mod stats;
