//! Entities that only imports know: named, never heard of by an agent. A VM that an agent reports under the same UUID
//! takes its series over.

use evenkeel_common::time::UnixMs;

use super::{Entity, Store, StoreError};

/// An entity of imports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportedRow {
    /// Its id; of a UUID as name that.
    pub entity: Entity,
    /// Its name.
    pub name: String,
    /// A host and not a VM.
    pub is_host: bool,
}

impl ImportedRow {
    /// The one of a name that nobody has yet. The same name gives the same id everywhere.
    #[must_use]
    pub fn new(name: &str, is_host: bool) -> Self {
        let known = uuid::Uuid::parse_str(name).ok();
        let made = || {
            let kind = if is_host { "host" } else { "vm" };
            let hash = blake3::derive_key("evenkeel 2026 imported entity", format!("{kind}:{name}").as_bytes());
            let mut bytes = [0; 16];
            bytes.copy_from_slice(&hash[..16]);
            uuid::Builder::from_custom_bytes(bytes).into_uuid()
        };
        Self { entity: Entity(known.unwrap_or_else(made).into_bytes()), name: name.to_owned(), is_host }
    }
}

impl Store {
    /// Every entity of imports, by name.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn imported(&self) -> Result<Vec<ImportedRow>, StoreError> {
        self.control_read
            .call(|db| {
                db.prepare_cached("SELECT entity, name, is_host FROM imported_entities ORDER BY name, entity")?
                    .query_map([], |row| {
                        Ok(ImportedRow { entity: Entity(row.get(0)?), name: row.get(1)?, is_host: row.get(2)? })
                    })?
                    .collect()
            })
            .await
    }

    /// Adds entities; those that are there stay.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn add_imported(&self, rows: Vec<ImportedRow>, now: UnixMs) -> Result<(), StoreError> {
        self.control
            .call(move |db| {
                let transaction = db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
                for row in &rows {
                    transaction
                        .prepare_cached(
                            "INSERT OR IGNORE INTO imported_entities (entity, name, is_host, created_at) VALUES (?, ?, ?, ?)",
                        )?
                        .execute((row.entity.0, &row.name, row.is_host, now.0))?;
                }
                transaction.commit()
            })
            .await
    }
}
