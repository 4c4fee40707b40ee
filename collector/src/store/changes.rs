//! Changes on disk: what was done to VMs and hosts, who says so, and the windows in which its effect is looked for.
//!
//! People record them; an action of ours is one as soon as it has ended, in the transaction that ends it; and what hosts
//! say of themselves and their VMs is compared with what they said before, in the transaction that takes note of it. So none
//! is missed by a restart, and none is there twice: each has its origin.

use std::fmt::Display;

use evenkeel_common::action::ActionState;
use evenkeel_common::limits::LIST_MAX_ROWS;
use evenkeel_common::time::{DurationMs, UnixMs};
use rusqlite::{Connection, OptionalExtension as _, Row, named_params, params};
use serde::{Deserialize, Serialize};

use super::actions::ActionRow;
use super::{Entity, Store, StoreError};

/// Rows kept: the oldest go.
const MAX_ROWS: i64 = 200_000;
/// Every so many rows the oldest are removed.
const TRIM_EVERY: i64 = 256;
/// Changes that are read at once, at most.
pub const CHANGES_MAX: usize = 10 * LIST_MAX_ROWS;

/// Who says that something was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ChangeSource {
    /// Somebody recorded it.
    Person,
    /// An action of ours.
    Action,
    /// A host's agent saw that something is another one than before.
    Agent,
}

impl ChangeSource {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Person, Self::Action, Self::Agent];

    /// Its word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Action => "action",
            Self::Agent => "agent",
        }
    }
}

/// A VM or host that was changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeTarget {
    /// It is a host; whoever runs there is touched.
    pub is_host: bool,
    /// Its UUID or agent id.
    pub id: String,
    /// Its name then.
    pub name: String,
}

impl ChangeTarget {
    /// A VM or host.
    #[must_use]
    pub fn new(entity: Entity, is_host: bool, name: impl Into<String>) -> Self {
        Self { is_host, id: uuid::Uuid::from_bytes(entity.0).to_string(), name: name.into() }
    }

    /// As the key of its readings; none when a newer program wrote what this one does not know.
    #[must_use]
    pub fn entity(&self) -> Option<Entity> {
        Some(Entity(uuid::Uuid::parse_str(&self.id).ok()?.into_bytes()))
    }
}

/// A change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeRow {
    /// Its number; 0 before it is stored.
    pub id: i64,
    /// When it began: what lies before is *before*.
    pub began: UnixMs,
    /// When it was done: *after* begins here.
    pub at: UnixMs,
    /// Who says so.
    pub source: ChangeSource,
    /// One word: `recorded`, the verb of an action, `migrated`, `vcpus`, `memory`, `definition`, `version`, `hardware`.
    pub kind: String,
    /// In words.
    pub what: String,
    /// The service that it is of; empty: whoever it touches.
    pub service: String,
    /// What was changed; none: all members of the service.
    pub targets: Vec<ChangeTarget>,
    /// What was expected of it, as it was written; empty for nothing.
    pub expected: String,
    /// Who recorded it: a user, or the host whose agent saw it.
    pub recorded_by: String,
    /// When.
    pub recorded_at: UnixMs,
    /// How long before it is looked at, fixed when it was recorded.
    pub before: DurationMs,
    /// And after it: the final look is then.
    pub after: DurationMs,
    /// The final look, as JSON, once it was taken.
    pub final_look: Option<String>,
}

impl ChangeRow {
    /// When the final look is.
    #[must_use]
    pub fn final_at(&self) -> UnixMs {
        self.at.plus(self.after)
    }
}

/// A change that nobody recorded by hand; its windows are those of the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Noticed<'a> {
    pub(super) began: UnixMs,
    pub(super) at: UnixMs,
    pub(super) source: ChangeSource,
    pub(super) kind: &'a str,
    pub(super) what: String,
    pub(super) target: ChangeTarget,
    pub(super) by: &'a str,
    pub(super) origin: String,
}

/// Which changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChangesWanted {
    /// Done from then on.
    pub from: UnixMs,
    /// Begun before.
    pub to: UnixMs,
    /// At most so many, the newest.
    pub limit: usize,
}

impl Store {
    /// Windows of changes that are noticed from now on.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn set_change_windows(&self, before: DurationMs, after: DurationMs) -> Result<(), StoreError> {
        self.control
            .call(move |db| {
                let mut set = db.prepare_cached("INSERT OR REPLACE INTO meta VALUES (?, ?)")?;
                set.execute(params!["change_before_ms", before.0])?;
                set.execute(params!["change_after_ms", after.0]).map(drop)
            })
            .await
    }

    /// Writes a change that a person records; answers with its number.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn add_change(&self, row: ChangeRow) -> Result<i64, StoreError> {
        self.control
            .call(move |db| {
                let targets = serde_json::to_string(&row.targets).unwrap_or_default();
                db.prepare_cached(INSERT)?.execute(named_params! {
                    ":began": row.began.0, ":at": row.at.0, ":source": row.source.as_str(), ":kind": row.kind,
                    ":what": row.what, ":service": row.service, ":targets": targets, ":expected": row.expected,
                    ":by": row.recorded_by, ":recorded": row.recorded_at.0, ":before": row.before.0,
                    ":after": row.after.0,
                })?;
                let id = db.last_insert_rowid();
                trim(db, id)?;
                Ok(id)
            })
            .await
    }

    /// Changes that touch `from <= t < to`, oldest first.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn changes(&self, wanted: ChangesWanted) -> Result<Vec<ChangeRow>, StoreError> {
        let ChangesWanted { from, to, limit } = wanted;
        self.control_read
            .call(move |db| {
                let sql = format!("{SELECT} WHERE at >= ? AND began < ? ORDER BY at DESC, id DESC LIMIT ?");
                let limit = i64::try_from(limit.min(CHANGES_MAX)).unwrap_or(i64::MAX);
                let mut rows = db
                    .prepare_cached(&sql)?
                    .query_map([from.0, to.0, limit], read)?
                    .collect::<Result<Vec<ChangeRow>, rusqlite::Error>>()?;
                rows.reverse();
                Ok(rows)
            })
            .await
    }

    /// One change.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn change(&self, id: i64) -> Result<Option<ChangeRow>, StoreError> {
        self.control_read
            .call(move |db| db.prepare_cached(&format!("{SELECT} WHERE id = ?"))?.query_row([id], read).optional())
            .await
    }

    /// Keeps the final look of a change. The first one stays; answers whether this is it.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn keep_look(&self, id: i64, look: String) -> Result<bool, StoreError> {
        self.control
            .call(move |db| {
                let sql = "UPDATE changes SET final_look = ? WHERE id = ? AND final_look IS NULL";
                Ok(db.execute(sql, params![look, id])? > 0)
            })
            .await
    }

    /// Forgets changes that were done before a time.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn forget_changes(&self, before: UnixMs) -> Result<(), StoreError> {
        self.control.call(move |db| db.execute("DELETE FROM changes WHERE at < ?", [before.0]).map(drop)).await
    }
}

