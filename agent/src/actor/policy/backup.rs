//! Where recovery points may lie, and how they are made and tried.

use std::path::PathBuf;

use evenkeel_common::action::Keep;
use evenkeel_common::config::{Key, Kind, Loaded, Tables};
use evenkeel_common::time::DurationMs;

/// The name of the folder that every host has: `recovery_dir`.
pub const LOCAL: &str = "local";

const DAY: DurationMs = DurationMs::from_s(86_400);

/// `[backup_targets.NAME]`.
pub const TARGETS: Tables = Tables {
    path: "backup_targets",
    help: "A folder for recovery points, such as an NFS mount that several hosts see; `local` is recovery_dir.",
    max: 16,
    example: "nfs",
    keys: &[
        Key {
            path: "dir",
            kind: Kind::Checked {
                allowed: "an absolute path such as \"/srv/backup\"",
                accepts: |text| text.starts_with('/'),
            },
            default: None,
            help: "The folder.",
        },
        Key {
            path: "mounted",
            kind: Kind::Bool,
            default: Some("false"),
            help: "Refuse unless something is mounted there, so that no point lands on the root disk when a share is away.",
        },
    ],
};

/// A folder for recovery points.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Its name.
    pub name: String,
    /// The folder.
    pub dir: PathBuf,
    /// Whether something has to be mounted there.
    pub mounted: bool,
}

/// How recovery points are made and tried.
#[derive(Clone, Debug)]
pub struct BackupPolicy {
    /// Folders, `local` first.
    pub targets: Vec<Target>,
    /// Points in a chain at most.
    pub chain_max: usize,
    /// What stays after each backup.
    pub keep: Keep,
    /// Keys of other hosts.
    pub trusted_keys: Vec<String>,
    /// Where restored disks lie.
    pub restore_dir: PathBuf,
    /// Longest copy of a disk.
    pub restore_deadline: DurationMs,
    /// Where rehearsals happen.
    pub rehearse_dir: PathBuf,
    /// What the console says when a guest is up.
    pub rehearse_expect: String,
    /// Longest boot.
    pub rehearse_deadline: DurationMs,
}

impl BackupPolicy {
    /// From the loaded file.
    #[must_use]
    pub fn from_loaded(loaded: &Loaded, recovery_dir: PathBuf) -> Self {
        let text = |key: &str| loaded.text(key).unwrap_or_default().to_owned();
        let count = |key: &str| loaded.integer(key).and_then(|number| u16::try_from(number).ok()).unwrap_or(0);
        let duration = |key: &str| loaded.duration(key).unwrap_or(DAY);
        let mut targets = vec![Target { name: LOCAL.to_owned(), dir: recovery_dir, mounted: false }];
        for (name, table) in loaded.named(TARGETS.path) {
            // Without a folder it is no target; whoever names it hears that there is none.
            if let Some(dir) = table.text("dir").filter(|_| name != LOCAL) {
                let mounted = table.bool("mounted").unwrap_or(false);
                targets.push(Target { name: name.to_owned(), dir: PathBuf::from(dir), mounted });
            }
        }
        Self {
            targets,
            chain_max: usize::from(count("backup.chain_max")).max(1),
            keep: Keep {
                last: count("backup.keep_last"),
                daily: count("backup.keep_daily"),
                weekly: count("backup.keep_weekly"),
                monthly: count("backup.keep_monthly"),
            },
            trusted_keys: loaded.words("backup.trusted_keys"),
            restore_dir: PathBuf::from(text("restore.dir")),
            restore_deadline: duration("restore.deadline"),
            rehearse_dir: PathBuf::from(text("rehearse.dir")),
            rehearse_expect: text("rehearse.expect"),
            rehearse_deadline: duration("rehearse.deadline"),
        }
    }

    /// The folder of this name.
    ///
    /// # Errors
    /// What there is instead.
    pub fn target(&self, name: &str) -> Result<&Target, String> {
        self.targets.iter().find(|target| target.name == name).ok_or_else(|| {
            let names: Vec<&str> = self.targets.iter().map(|target| target.name.as_str()).collect();
            format!("actions.toml of this host has no [backup_targets.{name}]; there is {}", names.join(", "))
        })
    }
}
