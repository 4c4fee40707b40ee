//! What every verb works with: where things are, how to talk and how to read times.

use std::path::PathBuf;

use evenkeel_common::clock;
use evenkeel_common::time::UnixMs;
use jiff::tz::TimeZone;

use super::args::Global;
use super::client::Client;
use super::fail::Fail;
use super::output::Output;
use super::when::{self, Range};

/// See the module.
#[derive(Debug)]
pub struct Context {
    /// The options as given.
    pub global: Global,
    /// Where data goes.
    pub output: Output,
    /// The collector.
    pub client: Client,
    /// The time when the command began.
    pub now: UnixMs,
    zone: TimeZone,
}

impl Context {
    /// From the options.
    pub fn new(global: Global) -> Result<Self, Fail> {
        let zone = match &global.tz {
            None => TimeZone::system(),
            Some(name) => TimeZone::get(name).map_err(|_| {
                Fail::usage(format!("'{name}' is not a time zone")).hint("write a name such as Europe/Berlin or UTC")
            })?,
        };
        let now = clock::wall();
        let socket = global.socket.clone().unwrap_or_else(|| global.runtime_dir.join("api.sock"));
        Ok(Self {
            output: Output::new(global.output, global.file.clone(), zone.clone(), now),
            client: Client::new(socket),
            now,
            zone,
            global,
        })
    }

    /// The main configuration file.
    pub fn config_file(&self) -> PathBuf {
        self.global.config_dir.join(crate::config::SCHEMA.file)
    }

    /// The time zone of times on the command line and in tables.
    pub fn zone(&self) -> TimeZone {
        self.zone.clone()
    }

    /// A time from the command line.
    pub fn time(&self, text: &str) -> Result<UnixMs, Fail> {
        when::parse_point(text, self.now, &self.zone).map_err(|error| Fail::usage(error.to_string()))
    }

    /// `FROM..TO` from the command line.
    pub fn range(&self, text: &str) -> Result<Range, Fail> {
        when::parse_range(text, self.now, &self.zone).map_err(|error| Fail::usage(error.to_string()))
    }

    /// `--from` and `--to` from the command line.
    pub fn between(&self, from: &str, to: &str) -> Result<Range, Fail> {
        Range::new(self.time(from)?, self.time(to)?).map_err(|error| Fail::usage(error.to_string()))
    }
}
