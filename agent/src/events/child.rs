//! The worker process.

use std::io;
use std::path::PathBuf;
use std::process::Stdio;

use tokio::io::AsyncReadExt as _;
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::time::timeout;

use super::protocol::Told;
use crate::config::Config;
use crate::scrape::helper;
use crate::scrape::protocol::{FrameError, body_len, message};

/// Why events are not heard.
#[derive(Debug, thiserror::Error)]
pub enum EarError {
    /// There is no helper.
    #[error(transparent)]
    Helper(#[from] helper::NotFound),
    /// The helper does not start.
    #[error("{} cannot be started: {source}", path.display())]
    Start {
        /// Its path.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// It ended or its words are not understood.
    #[error("evenkeel-agent-libvirt event-worker ended: {0}")]
    Ended(#[from] FrameError),
    /// libvirt's own words.
    #[error("{0}")]
    Libvirt(String),
    /// It said nothing in time.
    #[error("libvirt did not answer within {deadline_s} s")]
    Late {
        /// What it was given.
        deadline_s: f64,
    },
}

/// A running worker. It is killed when dropped, and ends by itself when its stdin closes.
#[derive(Debug)]
pub(super) struct Worker {
    _child: Child,
    _stdin: ChildStdin,
    stdout: ChildStdout,
}

impl Worker {
    pub(super) fn start(configured: Option<&std::path::Path>, uri: &str) -> Result<Self, EarError> {
        let path = helper::find(configured)?;
        let failed = |source| EarError::Start { path: path.clone(), source };
        let mut child = Command::new(&path)
            .args(["event-worker", "--uri", uri])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(failed)?;
        let broken = || failed(io::Error::other("the pipes of a child process are not there"));
        let stdin = child.stdin.take().ok_or_else(broken)?;
        let stdout = child.stdout.take().ok_or_else(broken)?;
        Ok(Self { _child: child, _stdin: stdin, stdout })
    }

    /// The next that it says. Must not be cancelled half-way: what it read by then would be lost.
    pub(super) async fn next(&mut self) -> Result<Told, FrameError> {
        let mut head = [0; 4];
        self.stdout.read_exact(&mut head).await?;
        let mut body = vec![0; body_len(head)?];
        self.stdout.read_exact(&mut body).await?;
        message(&body)
    }
}

/// Starts a worker, waits until it hears events, and ends it; answers with the events that this libvirt does not offer.
///
/// # Errors
/// When it does not hear any within the scrape's deadline.
pub async fn hear_once(config: &Config) -> Result<Vec<u32>, EarError> {
    let mut worker = Worker::start(config.libvirt_helper.as_deref(), &config.libvirt_uri)?;
    let listening = async {
        loop {
            match worker.next().await? {
                Told::Listening { without } => return Ok(without),
                Told::Deaf { reason } => return Err(EarError::Libvirt(reason)),
                Told::Heard(_) | Told::Dropped { .. } => {}
            }
        }
    };
    let late = |_| EarError::Late { deadline_s: config.scrape_deadline.as_s() };
    timeout(config.scrape_deadline.to_std(), listening).await.map_err(late)?
}
