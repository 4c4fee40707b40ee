//! [P] OpenMetrics text: samples with timestamps, whose labels say whose they are.

use std::collections::BTreeMap;

use super::source::Parsed;
use crate::view::import::ImportRow;

/// Labels that say whose a sample is, the first that is there counts.
const ENTITY: [&str; 6] = ["entity", "uuid", "vm", "domain", "host", "instance"];
/// The one of them that is a host's name.
const HOST: &str = "host";
/// Where a sample was scraped says nothing of what it is.
const NOT_OF_THE_DEVICE: [&str; 7] = ["entity", "uuid", "vm", "domain", "host", "instance", "job"];
/// Families whose type is remembered; a file with more has them checked no further.
const TYPES_MAX: usize = 10_000;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct OpenMetrics {
    /// Families that are counters.
    counters: BTreeMap<String, ()>,
    ended: bool,
    /// Exemplars that were left out.
    pub(super) exemplars: u64,
}

/// One sample as it stands.
#[derive(Debug, PartialEq, Eq)]
struct Sample<'a> {
    name: &'a str,
    labels: BTreeMap<String, String>,
    value: &'a str,
    timestamp: Option<&'a str>,
    exemplar: bool,
}

impl OpenMetrics {
    /// Whether the input may end here.
    pub(super) fn end(&self) -> Result<(), String> {
        if self.ended {
            return Ok(());
        }
        Err("the input ends without # EOF, so it was cut off; what came so far was imported".to_owned())
    }

    pub(super) fn line(&mut self, number: u64, text: &str) -> Parsed {
        if text.is_empty() {
            return Parsed::Nothing;
        }
        if self.ended {
            return Parsed::Rejected("it comes after # EOF".to_owned());
        }
        if let Some(comment) = text.strip_prefix('#') {
            self.comment(comment.trim_start());
            return Parsed::Nothing;
        }
        match sample(text).and_then(|sample| self.row(number, sample)) {
            Ok(row) => Parsed::Row(row),
            Err(reason) => Parsed::Rejected(reason),
        }
    }

    fn comment(&mut self, comment: &str) {
        let mut words = comment.split_ascii_whitespace();
        match (words.next(), words.next(), words.next()) {
            (Some("EOF"), None, None) => self.ended = true,
            (Some("TYPE"), Some(family), Some("counter")) if self.counters.len() < TYPES_MAX => {
                self.counters.insert(family.to_owned(), ());
            }
            _ => {}
        }
    }

    fn row(&mut self, number: u64, mut sample: Sample<'_>) -> Result<ImportRow, String> {
        if self.counters.contains_key(sample.name) && !sample.name.ends_with("_total") {
            return Err(format!("{0} is a counter, so its sample is {0}_total", sample.name));
        }
        let at = time(sample.timestamp.ok_or("there is no timestamp; every sample needs one here")?)?;
        let (label, name) = ENTITY
            .iter()
            .find_map(|label| Some((*label, sample.labels.get(*label).filter(|name| !name.is_empty())?.clone())))
            .ok_or("no label says whose it is: entity, uuid, vm, domain, host or instance")?;
        let entity = if label == HOST { format!("host:{name}") } else { name };
        let device = sample.labels.remove("device").unwrap_or_default();
        let others = sample.labels.iter().filter(|(name, _)| !NOT_OF_THE_DEVICE.contains(&name.as_str()));
        let parts: Vec<String> = Some(device)
            .filter(|device| !device.is_empty())
            .into_iter()
            .chain(others.map(|(name, value)| format!("{name}={value}")))
            .collect();
        self.exemplars += u64::from(sample.exemplar);
        Ok(ImportRow(number, at, entity, sample.name.to_owned(), parts.join(","), sample.value.to_owned()))
    }
}

/// `name{label="value",…} value timestamp # exemplar`.
fn sample(text: &str) -> Result<Sample<'_>, String> {
    let end = text.find(['{', ' ', '\t']).ok_or("there is no value")?;
    let (name, rest) = text.split_at(end);
    let (labels, rest) = match rest.strip_prefix('{') {
        Some(rest) => labels(rest)?,
        None => (BTreeMap::new(), rest),
    };
    let (fields, exemplar) = rest.split_once(" # ").map_or((rest, false), |(fields, _)| (fields, true));
    let mut fields = fields.split_ascii_whitespace();
    let value = fields.next().ok_or("there is no value")?;
    let timestamp = fields.next();
    if fields.next().is_some() {
        return Err("there is something behind the timestamp".to_owned());
    }
    Ok(Sample { name, labels, value, timestamp, exemplar })
}

