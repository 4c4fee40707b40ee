//! `collector.toml`: its keys, and the settings that the program runs with.

use std::net::SocketAddr;
use std::path::Path;

use evenkeel_common::config::{HOST_PORT, Key, Kind, Loaded, Problems, Schema, load};
use evenkeel_common::time::DurationMs;

const VERBS: &[&str] =
    &["snapshot", "backup", "restore", "rehearse", "verify", "prune", "restart", "migrate", "cancel"];
const WINDOW: Kind = Kind::Duration { min: DurationMs::from_s(10), max: DurationMs::from_s(366 * 86_400) };
const MANAGERS: [&str; 4] = ["nova", "ovirt", "kubevirt", "opennebula"];

/// Everything `collector.toml` may hold.
pub const SCHEMA: Schema = Schema {
    file: "collector.toml",
    drop_in: "conf.d",
    env_prefix: "EVENKEEL_",
    keys: &[
        Key {
            path: "listen",
            kind: Kind::Checked {
                allowed: "an IP address and a port such as \"0.0.0.0:7443\" or \"[::]:7443\"",
                accepts: |text| text.parse::<SocketAddr>().is_ok(),
            },
            default: Some("\"0.0.0.0:7443\""),
            help: "UDP address and port where agents connect.",
        },
        Key {
            path: "address",
            kind: HOST_PORT,
            default: None,
            help: "HOST:PORT that agents are told to join; without it this machine's name and the port of listen.",
        },
        Key {
            path: "log",
            kind: Kind::Choice(&["error", "warn", "info", "debug", "trace"]),
            default: Some("\"info\""),
            help: "How much is logged.",
        },
        Key {
            path: "store.retention",
            kind: Kind::Duration { min: DurationMs::from_s(3_600), max: DurationMs::from_s(3_660 * 86_400) },
            default: Some("\"400d\""),
            help: "How long readings are kept, in whole UTC days.",
        },
        Key {
            path: "store.retention_5m",
            kind: Kind::Duration { min: DurationMs::from_s(3_600), max: DurationMs::from_s(36_600 * 86_400) },
            default: Some("\"800d\""),
            help: "How long rollups of five minutes are kept.",
        },
        Key {
            path: "store.retention_1h",
            kind: Kind::Duration { min: DurationMs::from_s(3_600), max: DurationMs::from_s(36_600 * 86_400) },
            default: Some("\"3660d\""),
            help: "How long rollups of an hour are kept.",
        },
        Key {
            path: "outage.misses",
            kind: Kind::Integer { min: 1, max: 100 },
            default: Some("2"),
            help: "A probe's outage is confirmed by so many misses ...",
        },
        Key {
            path: "outage.of",
            kind: Kind::Integer { min: 1, max: 100 },
            default: Some("3"),
            help: "... of its last so many attempts that could tell; it begins with the first of those misses.",
        },
        Key {
            path: "outage.after",
            kind: Kind::Duration { min: DurationMs(0), max: DurationMs::from_s(86_400) },
            default: Some("\"60s\""),
            help: "Or by so long a time down without a break; 0s: the count alone decides.",
        },
        Key {
            path: "outage.recoveries",
            kind: Kind::Integer { min: 1, max: 100 },
            default: Some("1"),
            help: "So many answers in a row end an outage.",
        },
        Key {
            path: "change.before",
            kind: WINDOW,
            default: Some("\"7d\""),
            help: "How long before a change is looked at to judge it, fixed when the change is registered ...",
        },
        Key {
            path: "change.after",
            kind: WINDOW,
            default: Some("\"7d\""),
            help: "... and how long after it: the final look is then. Whole weeks compare the same weekdays.",
        },
        Key {
            path: "policy.verbs",
            kind: Kind::Choices(VERBS),
            default: Some(
                r#"["snapshot", "backup", "restore", "rehearse", "verify", "prune", "restart", "migrate", "cancel"]"#,
            ),
            help: "Which actions may be asked for at all; each host's actions.toml has its own say.",
        },
        Key {
            path: "policy.managed.nova",
            kind: Kind::Choices(VERBS),
            default: Some("[]"),
            help: "Actions on VMs of OpenStack Nova; none unless named, here and in the host's actions.toml.",
        },
        Key {
            path: "policy.managed.ovirt",
            kind: Kind::Choices(VERBS),
            default: Some("[]"),
            help: "Actions on VMs of oVirt.",
        },
        Key {
            path: "policy.managed.kubevirt",
            kind: Kind::Choices(VERBS),
            default: Some("[]"),
            help: "Actions on VMs of KubeVirt.",
        },
        Key {
            path: "policy.managed.opennebula",
            kind: Kind::Choices(VERBS),
            default: Some("[]"),
            help: "Actions on VMs of OpenNebula.",
        },
    ],
    tables: &[],
};

