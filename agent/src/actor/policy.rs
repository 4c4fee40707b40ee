//! The host's own policy: `actions.toml`, which the collector cannot overrule.

pub mod backup;

use std::path::{Path, PathBuf};

use evenkeel_common::action::Verb;
use evenkeel_common::config::{Key, Kind, Loaded, Problems, Schema, load};
use evenkeel_common::time::DurationMs;

use super::domain::Manager;
use backup::BackupPolicy;

const VERBS: &[&str] =
    &["snapshot", "backup", "restore", "rehearse", "verify", "prune", "restart", "migrate", "cancel"];
const COUNT: Kind = Kind::Integer { min: 0, max: 10_000 };
const HOUR: DurationMs = DurationMs::from_s(3_600);

/// The keys of `actions.toml`.
pub const SCHEMA: Schema = Schema {
    file: "actions.toml",
    drop_in: "actions.conf.d",
    env_prefix: "EVENKEEL_ACTIONS_",
    keys: &[
        Key {
            path: "libvirt_uri",
            kind: Kind::Text,
            default: Some("\"qemu:///system\""),
            help: "The read-write libvirt connection of the actor.",
        },
        Key {
            path: "verbs",
            kind: Kind::Choices(VERBS),
            default: Some(
                r#"["snapshot", "backup", "restore", "rehearse", "verify", "prune", "restart", "migrate", "cancel"]"#,
            ),
            help: "What may be done on this host at all.",
        },
        Key {
            path: "managed.nova",
            kind: Kind::Choices(VERBS),
            default: Some("[]"),
            help: "What may be done to domains of OpenStack Nova; nothing unless named.",
        },
        Key {
            path: "managed.ovirt",
            kind: Kind::Choices(VERBS),
            default: Some("[]"),
            help: "What may be done to domains of oVirt; nothing unless named.",
        },
        Key {
            path: "managed.kubevirt",
            kind: Kind::Choices(VERBS),
            default: Some("[]"),
            help: "What may be done to domains of KubeVirt; nothing unless named.",
        },
        Key {
            path: "managed.opennebula",
            kind: Kind::Choices(VERBS),
            default: Some("[]"),
            help: "What may be done to domains of OpenNebula; nothing unless named.",
        },
        Key {
            path: "recovery_dir",
            kind: Kind::Text,
            default: Some("\"/var/lib/evenkeel-actor/recovery\""),
            help: "Where recovery points are kept.",
        },
        Key {
            path: "snapshot.deadline",
            kind: Kind::Duration { min: DurationMs::from_s(1), max: DurationMs::from_s(86_400) },
            default: Some("\"1h\""),
            help: "A recovery point that takes longer is given up and its files are removed.",
        },
        Key {
            path: "backup.chain_max",
            kind: Kind::Integer { min: 1, max: 1_000 },
            default: Some("14"),
            help: "Points in a chain at most; the next one is full.",
        },
        Key {
            path: "backup.keep_last",
            kind: COUNT,
            default: Some("0"),
            help: "After each backup, keep so many newest points of the VM in that target. The keep_ rules add up; all 0 keeps everything.",
        },
        Key {
            path: "backup.keep_daily",
            kind: COUNT,
            default: Some("0"),
            help: "Keep the newest point of each of so many days (UTC).",
        },
        Key {
            path: "backup.keep_weekly",
            kind: COUNT,
            default: Some("0"),
            help: "Keep the newest point of each of so many weeks.",
        },
        Key {
            path: "backup.keep_monthly",
            kind: COUNT,
            default: Some("0"),
            help: "Keep the newest point of each of so many months.",
        },
        Key {
            path: "backup.trusted_keys",
            kind: Kind::Texts {
                allowed: "public keys of 64 hexadecimal digits",
                accepts: |text| text.len() == 64 && text.chars().all(|c| c.is_ascii_hexdigit()),
                max: 1_000,
            },
            default: Some("[]"),
            help: "Keys of other hosts whose recovery points this host may restore; the actor says its own at start.",
        },
        Key {
            path: "restore.dir",
            kind: Kind::Text,
            default: Some("\"/var/lib/libvirt/images\""),
            help: "Where the disks of a point lie that is restored as a new domain.",
        },
        Key {
            path: "restore.deadline",
            kind: Kind::Duration { min: DurationMs::from_s(1), max: DurationMs::from_s(86_400) },
            default: Some("\"4h\""),
            help: "Copying a disk back that takes longer is given up; what was there stays.",
        },
        Key {
            path: "rehearse.dir",
            kind: Kind::Text,
            default: Some("\"/var/lib/evenkeel-actor/rehearsal\""),
            help: "Where the disks of a rehearsal lie while it runs.",
        },
        Key {
            path: "rehearse.expect",
            kind: Kind::Text,
            default: Some("\"login:\""),
            help: "What a guest writes to its serial console once it is up; an answer of its guest agent counts as well.",
        },
        Key {
            path: "rehearse.deadline",
            kind: Kind::Duration { min: DurationMs::from_s(1), max: DurationMs::from_s(86_400) },
            default: Some("\"10m\""),
            help: "A rehearsed guest that is not up by then has failed.",
        },
        Key {
            path: "restart.graceful_deadline",
            kind: Kind::Duration { min: DurationMs::from_s(1), max: HOUR },
            default: Some("\"60s\""),
            help: "How long the guest has for a reboot of its own before it is reset.",
        },
        Key {
            path: "migrate.connect_uri",
            kind: Kind::Text,
            default: Some("\"qemu+ssh://{host}/system\""),
            help: "How this host's libvirt reaches the other one's; {host}, {domain} and {uuid} are filled in.",
        },
        Key {
            path: "migrate.data_uri",
            kind: Kind::Text,
            default: None,
            help: "How the memory travels, such as tcp://{host}; libvirt chooses unless given.",
        },
        Key {
            path: "migrate.deadline",
            kind: Kind::Duration { min: DurationMs::from_s(1), max: DurationMs::from_s(86_400) },
            default: Some("\"1h\""),
            help: "A migration that takes longer is aborted; the domain stays.",
        },
        Key {
            path: "migrate.undefine_source",
            kind: Kind::Bool,
            default: Some("false"),
            help: "Whether the definition goes from the source after a migration.",
        },
        Key {
            path: "migrate.unsafe",
            kind: Kind::Bool,
            default: Some("false"),
            help: "Skip libvirt's check that storage is shared and its cache is safe; for test rigs only.",
        },
    ],
    tables: &[backup::TARGETS],
};

