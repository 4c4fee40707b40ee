//! `evenkeel status`.

use std::time::Duration;

use clap::Args;
use evenkeel_common::clock;
use evenkeel_common::time::DurationMs;
use evenkeel_common::units::parse_duration;

use super::context::Context;
use super::fail::{Exit, Fail};
use super::table::{Cell, Table, Tabular};
use crate::view::error::ErrorKind;
use crate::view::status::StatusView;

/// Pause between two tries of `--wait`.
const RETRY: Duration = Duration::from_millis(100);

/// Options of `status`. Exit 0 when the collector answers and is healthy, 1 when it is not, 3 when it does not answer.
#[derive(Debug, Args)]
pub struct StatusArgs {
    /// Wait at most so long, such as 30s, until the collector answers and is healthy.
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    wait: Option<DurationMs>,
}

/// Runs the verb.
pub async fn run(args: &StatusArgs, context: &Context) -> Result<Exit, Fail> {
    let started = clock::mono();
    let wait = args.wait.unwrap_or_default();
    let client = context.client.within(Duration::from_secs(10));
    loop {
        let answer = client.get::<StatusView>("/status", &()).await;
        let retry = match &answer {
            Ok(view) => !view.healthy,
            Err(fail) => fail.kind() == ErrorKind::Unreachable,
        };
        if !retry || clock::mono().since(started) >= wait {
            let view = answer?;
            context.output.show(&view)?;
            return Ok(if view.healthy { Exit::Ok } else { Exit::Bad(ErrorKind::Failed) });
        }
        tokio::time::sleep(RETRY).await;
    }
}

impl Tabular for StatusView {
    fn table(&self) -> Table {
        let state = if self.healthy { "healthy".to_owned() } else { self.problems.join("; ") };
        Table::object([
            ("state", Cell::text(state)),
            ("version", Cell::text(&self.version)),
            ("started_at", Cell::Time(self.started_at.0)),
            ("uptime_s", Cell::count(self.uptime_s)),
            ("listen", Cell::text(&self.listen)),
            ("agents_connected", Cell::count(self.agents.connected)),
            ("agents_pending", Cell::count(self.agents.pending)),
            ("agents_silent", Cell::count(self.agents.silent)),
            ("vms", Cell::count(self.vms)),
            ("samples", Cell::count(self.samples)),
            ("journal_bytes", Cell::Bytes(self.journal_bytes)),
            ("disk_free_bytes", Cell::Bytes(self.disk_free_bytes)),
            ("data_dir", Cell::text(&self.data_dir)),
        ])
    }
}
