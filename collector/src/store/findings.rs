//! Findings of cycles on disk, and the chain of whys that people write to them.

use rusqlite::{OptionalExtension as _, Row, Transaction, named_params, params};

use super::{FindingRow, Store, StoreError, WhyRow};

/// Findings in a list.
const FINDINGS_MAX: usize = 10_000;

impl Store {
    /// Findings, of one cycle or of one service, by number.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn findings(&self, cycle: Option<i64>, service: Option<String>) -> Result<Vec<FindingRow>, StoreError> {
        self.control_read
            .call(move |db| {
                let sql = format!(
                    "{SELECT} JOIN cycles ON cycles.id = findings.cycle
                     WHERE (:cycle IS NULL OR findings.cycle = :cycle) AND (:service IS NULL OR service = :service)
                     ORDER BY findings.id DESC LIMIT {FINDINGS_MAX}"
                );
                let mut rows = db
                    .prepare_cached(&sql)?
                    .query_map(named_params! { ":cycle": cycle, ":service": service }, read)?
                    .collect::<Result<Vec<FindingRow>, rusqlite::Error>>()?;
                rows.reverse();
                Ok(rows)
            })
            .await
    }

    /// One finding.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn finding(&self, id: i64) -> Result<Option<FindingRow>, StoreError> {
        self.control_read
            .call(move |db| {
                db.prepare_cached(&format!("{SELECT} WHERE findings.id = ?"))?.query_row([id], read).optional()
            })
            .await
    }

    /// Notes how a person decided; `false` when there is no such finding.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn decide_finding(
        &self,
        id: i64,
        status: String,
        by: String,
        at_ms: i64,
        reason: String,
    ) -> Result<bool, StoreError> {
        self.control
            .call(move |db| {
                let changed = db.execute(
                    "UPDATE findings SET status = ?, decided_by = ?, decided_ms = ?, reason = ? WHERE id = ?",
                    params![status, by, at_ms, reason, id],
                )?;
                Ok(changed > 0)
            })
            .await
    }

    /// The whys of a finding, in the order in which they were written.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn whys(&self, finding: i64) -> Result<Vec<WhyRow>, StoreError> {
        self.control_read
            .call(move |db| {
                db.prepare_cached("SELECT at_ms, who, why FROM finding_whys WHERE finding = ? ORDER BY number")?
                    .query_map([finding], |row| Ok(WhyRow { at_ms: row.get(0)?, who: row.get(1)?, why: row.get(2)? }))?
                    .collect()
            })
            .await
    }

    /// Adds a why; `false` when there are `max` already.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn add_why(&self, finding: i64, row: WhyRow, max: i64) -> Result<bool, StoreError> {
        self.control
            .call(move |db| {
                let changed = db.execute(
                    "INSERT INTO finding_whys SELECT :finding, n + 1, :at, :who, :why FROM
                     (SELECT count(*) AS n FROM finding_whys WHERE finding = :finding) WHERE n < :max",
                    named_params! {
                        ":finding": finding, ":at": row.at_ms, ":who": row.who, ":why": row.why, ":max": max,
                    },
                )?;
                Ok(changed > 0)
            })
            .await
    }
}

/// The findings of a new version: key, severity, body.
pub(super) fn put_all(
    transaction: &Transaction<'_>,
    cycle: i64,
    findings: &[(String, String, String)],
) -> Result<(), rusqlite::Error> {
    transaction.execute("UPDATE findings SET status = 'gone' WHERE cycle = ? AND status = 'open'", [cycle])?;
    for (key, severity, body) in findings {
        transaction
            .prepare_cached(
                "INSERT INTO findings (cycle, key, body, severity, status) VALUES (?, ?, ?, ?, 'open')
                 ON CONFLICT (cycle, key) DO UPDATE SET body = excluded.body, severity = excluded.severity,
                 status = CASE status WHEN 'gone' THEN 'open' ELSE status END",
            )?
            .execute(params![cycle, key, body, severity])?;
    }
    Ok(())
}

const SELECT: &str = "SELECT findings.id, findings.cycle, key, body, severity, status, decided_by, decided_ms, reason
    FROM findings";

fn read(row: &Row<'_>) -> Result<FindingRow, rusqlite::Error> {
    Ok(FindingRow {
        id: row.get(0)?,
        cycle: row.get(1)?,
        key: row.get(2)?,
        body: row.get(3)?,
        severity: row.get(4)?,
        status: row.get(5)?,
        decided_by: row.get(6)?,
        decided_ms: row.get(7)?,
        reason: row.get(8)?,
    })
}
