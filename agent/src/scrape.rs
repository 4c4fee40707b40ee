//! The child process that reads libvirt, and its deadline. Nothing here ends because libvirt hangs: the child that hangs
//! is killed, and the next call gets a fresh one.
//!
//! A tick asks twice: first for what libvirt knows without QEMU, of all domains, then for what it asks QEMU. Only the
//! second can hang at a guest; [`isolation`] decides whom it asks.

mod backoff;
mod child;
mod health;
pub mod helper;
pub mod isolation;
mod monitors;
mod plain;
pub mod protocol;

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::path::PathBuf;

use evenkeel_common::clock;
use evenkeel_common::time::DurationMs;
use tokio::time::timeout;

use crate::config::Config;
use crate::selfstats::{Indicator, Tally};
use backoff::Backoff;
use child::Worker;
use health::Health;
use isolation::{DomainId, Isolation};
pub use monitors::{Asked, Monitors};
pub use plain::Plain;
use protocol::{FrameError, HostLook, RawDomain, Reply, Request, Scraped};

/// Why there are no readings of domains.
#[derive(Debug, thiserror::Error)]
pub enum ScrapeError {
    /// There is no helper.
    #[error(transparent)]
    Helper(#[from] helper::NotFound),
    /// The helper does not start.
    #[error("{} cannot be started: {source}", path.display())]
    Start {
        /// Its path.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The helper was killed for taking too long.
    #[error("no answer within {} s; a guest or libvirtd hangs (raise scrape_deadline if this host is only slow)", deadline.as_s())]
    Late {
        /// What it was given.
        deadline: DurationMs,
    },
    /// The helper ended.
    #[error("evenkeel-agent-libvirt ended: {0}")]
    Ended(String),
    /// The helper's words are not understood.
    #[error("{0}")]
    Frame(FrameError),
    /// The helper failed several times in a row and is not started at this tick.
    #[error("evenkeel-agent-libvirt failed before; it is started again in {} s", wait.as_s())]
    Waiting {
        /// How long still.
        wait: DurationMs,
    },
    /// libvirt's own words.
    #[error("{0}")]
    Libvirt(String),
}

/// Domains waiting to be described again. Full: the rest waits for the regular refresh.
const REFRESH_MAX: usize = 256;

/// Asks libvirt through a child.
#[derive(Debug)]
pub struct Scraper {
    configured: Option<PathBuf>,
    uri: String,
    deadline: DurationMs,
    worker: Option<Worker>,
    backoff: Backoff,
    health: Health,
    refresh: Vec<[u8; 16]>,
    /// Whom to ask of what libvirt knows by itself, and whom it named last.
    plain: Isolation,
    known: HashMap<DomainId, RawDomain>,
    /// What holds of the last answer until an event says otherwise; `None` when it was none, or of some only.
    last: Option<Scraped>,
    /// Whom to ask of what libvirt asks QEMU.
    monitors: Isolation,
    tally: Tally,
}

impl Scraper {
    /// Nothing is started before the first scrape.
    #[must_use]
    pub fn new(config: &Config) -> Self {
        Self {
            configured: config.libvirt_helper.clone(),
            uri: config.libvirt_uri.clone(),
            deadline: config.scrape_deadline,
            worker: None,
            backoff: Backoff::default(),
            health: Health::default(),
            refresh: Vec::new(),
            plain: Isolation::of_libvirt(),
            known: HashMap::new(),
            last: None,
            monitors: Isolation::of_qemu(),
            tally: Tally::default(),
        }
    }

    /// Counts its calls and workers here from now on.
    pub fn count_in(&mut self, tally: Tally) {
        self.tally = tally;
    }

    /// Has a domain described again at the next scrape, because something of it changed.
    pub fn refresh(&mut self, uuid: [u8; 16]) {
        if self.refresh.len() < REFRESH_MAX && !self.refresh.contains(&uuid) {
            self.refresh.push(uuid);
        }
    }

    /// What libvirt said last of who is there and in which state, when nobody hangs and nothing is to be described:
    /// without an event since, asking again would give the same.
    #[must_use]
    pub fn unchanged(&self) -> Option<Scraped> {
        let is_calm = self.refresh.is_empty() && self.plain.is_calm() && self.monitors.is_calm();
        self.last.as_ref().filter(|_| is_calm).cloned()
    }

    /// Goes by another configuration from the next scrape on; the worker stays.
    pub fn reconfigure(&mut self, config: &Config) {
        self.deadline = config.scrape_deadline;
    }

    /// What the worker learnt of libvirt's host since the last time, with `begin` beginning a look if none is under
    /// way. It comes at once; `None` without a worker.
    pub async fn look_at_host(&mut self, begin: bool) -> Option<HostLook> {
        self.worker.as_ref()?;
        match self.ask(&Request::Host { begin }, self.deadline).await {
            Ok(Reply::Host(look)) => Some(look),
            Ok(Reply::Scraped(_) | Reply::Failed { .. }) | Err(_) => None,
        }
    }

    /// A failure makes the next start wait, from the second in a row on.
    async fn ask(&mut self, request: &Request, deadline: DurationMs) -> Result<Reply, ScrapeError> {
        let (asked, worker) = self.try_ask(request, deadline).await;
        if asked.is_ok() {
            self.backoff.succeeded();
            return asked;
        }
        let Some(worker) = worker else { return asked };
        self.backoff.failed(clock::mono());
        let status = worker.end().await;
        match asked {
            Err(ScrapeError::Frame(FrameError::Io(_))) => Err(ScrapeError::Ended(status)),
            asked => asked,
        }
    }

    /// One question and its answer. A worker that did not answer is handed back: it is still to be ended.
    async fn try_ask(
        &mut self,
        request: &Request,
        deadline: DurationMs,
    ) -> (Result<Reply, ScrapeError>, Option<Worker>) {
        let mut worker = match self.worker.take() {
            Some(worker) => worker,
            None => match self.start() {
                Ok(worker) => worker,
                Err(error) => return (Err(error), None),
            },
        };
        let begun = tokio::time::Instant::now();
        let answer = timeout(deadline.to_std(), worker.ask(request)).await;
        self.count(request, begun.elapsed());
        match answer {
            Ok(Ok(reply)) => {
                self.worker = Some(worker);
                (Ok(reply), None)
            }
            Ok(Err(error)) => (Err(ScrapeError::Frame(error)), Some(worker)),
            Err(_) => {
                self.tally.add(Indicator::DeadlinesMissed, "", 1);
                self.tally.add(Indicator::WorkersKilled, "", 1);
                (Err(ScrapeError::Late { deadline }), Some(worker))
            }
        }
    }

    fn count(&self, request: &Request, took: std::time::Duration) {
        let device = match request {
            Request::Scrape { groups, .. } => groups.to_string(),
            Request::Host { .. } => "host".to_owned(),
        };
        self.tally.add(Indicator::Calls, &device, 1);
        self.tally.add(Indicator::CallTime, &device, u64::try_from(took.as_nanos()).unwrap_or(u64::MAX));
    }

    fn start(&mut self) -> Result<Worker, ScrapeError> {
        let wait = self.backoff.wait(clock::mono());
        if wait.0 > 0 {
            return Err(ScrapeError::Waiting { wait });
        }
        let path = helper::find(self.configured.as_deref())?;
        let worker = Worker::start(&path, &self.uri).map_err(|source| ScrapeError::Start { path, source })?;
        self.tally.add(Indicator::WorkersStarted, "", 1);
        Ok(worker)
    }
}