/// Which actions may be asked for; the same keys as in a host's actions.toml, which has the last word on its host.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ActionPolicy {
    /// Words of the verbs that may be used at all.
    pub verbs: Vec<String>,
    /// Manager and the words of the verbs that may be used on its domains.
    pub managed: Vec<(&'static str, Vec<String>)>,
}

/// The settings of a collector.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where agents connect.
    pub listen: SocketAddr,
    /// What agents are told to join, when given.
    pub address: Option<String>,
    /// Log level.
    pub log: String,
    /// How long readings and rollups of five minutes and of an hour are kept.
    pub retentions: [DurationMs; 3],
    /// Which actions may be asked for.
    pub policy: ActionPolicy,
    /// When a probe's outage is confirmed and over.
    pub outage: OutageSettings,
    /// Windows in which the effect of a change is looked for.
    pub change: ChangeSettings,
}

/// Windows in which the effect of a change is looked for, unless it says others itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChangeSettings {
    /// Before it.
    pub before: DurationMs,
    /// After it.
    pub after: DurationMs,
}

/// When a probe's outage is confirmed and over. By its state a VM is out at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutageSettings {
    /// So many misses …
    pub misses: i64,
    /// … of the last so many attempts.
    pub of: i64,
    /// Or down for so long.
    pub after: DurationMs,
    /// So many answers in a row end it.
    pub recoveries: i64,
}

/// Loads and checks the configuration.
///
/// # Errors
/// All problems at once.
pub fn settings(dir: &Path) -> Result<(Settings, Loaded), Problems> {
    let loaded = load(&SCHEMA, dir, |name| std::env::var(name).ok())?;
    let text = |path: &str| loaded.text(path).unwrap_or_default().to_owned();
    let settings = Settings {
        listen: text("listen").parse().expect("the schema takes only socket addresses"),
        address: loaded.text("address").map(str::to_owned),
        log: text("log"),
        retentions: [
            loaded.duration("store.retention").unwrap_or(DurationMs::from_s(400 * 86_400)),
            loaded.duration("store.retention_5m").unwrap_or(DurationMs::from_s(800 * 86_400)),
            loaded.duration("store.retention_1h").unwrap_or(DurationMs::from_s(3_660 * 86_400)),
        ],
        outage: OutageSettings {
            misses: loaded.integer("outage.misses").unwrap_or(2),
            of: loaded.integer("outage.of").unwrap_or(3),
            after: loaded.duration("outage.after").unwrap_or(DurationMs::from_s(60)),
            recoveries: loaded.integer("outage.recoveries").unwrap_or(1),
        },
        change: ChangeSettings {
            before: loaded.duration("change.before").unwrap_or(DurationMs::from_s(7 * 86_400)),
            after: loaded.duration("change.after").unwrap_or(DurationMs::from_s(7 * 86_400)),
        },
        policy: ActionPolicy {
            verbs: loaded.words("policy.verbs"),
            managed: MANAGERS.map(|manager| (manager, loaded.words(&format!("policy.managed.{manager}")))).into(),
        },
    };
    Ok((settings, loaded))
}

/// A `collector.toml` with every key explained and those in `set` in force.
#[must_use]
pub fn document(set: &[(&str, String)]) -> String {
    const TITLE: &str = "evenkeel collector. `evenkeel check-config --origin` shows what is in force.";
    evenkeel_common::config::document(&SCHEMA, TITLE, set)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_it_writes_is_one_it_reads() {
        let dir = tempfile::tempdir().unwrap();
        let text = document(&[("listen", "\"127.0.0.1:0\"".to_owned())]);
        std::fs::write(dir.path().join("collector.toml"), &text).unwrap();
        let (settings, _) = settings(dir.path()).unwrap();
        assert_eq!(settings.listen.to_string(), "127.0.0.1:0", "{text}");
        let uncommented: String = text
            .lines()
            .filter(|line| !line.starts_with("# address"))
            .map(|line| line.strip_prefix("# ").filter(|rest| rest.contains(" = ")).unwrap_or(line).to_owned() + "\n")
            .collect();
        std::fs::write(dir.path().join("collector.toml"), &uncommented).unwrap();
        assert!(super::settings(dir.path()).is_ok(), "{uncommented}");
    }

    #[test]
    fn a_name_is_not_a_listen_address() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("collector.toml"), "listen = 'everywhere'").unwrap();
        let text = settings(dir.path()).unwrap_err().to_string();
        assert!(text.contains("collector.toml: listen: \"everywhere\" is not allowed"), "{text}");
    }

    #[test]
    fn all_errors_come_at_once() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("collector.toml"), "listen = ':7443'\naddress = 'here'\nlog = 'loud'\nx = 1")
            .unwrap();
        assert_eq!(settings(dir.path()).unwrap_err().0.len(), 4);
    }
}
