//! What a check of `control.db` says: the structure of its pages and indexes, references between tables, and what cannot be
//! what a column holds. SQLite keeps no checksum of a value: a byte that flips within a number or a text and leaves another
//! number or text is not seen.

use rusqlite::Connection;

use super::engine::Damage;
use super::{CONTROL_FILE, Store, StoreError};

/// Findings of one kind that are told.
const TOLD_MAX: usize = 20;

/// What is wrong, with a query that counts rows of which that is so.
const RULES: [(&str, &str); 11] = [
    ("hosts whose facts cannot be read", "SELECT count(*) FROM hosts WHERE NOT json_valid(facts)"),
    ("VMs whose facts cannot be read", "SELECT count(*) FROM vms WHERE NOT json_valid(facts)"),
    ("attributes that cannot be read", "SELECT count(*) FROM attributes WHERE NOT json_valid(attributes)"),
    (
        "actions that cannot be read",
        "SELECT count(*) FROM actions WHERE NOT (json_valid(arguments) AND json_valid(result))",
    ),
    ("outages whose evidence cannot be read", "SELECT count(*) FROM outages WHERE NOT json_valid(evidence)"),
    ("VMs without a UUID", "SELECT count(*) FROM vms WHERE length(uuid) <> 16 OR length(agent) <> 16"),
    ("VMs in no state that libvirt knows", "SELECT count(*) FROM vms WHERE state NOT BETWEEN 0 AND 7"),
    (
        "VMs without a time",
        "SELECT count(*) FROM vms WHERE typeof(first_seen) <> 'integer' OR typeof(last_seen) <> 'integer'
             OR typeof(state_at) <> 'integer' OR first_seen > max(last_seen, state_at) OR first_seen < 0",
    ),
    (
        "agents in no known state",
        "SELECT count(*) FROM agents WHERE state NOT IN ('pending', 'approved', 'revoked', 'retired') OR length(id) <> 16",
    ),
    (
        "activities of no known category",
        "SELECT count(*) FROM activity WHERE category NOT IN ('informational', 'warning', 'exception')",
    ),
    (
        "placements on no host",
        "SELECT count(*) FROM placements WHERE length(uuid) <> 16 OR agent NOT IN (SELECT id FROM agents)",
    ),
];

impl Store {
    /// Reads everything, puts damaged chunks aside and says what is damaged.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn check(&self) -> Result<Vec<Damage>, StoreError> {
        let mut damage = self.sealer.run(|engine| engine.check()).await?;
        let found = self.control_read.call(|db| Ok(control(db))).await?;
        damage.extend(found.into_iter().map(|what| Damage { file: CONTROL_FILE.into(), what }));
        Ok(damage)
    }
}

fn control(db: &Connection) -> Vec<String> {
    let mut found = lines(db, "PRAGMA integrity_check(20)", |row| row.get::<_, String>(0));
    found.retain(|line| line != "ok");
    if !found.is_empty() {
        // What is in pages of a damaged structure says nothing.
        return found;
    }
    let orphan = |row: &rusqlite::Row<'_>| {
        Ok(format!("a row of {} is of something that is not there", row.get::<_, String>(0)?))
    };
    found.extend(lines(db, "PRAGMA foreign_key_check", orphan));
    for (what, count) in RULES {
        match db.query_row(count, [], |row| row.get::<_, i64>(0)) {
            Ok(0) => {}
            Ok(count) => found.push(format!("{count} {what}")),
            Err(error) => found.push(format!("{what}? {error}")),
        }
    }
    found
}

fn lines(
    db: &Connection,
    sql: &str,
    line: impl FnMut(&rusqlite::Row<'_>) -> Result<String, rusqlite::Error>,
) -> Vec<String> {
    let read = || db.prepare(sql)?.query_map([], line)?.take(TOLD_MAX).collect::<Result<Vec<_>, rusqlite::Error>>();
    read().unwrap_or_else(|error| vec![format!("it cannot be read: {error}")])
}

#[cfg(test)]
mod tests;
