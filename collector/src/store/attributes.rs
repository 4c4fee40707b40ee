//! What a VM was called and whose it was, over time: a row from when on it held.

use std::collections::{BTreeMap, HashMap};

use evenkeel_common::id::DomainUuid;
use evenkeel_common::time::UnixMs;
use rusqlite::{Connection, OptionalExtension};
use serde::{Deserialize, Serialize};

use super::{Store, StoreError, VmFacts};

/// What is kept over time. Texts are empty where nobody says anything.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Attributes {
    /// Name.
    pub name: String,
    /// Who manages it.
    pub managed_by: String,
    /// Owner.
    pub owner: String,
    /// Project or tenant.
    pub project: String,
    /// Who made it.
    pub user: String,
    /// Flavour, template or instance type.
    pub flavour: String,
    /// Labels.
    pub labels: BTreeMap<String, String>,
}

impl Attributes {
    /// Those of a VM's facts.
    #[must_use]
    pub fn of(name: &str, facts: &VmFacts) -> Self {
        Self {
            name: name.to_owned(),
            managed_by: facts.managed_by.clone(),
            owner: facts.owner.clone(),
            project: facts.project.clone(),
            user: facts.user.clone(),
            flavour: facts.flavour.clone(),
            labels: facts.labels.iter().map(|label| (label.name.clone(), label.value.clone())).collect(),
        }
    }
}

/// Notes what held at a time, in any order of times: what holds already is not written again.
pub(super) fn note(db: &Connection, uuid: DomainUuid, at: UnixMs, is: &Attributes) -> Result<(), rusqlite::Error> {
    let text = serde_json::to_string(is).expect("attributes are texts and a map of them");
    let uuid = uuid.to_bytes();
    let before: Option<String> = db
        .prepare_cached(
            "SELECT attributes FROM attributes WHERE uuid = ? AND from_ms <= ? ORDER BY from_ms DESC LIMIT 1",
        )?
        .query_row((uuid, at.0), |row| row.get(0))
        .optional()?;
    if before.as_ref() == Some(&text) {
        return Ok(());
    }
    // The next row said the same from later on: it was only seen before this one.
    let next: Option<(i64, String)> = db
        .prepare_cached(
            "SELECT from_ms, attributes FROM attributes WHERE uuid = ? AND from_ms > ? ORDER BY from_ms LIMIT 1",
        )?
        .query_row((uuid, at.0), |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    if let Some((from, same)) = next
        && same == text
    {
        db.prepare_cached("DELETE FROM attributes WHERE uuid = ? AND from_ms = ?")?.execute((uuid, from))?;
    }
    db.prepare_cached("INSERT OR REPLACE INTO attributes (uuid, from_ms, attributes) VALUES (?, ?, ?)")?
        .execute((uuid, at.0, text))
        .map(drop)
}

impl Store {
    /// What every VM was, oldest first.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn attributes(&self) -> Result<HashMap<DomainUuid, Vec<(UnixMs, Attributes)>>, StoreError> {
        self.control_read
            .call(|db| {
                let mut all: HashMap<DomainUuid, Vec<(UnixMs, Attributes)>> = HashMap::new();
                let mut statement =
                    db.prepare_cached("SELECT uuid, from_ms, attributes FROM attributes ORDER BY uuid, from_ms")?;
                let mut rows = statement.query([])?;
                while let Some(row) = rows.next()? {
                    let text: String = row.get(2)?;
                    let is = serde_json::from_str(&text).unwrap_or_default();
                    all.entry(DomainUuid::from_bytes(row.get(0)?)).or_default().push((UnixMs(row.get(1)?), is));
                }
                Ok(all)
            })
            .await
    }

    /// Removes what held only before a time.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn forget_attributes(&self, before: UnixMs) -> Result<(), StoreError> {
        self.control
            .call(move |db| {
                db.execute(
                    "DELETE FROM attributes WHERE EXISTS (
                         SELECT 1 FROM attributes AS later WHERE later.uuid = attributes.uuid
                         AND later.from_ms > attributes.from_ms AND later.from_ms <= ?)",
                    [before.0],
                )
                .map(drop)
            })
            .await
    }
}

#[cfg(test)]
mod tests {
    use super::super::schema;
    use super::*;

    fn kept(notes: &[(i64, &str)]) -> Vec<(i64, String)> {
        let db = Connection::open_in_memory().unwrap();
        schema::CONTROL.iter().for_each(|step| db.execute_batch(step).unwrap());
        let uuid = DomainUuid::from_bytes([1; 16]);
        for (at, owner) in notes {
            let is = Attributes { owner: (*owner).to_owned(), ..Attributes::default() };
            note(&db, uuid, UnixMs(*at), &is).unwrap();
        }
        let mut statement = db.prepare("SELECT from_ms, attributes FROM attributes ORDER BY from_ms").unwrap();
        let rows = statement.query_map([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?))).unwrap();
        rows.map(|row| row.map(|(at, text)| (at, serde_json::from_str::<Attributes>(&text).unwrap().owner)).unwrap())
            .collect()
    }

    #[test]
    fn changes_are_kept_whatever_the_order_of_arrival() {
        let expected = vec![(10, "a".to_owned()), (30, "b".to_owned()), (50, "a".to_owned())];
        assert_eq!(kept(&[(10, "a"), (20, "a"), (30, "b"), (40, "b"), (50, "a"), (60, "a")]), expected);
        // Fresh ones come before those of an outage.
        assert_eq!(kept(&[(10, "a"), (60, "a"), (40, "b"), (50, "a")]).len(), 3);
        assert_eq!(kept(&[(10, "a"), (90, "b"), (20, "a"), (30, "b"), (40, "b")]), expected[..2]);
        assert_eq!(kept(&[(30, "b"), (10, "a"), (20, "a")]), expected[..2]);
    }

    #[tokio::test]
    async fn what_nobody_can_ask_for_goes() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).unwrap();
        let uuid = DomainUuid::from_bytes([1; 16]);
        let write = |at: i64, owner: &'static str| {
            store.control.call(move |db| {
                note(db, uuid, UnixMs(at), &Attributes { owner: owner.to_owned(), ..Attributes::default() })
            })
        };
        for (at, owner) in [(10, "a"), (20, "b"), (30, "c")] {
            write(at, owner).await.unwrap();
        }
        store.forget_attributes(UnixMs(25)).await.unwrap();
        let left: Vec<i64> = store.attributes().await.unwrap()[&uuid].iter().map(|(at, _)| at.0).collect();
        assert_eq!(left, [20, 30]);
    }
}
