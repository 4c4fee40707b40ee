//! `evenkeel-agent check`: is everything there that `run` needs? A list of named checks, each with what to do.

mod clock;
mod config;
mod identity;
mod libvirt;

use crate::config::Config;

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// As it should be.
    Ok,
    /// `run` works, but something is worth a look.
    Warn,
    /// `run` will not do its work.
    Fail,
}

impl Verdict {
    /// The word used in JSON and tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Fail => "fail",
        }
    }
}

/// One check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// What was looked at.
    pub name: &'static str,
    /// How it ended.
    pub verdict: Verdict,
    /// What was found.
    pub found: String,
    /// What to do; empty when all is well.
    pub remedy: String,
}

impl Check {
    /// As it should be.
    #[must_use]
    pub fn ok(name: &'static str, found: impl Into<String>) -> Self {
        Self { name, verdict: Verdict::Ok, found: found.into(), remedy: String::new() }
    }

    /// Worth a look.
    #[must_use]
    pub fn warn(name: &'static str, found: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { name, verdict: Verdict::Warn, found: found.into(), remedy: remedy.into() }
    }

    /// In the way.
    #[must_use]
    pub fn fail(name: &'static str, found: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { name, verdict: Verdict::Fail, found: found.into(), remedy: remedy.into() }
    }
}

/// Everything that `run` needs. Nothing is started, and the collector is not asked for a session.
pub async fn all(config: &Config) -> Vec<Check> {
    let mut checks = config::check(config);
    checks.extend(libvirt::check(config).await);
    checks.push(clock::check().await);
    checks.extend(identity::check(config, evenkeel_common::clock::wall()).await);
    checks
}
