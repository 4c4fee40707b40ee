//! Outages on disk: as measured, and as a person corrected them.

use evenkeel_common::limits::LIST_MAX_ROWS;
use rusqlite::{OptionalExtension as _, Row, named_params, params};

use super::spells::SpellKey;
use super::{Entity, Store, StoreError};

/// An outage. Seconds since 1970.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutageRow {
    /// Its number; 0 before it is stored.
    pub id: i64,
    /// Which check of which target.
    pub key: SpellKey,
    /// Name of the target when it was found.
    pub name: String,
    /// First second, as measured.
    pub from_s: i64,
    /// First second after it, as measured; none while it goes on.
    pub to_s: Option<i64>,
    /// Seconds known to be down.
    pub down_s: i64,
    /// Seconds in it of which nothing is known.
    pub unknown_s: i64,
    /// Cause, as far as it is known.
    pub cause: String,
    /// What says so.
    pub evidence: Vec<String>,
    /// What a person says.
    pub correction: Option<Correction>,
}

/// What a person says of an outage.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Correction {
    /// First second, when that is corrected.
    pub from_s: Option<i64>,
    /// First second after it, when that is corrected.
    pub to_s: Option<i64>,
    /// Cause, when that is corrected.
    pub cause: Option<String>,
    /// It was no outage.
    pub void: bool,
    /// Who, when and why.
    pub words: String,
}

impl Store {
    /// Outages that touch `from_s <= t < to_s`, as measured or as corrected, oldest first, at most ten thousand of the
    /// newest.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn outages(&self, from_s: i64, to_s: i64) -> Result<Vec<OutageRow>, StoreError> {
        self.control_read
            .call(move |db| {
                let sql = format!(
                    "{SELECT} WHERE (coalesce(measured_to_s, :to) > :from AND measured_from_s < :to)
                     OR (corrected_to_s > :from AND corrected_from_s < :to)
                     ORDER BY measured_from_s DESC, id DESC LIMIT {}",
                    10 * LIST_MAX_ROWS
                );
                let mut rows = db
                    .prepare_cached(&sql)?
                    .query_map(named_params! { ":from": from_s, ":to": to_s }, read)?
                    .collect::<Result<Vec<OutageRow>, rusqlite::Error>>()?;
                rows.reverse();
                Ok(rows)
            })
            .await
    }

    /// Outages of one check that were not over before a second, oldest first.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn outages_of(&self, key: SpellKey, from_s: i64) -> Result<Vec<OutageRow>, StoreError> {
        self.control_read
            .call(move |db| {
                let sql = format!(
                    "{SELECT} WHERE target = ? AND check_name = ? AND coalesce(measured_to_s, ?3) >= ?3
                     ORDER BY measured_from_s, id LIMIT {}",
                    10 * LIST_MAX_ROWS
                );
                db.prepare_cached(&sql)?.query_map(params![key.target.0, key.check, from_s], read)?.collect()
            })
            .await
    }

    /// One outage.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn outage(&self, id: i64) -> Result<Option<OutageRow>, StoreError> {
        self.control_read
            .call(move |db| db.prepare_cached(&format!("{SELECT} WHERE id = ?"))?.query_row([id], read).optional())
            .await
    }

    /// Writes outages (those with number 0 are new) and takes others away, all or none; answers with the numbers.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn write_outages(&self, rows: Vec<OutageRow>, gone: Vec<i64>) -> Result<Vec<i64>, StoreError> {
        self.control
            .call(move |db| {
                let transaction = db.transaction()?;
                for id in gone {
                    transaction.execute("DELETE FROM outages WHERE id = ?", [id])?;
                }
                let mut ids = Vec::with_capacity(rows.len());
                for row in &rows {
                    transaction.prepare_cached(INSERT)?.execute(params![
                        (row.id > 0).then_some(row.id),
                        row.key.target.0,
                        row.name,
                        row.key.check,
                        row.from_s,
                        row.to_s,
                        row.down_s,
                        row.unknown_s,
                        row.cause,
                        serde_json::to_string(&row.evidence).unwrap_or_default(),
                    ])?;
                    ids.push(if row.id > 0 { row.id } else { transaction.last_insert_rowid() });
                }
                transaction.commit()?;
                Ok(ids)
            })
            .await
    }

    /// Notes what a person says of an outage; `false` when there is no such outage.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn correct_outage(&self, id: i64, what: Correction) -> Result<bool, StoreError> {
        self.control
            .call(move |db| {
                let changed = db.execute(
                    "UPDATE outages SET corrected_from_s = ?, corrected_to_s = ?, corrected_cause = ?, void = ?,
                     correction = ? WHERE id = ?",
                    params![what.from_s, what.to_s, what.cause, what.void, what.words, id],
                )?;
                Ok(changed > 0)
            })
            .await
    }
}

/// What a person said stays.
const INSERT: &str = "INSERT INTO outages (id, target, name, check_name, measured_from_s, measured_to_s, down_s,
    unknown_s, cause, evidence) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (id) DO UPDATE SET measured_from_s = excluded.measured_from_s, measured_to_s = excluded.measured_to_s,
    down_s = excluded.down_s, unknown_s = excluded.unknown_s, cause = excluded.cause, evidence = excluded.evidence";

const SELECT: &str = "SELECT id, target, name, check_name, measured_from_s, measured_to_s, down_s, unknown_s, cause,
    evidence, corrected_from_s, corrected_to_s, corrected_cause, void, correction FROM outages";

fn read(row: &Row<'_>) -> Result<OutageRow, rusqlite::Error> {
    let correction = Correction {
        from_s: row.get(10)?,
        to_s: row.get(11)?,
        cause: row.get(12)?,
        void: row.get(13)?,
        words: row.get(14)?,
    };
    Ok(OutageRow {
        id: row.get(0)?,
        key: SpellKey { target: Entity(row.get(1)?), check: row.get(3)? },
        name: row.get(2)?,
        from_s: row.get(4)?,
        to_s: row.get(5)?,
        down_s: row.get(6)?,
        unknown_s: row.get(7)?,
        cause: row.get(8)?,
        evidence: serde_json::from_str(&row.get::<_, String>(9)?).unwrap_or_default(),
        correction: (!correction.words.is_empty()).then_some(correction),
    })
}
