//! What several of the uplink's tests need.

use evenkeel_common::wire::v1::Batch;

/// A batch of a tick, with about `weight` bytes in it.
pub fn batch(tick_ms: i64, weight: usize) -> Batch {
    Batch {
        epoch: 0,
        seq: 0,
        tick_wall_ms: tick_ms,
        tick_mono_ms: u64::try_from(tick_ms).unwrap_or(0),
        interval_ms: 10_000,
        boot_id: [1; 16],
        host: None,
        domains: Vec::new(),
        domains_missing: None,
        devices: vec![String::new(), "x".repeat(weight)],
        ..Batch::default()
    }
}
