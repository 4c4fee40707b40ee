//! How entities are called in files: a VM by its name or UUID, a host as `host:` and its name or id. In a file nothing is
//! guessed: a name that several have is no name.

use std::collections::HashMap;

use uuid::Uuid;

use super::{Control, ControlError};
use crate::store::{AgentState, Entity, ImportedRow};

/// What a host's name begins with.
const HOST: &str = "host:";

/// Whom a name means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Known {
    pub(super) entity: Entity,
    pub(super) is_host: bool,
}

/// Why a name means nobody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Nobody {
    /// Not known; this would make it.
    Unknown(ImportedRow),
    /// So many have it.
    Several(usize),
    /// It cannot be a name.
    Bad(&'static str),
}

/// The names of everybody.
#[derive(Debug, Default)]
pub(super) struct Naming {
    by_name: HashMap<(bool, String), Vec<Entity>>,
    names: HashMap<Entity, (bool, String)>,
}

impl Control {
    /// Everybody's names now.
    pub(super) async fn naming(&self) -> Result<Naming, ControlError> {
        let mut naming = Naming::default();
        for vm in self.store().vms().await? {
            naming.add(Known { entity: vm.uuid.into(), is_host: false }, vm.name);
        }
        let mut fleet = self.store().fleet().await?;
        // A host that joined again has its name from then on.
        fleet.sort_by_key(|row| row.agent_state != AgentState::Approved);
        for row in fleet {
            let is_taken = naming.by_name.contains_key(&(true, row.name.clone()));
            let name = if is_taken { row.agent.to_string() } else { row.name };
            naming.add(Known { entity: row.agent.into(), is_host: true }, name);
        }
        for row in self.store().imported().await? {
            naming.add(Known { entity: row.entity, is_host: row.is_host }, row.name);
        }
        Ok(naming)
    }
}

impl Naming {
    /// Adds somebody; who is known already keeps the name.
    pub(super) fn add(&mut self, known: Known, name: String) {
        if self.names.contains_key(&known.entity) {
            return;
        }
        self.names.insert(known.entity, (known.is_host, name.clone()));
        self.by_name.entry((known.is_host, name)).or_default().push(known.entity);
    }

    /// Whom a file means.
    pub(super) fn find(&self, text: &str) -> Result<Known, Nobody> {
        let (is_host, name) = text.strip_prefix(HOST).map_or((false, text), |name| (true, name));
        if name.is_empty() || name.len() > evenkeel_common::limits::NAME_MAX_BYTES {
            return Err(Nobody::Bad("the entity has no name, or one that is too long"));
        }
        if name.contains('*') || name == "all" || name.chars().any(char::is_control) {
            return Err(Nobody::Bad("the entity is a pattern or has control characters in its name"));
        }
        if let Ok(id) = Uuid::parse_str(name) {
            let entity = Entity(id.into_bytes());
            return match self.names.get(&entity) {
                Some((known, _)) if *known == is_host => Ok(Known { entity, is_host }),
                Some(_) => Err(Nobody::Bad("the UUID is that of a host and not of a VM, or the reverse")),
                None => Err(Nobody::Unknown(ImportedRow::new(&id.to_string(), is_host))),
            };
        }
        match self.by_name.get(&(is_host, name.to_owned())).map(Vec::as_slice) {
            Some([entity]) => Ok(Known { entity: *entity, is_host }),
            Some(several) => Err(Nobody::Several(several.len())),
            None => Err(Nobody::Unknown(ImportedRow::new(name, is_host))),
        }
    }

    /// What somebody is called so that a file means nobody else.
    pub(super) fn call(&self, entity: Entity) -> String {
        let id = || Uuid::from_bytes(entity.0).to_string();
        let Some((is_host, name)) = self.names.get(&entity) else { return id() };
        let is_unique = self.find(&if *is_host { format!("{HOST}{name}") } else { name.clone() })
            == Ok(Known { entity, is_host: *is_host });
        let name = if is_unique { name.clone() } else { id() };
        if *is_host { format!("{HOST}{name}") } else { name }
    }

    /// Everybody of a kind.
    pub(super) fn all(&self, is_host: bool) -> Vec<Entity> {
        let mut all: Vec<Entity> =
            self.names.iter().filter(|(_, (host, _))| *host == is_host).map(|(entity, _)| *entity).collect();
        all.sort_unstable();
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_names_one_or_nobody() {
        let mut naming = Naming::default();
        let vm = |number: u8| Known { entity: Entity([number; 16]), is_host: false };
        for (number, name) in [(1, "web"), (2, "db"), (3, "db"), (4, "host:odd"), (5, "a*")] {
            naming.add(vm(number), name.to_owned());
        }
        let host = Known { entity: Entity([9; 16]), is_host: true };
        naming.add(host, "web".to_owned());
        naming.add(vm(1), "later".to_owned());
        assert_eq!(naming.find("web"), Ok(vm(1)));
        assert_eq!(naming.find("host:web"), Ok(host));
        assert_eq!(naming.find("db"), Err(Nobody::Several(2)));
        assert!(matches!(naming.find("we"), Err(Nobody::Unknown(_))), "no beginnings");
        assert!(matches!(naming.find("all"), Err(Nobody::Bad(_))));
        for number in 1..=5 {
            assert_eq!(naming.find(&naming.call(Entity([number; 16]))), Ok(vm(number)));
        }
        assert_eq!(naming.call(Entity([9; 16])), "host:web");
        let Err(Nobody::Unknown(new)) = naming.find("11111111-0000-4000-8000-000000000001") else { panic!() };
        assert_eq!(Uuid::from_bytes(new.entity.0).to_string(), new.name);
        assert_ne!(ImportedRow::new("x", true).entity, ImportedRow::new("x", false).entity);
    }
}
