//! Numbers and days as people read them.

use jiff::Timestamp;
use jiff::tz::TimeZone;

pub use crate::csi::s6_inform::measure as value;

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
