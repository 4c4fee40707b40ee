//! Windows of the calendar on disk. One that is removed stays: what it excluded before stays excluded.

use evenkeel_common::limits::LIST_MAX_ROWS;
use rusqlite::{OptionalExtension as _, Row, named_params};

use super::{Store, StoreError};

/// A window. Seconds since 1970.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CalendarRow {
    /// Its number; 0 before it is stored.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// The service that it is of; empty for all.
    pub service: String,
    /// The recurring rule; empty when it is once.
    pub rule: String,
    /// Time zone of the rule.
    pub zone: String,
    /// Begin of one that is once.
    pub from_s: Option<i64>,
    /// Its end.
    pub to_s: Option<i64>,
    /// In force from then on.
    pub valid_from_s: i64,
    /// Why.
    pub reason: String,
    /// Who added it.
    pub added_by: String,
    /// When it was removed.
    pub removed_s: Option<i64>,
}

/// Windows in force at most; also how many removed ones are read.
pub const CALENDAR_MAX_ROWS: usize = 10 * LIST_MAX_ROWS;

impl Store {
    /// All windows, also removed ones, the newest first when there are too many; by number.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn calendar(&self) -> Result<Vec<CalendarRow>, StoreError> {
        self.control_read
            .call(|db| {
                let sql = format!("{SELECT} ORDER BY removed_s IS NOT NULL, id DESC LIMIT {CALENDAR_MAX_ROWS}");
                let mut rows = db
                    .prepare_cached(&sql)?
                    .query_map([], read)?
                    .collect::<Result<Vec<CalendarRow>, rusqlite::Error>>()?;
                rows.sort_by_key(|row| row.id);
                Ok(rows)
            })
            .await
    }

    /// Adds a window; answers with its number, or none when there are too many.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn add_window(&self, row: CalendarRow) -> Result<Option<i64>, StoreError> {
        self.control
            .call(move |db| {
                let in_force: i64 =
                    db.query_row("SELECT count(*) FROM calendar WHERE removed_s IS NULL", [], |row| row.get(0))?;
                if usize::try_from(in_force).unwrap_or(usize::MAX) >= LIST_MAX_ROWS {
                    return Ok(None);
                }
                db.prepare_cached(INSERT)?.execute(named_params! {
                    ":name": row.name,
                    ":service": row.service,
                    ":rule": row.rule,
                    ":zone": row.zone,
                    ":from_s": row.from_s,
                    ":to_s": row.to_s,
                    ":valid_from_s": row.valid_from_s,
                    ":reason": row.reason,
                    ":added_by": row.added_by,
                })?;
                Ok(Some(db.last_insert_rowid()))
            })
            .await
    }

    /// Takes a window out of force from a second on; answers with it, or none when there is no such window in force.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn remove_window(&self, id: i64, at_s: i64) -> Result<Option<CalendarRow>, StoreError> {
        self.control
            .call(move |db| {
                let changed = db.execute(
                    "UPDATE calendar SET removed_s = :at WHERE id = :id AND removed_s IS NULL",
                    named_params! { ":at": at_s, ":id": id },
                )?;
                if changed == 0 {
                    return Ok(None);
                }
                db.prepare_cached(&format!("{SELECT} WHERE id = ?"))?.query_row([id], read).optional()
            })
            .await
    }
}

const INSERT: &str = "INSERT INTO calendar (name, service, rule, zone, from_s, to_s, valid_from_s, reason, added_by)
    VALUES (:name, :service, :rule, :zone, :from_s, :to_s, :valid_from_s, :reason, :added_by)";

const SELECT: &str = "SELECT id, name, service, rule, zone, from_s, to_s, valid_from_s, reason, added_by, removed_s
    FROM calendar";

fn read(row: &Row<'_>) -> Result<CalendarRow, rusqlite::Error> {
    Ok(CalendarRow {
        id: row.get(0)?,
        name: row.get(1)?,
        service: row.get(2)?,
        rule: row.get(3)?,
        zone: row.get(4)?,
        from_s: row.get(5)?,
        to_s: row.get(6)?,
        valid_from_s: row.get(7)?,
        reason: row.get(8)?,
        added_by: row.get(9)?,
        removed_s: row.get(10)?,
    })
}
