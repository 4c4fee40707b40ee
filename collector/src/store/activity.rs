//! The activity log: everything that happens, newest kept.

use evenkeel_common::id::AgentId;
use evenkeel_common::limits::LIST_MAX_ROWS;
use evenkeel_common::time::UnixMs;
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, Row, params, params_from_iter};

use super::{Store, StoreError};

/// Rows kept: about 150 MB, some years of a quiet fleet.
const MAX_ROWS: i64 = 1_000_000;
/// Every so many rows the oldest are removed, so that the log is over its bound by at most this.
const TRIM_EVERY: i64 = 256;

/// Changes of one agent's sessions that a query looks at.
const SESSIONS_MAX: i64 = 10_000;

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

/// Where an event of a host came from: it is written once, however often its batch comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin {
    /// Whose batch.
    pub agent: AgentId,
    /// Which run of the agent.
    pub epoch: u64,
    /// Which batch of the run.
    pub seq: u64,
    /// Which event of the batch.
    pub index: u32,
}

impl Origin {
    fn to_bytes(self) -> Vec<u8> {
        let agent = self.agent.to_bytes();
        [&agent[..], &self.epoch.to_be_bytes(), &self.seq.to_be_bytes(), &self.index.to_be_bytes()].concat()
    }
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
        self.control.call(move |connection| insert(connection, None, &activity)).await
    }

    /// Writes events of hosts, all of them or none; one that is there already stays as it is.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn record_events(&self, events: Vec<(Origin, Activity)>) -> Result<(), StoreError> {
        self.control
            .call(move |connection| {
                let transaction = connection.transaction()?;
                for (origin, activity) in &events {
                    insert(&transaction, Some(*origin), activity)?;
                }
                transaction.commit()
            })
            .await
    }

    /// What happened to the sessions of a host's agent from the last time before `from` until `to`, oldest first: its
    /// connects, goodbyes and lost connections, at most [`SESSIONS_MAX`].
    ///
    /// # Errors
    /// When the database fails.
    pub async fn sessions_of(
        &self,
        agent: AgentId,
        from: UnixMs,
        to: UnixMs,
    ) -> Result<Vec<(UnixMs, String)>, StoreError> {
        self.control_read
            .call(move |connection| {
                let kinds = "host = (SELECT name FROM agents WHERE id = ?1) AND kind IN ('agent_connected', 'agent_disconnected', 'agent_goodbye')";
                let before = format!("SELECT at FROM activity WHERE {kinds} AND at < ?2 ORDER BY at DESC LIMIT 1");
                let sql = format!(
                    "SELECT at, kind FROM activity WHERE {kinds} AND at >= coalesce(({before}), ?2) AND at < ?3
                     ORDER BY at, id LIMIT ?4"
                );
                connection
                    .prepare_cached(&sql)?
                    .query_map((agent.to_bytes(), from.0, to.0, SESSIONS_MAX), |row| Ok((UnixMs(row.get(0)?), row.get(1)?)))?
                    .collect()
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

    /// Which of some kinds of activity a host had last.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn last_kind(&self, host: String, kinds: &'static [&'static str]) -> Result<Option<String>, StoreError> {
        self.control_read
            .call(move |connection| {
                let marks = vec!["?"; kinds.len()].join(", ");
                let sql =
                    format!("SELECT kind FROM activity WHERE host = ? AND kind IN ({marks}) ORDER BY id DESC LIMIT 1");
                let values = std::iter::once(host.as_str()).chain(kinds.iter().copied());
                connection.prepare_cached(&sql)?.query_row(params_from_iter(values), |row| row.get(0)).optional()
            })
            .await
    }
}

const INSERT: &str = "INSERT OR IGNORE INTO activity (at, category, kind, host, vm, message, origin)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";

fn insert(connection: &Connection, origin: Option<Origin>, activity: &Activity) -> Result<(), rusqlite::Error> {
    let inserted = connection.prepare_cached(INSERT)?.execute(params![
        activity.at.0,
        activity.category.as_str(),
        activity.kind,
        activity.host,
        activity.vm,
        activity.message,
        origin.map(Origin::to_bytes)
    ])?;
    if inserted > 0 && connection.last_insert_rowid() % TRIM_EVERY == 0 {
        trim(connection, MAX_ROWS)?;
    }
    Ok(())
}

fn trim(connection: &Connection, keep: i64) -> Result<(), rusqlite::Error> {
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
    sql.push_str(&format!(" ORDER BY at DESC, id DESC LIMIT {limit}"));
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

    /// Hosts tell of events late: they are shown when they happened, and once.
    #[tokio::test]
    async fn events_are_shown_when_they_happened_and_written_once() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).unwrap();
        store.record_activity(activity(20, "web")).await.unwrap();
        let origin = |index| Origin { agent: AgentId(uuid::Uuid::from_bytes([1; 16])), epoch: 1, seq: 2, index };
        let events = |at: i64| vec![(origin(0), activity(at, "web")), (origin(1), activity(at + 1, "web"))];
        store.record_events(events(10)).await.unwrap();
        store.record_events(events(30)).await.unwrap();
        let found = store.activities(ActivityFilter { limit: 9, ..ActivityFilter::default() }).await.unwrap();
        assert_eq!(found.iter().map(|activity| activity.at.0).collect::<Vec<_>>(), [10, 11, 20]);
        let newest = store.activities(ActivityFilter { limit: 1, ..ActivityFilter::default() }).await.unwrap();
        assert_eq!(newest[0].at.0, 20);
    }

    #[tokio::test]
    async fn the_last_of_some_kinds_is_found_by_host() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).unwrap();
        for (at, host, kind) in [(1, "a", "in"), (2, "a", "out"), (3, "b", "in"), (4, "a", "other")] {
            let one = Activity { kind: kind.to_owned(), host: host.to_owned(), ..activity(at, "") };
            store.record_activity(one).await.unwrap();
        }
        let last = async |host: &str| store.last_kind(host.to_owned(), &["in", "out"]).await.unwrap();
        assert_eq!((last("a").await.as_deref(), last("b").await.as_deref()), (Some("out"), Some("in")));
        assert_eq!(last("c").await, None);
    }
}
