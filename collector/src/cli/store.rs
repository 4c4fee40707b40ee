//! `evenkeel store`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand};
use evenkeel_common::error::chain;

use super::context::Context;
use super::fail::{Exit, Fail};
use super::say;
use super::table::{Cell, Table, Tabular};
use crate::app::hold_data_dir;
use crate::control::backup_view;
use crate::store::backup::restore;
use crate::view::error::ErrorKind;
use crate::view::store::{BackupRequest, BackupView, DamageView, StoreStatusView};

/// Reading or copying a large store takes its time.
const DEADLINE: Duration = Duration::from_secs(6 * 3_600);

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum StoreVerb {
    /// Say how much is stored, and what it takes.
    ///
    /// JSON: {"samples","series_active","series_total","bytes","bytes_per_sample":{"raw","5m","1h","all"},
    /// "journal_batches","journal_bytes","oldest","newest","quarantined_chunks","reserve_bytes"}. journal_batches are
    /// rows that wait to be sealed, each one VM or host at one time. reserve_bytes is 0 while the disk is full: ingest
    /// then waits, and agents keep what they measure.
    Status,
    /// Read everything and say what is damaged; exit 1 if anything is.
    ///
    /// A damaged chunk (one VM or host, one hour) is put aside and shows as a gap from then on.
    /// JSON: [{"file","what"}].
    Check,
    /// Copy everything that is stored, and the keys, into a directory of the collector's machine.
    ///
    /// Days that did not change since the last backup into the same directory are not copied again. Ingest waits while
    /// the journal of the last two hours is copied. JSON: {"directory","made_at","files","bytes"}.
    Backup(BackupArgs),
    /// Put a backup into an empty --data-dir. The collector must not be running.
    ///
    /// The restored collector is a new generation: hosts take its commands and none of the one before, actions that were
    /// open are unknown, and agents send again what they still keep.
    Restore(BackupArgs),
}

/// Where the backup is.
#[derive(Debug, Args)]
pub struct BackupArgs {
    /// The directory.
    #[arg(value_name = "DIR")]
    directory: PathBuf,
}

/// Runs a verb that asks the collector.
pub async fn run(verb: StoreVerb, context: &Context) -> Result<Exit, Fail> {
    let client = context.client.within(DEADLINE);
    match verb {
        StoreVerb::Status => context.output.show(&client.get::<StoreStatusView>("/store", &()).await?)?,
        StoreVerb::Check => {
            let damage: Vec<DamageView> = client.post("/store/check", &()).await?;
            context.output.show(&damage)?;
            if !damage.is_empty() {
                return Ok(Exit::Bad(ErrorKind::Failed));
            }
        }
        StoreVerb::Backup(args) => {
            let directory = std::path::absolute(&args.directory)
                .map_err(|error| Fail::usage(format!("{}: {error}", args.directory.display())))?;
            let request = BackupRequest { directory: directory.display().to_string() };
            context.output.show(&client.post::<BackupView>("/store/backup", &request).await?)?;
        }
        StoreVerb::Restore(args) => return restore_backup(&args, context),
    }
    Ok(Exit::Ok)
}

fn restore_backup(args: &BackupArgs, context: &Context) -> Result<Exit, Fail> {
    let data_dir = &context.global.data_dir;
    std::fs::create_dir_all(data_dir)
        .map_err(|error| Fail::failed(format!("{} cannot be made: {error}", data_dir.display())))?;
    let _lock = hold_data_dir(data_dir).map_err(|error| Fail::failed(chain(&error)))?;
    let restored = restore(&args.directory, data_dir, context.now).map_err(|error| Fail::failed(chain(&error)))?;
    context.output.show(&backup_view(&args.directory.display().to_string(), &restored))?;
    say("restored as a new generation; next: `evenkeel serve`, and look at actions that are unknown");
    Ok(Exit::Ok)
}

impl Tabular for StoreStatusView {
    fn table(&self) -> Table {
        let number = |value: Option<f64>| Cell::maybe(value, Cell::Number);
        Table::object([
            ("samples", Cell::count(self.samples)),
            ("series_active", Cell::count(self.series_active)),
            ("series_total", Cell::count(self.series_total)),
            ("bytes", Cell::Bytes(self.bytes)),
            ("bytes_per_sample_raw", number(self.bytes_per_sample.raw)),
            ("bytes_per_sample_5m", number(self.bytes_per_sample.short)),
            ("bytes_per_sample_1h", number(self.bytes_per_sample.long)),
            ("bytes_per_sample_all", number(self.bytes_per_sample.all)),
            ("journal_batches", Cell::count(self.journal_batches)),
            ("journal_bytes", Cell::Bytes(self.journal_bytes)),
            ("oldest", Cell::maybe(self.oldest, |at| Cell::Time(at.0))),
            ("newest", Cell::maybe(self.newest, |at| Cell::Time(at.0))),
            ("quarantined_chunks", Cell::count(self.quarantined_chunks)),
            ("reserve_bytes", Cell::Bytes(self.reserve_bytes)),
        ])
    }
}

impl Tabular for Vec<DamageView> {
    fn table(&self) -> Table {
        let rows = self.iter().map(|damage| vec![Cell::text(&damage.file), Cell::text(&damage.what)]);
        Table::new(&[("file", "FILE"), ("what", "WHAT")], rows)
    }
}

impl Tabular for BackupView {
    fn table(&self) -> Table {
        Table::object([
            ("directory", Cell::text(&self.directory)),
            ("made_at", Cell::Time(self.made_at.0)),
            ("files", Cell::count(self.files)),
            ("bytes", Cell::Bytes(self.bytes)),
        ])
    }
}
