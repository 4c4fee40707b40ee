//! What checks heard, as runs of seconds. Between two rows of a check nothing is known.

use rusqlite::{Connection, Row, named_params, params};

use super::{Entity, Store, StoreError};

/// A check of a VM or host.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SpellKey {
    /// Domain or host.
    pub target: Entity,
    /// The check, such as `state` or `probe:http`.
    pub check: String,
}

/// A run of seconds since 1970 in `from_s <= t < to_s`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpellRow {
    /// First second.
    pub from_s: i64,
    /// First second after it.
    pub to_s: i64,
    /// 0 up, 1 down, 2 unknown.
    pub state: u8,
    /// Why; empty when up.
    pub why: String,
    /// How many observations said so.
    pub readings: i64,
    /// Second of the last of them.
    pub last_s: i64,
}

/// New spells of a check in place of what it has from a second on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rewrite {
    /// Which check.
    pub key: SpellKey,
    /// From this second on …
    pub from_s: i64,
    /// … before this one.
    pub to_s: i64,
    /// Observations that the spell which is cut at the begin counted and the new ones count again.
    pub counted_again: i64,
    /// In time order, within those seconds.
    pub spells: Vec<SpellRow>,
}

/// Rows that are read at once at most: some 60 MB. Who gets so many does not have all of them.
pub const SPELLS_MAX: usize = 500_000;

impl Store {
    /// The last spell of each check.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn spell_ends(&self) -> Result<Vec<(SpellKey, SpellRow)>, StoreError> {
        self.control_read
            .call(|db| {
                let sql = format!(
                    "{SELECT} JOIN (SELECT target t, check_name c, max(from_s) f FROM spells GROUP BY 1, 2) \
                     ON target = t AND check_name = c AND from_s = f LIMIT {SPELLS_MAX}"
                );
                db.prepare_cached(&sql)?.query_map([], keyed)?.collect()
            })
            .await
    }

    /// The spells of all checks that touch `from_s <= t < to_s`, by check and time, at most half a million.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn spells(&self, from_s: i64, to_s: i64) -> Result<Vec<(SpellKey, SpellRow)>, StoreError> {
        self.control_read
            .call(move |db| {
                let sql = format!(
                    "{SELECT} WHERE to_s > ? AND from_s < ? ORDER BY target, check_name, from_s LIMIT {SPELLS_MAX}"
                );
                db.prepare_cached(&sql)?.query_map([from_s, to_s], keyed)?.collect()
            })
            .await
    }

    /// The spells of one check that touch `from_s <= t`, by time.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn spells_of(&self, key: SpellKey, from_s: i64) -> Result<Vec<SpellRow>, StoreError> {
        self.control_read
            .call(move |db| {
                let sql = format!(
                    "{SELECT} WHERE target = ? AND check_name = ? AND to_s > ? ORDER BY from_s LIMIT {SPELLS_MAX}"
                );
                db.prepare_cached(&sql)?
                    .query_map(params![key.target.0, key.check, from_s], |row| Ok(keyed(row)?.1))?
                    .collect()
            })
            .await
    }

    /// Rewrites spells, all or none; a spell that only goes on is made longer.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn rewrite_spells(&self, rewrites: Vec<Rewrite>) -> Result<(), StoreError> {
        self.control
            .call(move |db| {
                let transaction = db.transaction()?;
                for one in &rewrites {
                    rewrite(&transaction, one)?;
                }
                transaction.commit()
            })
            .await
    }

    /// Forgets spells and outages that ended before a second; answers with how many.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn forget_spells(&self, before_s: i64) -> Result<usize, StoreError> {
        self.control
            .call(move |db| {
                db.execute("DELETE FROM outages WHERE measured_to_s < ?", [before_s])?;
                db.execute("DELETE FROM spells WHERE to_s < ?", [before_s])
            })
            .await
    }
}