/// The labels, and what follows the closing brace.
fn labels(mut rest: &str) -> Result<(BTreeMap<String, String>, &str), String> {
    const BROKEN: &str = "the labels are not understood; they are {name=\"value\",…}";
    let mut labels = BTreeMap::new();
    loop {
        rest = rest.trim_start();
        if let Some(after) = rest.strip_prefix('}') {
            return Ok((labels, after));
        }
        let (name, after) = rest.split_once('=').ok_or(BROKEN)?;
        let after = after.trim_start().strip_prefix('"').ok_or(BROKEN)?;
        let (value, after) = quoted(after).ok_or(BROKEN)?;
        if labels.insert(name.trim().to_owned(), value).is_some() {
            return Err(format!("the label {} is there twice", name.trim()));
        }
        let after = after.trim_start();
        rest = match after.strip_prefix(',') {
            Some(after) => after,
            None if after.starts_with('}') => after,
            None => return Err(BROKEN.to_owned()),
        };
    }
}

/// A text up to its closing quote, and what follows.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((value, &text[at + 1..])),
            '\\' => match chars.next()?.1 {
                'n' => value.push('\n'),
                other => value.push(other),
            },
            c => value.push(c),
        }
    }
    None
}

/// Seconds since 1970 as ms.
#[expect(clippy::cast_possible_truncation, reason = "the cast saturates, and what is far off is rejected later")]
fn time(text: &str) -> Result<i64, String> {
    let seconds = text.parse::<f64>().ok().filter(|seconds| seconds.is_finite());
    seconds.map(|seconds| (seconds * 1_000.0).round() as i64).ok_or_else(|| format!("'{text}' is not a timestamp"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn row(text: &str) -> Result<[String; 5], String> {
        match OpenMetrics::default().line(1, text) {
            Parsed::Row(ImportRow(_, at, entity, metric, device, value)) => {
                Ok([at.to_string(), entity, metric, device, value])
            }
            Parsed::Rejected(reason) => Err(reason),
            other => Err(format!("{other:?}")),
        }
    }

    #[test]
    fn labels_say_whose_and_which() {
        for (text, expected) in [
            ("m{entity=\"web\",device=\"vda\"} 1.5 2.25", ["2250", "web", "m", "vda", "1.5"]),
            (
                "m_bucket{le=\"0.5\",domain=\"web\",host=\"h1\",job=\"x\",instance=\"y:1\"} 7 3 # {trace=\"1\"} 0.3 3",
                ["3000", "web", "m_bucket", "le=0.5", "7"],
            ),
            ("m{ b=\"2\", device=\"vda\", a=\"1\", vm=\"web\", } 7 3", ["3000", "web", "m", "vda,a=1,b=2", "7"]),
            ("node_x_total{host=\"h1\"}\t7 3", ["3000", "host:h1", "node_x_total", "", "7"]),
            ("m{uuid=\"u\",domain=\"d\"} 7 3", ["3000", "u", "m", "", "7"]),
            ("m{entity=\"a\\\\b\\\"c}\"} 7 -3", ["-3000", "a\\b\"c}", "m", "", "7"]),
        ] {
            assert_eq!(row(text).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn what_cannot_be_taken_is_said() {
        for (text, reason) in [
            ("m{vm=\"a\"} 1", "no timestamp"),
            ("m 1 2", "no label says whose"),
            ("m{vm=\"a} 1 2", "labels are not understood"),
            ("m{vm=a} 1 2", "labels are not understood"),
            ("m{vm=\"a\",vm=\"b\"} 1 2", "twice"),
            ("m{vm=\"a\"} 1 x", "not a timestamp"),
            ("m{vm=\"a\"} 1 2 3", "behind the timestamp"),
            ("m", "no value"),
        ] {
            let said = row(text).unwrap_err();
            assert!(said.contains(reason), "{text}: {said}");
        }
    }

    #[test]
    fn counters_are_total_and_the_end_is_said() {
        let mut parser = OpenMetrics::default();
        assert_eq!(parser.line(1, "# TYPE m counter"), Parsed::Nothing);
        assert!(matches!(parser.line(2, "m{vm=\"a\"} 1 2"), Parsed::Rejected(why) if why.contains("m_total")));
        assert!(matches!(parser.line(3, "m_total{vm=\"a\"} 1 2 # {} 1"), Parsed::Row(_)));
        assert_eq!(parser.exemplars, 1);
        assert!(parser.end().is_err());
        assert_eq!(parser.line(4, "# EOF"), Parsed::Nothing);
        assert!(parser.end().is_ok());
        assert!(matches!(parser.line(5, "m_total{vm=\"a\"} 1 2"), Parsed::Rejected(_)));
    }

    proptest! {
        #[test]
        fn no_line_makes_it_panic(text in "[a-z{}=\\\\\", 0-9#.]{0,60}") {
            let _ = OpenMetrics::default().line(1, &text);
        }
    }
}