/// Writes a change that was noticed, once; what is said of it later takes the place of what was said before.
pub(super) fn notice(db: &Connection, one: &Noticed<'_>) -> Result<(), rusqlite::Error> {
    let written = db.prepare_cached(NOTICE)?.execute(named_params! {
        ":began": one.began.0, ":at": one.at.0, ":source": one.source.as_str(), ":kind": one.kind, ":what": one.what,
        ":targets": serde_json::to_string(&[&one.target]).unwrap_or_default(), ":by": one.by, ":origin": one.origin,
    })?;
    if written > 0 { trim(db, db.last_insert_rowid()) } else { Ok(()) }
}

/// An action that ended has changed something, or may have: one that was refused or came too late has not.
pub(super) fn of_action(db: &Connection, action: &ActionRow) -> Result<(), rusqlite::Error> {
    let Some(at) = action.finished_at else { return Ok(()) };
    let end = match action.state {
        ActionState::Succeeded => "",
        ActionState::Failed => " (failed)",
        ActionState::Unknown => " (outcome unknown)",
        _ => return Ok(()),
    };
    notice(
        db,
        &Noticed {
            began: action.requested_at.min(at),
            at,
            source: ChangeSource::Action,
            kind: action.verb.name(),
            what: format!("{} of {}{}{end}", action.verb.name(), action.name, destination(action)),
            target: ChangeTarget::new(action.uuid.into(), false, &action.name),
            by: &action.requested_by,
            origin: origin("action", action.id, ""),
        },
    )
}

fn destination(action: &ActionRow) -> String {
    match &action.verb {
        evenkeel_common::action::Verb::Migrate { to_host, .. } => format!(" from {} to {to_host}", action.host),
        _ => format!(" on {}", action.host),
    }
}

/// What makes a noticed change the same one.
pub(super) fn origin(of: &str, whose: impl Display, more: &str) -> String {
    format!("{of} {whose} {more}").trim_end().to_owned()
}

fn trim(db: &Connection, id: i64) -> Result<(), rusqlite::Error> {
    if id % TRIM_EVERY == 0 {
        db.execute("DELETE FROM changes WHERE id <= ?", [id - MAX_ROWS])?;
    }
    Ok(())
}

const INSERT: &str = "INSERT INTO changes (began, at, source, kind, what, service, targets, expected, recorded_by,
    recorded_at, before_ms, after_ms) VALUES (:began, :at, :source, :kind, :what, :service, :targets, :expected, :by,
    :recorded, :before, :after)";

const NOTICE: &str = "INSERT INTO changes (began, at, source, kind, what, service, targets, expected, recorded_by,
    recorded_at, before_ms, after_ms, origin)
    SELECT :began, :at, :source, :kind, :what, '', :targets, '', :by, :at,
        (SELECT value FROM meta WHERE key = 'change_before_ms'), (SELECT value FROM meta WHERE key = 'change_after_ms'),
        :origin
    ON CONFLICT (origin) WHERE origin IS NOT NULL DO UPDATE SET what = excluded.what";

const SELECT: &str = "SELECT id, began, at, source, kind, what, service, targets, expected, recorded_by, recorded_at,
    before_ms, after_ms, final_look FROM changes";

fn read(row: &Row<'_>) -> Result<ChangeRow, rusqlite::Error> {
    let source: String = row.get(3)?;
    let known = ChangeSource::ALL.into_iter().find(|one| one.as_str() == source);
    Ok(ChangeRow {
        id: row.get(0)?,
        began: UnixMs(row.get(1)?),
        at: UnixMs(row.get(2)?),
        source: known.unwrap_or(ChangeSource::Agent),
        kind: row.get(4)?,
        what: row.get(5)?,
        service: row.get(6)?,
        targets: serde_json::from_str(&row.get::<_, String>(7)?).unwrap_or_default(),
        expected: row.get(8)?,
        recorded_by: row.get(9)?,
        recorded_at: UnixMs(row.get(10)?),
        before: DurationMs(row.get(11)?),
        after: DurationMs(row.get(12)?),
        final_look: row.get(13)?,
    })
}

#[cfg(test)]
mod tests;