fn rewrite(db: &Connection, one: &Rewrite) -> Result<(), rusqlite::Error> {
    let Rewrite { key: SpellKey { target, check }, from_s, to_s, counted_again, spells } = one;
    db.prepare_cached("DELETE FROM spells WHERE target = ? AND check_name = ? AND from_s >= ? AND from_s < ?")?
        .execute(params![target.0, check, from_s, to_s])?;
    db.prepare_cached(
        "UPDATE spells SET to_s = :cut, readings = max(0, readings - :again), last_s = min(last_s, :cut - 1)
         WHERE target = :target AND check_name = :check AND from_s < :cut AND to_s > :cut",
    )?
    .execute(named_params! { ":cut": from_s, ":again": counted_again, ":target": target.0, ":check": check })?;
    for spell in spells {
        let longer = db
            .prepare_cached(
                "UPDATE spells SET to_s = :to, readings = readings + :readings, last_s = :last
                 WHERE target = :target AND check_name = :check AND to_s = :from AND state = :state AND why = :why
                 AND from_s = (SELECT max(from_s) FROM spells WHERE target = :target AND check_name = :check AND from_s < :from)",
            )?
            .execute(named_params! {
                ":to": spell.to_s, ":readings": spell.readings, ":target": target.0, ":check": check,
                ":from": spell.from_s, ":last": spell.last_s, ":state": spell.state, ":why": spell.why,
            })?;
        if longer == 0 {
            db.prepare_cached("INSERT INTO spells VALUES (?, ?, ?, ?, ?, ?, ?, ?)")?.execute(params![
                target.0,
                check,
                spell.from_s,
                spell.to_s,
                spell.state,
                spell.why,
                spell.readings,
                spell.last_s
            ])?;
        }
    }
    Ok(())
}

const SELECT: &str = "SELECT target, check_name, from_s, to_s, state, why, readings, last_s FROM spells";

fn keyed(row: &Row<'_>) -> Result<(SpellKey, SpellRow), rusqlite::Error> {
    let key = SpellKey { target: Entity(row.get(0)?), check: row.get(1)? };
    let spell = SpellRow {
        from_s: row.get(2)?,
        to_s: row.get(3)?,
        state: row.get(4)?,
        why: row.get(5)?,
        readings: row.get(6)?,
        last_s: row.get(7)?,
    };
    Ok((key, spell))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spell(from_s: i64, to_s: i64, state: u8, readings: i64) -> SpellRow {
        SpellRow { from_s, to_s, state, why: String::new(), readings, last_s: to_s - 1 }
    }

    #[tokio::test]
    async fn what_is_rewritten_takes_the_place_of_what_was_and_what_goes_on_is_one_row() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).unwrap();
        let key = SpellKey { target: Entity([1; 16]), check: "state".to_owned() };
        let write = async |from_s, to_s, counted_again, spells| {
            store
                .rewrite_spells(vec![Rewrite { key: key.clone(), from_s, to_s, counted_again, spells }])
                .await
                .unwrap();
            store.spells_of(key.clone(), 0).await.unwrap()
        };
        assert_eq!(write(0, i64::MAX, 0, vec![spell(0, 25, 0, 2)]).await, [spell(0, 25, 0, 2)]);
        // The reading at 10 is counted again.
        assert_eq!(write(10, i64::MAX, 1, vec![spell(10, 45, 0, 3)]).await, [spell(0, 45, 0, 4)]);
        let expected = [spell(0, 30, 0, 3), spell(30, 50, 1, 2)];
        assert_eq!(write(30, i64::MAX, 1, vec![spell(30, 50, 1, 2)]).await, expected);
        // A hole that late readings fill touches nothing behind it.
        write(80, i64::MAX, 0, vec![spell(80, 90, 0, 1)]).await;
        let filled = write(50, 80, 0, vec![spell(50, 70, 1, 2)]).await;
        assert_eq!(filled, [spell(0, 30, 0, 3), spell(30, 70, 1, 4), spell(80, 90, 0, 1)]);
        assert_eq!(store.spell_ends().await.unwrap(), [(key.clone(), spell(80, 90, 0, 1))]);
        assert_eq!(store.spells(70, 80).await.unwrap(), []);
        assert_eq!(store.forget_spells(80).await.unwrap(), 2);
    }
}
