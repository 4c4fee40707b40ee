//! The agent: reads what libvirt knows of the domains of a host and pushes it to the collector.

pub mod gather;
pub mod scrape;
