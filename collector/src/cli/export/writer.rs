//! Series as lines of a file, written as they come.

use evenkeel_common::time::UnixMs;

use super::FileFormat;
use crate::cli::fail::Fail;
use crate::cli::output::quote;
use crate::cli::sink::Sink;

/// Writes one format.
#[derive(Debug)]
pub(super) struct Writer {
    format: FileFormat,
    sink: Sink,
    /// The metric whose lines are being written.
    metric: String,
    /// What stands in front of each point, and between its fields.
    labels: String,
}

impl Writer {
    pub(super) fn new(format: FileFormat, sink: Sink) -> Self {
        Self { format, sink, metric: String::new(), labels: String::new() }
    }

    pub(super) fn begin(&mut self) -> Result<(), Fail> {
        match self.format {
            FileFormat::Csv => self.sink.write("time,entity,metric,device,value\n"),
            FileFormat::Openmetrics => Ok(()),
        }
    }

    pub(super) fn series(
        &mut self,
        entity: String,
        metric: String,
        device: String,
        kind: &str,
        help: &str,
    ) -> Result<(), Fail> {
        self.labels = labels(self.format, &entity, &metric, &device);
        if self.format == FileFormat::Openmetrics && metric != self.metric {
            let family = metric.strip_suffix("_total").unwrap_or(&metric);
            self.sink.write(&format!("# TYPE {family} {kind}\n# HELP {family} {}\n", escaped(help)))?;
        }
        self.metric = metric;
        Ok(())
    }

    pub(super) fn points(&mut self, points: &[(i64, String)]) -> Result<(), Fail> {
        let mut text = String::with_capacity(points.len() * (self.labels.len() + 48));
        for (at, value) in points {
            match self.format {
                FileFormat::Csv => text.push_str(&format!("{},{},{value}\n", UnixMs(*at), self.labels)),
                FileFormat::Openmetrics => text.push_str(&format!("{} {value} {}\n", self.labels, seconds(*at))),
            }
        }
        self.sink.write(&text)
    }

    pub(super) fn end(mut self) -> Result<(), Fail> {
        if self.format == FileFormat::Openmetrics {
            self.sink.write("# EOF\n")?;
        }
        self.sink.finish()
    }
}

fn labels(format: FileFormat, entity: &str, metric: &str, device: &str) -> String {
    match format {
        FileFormat::Csv => format!("{},{},{}", quote(entity), quote(metric), quote(device)),
        FileFormat::Openmetrics if device.is_empty() => format!("{metric}{{entity=\"{}\"}}", escaped(entity)),
        FileFormat::Openmetrics => {
            format!("{metric}{{entity=\"{}\",device=\"{}\"}}", escaped(entity), escaped(device))
        }
    }
}

/// Backslash, quote and line feed are the characters with a meaning.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

/// Unix seconds with as many of the three decimals as there are.
fn seconds(at: i64) -> String {
    let (sign, at) = (if at < 0 { "-" } else { "" }, at.unsigned_abs());
    match at % 1_000 {
        0 => format!("{sign}{}", at / 1_000),
        ms => format!("{sign}{}.{}", at / 1_000, format!("{ms:03}").trim_end_matches('0')),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_names_are_written_so_that_they_can_be_read() {
        assert_eq!([1_000, 1_500, -1_050, 7].map(seconds), ["1", "1.5", "-1.05", "0.007"]);
        assert_eq!(labels(FileFormat::Csv, "a,b", "m", "x\"y"), "\"a,b\",m,\"x\"\"y\"");
        assert_eq!(labels(FileFormat::Openmetrics, "a\\b", "m", "x\"y"), "m{entity=\"a\\\\b\",device=\"x\\\"y\"}");
        assert_eq!(labels(FileFormat::Openmetrics, "a", "m", ""), "m{entity=\"a\"}");
    }
}
