//! Cycles on disk, with what each of their steps left behind.

use rusqlite::{OptionalExtension as _, Row, Transaction, named_params, params};

use super::{Store, StoreError};

/// Cycles in a list; the newest when there are more.
const CYCLES_MAX: usize = 1_000;

/// A cycle. Seconds since 1970, but for `moved_ms`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CycleRow {
    /// Its number; 0 before it is stored.
    pub id: i64,
    /// Whose.
    pub service: String,
    /// Name of its period.
    pub period: String,
    /// First second.
    pub from_s: i64,
    /// First second after it.
    pub to_s: i64,
    /// Where it stands.
    pub state: String,
    /// Since when.
    pub moved_ms: i64,
    /// Version of its last review; 0 for none.
    pub version: i64,
    /// JSON: what the one before left.
    pub plan: String,
    /// What was learned.
    pub learned: String,
}

/// What a step left behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepRow {
    /// Version of the review.
    pub version: i64,
    /// Which step.
    pub step: String,
    /// blake3 of what it was given.
    pub input_digest: String,
    /// JSON.
    pub output: String,
    /// When.
    pub at_ms: i64,
}

/// A finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FindingRow {
    /// Its number; 0 before it is stored.
    pub id: i64,
    /// Its cycle.
    pub cycle: i64,
    /// What makes it the same finding in another version.
    pub key: String,
    /// JSON, as the last version of the review says it.
    pub body: String,
    /// `high`, `medium`, `low`.
    pub severity: String,
    /// `open`, `done`, `accepted`, `rejected`, or `gone` when the last version does not say it any more.
    pub status: String,
    /// Who decided.
    pub decided_by: String,
    /// When.
    pub decided_ms: Option<i64>,
    /// Why.
    pub reason: String,
}

/// One why of a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WhyRow {
    /// When.
    pub at_ms: i64,
    /// Who says so.
    pub who: String,
    /// What.
    pub why: String,
}

/// All that changes of a cycle at once.
#[derive(Clone, Debug)]
pub struct CycleChange {
    /// The cycle as it is now; a new one has number 0.
    pub row: CycleRow,
    /// New outputs.
    pub steps: Vec<StepRow>,
    /// The findings of the new version, if there is one: key, severity, body.
    pub findings: Option<Vec<(String, String, String)>>,
    /// The cycle that follows, when it is planned.
    pub next: Option<CycleRow>,
}

impl Store {
    /// Cycles, the newest period first.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn cycles(&self, service: Option<String>) -> Result<Vec<CycleRow>, StoreError> {
        self.control_read
            .call(move |db| {
                let sql = format!(
                    "{SELECT} WHERE :service IS NULL OR service = :service
                     ORDER BY from_s DESC, service, id DESC LIMIT {CYCLES_MAX}"
                );
                db.prepare_cached(&sql)?.query_map(named_params! { ":service": service }, read)?.collect()
            })
            .await
    }

    /// One cycle by its number.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn cycle(&self, id: i64) -> Result<Option<CycleRow>, StoreError> {
        self.control_read
            .call(move |db| db.prepare_cached(&format!("{SELECT} WHERE id = ?"))?.query_row([id], read).optional())
            .await
    }

    /// The cycle of a period.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn cycle_of(&self, service: String, from_s: i64, to_s: i64) -> Result<Option<CycleRow>, StoreError> {
        self.control_read
            .call(move |db| {
                db.prepare_cached(&format!("{SELECT} WHERE service = ? AND from_s = ? AND to_s = ?"))?
                    .query_row(params![service, from_s, to_s], read)
                    .optional()
            })
            .await
    }

    /// What the steps of a version left behind, in the order of the steps.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn cycle_steps(&self, cycle: i64, version: i64) -> Result<Vec<StepRow>, StoreError> {
        self.control_read
            .call(move |db| {
                db.prepare_cached(
                    "SELECT version, step, input_digest, output, at_ms FROM cycle_steps WHERE cycle = ? AND version = ?
                     ORDER BY instr('gather process analyse inform', step)",
                )?
                .query_map(params![cycle, version], |row| {
                    Ok(StepRow {
                        version: row.get(0)?,
                        step: row.get(1)?,
                        input_digest: row.get(2)?,
                        output: row.get(3)?,
                        at_ms: row.get(4)?,
                    })
                })?
                .collect()
            })
            .await
    }

    /// Stores what changes of a cycle, all or nothing; answers with its number. Findings that a person decided stay
    /// decided; those that a new version does not say any more are gone.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn write_cycle(&self, change: CycleChange) -> Result<i64, StoreError> {
        self.control
            .call(move |db| {
                let transaction = db.transaction()?;
                let id = put(&transaction, &change.row)?;
                for step in &change.steps {
                    transaction
                        .prepare_cached("INSERT OR REPLACE INTO cycle_steps VALUES (?, ?, ?, ?, ?, ?)")?
                        .execute(params![id, step.version, step.step, step.input_digest, step.output, step.at_ms])?;
                }
                if let Some(findings) = &change.findings {
                    super::findings::put_all(&transaction, id, findings)?;
                }
                if let Some(next) = &change.next {
                    put(&transaction, next)?;
                }
                transaction.commit()?;
                Ok(id)
            })
            .await
    }
}

fn put(transaction: &Transaction<'_>, row: &CycleRow) -> Result<i64, rusqlite::Error> {
    transaction.prepare_cached(INSERT)?.execute(named_params! {
        ":service": row.service,
        ":period": row.period,
        ":from_s": row.from_s,
        ":to_s": row.to_s,
        ":state": row.state,
        ":moved_ms": row.moved_ms,
        ":version": row.version,
        ":plan": row.plan,
        ":learned": row.learned,
    })?;
    transaction.query_row(
        "SELECT id FROM cycles WHERE service = ? AND from_s = ? AND to_s = ?",
        params![row.service, row.from_s, row.to_s],
        |row| row.get(0),
    )
}

const INSERT: &str = "INSERT INTO cycles (service, period, from_s, to_s, state, moved_ms, version, plan, learned)
    VALUES (:service, :period, :from_s, :to_s, :state, :moved_ms, :version, :plan, :learned)
    ON CONFLICT (service, from_s, to_s) DO UPDATE SET state = excluded.state, moved_ms = excluded.moved_ms,
    version = excluded.version, plan = excluded.plan, learned = excluded.learned";

const SELECT: &str = "SELECT id, service, period, from_s, to_s, state, moved_ms, version, plan, learned FROM cycles";

fn read(row: &Row<'_>) -> Result<CycleRow, rusqlite::Error> {
    Ok(CycleRow {
        id: row.get(0)?,
        service: row.get(1)?,
        period: row.get(2)?,
        from_s: row.get(3)?,
        to_s: row.get(4)?,
        state: row.get(5)?,
        moved_ms: row.get(6)?,
        version: row.get(7)?,
        plan: row.get(8)?,
        learned: row.get(9)?,
    })
}
