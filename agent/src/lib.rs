//! The agent: reads what libvirt knows of the domains of a host, pushes it to the collector and carries out its actions.

pub mod actor;
pub mod app;
pub mod check;
pub mod cli;
pub mod config;
pub mod events;
pub mod filter;
pub mod gather;
pub mod groups;
pub mod host;
pub mod kernel;
pub mod logging;
pub mod notify;
pub mod probe;
pub mod sampler;
pub mod schedule;
pub mod scrape;
pub mod selfstats;
pub mod spool;
pub mod uplink;
