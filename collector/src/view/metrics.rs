//! `/metrics`: the text format of Prometheus, version 0.0.4.

use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Families of samples, each with its help and type before its samples.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Exposition(BTreeMap<String, Family>);

#[derive(Clone, Debug, Default, PartialEq)]
struct Family {
    help: String,
    kind: &'static str,
    samples: Vec<String>,
}

impl Exposition {
    /// A sample. A family has the help and the type with which its first one came.
    pub fn add(&mut self, name: &str, kind: &'static str, help: &str, labels: &[(&str, &str)], value: f64) {
        let family = self.0.entry(name.to_owned()).or_default();
        if family.samples.is_empty() {
            (family.help, family.kind) = (escape(help, false), kind);
        }
        let labels: Vec<String> =
            labels.iter().map(|(label, value)| format!("{label}=\"{}\"", escape(value, true))).collect();
        let labels = if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
        family.samples.push(format!("{name}{labels} {value}"));
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        for (name, Family { help, kind, samples }) in &self.0 {
            // Writing to a string does not fail.
            let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}\n{}", samples.join("\n"));
        }
        text
    }
}

fn escape(text: &str, quotes: bool) -> String {
    let text = text.replace('\\', "\\\\").replace('\n', "\\n");
    if quotes { text.replace('"', "\\\"") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_stay_together_and_labels_are_escaped() {
        let mut exposition = Exposition::default();
        exposition.add("b_total", "counter", "B.", &[("domain", "a\"b\\c\nd")], 2.5);
        exposition.add("a", "gauge", "A.", &[], 1.0);
        exposition.add("b_total", "counter", "B.", &[("domain", "x")], 3.0);
        let expected = "# HELP a A.\n# TYPE a gauge\na 1\n# HELP b_total B.\n# TYPE b_total counter\n\
            b_total{domain=\"a\\\"b\\\\c\\nd\"} 2.5\nb_total{domain=\"x\"} 3\n";
        assert_eq!(exposition.text(), expected);
    }
}
