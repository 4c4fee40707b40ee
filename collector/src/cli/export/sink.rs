//! Series as lines of a file, written as they come.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use evenkeel_common::time::UnixMs;

use super::FileFormat;
use crate::cli::fail::Fail;
use crate::cli::output::quote;

/// Where the bytes go: standard output, or a file that gets its name when it is complete.
#[derive(Debug)]
pub(super) struct Sink {
    to: To,
}

#[derive(Debug)]
enum To {
    Stdout(BufWriter<std::io::Stdout>),
    File { partial: Partial, file: BufWriter<File>, path: PathBuf },
}

/// A file that is removed unless it was renamed.
#[derive(Debug)]
struct Partial(PathBuf);

impl Drop for Partial {
    fn drop(&mut self) {
        // Gone when it has its name.
        let _ = fs::remove_file(&self.0);
    }
}

impl Sink {
    pub(super) fn open(path: Option<&Path>) -> Result<Self, Fail> {
        let Some(path) = path else { return Ok(Self { to: To::Stdout(BufWriter::new(std::io::stdout())) }) };
        let mut partial = path.to_owned().into_os_string();
        partial.push(".partial");
        let partial = PathBuf::from(partial);
        let file = File::create(&partial).map_err(|error| unwritable(path, &error))?;
        Ok(Self { to: To::File { partial: Partial(partial), file: BufWriter::new(file), path: path.to_owned() } })
    }

    fn write(&mut self, text: &str) -> Result<(), Fail> {
        match &mut self.to {
            To::Stdout(stdout) => stdout.write_all(text.as_bytes()).map_err(|error| gone(&error)),
            To::File { file, path, .. } => file.write_all(text.as_bytes()).map_err(|error| unwritable(path, &error)),
        }
    }

    fn finish(self) -> Result<(), Fail> {
        match self.to {
            To::Stdout(mut stdout) => stdout.flush().map_err(|error| gone(&error)),
            To::File { partial, mut file, path } => {
                let done = file.flush().and_then(|()| file.get_ref().sync_all());
                done.and_then(|()| fs::rename(&partial.0, &path)).map_err(|error| unwritable(&path, &error))
            }
        }
    }
}

fn unwritable(path: &Path, error: &std::io::Error) -> Fail {
    Fail::failed(format!("{} cannot be written: {error}", path.display()))
}

fn gone(error: &std::io::Error) -> Fail {
    match error.kind() {
        std::io::ErrorKind::BrokenPipe => Fail::broken_pipe(),
        _ => Fail::failed(format!("standard output cannot be written: {error}")),
    }
}

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
