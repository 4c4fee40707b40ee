//! What only tests do to an engine, and the suite that every engine passes.

mod flipped;
mod journal;
mod power;

use evenkeel_common::id::{AgentId, DomainUuid};
use evenkeel_common::time::UnixMs;

use super::super::engine::{BucketRange, Due, Engine, Level, conformance};
use super::super::{Entity, StoreError};
use super::days::Day;
use super::{Role, SqliteEngine};

/// What waits, and what is said of it.
const TABLES: [&str; 3] = ["entries", "batches", "sources"];

impl SqliteEngine {
    pub(super) fn seal_without_forgetting(&mut self, due: Due) -> Result<(), StoreError> {
        for table in TABLES {
            let sql = format!(
                "DROP TABLE IF EXISTS temp.kept_{table}; CREATE TEMP TABLE kept_{table} AS SELECT * FROM {table}"
            );
            self.journal.execute_batch(&sql)?;
        }
        let samples: i64 = self.journal.query_row("SELECT samples FROM totals", [], |row| row.get(0))?;
        while self.seal_due(due, 64)?.more {}
        for table in TABLES {
            self.journal
                .execute_batch(&format!("DELETE FROM {table}; INSERT INTO {table} SELECT * FROM kept_{table}"))?;
        }
        self.journal.execute("UPDATE totals SET samples = ?", [samples])?;
        Ok(())
    }

    pub(super) fn damage_chunk(
        &mut self,
        pick: usize,
    ) -> Result<Option<(Entity, Option<AgentId>, UnixMs)>, StoreError> {
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
    conformance::hold(&|dir, used| {
        let role = match used {
            conformance::Use::Append => Role::Append,
            conformance::Use::Seal => Role::Seal,
            conformance::Use::Read => Role::Read,
        };
        Box::new(SqliteEngine::open(dir, role).unwrap()) as Box<dyn Engine>
    });
}

/// The last schema that kept a row per reading, with two hours of a VM and a host, a side series and a day's break.
fn old_journal(dir: &std::path::Path) {
    let db = rusqlite::Connection::open(dir.join(super::super::JOURNAL_FILE)).unwrap();
    db.execute_batch("PRAGMA journal_mode=WAL").unwrap();
    db.execute_batch(super::super::schema::JOURNAL[0]).unwrap();
    db.execute_batch(
        "PRAGMA user_version = 1;
         INSERT INTO last_seq VALUES (x'01010101010101010101010101010101', 5, 77);
         INSERT INTO series VALUES (1, x'64646464646464646464646464646464', 3, '', x''),
             (2, x'64646464646464646464646464646464', 8, 'vda', x''),
             (3, x'64646464646464646464646464646464', 3, '', x'02020202020202020202020202020202');
         WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 719)
         INSERT INTO samples SELECT 1, 1800000000000 + i * 10000, i * 1000000, 42, NULL FROM n
             UNION ALL SELECT 2, 1800000000000 + i * 10000, iif(i = 9, NULL, -1), iif(i = 9, NULL, 42), iif(i = 9, 3, NULL) FROM n;
         INSERT INTO samples VALUES (3, 1800000000000, 5, 43, NULL), (1, 1800100000000, 9, 44, NULL);
         UPDATE totals SET samples = 1442;
         INSERT INTO polls SELECT x'64646464646464646464646464646464', at, x'01010101010101010101010101010101', 10000, 1, NULL, 0
             FROM samples WHERE series = 1;
         INSERT INTO polls VALUES (x'01010101010101010101010101010101', 1800000000000, x'01010101010101010101010101010101', 10000, NULL, NULL, 1);
         INSERT INTO gaps VALUES (x'01010101010101010101010101010101', 1, 2, 3);",
    )
    .unwrap();
}

#[test]
fn readings_of_an_older_version_are_carried_over() {
    use evenkeel_common::sample::{Counter, CounterEpoch, Missing, Value};
    let dir = tempfile::tempdir().unwrap();
    old_journal(dir.path());
    for _ in 0..2 {
        let mut engine = SqliteEngine::open(dir.path(), Role::Append).unwrap();
        let entity = Entity([0x64; 16]);
        let series = engine.series(entity, &[]).unwrap();
        assert_eq!(series.len(), 3);
        let counter = |epoch, value| Value::Counter(Counter { epoch: CounterEpoch(epoch), value });
        let mut all = Vec::new();
        for row in &series {
            let slice = engine.samples(std::slice::from_ref(row), UnixMs(i64::MIN), UnixMs(i64::MAX)).unwrap();
            assert_eq!(slice.next, None);
            all.extend(slice.readings);
        }
        assert_eq!(all[0].len(), 721);
        assert_eq!(all[0][719], (UnixMs(1_800_000_000_000 + 7_190_000), counter(42, 719_000_000)));
        assert_eq!(all[0][720], (UnixMs(1_800_100_000_000), counter(44, 9)));
        assert_eq!(all[1], [(UnixMs(1_800_000_000_000), counter(43, 5))]);
        assert_eq!(
            (all[2].len(), all[2][9].1, all[2][10].1),
            (720, Value::Missing(Missing::Hung), counter(42, u64::MAX))
        );
        assert_eq!(engine.polls(entity, UnixMs(0), UnixMs(i64::MAX), 9_999).unwrap().len(), 721);
        assert_eq!(engine.last_seq(AgentId::from_bytes([1; 16]), 5).unwrap(), 77);
        assert_eq!(engine.gaps(AgentId::from_bytes([1; 16]), UnixMs(0), UnixMs(9)).unwrap().len(), 1);
        let ends = engine.poll_ends(&[(DomainUuid::from_bytes(entity.0), None)].into()).unwrap();
        assert_eq!((ends.len(), ends[0].last.at), (1, UnixMs(1_800_100_000_000)));
        let range = BucketRange { level: Level::Long, from: UnixMs(0), to: UnixMs(i64::MAX / 2), sketches: true };
        let long = engine.buckets(&series[..1], range).unwrap();
        assert_eq!(long[0].buckets.len(), 3);
        let figures = engine.figures().unwrap();
        assert_eq!((figures.sealed_samples, figures.journal_samples), (1_442, 0));
    }
}
