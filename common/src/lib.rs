//! What both sides of evenkeel share: identifiers, samples, the metric catalogue, configuration files,
//! the wire format and certificates. No async runtime, no database, no libvirt.

pub mod action;
pub mod clock;
pub mod config;
pub mod error;
pub mod id;
pub mod limits;
pub mod metric;
pub mod pki;
pub mod sample;
pub mod time;
pub mod tls;
pub mod token;
pub mod units;
pub mod wire;
