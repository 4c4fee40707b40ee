//! Step 2, what can be measured: each metric with its unit, source, sampling, and the aggregation and dispersion that
//! its scale of measurement allows.

use std::fmt;

use evenkeel_common::metric::{self, Better, Kind, Metric};
use evenkeel_common::time::DurationMs;

use super::s4_process;
use crate::stats::verdict::Threshold;

/// Scale of measurement: which sums make sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// Names.
    Nominal,
    /// Names in an order.
    Ordinal,
    /// Differences mean something.
    Interval,
    /// Ratios do as well.
    Ratio,
}

impl Scale {
    /// The words of the file.
    pub const WORDS: &'static [&'static str] = &["nominal", "ordinal", "interval", "ratio"];

    /// The word of the file.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Nominal => "nominal",
            Self::Ordinal => "ordinal",
            Self::Interval => "interval",
            Self::Ratio => "ratio",
        }
    }

    /// The scale of a word; ratio for any other.
    #[must_use]
    pub fn of(word: &str) -> Self {
        [Self::Nominal, Self::Ordinal, Self::Interval]
            .into_iter()
            .find(|one| one.as_str() == word)
            .unwrap_or(Self::Ratio)
    }

    /// How values of this scale may be put together.
    #[must_use]
    pub fn aggregations(self) -> &'static [&'static str] {
        match self {
            Self::Nominal => &["count"],
            Self::Ordinal => &["count", "median"],
            Self::Interval => &["count", "median", "mean", "min", "max"],
            Self::Ratio => &["count", "median", "sum", "mean", "min", "max"],
        }
    }

    /// How their spread may be said.
    #[must_use]
    pub fn dispersions(self) -> &'static [&'static str] {
        match self {
            Self::Nominal => &["none"],
            Self::Ordinal => &["none", "range"],
            Self::Interval | Self::Ratio => &["none", "range", "stddev", "stddev_of_changes"],
        }
    }
}

/// All words of aggregations.
pub const AGGREGATIONS: &[&str] = &["count", "median", "sum", "mean", "min", "max"];
/// All words of dispersions.
pub const DISPERSIONS: &[&str] = &["none", "range", "stddev", "stddev_of_changes"];

/// Where a metric comes from.
#[derive(Clone, Debug, PartialEq)]
pub enum Source {
    /// Time down by the state of a VM, or of a host by its agent.
    State,
    /// Time down by the probe of this name, and by the state.
    Probe(String),
    /// Readings of a metric of the catalogue, of one device or of the VM itself; rates of a counter.
    Series(&'static Metric, String),
}

impl Source {
    /// Reads `state`, `probe:NAME`, `series:METRIC` or `series:METRIC:DEVICE`.
    ///
    /// # Errors
    /// Says what would be right.
    pub fn parse(text: &str) -> Result<Self, String> {
        const FORMS: &str = "give \"state\", \"probe:NAME\", \"series:METRIC\" or \"series:METRIC:DEVICE\"";
        let bad = || format!("'{text}' is no source; {FORMS}");
        if text == "state" {
            return Ok(Self::State);
        }
        match text.split_once(':').ok_or_else(bad)? {
            ("probe", name) if !name.is_empty() => Ok(Self::Probe(name.to_owned())),
            ("series", rest) => {
                let (name, device) = rest.split_once(':').unwrap_or((rest, ""));
                let found = metric::by_name(name).ok_or_else(|| {
                    let near = metric::suggestions(name).first().map(|near| format!("; did you mean '{near}'?"));
                    format!("there is no metric '{name}'{}", near.unwrap_or_default())
                })?;
                Ok(Self::Series(found, device.to_owned()))
            }
            _ => Err(bad()),
        }
    }

    /// The unit of what it gives.
    #[must_use]
    pub fn unit(&self) -> &'static str {
        match self {
            Self::State | Self::Probe(_) => "seconds",
            Self::Series(metric, _) if metric.kind == Kind::Counter => metric.unit.rate_str(),
            Self::Series(metric, _) => metric.unit.as_str(),
        }
    }

    /// Which way is better, where the source knows.
    #[must_use]
    pub fn better(&self) -> Option<Better> {
        match self {
            Self::State | Self::Probe(_) => Some(Better::Lower),
            Self::Series(metric, _) => metric.better,
        }
    }

    /// Whether its values are codes.
    #[must_use]
    pub fn is_nominal(&self) -> bool {
        matches!(self, Self::Series(metric, _) if !s4_process::is_measure(metric))
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::State => f.write_str("state"),
            Self::Probe(name) => write!(f, "probe:{name}"),
            Self::Series(metric, device) if device.is_empty() => write!(f, "series:{}", metric.name),
            Self::Series(metric, device) => write!(f, "series:{}:{device}", metric.name),
        }
    }
}

/// Up to where (lower is better) or from where on (higher is better) a reading is good.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limit {
    /// In the shown unit.
    pub value: f64,
    /// Which way is better.
    pub better: Better,
}

impl Limit {
    /// Whether a value is good.
    #[must_use]
    pub fn holds(self, value: f64) -> bool {
        match self.better {
            Better::Lower => value <= self.value,
            Better::Higher => value >= self.value,
        }
    }
}

/// A metric definition.
#[derive(Clone, Debug, PartialEq)]
pub struct MetricDefinition {
    /// Its name in the file.
    pub name: String,
    /// Where it comes from.
    pub source: Source,
    /// How often it is looked at.
    pub sampling: DurationMs,
    /// Scale of measurement.
    pub scale: Scale,
    /// How values are put together.
    pub aggregation: String,
    /// How their spread is said.
    pub dispersion: String,
    /// Which way is better, when that is known.
    pub better: Option<Better>,
    /// From where a difference matters.
    pub threshold: Threshold,
    /// As it was written; empty for the default.
    pub threshold_text: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_are_read_as_they_are_shown() {
        for text in ["state", "probe:http", "series:vm_memory_rss_bytes", "series:vm_probe_response_seconds:http"] {
            assert_eq!(Source::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(Source::parse("series:vm_block_read_bytes_total:vda").unwrap().unit(), "bytes_per_second");
        for text in ["", "states", "probe:", "series:", "metric:x"] {
            assert!(Source::parse(text).is_err(), "{text}");
        }
        let said = Source::parse("series:vm_cpu_second_total").unwrap_err();
        assert!(said.contains("did you mean 'vm_cpu_seconds_total'?"), "{said}");
    }

    #[test]
    fn what_is_only_a_name_has_no_mean() {
        assert!(Source::parse("series:vm_state").unwrap().is_nominal());
        assert!(!Scale::Nominal.aggregations().contains(&"mean") && !Scale::Ordinal.aggregations().contains(&"sum"));
        for scale in Scale::WORDS.iter().map(|word| Scale::of(word)) {
            assert!(scale.aggregations().iter().all(|word| AGGREGATIONS.contains(word)));
            assert!(scale.dispersions().iter().all(|word| DISPERSIONS.contains(word)));
        }
    }

    #[test]
    fn limits_hold_at_their_own_value() {
        let limit = |better| Limit { value: 0.5, better };
        assert!(limit(Better::Lower).holds(0.5) && !limit(Better::Lower).holds(0.6));
        assert!(limit(Better::Higher).holds(0.5) && !limit(Better::Higher).holds(0.4));
    }
}
