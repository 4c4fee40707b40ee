//! Numbers and days as people read them.

use evenkeel_common::units::show_bytes;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::csi::s6_inform::short;

/// A value with its unit.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bytes are not negative and below 2^63")]
pub fn value(number: f64, unit: &str) -> String {
    match unit {
        "bytes" if number >= 0.0 => show_bytes(number.round() as u64),
        "bytes" => format!("−{}", show_bytes((-number).round() as u64)),
        "bytes_per_second" if number >= 0.0 => format!("{}/s", show_bytes(number.round() as u64)),
        "seconds" if number.abs() < 1.0 => format!("{} ms", three(number * 1_000.0)),
        "seconds" => format!("{} s", three(number)),
        "ratio" => format!("{} %", three(number * 100.0)),
        _ => three(number),
    }
}

fn three(number: f64) -> String {
    let text = short(number);
    match text.parse::<f64>() {
        Ok(parsed) if parsed.abs() >= 10.0 && text.contains('.') => format!("{}", (parsed * 10.0).round() / 10.0),
        _ => text,
    }
}

/// A share in percent, never rounded up to all of it.
pub fn percent(share: f64) -> String {
    let floor = (share * 1e5 + 1e-6).floor() / 1e3;
    format!("{floor} %")
}

/// A day of a zone, such as `7 Oct`.
pub fn day(second: i64, zone: &TimeZone) -> String {
    zoned(second, zone).map_or_else(String::new, |at| at.strftime("%-d %b").to_string())
}

/// A minute of a zone, such as `7 Oct 2026 12:30`.
pub fn minute(second: i64, zone: &TimeZone) -> String {
    zoned(second, zone).map_or_else(String::new, |at| at.strftime("%-d %b %Y %H:%M").to_string())
}

/// A second in a zone.
pub fn zoned(second: i64, zone: &TimeZone) -> Option<jiff::Zoned> {
    Some(Timestamp::from_second(second).ok()?.to_zoned(zone.clone()))
}

/// A verdict in words.
pub fn verdict(word: &str) -> &str {
    match word {
        "no_change" => "no change",
        "no_evidence" => "no evidence of a change",
        "not_enough_data" => "not enough data",
        word => word,
    }
}
