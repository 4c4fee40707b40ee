//! Days that are over: rollups of one day put together, days that nobody wants any more removed, everything checked.

use std::path::Path;

use evenkeel_common::id::AgentId;
use evenkeel_common::time::UnixMs;
use rusqlite::Connection;

use super::super::chunk::{Rollup, decode, decode_rollup, encode_rollup};
use super::super::engine::{Copied, Damage, Level};
use super::super::{Entity, JOURNAL_FILE, StoreError};
use super::SqliteEngine;
use super::append::row_name;
use super::days::{Day, is_damage};
use super::layouts::{Placed, placement_bytes};
use super::seal::{ONE_HOUR, WHOLE_DAY, insert, quarantine};

/// Rows that a check reads at once.
const CHECK_ROWS: i64 = 500;

impl SqliteEngine {
    pub(super) fn compact_days(&mut self, before: UnixMs, limit: usize) -> Result<bool, StoreError> {
        for level in [Level::Short, Level::Long] {
            for day in self.days.list(level)?.range(..Day::of(before)) {
                if self.compacted.contains(&(level, *day)) {
                    continue;
                }
                let done = self.days.write(level, *day, |db| compact(db, *day, limit))?;
                if done >= limit {
                    return Ok(true);
                }
                self.compacted.insert((level, *day));
                // The freed pages go back to the file system once.
                self.days.write_alone(level, *day, |db| db.execute_batch("VACUUM; PRAGMA wal_checkpoint(TRUNCATE)"))?;
                self.days.close(level, *day);
            }
        }
        Ok(false)
    }

    pub(super) fn forget_days(&mut self, level: Level, before: UnixMs) -> Result<u64, StoreError> {
        let days: Vec<Day> = self.days.list(level)?.into_iter().filter(|day| day.next().start() <= before).collect();
        for day in &days {
            self.days.remove(level, *day)?;
        }
        if level == Level::Raw {
            // What an agent of such a stream sent again would be of days that are not kept, and go with the next pass.
            self.journal.execute(
                "DELETE FROM last_seq WHERE at < ?1
                 AND NOT EXISTS (SELECT 1 FROM batches WHERE batches.agent = last_seq.agent AND batches.at < ?1)",
                [Day::of(before).start().0],
            )?;
        }
        // What is known of series goes with the level that is kept longest.
        if level == Level::Long {
            self.forget_series(before)?;
        }
        Ok(u64::try_from(days.len()).unwrap_or(u64::MAX))
    }

    fn forget_series(&mut self, before: UnixMs) -> Result<(), StoreError> {
        let transaction = self.journal.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        transaction.execute("DELETE FROM gaps WHERE to_ms < ?", [before.0])?;
        transaction.execute(
            "DELETE FROM entity_layouts WHERE last_at > 0 AND last_at < ?
             AND NOT EXISTS (SELECT 1 FROM entries WHERE entries.entity = entity_layouts.entity)
             AND NOT EXISTS (SELECT 1 FROM sources WHERE sources.entity = entity_layouts.entity)",
            [before.0],
        )?;
        transaction.commit()?;
        Ok(())
    }

    /// Each day's file by the connection that writes it; one that is younger in the target stays.
    pub(super) fn copy_all_days(&mut self, to: &Path) -> Result<Vec<Copied>, StoreError> {
        let mut copied = Vec::new();
        for level in Level::ALL {
            for day in self.days.list(level)? {
                let from = self.days.path(level, day);
                let Some(name) = from.file_name().map(|name| name.to_string_lossy().into_owned()) else { continue };
                let target = to.join(&name);
                let is_new = changed(&from) >= changed(&target);
                if is_new {
                    self.days.write_alone(level, day, |db| super::super::backup::copy_database(db, &target))?;
                    self.days.close(level, day);
                }
                copied.push(Copied { name, is_new });
            }
        }
        Ok(copied)
    }

    pub(super) fn check_all(&mut self) -> Result<Vec<Damage>, StoreError> {
        let mut damage = Vec::new();
        let journal = self.dir.join(JOURNAL_FILE);
        damage.extend(integrity(&self.journal).into_iter().map(|what| Damage { file: journal.clone(), what }));
        if damage.is_empty() {
            let found = self.check_journal().unwrap_or_else(|error| vec![format!("it cannot be read: {error}")]);
            damage.extend(found.into_iter().map(|what| Damage { file: journal.clone(), what }));
        }
        for level in Level::ALL {
            for day in self.days.list(level)? {
                let file = self.days.path(level, day);
                let before = damage.len();
                match self.days.read(level, day, |db| Ok(integrity(db)))? {
                    Some(found) => damage.extend(found.into_iter().map(|what| Damage { file: file.clone(), what })),
                    None => damage.push(Damage { file: file.clone(), what: "it cannot be read".to_owned() }),
                }
                if damage.len() == before {
                    self.check_chunks(level, day, &file, &mut damage)?;
                }
                // A check must not keep every file open.
                self.days.close(level, day);
            }
        }
        Ok(damage)
    }

