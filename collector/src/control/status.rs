//! How the collector is.

use evenkeel_common::time::UnixMs;

use super::presence::Presence;
use super::{Control, ControlError};
use crate::view::status::{AgentCounts, StatusView};

/// Free space below which the collector says that it is not healthy: a WAL checkpoint of a busy minute needs about this.
const DISK_FREE_MIN_BYTES: u64 = 64 << 20;

impl Control {
    /// The status.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn status(&self, now: UnixMs) -> Result<StatusView, ControlError> {
        let counts = self.store().counts().await?;
        let mut agents = AgentCounts::default();
        for row in self.store().fleet().await? {
            match self.host_presence(&row, now).0 {
                Presence::Connected => agents.connected += 1,
                Presence::Silent => agents.silent += 1,
                Presence::Pending => agents.pending += 1,
                Presence::Retired => {}
            }
        }
        let disk_free_bytes = disk_free(&self.0.data_dir);
        let mut problems = Vec::new();
        if disk_free_bytes < DISK_FREE_MIN_BYTES {
            problems.push(format!("only {disk_free_bytes} bytes are free in {}", self.0.data_dir.display()));
        }
        Ok(StatusView {
            healthy: problems.is_empty(),
            problems,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            started_at: self.0.started_at.into(),
            uptime_s: now.since(self.0.started_at).0 / 1000,
            listen: self.0.settings.listen.to_string(),
            agents,
            vms: counts.vms,
            samples: counts.samples,
            journal_bytes: counts.journal_bytes,
            disk_free_bytes,
            data_dir: self.0.data_dir.display().to_string(),
        })
    }
}

/// A file system that cannot be asked has nothing free.
fn disk_free(dir: &std::path::Path) -> u64 {
    rustix::fs::statvfs(dir).map_or(0, |stat| stat.f_bavail.saturating_mul(stat.f_frsize))
}