/// An `actions.toml` with every key explained.
#[must_use]
pub fn document() -> String {
    const TITLE: &str = "What the evenkeel actor of this host may do. The collector cannot overrule it.";
    evenkeel_common::config::document(&SCHEMA, TITLE, &[])
}

/// The policy in force.
#[derive(Clone, Debug)]
pub struct Policy {
    /// URI of the read-write connection.
    pub libvirt_uri: String,
    /// Words of the verbs that may be used at all.
    pub verbs: Vec<String>,
    managed: [(Manager, Vec<String>); 4],
    /// Where recovery points are kept.
    pub recovery_dir: PathBuf,
    /// Longest recovery point.
    pub snapshot_deadline: DurationMs,
    /// How long a guest has to reboot by itself.
    pub graceful_deadline: DurationMs,
    /// Where recovery points lie and how they are made.
    pub backup: BackupPolicy,
    /// How migrations travel.
    pub migrate: MigratePolicy,
}

/// How migrations travel.
#[derive(Clone, Debug)]
pub struct MigratePolicy {
    /// Template of the destination's libvirt URI.
    pub connect_uri: String,
    /// Template of the data URI.
    pub data_uri: Option<String>,
    /// Longest migration.
    pub deadline: DurationMs,
    /// Remove the definition from the source.
    pub undefine_source: bool,
    /// Skip libvirt's storage check.
    pub skip_storage_check: bool,
}

impl Policy {
    /// Reads `dir/actions.toml` and its drop-ins; `env` looks an environment variable up.
    ///
    /// # Errors
    /// Everything that is wrong, at once.
    pub fn load(dir: &Path, env: impl Fn(&str) -> Option<String>) -> Result<Self, Problems> {
        load(&SCHEMA, dir, env).map(|loaded| Self::from_loaded(&loaded))
    }

    fn from_loaded(loaded: &Loaded) -> Self {
        let text = |key: &str| loaded.text(key).unwrap_or_default().to_owned();
        let duration = |key: &str| loaded.duration(key).unwrap_or(HOUR);
        let bool = |key: &str| loaded.bool(key).unwrap_or(false);
        Self {
            libvirt_uri: text("libvirt_uri"),
            verbs: loaded.words("verbs"),
            managed: Manager::ALL.map(|manager| (manager, loaded.words(&format!("managed.{}", manager.as_str())))),
            recovery_dir: PathBuf::from(text("recovery_dir")),
            snapshot_deadline: duration("snapshot.deadline"),
            backup: BackupPolicy::from_loaded(loaded, PathBuf::from(text("recovery_dir"))),
            graceful_deadline: duration("restart.graceful_deadline"),
            migrate: MigratePolicy {
                connect_uri: text("migrate.connect_uri"),
                data_uri: loaded.text("migrate.data_uri").map(str::to_owned),
                deadline: duration("migrate.deadline"),
                undefine_source: bool("migrate.undefine_source"),
                skip_storage_check: bool("migrate.unsafe"),
            },
        }
    }

    /// Whether the verb may be used on this host at all.
    #[must_use]
    pub fn allows(&self, verb: &Verb) -> bool {
        self.verbs.iter().any(|word| word == verb.name())
    }

    /// Whether the verb may be used on a domain of this manager.
    #[must_use]
    pub fn allows_on_managed(&self, verb: &Verb, manager: Manager) -> bool {
        let words = self.managed.iter().find(|(known, _)| *known == manager);
        words.is_some_and(|(_, words)| words.iter().any(|word| word == verb.name()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hands_off_by_default_and_a_named_verb_only() {
        let dir = tempfile::tempdir().unwrap();
        let policy = Policy::load(dir.path(), |_| None).unwrap();
        assert!(policy.allows(&Verb::SNAPSHOT));
        assert!(!policy.allows_on_managed(&Verb::SNAPSHOT, Manager::Nova));
        std::fs::write(
            dir.path().join("actions.toml"),
            "verbs = ['snapshot']\n[managed]\nnova = ['snapshot']\n[restart]\ngraceful_deadline = '5s'\n",
        )
        .unwrap();
        let policy = Policy::load(dir.path(), |_| None).unwrap();
        assert!(policy.allows_on_managed(&Verb::SNAPSHOT, Manager::Nova));
        assert!(!policy.allows_on_managed(&Verb::SNAPSHOT, Manager::Ovirt));
        assert!(!policy.allows(&Verb::Restart { apply_pending: false }));
        assert_eq!(policy.graceful_deadline, DurationMs::from_s(5));
    }

    #[test]
    fn a_wrong_word_and_an_unknown_key_are_both_said() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("actions.toml"), "verb = 1\n[managed]\nnova = ['destroy']\n").unwrap();
        let problems = Policy::load(dir.path(), |_| None).unwrap_err();
        assert_eq!(problems.0.len(), 2, "{problems}");
    }
}
