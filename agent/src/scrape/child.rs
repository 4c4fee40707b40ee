//! One worker process.

use std::io;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command};
use tokio::time::timeout;

use super::protocol::{FrameError, Reply, Request, body_len, frame, message};

/// How long a killed process may take to be gone; a call into a hung disk holds it longer, then it is left to the
/// runtime to reap.
const REAP: Duration = Duration::from_secs(1);

/// A running worker. It is killed when dropped.
#[derive(Debug)]
pub(super) struct Worker {
    child: Child,
    stdin: ChildStdin,
    stdout: ChildStdout,
}

impl Worker {
    pub(super) fn start(path: &Path, uri: &str) -> io::Result<Self> {
        let mut child = Command::new(path)
            .args(["scrape-worker", "--uri", uri])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let broken = || io::Error::other("the pipes of a child process are not there");
        let stdin = child.stdin.take().ok_or_else(broken)?;
        let stdout = child.stdout.take().ok_or_else(broken)?;
        let stderr = child.stderr.take().ok_or_else(broken)?;
        tokio::spawn(relay(stderr));
        Ok(Self { child, stdin, stdout })
    }

    pub(super) async fn ask(&mut self, request: &Request) -> Result<Reply, FrameError> {
        self.stdin.write_all(&frame(request)?).await?;
        self.stdin.flush().await?;
        let mut head = [0; 4];
        self.stdout.read_exact(&mut head).await?;
        let mut body = vec![0; body_len(head)?];
        self.stdout.read_exact(&mut body).await?;
        message(&body)
    }

    /// Kills and reaps it; says how it ended.
    pub(super) async fn end(mut self) -> String {
        if let Ok(Some(status)) = self.child.try_wait() {
            return status.to_string();
        }
        match timeout(REAP, self.child.kill()).await {
            Ok(Ok(())) => match self.child.try_wait() {
                Ok(Some(status)) => status.to_string(),
                Ok(None) | Err(_) => "it was killed".to_owned(),
            },
            Ok(Err(error)) => format!("it cannot be killed: {error}"),
            Err(_) => "it was killed but is stuck in the kernel".to_owned(),
        }
    }
}

/// The worker's log becomes ours. A line is cut at 4 KiB, so that no child can make the agent grow.
async fn relay(stderr: ChildStderr) {
    const LINE_MAX: u64 = 4096;
    let mut lines = BufReader::new(stderr);
    let mut line = Vec::new();
    loop {
        line.clear();
        match (&mut lines).take(LINE_MAX).read_until(b'\n', &mut line).await {
            Ok(0) | Err(_) => return,
            Ok(_) => {
                let text = String::from_utf8_lossy(&line);
                tracing::warn!(target: "evenkeel_agent_libvirt", "{}", text.trim_end());
            }
        }
    }
}
