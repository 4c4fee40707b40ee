//! What only tests do to an engine, and the suite that every engine passes.

use evenkeel_common::id::AgentId;
use evenkeel_common::time::UnixMs;

use super::super::engine::{Due, Engine, Level, conformance};
use super::super::{Entity, StoreError};
use super::days::Day;
use super::{Role, SqliteEngine};

impl SqliteEngine {
    pub(super) fn seal_without_forgetting(&mut self, due: Due) -> Result<(), StoreError> {
        let kept: Vec<(i64, i64, i64, i64, Vec<u8>)> = self
            .journal
            .prepare("SELECT id, entity, at, layout, body FROM entries")?
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?)))?
            .collect::<Result<_, _>>()?;
        let samples: i64 = self.journal.query_row("SELECT samples FROM totals", [], |row| row.get(0))?;
        while self.seal_due(due, 64)?.more {}
        for row in kept {
            self.journal.execute("INSERT OR IGNORE INTO entries (id, entity, at, layout, body) VALUES (?, ?, ?, ?, ?)", row)?;
        }
        self.journal.execute("UPDATE totals SET samples = ?", [samples])?;
        Ok(())
    }

    pub(super) fn damage_chunk(&mut self, pick: usize) -> Result<Option<(Entity, Option<AgentId>, UnixMs)>, StoreError> {
        let days: Vec<Day> = self.days.list(Level::Raw)?.into_iter().collect();
        let Some(day) = days.get(pick % days.len().max(1)).copied() else { return Ok(None) };
        self.days.write(Level::Raw, day, |db| {
            let count: i64 = db.query_row("SELECT count(*) FROM chunks", [], |row| row.get(0))?;
            if count == 0 {
                return Ok(None);
            }
            let chunk = i64::try_from(pick / 7).unwrap_or(0) % count;
            let (id, entity, placement, start, mut body): (i64, [u8; 16], Vec<u8>, i64, Vec<u8>) = db.query_row(
                "SELECT id, entity, placement, start, body FROM chunks ORDER BY id LIMIT 1 OFFSET ?",
                [chunk],
                |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?)),
            )?;
            let place = pick / 3 % body.len();
            body[place] ^= 1 << (pick % 8);
            db.execute("UPDATE chunks SET body = ? WHERE id = ?", (body, id))?;
            let placement = <[u8; 16]>::try_from(placement).ok().map(AgentId::from_bytes);
            Ok(Some((Entity(entity), placement, UnixMs(start))))
        })
    }
}

#[test]
fn sqlite_conforms() {
    conformance::hold(&|dir, is_first| {
        let role = if is_first { Role::Append } else { Role::Seal };
        Box::new(SqliteEngine::open(dir, role).unwrap()) as Box<dyn Engine>
    });
}
