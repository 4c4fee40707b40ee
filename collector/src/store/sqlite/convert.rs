//! Databases of a version that kept a row per reading: their rows become chunks when the store is opened. What was
//! interrupted goes on at the next start.

use evenkeel_common::id::AgentId;
use evenkeel_common::metric::MetricId;
use evenkeel_common::time::UnixMs;
use rusqlite::{Connection, OptionalExtension};

use super::super::chunk::{ColumnKey, HourBuilder, PollCell, decode, encode_layout, rolled};
use super::super::engine::Level;
use super::super::{Entity, StoreError, sql};
use super::SqliteEngine;
use super::append::row_name;
use super::days::{Day, HOUR};
use super::layouts::Placed;
use super::window::hour_of;

/// Series of an entity with the numbers that they had.
type OldSeries = Vec<(i64, ColumnKey)>;

impl SqliteEngine {
    /// Converts what is left of the old tables.
    pub(super) fn convert(&mut self) -> Result<(), StoreError> {
        let is_old = "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'old_samples')";
        if !self.journal.query_row(is_old, [], |row| row.get::<_, bool>(0))? {
            return Ok(());
        }
        let mut converted = 0_u64;
        while let Some(placed) = next_entity(&self.journal)? {
            tracing::info!(entity = ?placed.0, "readings of an older version become chunks");
            self.convert_entity(placed)?;
            converted += 1;
        }
        self.journal.execute_batch(
            "BEGIN IMMEDIATE; DROP TABLE old_samples; DROP TABLE old_polls; DROP TABLE old_series; COMMIT;",
        )?;
        if let Err(error) = self.journal.execute_batch("VACUUM") {
            tracing::warn!(%error, "the space of the older version's readings stays with the journal, which uses it again");
        }
        if converted > 0 {
            tracing::info!(entities = converted, "all readings of the older version are chunks now");
        }
        Ok(())
    }

    fn convert_entity(&mut self, placed: Placed) -> Result<(), StoreError> {
        let series = old_series(&self.journal, placed)?;
        let mut cursor = UnixMs(i64::MIN);
        let mut newest = 0;
        while let Some(at) = next_time(&self.journal, placed, &series, cursor)? {
            let start = hour_of(at);
            self.convert_hour(placed, &series, start)?;
            newest = at.0.max(newest);
            cursor = start.plus(HOUR);
        }
        let transaction = self.journal.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        if !series.is_empty() {
            let keys: Vec<ColumnKey> = series.iter().map(|(_, key)| key.clone()).collect();
            let bytes = encode_layout(&keys);
            transaction.execute("INSERT OR IGNORE INTO layouts (keys) VALUES (?)", [&bytes])?;
            transaction.execute(
                "INSERT OR IGNORE INTO entity_layouts (entity, layout, last_at)
                 SELECT entities.id, layouts.id, ? FROM entities, layouts
                 WHERE entities.entity = ? AND entities.placement = ? AND layouts.keys = ?",
                (newest.max(1), placed.0.0, super::layouts::placement_bytes(placed.1), &bytes),
            )?;
        }
        for (id, _) in &series {
            transaction.execute("DELETE FROM old_samples WHERE series = ?", [id])?;
            transaction.execute("DELETE FROM old_series WHERE id = ?", [id])?;
        }
        if placed.1.is_none() {
            transaction.execute("DELETE FROM old_polls WHERE entity = ?", [placed.0.0])?;
        }
        transaction.commit()?;
        Ok(())
    }

