//! What is printed: one line a figure.

use std::time::Duration;

/// Some of many latencies.
#[must_use]
pub fn percentiles(latencies: &mut [Duration]) -> String {
    latencies.sort_unstable();
    let at =
        |share: usize| latencies.get((latencies.len().saturating_sub(1)) * share / 100).copied().unwrap_or_default();
    let ms = |duration: Duration| format!("{:.1}", duration.as_secs_f64() * 1e3);
    format!(
        "p50 {} p90 {} p99 {} max {} ms ({} ticks)",
        ms(at(50)),
        ms(at(90)),
        ms(at(99)),
        ms(at(100)),
        latencies.len()
    )
}

/// A share of two numbers.
#[expect(clippy::cast_precision_loss, reason = "for people")]
#[must_use]
pub fn ratio(a: u64, b: u64) -> f64 {
    a as f64 / (b.max(1)) as f64
}
