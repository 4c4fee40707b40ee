//! How much there is. Figures of a file that did not change are remembered.

use std::collections::HashMap;
use std::path::PathBuf;
use std::time::SystemTime;

use evenkeel_common::time::{DurationMs, UnixMs};

use super::super::engine::{Figures, Level};
use super::super::{JOURNAL_FILE, StoreError};
use super::SqliteEngine;
use super::days::{Day, HOUR, file_bytes};

/// For how long after its last reading a series counts as active.
const ACTIVE: DurationMs = DurationMs(2 * HOUR.0);

/// Readings and damaged chunks of a file, with the time and size for which that holds.
pub(super) type Remembered = HashMap<PathBuf, ((SystemTime, u64), (u64, u64))>;

impl SqliteEngine {
    pub(super) fn read_figures(&mut self) -> Result<Figures, StoreError> {
        let (journal_samples, quarantined): (i64, i64) = self.journal.query_row(
            "SELECT (SELECT samples FROM totals), (SELECT count(*) FROM quarantine)",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
        // A minimum and a maximum of an indexed column by itself are one seek each.
        let (rows, oldest, newest): (i64, Option<i64>, Option<i64>) = self.journal.query_row(
            "SELECT (SELECT waiting FROM totals),
                 (SELECT min(at) FROM (SELECT (SELECT min(at) FROM entries) AS at
                                       UNION ALL SELECT (SELECT min(at) FROM batches))),
                 (SELECT max(at) FROM (SELECT (SELECT max(at) FROM entries) AS at
                                       UNION ALL SELECT (SELECT max(at) FROM batches)))",
            [],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )?;
        let mut figures = Figures {
            journal_samples: journal_samples.unsigned_abs(),
            journal_rows: rows.unsigned_abs(),
            journal_bytes: file_bytes(&self.dir.join(JOURNAL_FILE)),
            quarantined: quarantined.unsigned_abs() + self.days.aside()?,
            ..Figures::default()
        };
        for (bytes, level) in figures.level_bytes.iter_mut().zip(Level::ALL) {
            *bytes = self.days.bytes(level)?;
        }
        let days = self.days.list(Level::Raw)?;
        for day in &days {
            let (readings, quarantined) = self.day_figures(*day)?;
            figures.sealed_samples += readings;
            figures.quarantined += quarantined;
        }
        figures.oldest = [days.first().map(|day| day.start()), oldest.map(UnixMs)].into_iter().flatten().min();
        let sealed: Option<i64> =
            self.journal.query_row("SELECT max(last_at) FROM entity_layouts", [], |row| row.get(0))?;
        figures.newest = newest.max(sealed.filter(|at| *at > 0)).map(UnixMs);
        (figures.series_active, figures.series_total) = self.series_counts(figures.newest)?;
        Ok(figures)
    }

    fn day_figures(&mut self, day: Day) -> Result<(u64, u64), StoreError> {
        let path = self.days.path(Level::Raw, day);
        let stamp = std::fs::metadata(&path).and_then(|meta| Ok((meta.modified()?, file_bytes(&path)))).ok();
        if let Some((known, figures)) = self.remembered.get(&path)
            && Some(*known) == stamp
        {
            return Ok(*figures);
        }
        let read = self.days.read(Level::Raw, day, |db| {
            db.query_row("SELECT (SELECT readings FROM totals), (SELECT count(*) FROM quarantine)", [], |row| {
                Ok((row.get::<_, i64>(0)?.unsigned_abs(), row.get::<_, i64>(1)?.unsigned_abs()))
            })
        })?;
        let figures = read.unwrap_or_default();
        if let Some(stamp) = stamp {
            self.remembered.insert(path, (stamp, figures));
        }
        Ok(figures)
    }

    /// Series that have a row in the journal, or had one in the last sealed hours, and all.
    fn series_counts(&mut self, newest: Option<UnixMs>) -> Result<(u64, u64), StoreError> {
        let found = self
            .journal
            .prepare_cached(
                "SELECT layout, count(*), sum(last_at > ? OR last_at = 0) FROM entity_layouts GROUP BY layout",
            )?
            .query_map([newest.map_or(0, |at| at.minus(ACTIVE).0)], |row| {
                Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, row.get::<_, i64>(2)?))
            })?
            .collect::<Result<Vec<_>, rusqlite::Error>>()?;
        let (mut active, mut total) = (0, 0);
        for (layout, entities, live) in found {
            let series = u64::try_from(self.layouts.get(&self.journal, layout)?.len()).unwrap_or(0);
            total += series * entities.unsigned_abs();
            active += series * live.unsigned_abs();
        }
        Ok((active, total))
    }
}
