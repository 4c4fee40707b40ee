//! Service levels as they were reported. What is told to somebody stays as it was told; a later version stands beside it.

use evenkeel_common::time::UnixMs;
use rusqlite::{OptionalExtension as _, Row, named_params, params};

use super::{Store, StoreError};

/// A version of a service level.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportedRow {
    /// Service.
    pub service: String,
    /// Its objective.
    pub objective: String,
    /// First second of the period.
    pub from_s: i64,
    /// First second after it.
    pub to_s: i64,
    /// From 1 on.
    pub version: i64,
    /// When it was reported.
    pub reported_at: UnixMs,
    /// By whom.
    pub reported_by: String,
    /// What was reported, as JSON.
    pub level: String,
}

impl Store {
    /// Keeps a level as reported, as a version of its own when it differs from the last one; answers with the versions'
    /// number. The version of `row` does not matter.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn keep_level(&self, row: ReportedRow) -> Result<i64, StoreError> {
        self.control
            .call(move |db| {
                let transaction = db.transaction()?;
                let last: Option<(i64, String)> = transaction
                    .prepare_cached(
                        "SELECT version, level FROM reported_levels WHERE service = ? AND objective = ? AND from_s = ?
                         AND to_s = ? ORDER BY version DESC LIMIT 1",
                    )?
                    .query_row(params![row.service, row.objective, row.from_s, row.to_s], |row| {
                        Ok((row.get(0)?, row.get(1)?))
                    })
                    .optional()?;
                let version = match last {
                    Some((version, level)) if level == row.level => return Ok(version),
                    Some((version, _)) => version + 1,
                    None => 1,
                };
                transaction.prepare_cached(INSERT)?.execute(named_params! {
                    ":service": row.service, ":objective": row.objective, ":from": row.from_s, ":to": row.to_s,
                    ":version": version, ":at": row.reported_at.0, ":by": row.reported_by, ":level": row.level,
                })?;
                transaction.commit()?;
                Ok(version)
            })
            .await
    }

    /// The last reported version of each period that overlaps `from_s <= t < to_s`.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn reported_levels(&self, from_s: i64, to_s: i64) -> Result<Vec<ReportedRow>, StoreError> {
        self.control_read
            .call(move |db| {
                db.prepare_cached(
                    "SELECT service, objective, from_s, to_s, version, reported_at, reported_by, level
                     FROM reported_levels AS one WHERE to_s > ?1 AND from_s < ?2 AND version = (
                         SELECT max(version) FROM reported_levels AS other WHERE other.service = one.service
                         AND other.objective = one.objective AND other.from_s = one.from_s AND other.to_s = one.to_s)
                     ORDER BY service, objective, from_s, to_s",
                )?
                .query_map([from_s, to_s], read)?
                .collect()
            })
            .await
    }
}

const INSERT: &str = "INSERT INTO reported_levels (service, objective, from_s, to_s, version, reported_at, reported_by,
    level) VALUES (:service, :objective, :from, :to, :version, :at, :by, :level)";

fn read(row: &Row<'_>) -> Result<ReportedRow, rusqlite::Error> {
    Ok(ReportedRow {
        service: row.get(0)?,
        objective: row.get(1)?,
        from_s: row.get(2)?,
        to_s: row.get(3)?,
        version: row.get(4)?,
        reported_at: UnixMs(row.get(5)?),
        reported_by: row.get(6)?,
        level: row.get(7)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_was_reported_stays_and_another_one_is_a_version_beside_it() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).unwrap();
        let row = |level: &str, at| ReportedRow {
            service: "shop".to_owned(),
            objective: "monthly".to_owned(),
            from_s: 10,
            to_s: 20,
            version: 0,
            reported_at: UnixMs(at),
            reported_by: "ann".to_owned(),
            level: level.to_owned(),
        };
        assert_eq!(store.keep_level(row("a", 1)).await.unwrap(), 1);
        assert_eq!(store.keep_level(row("a", 2)).await.unwrap(), 1, "the same again");
        assert_eq!(store.reported_levels(0, 15).await.unwrap(), [ReportedRow { version: 1, ..row("a", 1) }]);
        assert_eq!(store.keep_level(row("b", 3)).await.unwrap(), 2);
        assert_eq!(store.reported_levels(19, 99).await.unwrap(), [ReportedRow { version: 2, ..row("b", 3) }]);
        assert_eq!(store.reported_levels(20, 99).await.unwrap(), []);
    }
}
