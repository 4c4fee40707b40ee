//! Imported metrics that the catalogue does not have, by the numbers that this collector gave them. A number is written
//! before the first reading under it and never given twice.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use evenkeel_common::metric::{FOREIGN_FIRST, FOREIGN_MAX, Metric, MetricId};
use rusqlite::Connection;

use super::{Store, StoreError};

/// The metrics of this collector. Their names live as long as the process: there are at most [`FOREIGN_MAX`].
#[derive(Clone, Debug, Default)]
pub(super) struct Foreign(Arc<Mutex<BTreeMap<&'static str, &'static Metric>>>);

impl Foreign {
    /// Those that are known.
    pub(super) fn load(control: &Connection) -> Result<Self, rusqlite::Error> {
        let foreign = Self::default();
        foreign.learn(&rows(control)?);
        Ok(foreign)
    }

    fn learn(&self, rows: &[(u16, String)]) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (id, name) in rows {
            if !known.contains_key(name.as_str()) {
                let name: &'static str = Box::leak(name.clone().into_boxed_str());
                known.insert(name, Box::leak(Box::new(Metric::foreign(MetricId(*id), name))));
            }
        }
    }
}

fn rows(control: &Connection) -> Result<Vec<(u16, String)>, rusqlite::Error> {
    control
        .prepare_cached("SELECT id, name FROM foreign_metrics ORDER BY id")?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect()
}

impl Store {
    /// Every foreign metric, by name.
    #[must_use]
    pub fn foreign_metrics(&self) -> Vec<&'static Metric> {
        self.foreign.0.lock().unwrap_or_else(PoisonError::into_inner).values().copied().collect()
    }

    /// The foreign metrics of these names, with new numbers where they have none yet. Beyond [`FOREIGN_MAX`] a name has no
    /// metric.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn add_foreign(&self, names: Vec<String>) -> Result<BTreeMap<String, &'static Metric>, StoreError> {
        let find = |name: &str| self.foreign.0.lock().unwrap_or_else(PoisonError::into_inner).get(name).copied();
        if names.iter().any(|name| find(name).is_none()) {
            let wanted = names.clone();
            let rows = self.control.call(move |db| add(db, &wanted)).await?;
            self.foreign.learn(&rows);
        }
        Ok(names.into_iter().filter_map(|name| find(&name).map(|metric| (name, metric))).collect())
    }
}

fn add(db: &mut Connection, names: &[String]) -> Result<Vec<(u16, String)>, rusqlite::Error> {
    let transaction = db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    for name in names {
        transaction
            .prepare_cached(
                "INSERT OR IGNORE INTO foreign_metrics (id, name)
                 SELECT coalesce(max(id) + 1, ?1), ?2 FROM foreign_metrics HAVING count(*) < ?3",
            )?
            .execute((FOREIGN_FIRST, name, i64::try_from(FOREIGN_MAX).unwrap_or(i64::MAX)))?;
    }
    let all = rows(&transaction)?;
    transaction.commit()?;
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn numbers_stay_and_are_given_once() {
        let dir = tempfile::tempdir().unwrap();
        let names = |some: &[&str]| some.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let store = Store::open(dir.path()).unwrap();
        let one = store.add_foreign(names(&["b_total", "a"])).await.unwrap();
        assert_eq!((one["b_total"].id, one["a"].id), (MetricId(FOREIGN_FIRST), MetricId(FOREIGN_FIRST + 1)));
        drop(store);
        let store = Store::open(dir.path()).unwrap();
        let again = store.add_foreign(names(&["c", "a"])).await.unwrap();
        assert_eq!((again["c"].id, again["a"].id), (MetricId(FOREIGN_FIRST + 2), MetricId(FOREIGN_FIRST + 1)));
        assert_eq!(store.foreign_metrics().iter().map(|metric| metric.name).collect::<Vec<_>>(), ["a", "b_total", "c"]);
    }

    #[tokio::test]
    async fn there_is_a_bound() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).unwrap();
        let names: Vec<String> = (0..FOREIGN_MAX + 2).map(|n| format!("m{n}")).collect();
        assert_eq!(store.add_foreign(names).await.unwrap().len(), FOREIGN_MAX);
    }
}
