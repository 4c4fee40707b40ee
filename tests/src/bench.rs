//! Measurements of what the agent costs and of how good and fast the statistics are, beside peers in the same run:
//! `tests/bench`.
//!
//! CPU is what the kernel's scheduler counted (`/proc/PID/task/*/schedstat`), memory is PSS, bytes are those of IP
//! packets. Ratios travel to other machines, absolute figures do not.

pub mod agent;
pub mod cpu;
pub mod data;
pub mod exporter;
pub mod memory;
pub mod peers;
pub mod query;
pub mod scripted;
pub mod stats;
pub mod store;
pub mod table;
pub mod wire;
