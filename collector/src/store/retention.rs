//! Forgetting what is older than the retention, a slice at a time, so that a commit never waits long for it.

use evenkeel_common::time::UnixMs;

use super::{Store, StoreError, sql};

/// Series forgotten about in one transaction: at one reading in 10 s and an hourly run, some 20 000 rows.
const SLICE: i64 = 50;

impl Store {
    /// Removes readings, polls and gaps from before `before`; answers with how many readings went. Doing it again
    /// changes nothing.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn forget_before(&self, before: UnixMs) -> Result<u64, StoreError> {
        let mut forgotten = 0;
        let mut after = i64::MIN;
        while let Some((last, rows)) = self.forget_slice(after, before).await? {
            after = last;
            forgotten += rows;
        }
        self.journal
            .call(move |db| {
                let transaction = db.transaction()?;
                transaction.execute(
                    "DELETE FROM polls WHERE entity IN (SELECT DISTINCT entity FROM series) AND at < ?",
                    [before.0],
                )?;
                transaction.execute("DELETE FROM gaps WHERE to_ms < ?", [before.0])?;
                transaction.commit()
            })
            .await?;
        Ok(forgotten)
    }

    /// Forgets about the series after `after`; answers with the last one and how many readings went, or nothing when
    /// there are no more.
    async fn forget_slice(&self, after: i64, before: UnixMs) -> Result<Option<(i64, u64)>, StoreError> {
        self.journal
            .call(move |db| {
                let transaction = db.transaction()?;
                let ids: Vec<i64> = transaction
                    .prepare_cached("SELECT id FROM series WHERE id > ? ORDER BY id LIMIT ?")?
                    .query_map([after, SLICE], |row| row.get(0))?
                    .collect::<Result<_, _>>()?;
                let mut rows = 0;
                for id in &ids {
                    rows += transaction
                        .prepare_cached("DELETE FROM samples WHERE series = ? AND at < ?")?
                        .execute([*id, before.0])?;
                }
                sql::add_samples(&transaction, -i64::try_from(rows).unwrap_or(i64::MAX))?;
                transaction.commit()?;
                Ok(ids.last().map(|last| (*last, u64::try_from(rows).unwrap_or(u64::MAX))))
            })
            .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_what_is_older_goes_and_twice_is_once() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).unwrap();
        store
            .journal
            .call(|db| {
                db.execute_batch(
                    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 120)
                     INSERT INTO series (id, entity, metric, device, placement) SELECT i, x'01', i, '', x'' FROM n;
                     INSERT INTO samples (series, at, value) SELECT id, 10, 1 FROM series
                         UNION ALL SELECT id, 20, 1 FROM series;
                     UPDATE totals SET samples = 240;
                     INSERT INTO polls (entity, agent, at, interval_ms, corrected)
                         VALUES (x'01', x'02', 10, 1, 0), (x'01', x'02', 20, 1, 0);",
                )
            })
            .await
            .unwrap();
        assert_eq!(store.forget_before(UnixMs(20)).await.unwrap(), 120);
        assert_eq!(store.forget_before(UnixMs(20)).await.unwrap(), 0);
        assert_eq!(store.counts().await.unwrap().samples, 120);
    }
}
