//! The activity log: everything that happens, newest kept.

use evenkeel_common::limits::LIST_MAX_ROWS;
use evenkeel_common::time::UnixMs;
use rusqlite::types::Value;
use rusqlite::{Row, params, params_from_iter};

use super::{Store, StoreError};

/// Rows kept: about 150 MB, some years of a quiet fleet.
const MAX_ROWS: i64 = 1_000_000;
/// Every so many rows the oldest are removed, so that the log is over its bound by at most this.
const TRIM_EVERY: i64 = 256;

/// How much it matters (ITIL's event categories).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Category {
    /// As it should be.
    Informational,
    /// Someone should look before it becomes an exception.
    Warning,
    /// Not as it should be.
    Exception,
}

impl Category {
    /// The word of the contract.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Informational => "informational",
            Self::Warning => "warning",
            Self::Exception => "exception",
        }
    }

    /// The category of a code on the wire; an unknown one (a newer agent's) matters most.
    #[must_use]
    pub const fn from_code(code: u8) -> Self {
        match code {
            0 => Self::Informational,
            1 => Self::Warning,
            _ => Self::Exception,
        }
    }

    /// The category of a word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Informational, Self::Warning, Self::Exception].into_iter().find(|category| category.as_str() == word)
    }
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Activity {
    /// When.
    pub at: UnixMs,
    /// How much it matters.
    pub category: Category,
    /// What kind, one word such as `vm_moved`.
    pub kind: String,
    /// The host it is about (name); empty when none.
    pub host: String,
    /// The VM it is about (name); empty when none.
    pub vm: String,
    /// In words.
    pub message: String,
}

/// Which activities are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ActivityFilter {
    /// Nothing before this.
    pub since: Option<UnixMs>,
    /// Only this category.
    pub category: Option<Category>,
    /// Only about this host.
    pub host: Option<String>,
    /// Only about this VM.
    pub vm: Option<String>,
    /// At most so many, the newest; over [`LIST_MAX_ROWS`] means [`LIST_MAX_ROWS`].
    pub limit: usize,
}

impl Store {
    /// Writes one activity; the oldest go when there are too many.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn record_activity(&self, activity: Activity) -> Result<(), StoreError> {
        self.control
            .call(move |connection| {
                connection.prepare_cached(INSERT)?.execute(params![
                    activity.at.0,
                    activity.category.as_str(),
                    activity.kind,
                    activity.host,
                    activity.vm,
                    activity.message
                ])?;
                let id = connection.last_insert_rowid();
                if id % TRIM_EVERY == 0 {
                    trim(connection, MAX_ROWS)?;
                }
                Ok(())
            })
            .await
    }

    /// The newest activities that match, oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn activities(&self, filter: ActivityFilter) -> Result<Vec<Activity>, StoreError> {
        self.control_read
            .call(move |connection| {
                let (sql, values) = select(&filter);
                let mut statement = connection.prepare_cached(&sql)?;
                let mut found = statement
                    .query_map(params_from_iter(values), read)?
                    .collect::<Result<Vec<Activity>, rusqlite::Error>>()?;
                found.reverse();
                Ok(found)
            })
            .await
    }
}

const INSERT: &str = "INSERT INTO activity (at, category, kind, host, vm, message) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";

fn trim(connection: &rusqlite::Connection, keep: i64) -> Result<(), rusqlite::Error> {
    connection.execute("DELETE FROM activity WHERE id <= (SELECT MAX(id) FROM activity) - ?1", [keep])?;
    Ok(())
}

fn select(filter: &ActivityFilter) -> (String, Vec<Value>) {
    let mut sql = String::from("SELECT at, category, kind, host, vm, message FROM activity WHERE 1");
    let mut values: Vec<Value> = Vec::new();
    let mut and = |condition: &str, value: Option<Value>| {
        if let Some(value) = value {
            values.push(value);
            sql.push_str(&format!(" AND {condition} ?{}", values.len()));
        }
    };
    and("at >=", filter.since.map(|at| Value::Integer(at.0)));
    and("category =", filter.category.map(|category| Value::Text(category.as_str().to_owned())));
    and("host =", filter.host.clone().map(Value::Text));
    and("vm =", filter.vm.clone().map(Value::Text));
    let limit = filter.limit.min(LIST_MAX_ROWS);
    sql.push_str(&format!(" ORDER BY id DESC LIMIT {limit}"));
    (sql, values)
}

fn read(row: &Row<'_>) -> Result<Activity, rusqlite::Error> {
    let category: String = row.get(1)?;
    Ok(Activity {
        at: UnixMs(row.get(0)?),
        category: Category::parse(&category).unwrap_or(Category::Exception),
        kind: row.get(2)?,
        host: row.get(3)?,
        vm: row.get(4)?,
        message: row.get(5)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn activity(at: i64, vm: &str) -> Activity {
        Activity {
            at: UnixMs(at),
            category: if at % 2 == 0 { Category::Warning } else { Category::Informational },
            kind: "test".to_owned(),
            host: String::new(),
            vm: vm.to_owned(),
            message: format!("number {at}"),
        }
    }

    #[tokio::test]
    async fn the_newest_that_match_come_oldest_first() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).unwrap();
        for at in 1..=9 {
            store.record_activity(activity(at, if at < 5 { "web" } else { "db" })).await.unwrap();
        }
        let at = |filter: ActivityFilter| async {
            let found = store.activities(filter).await.unwrap();
            found.into_iter().map(|activity| activity.at.0).collect::<Vec<i64>>()
        };
        assert_eq!(at(ActivityFilter { limit: 3, ..ActivityFilter::default() }).await, [7, 8, 9]);
        let web = ActivityFilter { vm: Some("web".into()), limit: 9, ..ActivityFilter::default() };
        assert_eq!(at(web).await, [1, 2, 3, 4]);
        let warnings = ActivityFilter {
            category: Some(Category::Warning),
            since: Some(UnixMs(5)),
            limit: 9,
            ..ActivityFilter::default()
        };
        assert_eq!(at(warnings).await, [6, 8]);
        store.control.call(|connection| trim(connection, 2)).await.unwrap();
        assert_eq!(at(ActivityFilter { limit: 9, ..ActivityFilter::default() }).await, [8, 9]);
    }
}