    /// Checks each row that waits to be sealed, and the lists of series. A damaged row is put aside when its hour is sealed.
    fn check_journal(&mut self) -> Result<Vec<String>, StoreError> {
        let mut found = self.check_batches()?;
        for layout in numbers(&self.journal, "SELECT DISTINCT layout FROM entity_layouts")? {
            if let Err(error) = self.layouts.get(&self.journal, layout) {
                found.push(format!("the list of series {layout} is damaged: {error}"));
            }
        }
        let orphans = "SELECT DISTINCT entity FROM entries WHERE entity NOT IN (SELECT id FROM entities)";
        found.extend(numbers(&self.journal, orphans)?.into_iter().map(|id| format!("rows of {id}, which is nobody")));
        for id in
            numbers(&self.journal, "SELECT DISTINCT entity FROM entries WHERE entity IN (SELECT id FROM entities)")?
        {
            let placed = self
                .journal
                .prepare_cached("SELECT entity, placement FROM entities WHERE id = ?")?
                .query_row([id], |row| {
                    let placement = <[u8; 16]>::try_from(row.get_ref(1)?.as_blob()?).ok();
                    Ok((Entity(row.get(0)?), placement.map(AgentId::from_bytes)))
                })?;
            let rows = self.journal_rows(placed, id, UnixMs(i64::MIN), UnixMs(i64::MAX))?;
            let damaged = rows.damaged.into_iter();
            found.extend(damaged.map(|(_, at, error)| format!("the row of {at} of {}: {error}", hex(placed.0))));
        }
        Ok(found)
    }

    /// Checks each chunk and puts the damaged ones aside.
    fn check_chunks(
        &mut self,
        level: Level,
        day: Day,
        file: &Path,
        damage: &mut Vec<Damage>,
    ) -> Result<(), StoreError> {
        let mut after = i64::MIN;
        loop {
            let Some(rows) = self.days.read(level, day, |db| slice(db, after))? else {
                let what = "a row of it cannot be read".to_owned();
                damage.push(Damage { file: file.to_owned(), what });
                return Ok(());
            };
            let Some((last, ..)) = rows.last() else { return Ok(()) };
            after = *last;
            for (_, placed, start, body) in rows {
                let name = row_name(placed, start);
                let read = if level == Level::Raw {
                    decode(&name, &body).map(drop)
                } else {
                    decode_rollup(&name, &body).map(drop)
                };
                if let Err(error) = read {
                    self.note_damage(&name, &error);
                    self.days.write(level, day, |db| quarantine(db, placed, start, &error.to_string()))?;
                    let what = format!("the chunk of {start} of {} was put aside: {error}", hex(placed.0));
                    damage.push(Damage { file: file.to_owned(), what });
                }
            }
        }
    }
}

fn hex(entity: Entity) -> String {
    uuid::Uuid::from_bytes(entity.0).to_string()
}

/// When a database or its write-ahead log was last written; long ago when there is none.
fn changed(path: &Path) -> std::time::SystemTime {
    let mut wal = path.to_owned().into_os_string();
    wal.push("-wal");
    let of = |path: &Path| std::fs::metadata(path).and_then(|meta| meta.modified()).ok();
    let wal = of(Path::new(&wal));
    of(path).max(wal).unwrap_or(std::time::SystemTime::UNIX_EPOCH)
}

type ChunkRow = (i64, Placed, UnixMs, Vec<u8>);

fn slice(db: &Connection, after: i64) -> Result<Vec<ChunkRow>, rusqlite::Error> {
    db.prepare_cached("SELECT id, entity, placement, start, body FROM chunks WHERE id > ? ORDER BY id LIMIT ?")?
        .query_map([after, CHECK_ROWS], |row| {
            let placement = <[u8; 16]>::try_from(row.get_ref(2)?.as_blob()?).ok();
            let placed = (Entity(row.get(1)?), placement.map(AgentId::from_bytes));
            Ok((row.get(0)?, placed, UnixMs(row.get(3)?), row.get(4)?))
        })?
        .collect()
}

fn numbers(db: &Connection, sql: &str) -> Result<Vec<i64>, rusqlite::Error> {
    db.prepare(sql)?.query_map([], |row| row.get(0))?.collect()
}

/// What SQLite finds wrong with a database.
fn integrity(db: &Connection) -> Vec<String> {
    let found = db
        .prepare("PRAGMA integrity_check(20)")
        .and_then(|mut check| check.query_map([], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>());
    match found {
        Ok(lines) => lines.into_iter().filter(|line| line != "ok").collect(),
        Err(error) if is_damage(&error) => vec![error.to_string()],
        Err(error) => vec![format!("it cannot be checked: {error}")],
    }
}

/// Puts the hours of at most `limit` entities together; answers with how many there were.
fn compact(db: &Connection, day: Day, limit: usize) -> Result<usize, rusqlite::Error> {
    let waiting = db
        .prepare_cached("SELECT DISTINCT entity, placement FROM chunks WHERE readings = ? LIMIT ?")?
        .query_map((ONE_HOUR, i64::try_from(limit).unwrap_or(i64::MAX)), |row| {
            let placement = <[u8; 16]>::try_from(row.get_ref(1)?.as_blob()?).ok();
            Ok((Entity(row.get(0)?), placement.map(AgentId::from_bytes)))
        })?
        .collect::<Result<Vec<Placed>, rusqlite::Error>>()?;
    for placed in &waiting {
        compact_entity(db, day, *placed)?;
    }
    Ok(waiting.len())
}

fn compact_entity(db: &Connection, day: Day, placed: Placed) -> Result<(), rusqlite::Error> {
    let hours = super::window::chunks(db, placed, day.start(), day.next().start())?;
    let mut whole = Rollup::default();
    for (start, body) in hours {
        match decode_rollup(&row_name(placed, start), &body) {
            Ok(hour) => whole.replace_with(hour),
            Err(error) => quarantine(db, placed, start, &error.to_string())?,
        }
    }
    db.prepare_cached("DELETE FROM chunks WHERE entity = ? AND placement = ?")?
        .execute((placed.0.0, placement_bytes(placed.1)))?;
    insert(db, placed, day.start(), WHOLE_DAY, &encode_rollup(&row_name(placed, day.start()), &whole))
}