    fn convert_hour(&mut self, placed: Placed, series: &OldSeries, start: UnixMs) -> Result<(), StoreError> {
        let end = start.plus(HOUR);
        let mut builder = HourBuilder::default();
        let day = Day::of(start);
        let name = row_name(placed, start);
        // Converted before, in a start that was interrupted.
        let known = self.days.read(Level::Raw, day, |db| super::window::chunks(db, placed, start, end))?;
        for (_, body) in known.unwrap_or_default() {
            builder.add_hour(decode(&name, &body).map_err(StoreError::Damaged)?);
        }
        if placed.1.is_none() {
            for (at, poll) in old_polls(&self.journal, placed.0, start, end)? {
                builder.row(at, Some(poll));
            }
        }
        for (id, key) in series {
            let place = builder.place(key);
            let mut statement = self.journal.prepare_cached(
                "SELECT at, value, epoch, missing FROM old_samples WHERE series = ? AND at >= ? AND at < ? ORDER BY at",
            )?;
            let mut rows = statement.query((id, start.0, end.0))?;
            while let Some(row) = rows.next()? {
                let (at, value) = (sql::at(row, 0)?, sql::value(row, 1)?);
                builder.row(at, None);
                builder.reading(place, at, value);
            }
        }
        let hour = builder.finish();
        let long = rolled(&hour, crate::series::rollup::LONG, true);
        let short = rolled(&hour, crate::series::rollup::SHORT, false);
        self.write_hour(day, placed, start, &hour, long, short)?;
        let transaction = self.journal.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        let entity = super::layouts::entity_id(&transaction, placed)?;
        super::ends::note_polls(&transaction, entity, &hour)?;
        transaction.commit()?;
        Ok(())
    }
}

fn next_entity(db: &Connection) -> Result<Option<Placed>, rusqlite::Error> {
    db.query_row(
        "SELECT entity, placement FROM old_series UNION ALL SELECT entity, x'' FROM old_polls LIMIT 1",
        [],
        |row| {
            let placement = <[u8; 16]>::try_from(row.get_ref(1)?.as_blob()?).ok();
            Ok((Entity(row.get(0)?), placement.map(AgentId::from_bytes)))
        },
    )
    .optional()
}

fn old_series(db: &Connection, placed: Placed) -> Result<OldSeries, rusqlite::Error> {
    db.prepare_cached(
        "SELECT id, metric, device FROM old_series WHERE entity = ? AND placement = ? ORDER BY metric, device",
    )?
    .query_map((placed.0.0, super::layouts::placement_bytes(placed.1)), |row| {
        Ok((row.get(0)?, ColumnKey { metric: MetricId(row.get(1)?), device: row.get(2)? }))
    })?
    .collect()
}

/// The first reading or poll from a time on.
fn next_time(
    db: &Connection,
    placed: Placed,
    series: &OldSeries,
    from: UnixMs,
) -> Result<Option<UnixMs>, rusqlite::Error> {
    let mut first: Option<i64> = None;
    if placed.1.is_none() {
        first = db
            .prepare_cached("SELECT min(at) FROM old_polls WHERE entity = ? AND at >= ?")?
            .query_row((placed.0.0, from.0), |row| row.get(0))?;
    }
    for (id, _) in series {
        let next: Option<i64> = db
            .prepare_cached("SELECT min(at) FROM old_samples WHERE series = ? AND at >= ?")?
            .query_row((id, from.0), |row| row.get(0))?;
        first = [first, next].into_iter().flatten().min();
    }
    Ok(first.map(UnixMs))
}

fn old_polls(
    db: &Connection,
    entity: Entity,
    from: UnixMs,
    to: UnixMs,
) -> Result<Vec<(UnixMs, PollCell)>, rusqlite::Error> {
    db.prepare_cached(
        "SELECT at, agent, interval_ms, state, missing, corrected FROM old_polls
         WHERE entity = ? AND at >= ? AND at < ? ORDER BY at",
    )?
    .query_map((entity.0, from.0, to.0), |row| {
        let poll = PollCell {
            agent: sql::agent(row, 1)?,
            interval_ms: row.get(2)?,
            state: row.get(3)?,
            missing: row.get(4)?,
            corrected: row.get(5)?,
        };
        Ok((sql::at(row, 0)?, poll))
    })?
    .collect()
}
