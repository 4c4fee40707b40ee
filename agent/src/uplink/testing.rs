//! What several tests of the way to the collector need.

use evenkeel_common::wire::v1::{Batch, EventSample};

/// A batch of a tick, with about `weight` bytes in it.
pub fn batch(tick_ms: i64, weight: usize) -> Batch {
    let event = EventSample {
        wall_ms: tick_ms,
        category: 0,
        kind: "weight".into(),
        domain: None,
        name: String::new(),
        message: "x".repeat(weight),
    };
    Batch {
        tick_wall_ms: tick_ms,
        tick_mono_ms: u64::try_from(tick_ms).unwrap_or(0),
        interval_ms: 10_000,
        boot_id: [1; 16],
        events: if weight > 0 { vec![event] } else { Vec::new() },
        devices: vec![String::new()],
        ..Batch::default()
    }
}
