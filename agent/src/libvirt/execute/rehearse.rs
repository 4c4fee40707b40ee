//! rehearse: boots a recovery point in a throw-away domain without network, waits until it is up, and removes it again.
//!
//! The domain is transient and bound to this connection: should the actor die, libvirt ends it.

use std::fs::{self, DirBuilder, File};
use std::io::{Read as _, Seek as _, SeekFrom};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use evenkeel_agent::actor::domain::Definition;
use evenkeel_agent::actor::guard::refuse;
use evenkeel_agent::actor::recovery_point::rewrite::{Life, World, memory_bytes, rewrite};
use evenkeel_common::action::Outcome;
use evenkeel_common::clock;
use evenkeel_common::error::chain;
use evenkeel_common::id::PointId;
use evenkeel_common::time::MonoMs;
use evenkeel_common::units::show_bytes;
use uuid::Uuid;
use virt::domain::Domain;

use super::reason;
use super::restore::{Restore, room};

const POLL: Duration = Duration::from_millis(200);
/// The end of the console that is searched.
const CONSOLE_MAX: u64 = 256 << 10;
/// What a failure shows of it.
const SHOWN_CHARS: usize = 300;
const PREFIX: &str = "evenkeel-rehearsal-";

/// What a rehearsal leaves to be removed.
struct Stage {
    folder: PathBuf,
    domain: Option<Domain>,
}

impl Drop for Stage {
    fn drop(&mut self) {
        if let Some(domain) = &self.domain
            && let Err(error) = domain.destroy()
            && domain.is_active().unwrap_or(false)
        {
            tracing::error!(error = reason(&error), "a rehearsed domain cannot be ended");
        }
        if let Err(error) = fs::remove_dir_all(&self.folder) {
            tracing::warn!(folder = %self.folder.display(), %error, "disks of a rehearsal are left behind");
        }
    }
}

impl Restore<'_> {
    pub(super) fn rehearse(&self, id: PointId) -> Outcome {
        self.try_rehearse(id).unwrap_or_else(|outcome| outcome)
    }

    fn try_rehearse(&self, id: PointId) -> Result<Outcome, Outcome> {
        let begun = clock::mono();
        let (point, bytes) = self.point(id)?;
        let age = clock::wall().since(point.manifest().taken_at());
        let definition = point.manifest().definition();
        enough_memory(definition)?;
        let dir = &self.policy.backup.rehearse_dir;
        let failed = |what: &Path, error: std::io::Error| {
            refuse("rehearse_dir", format!("{} cannot be made: {error}", what.display()))
        };
        DirBuilder::new().recursive(true).mode(0o711).create(dir).map_err(|error| failed(dir, error))?;
        self.sweep(dir);
        room(dir, bytes)?;
        let name = format!("{PREFIX}{}", self.id);
        let folder = dir.join(&name);
        DirBuilder::new().mode(0o711).create(&folder).map_err(|error| failed(&folder, error))?;
        let mut stage = Stage { folder, domain: None };
        let verified = clock::mono();
        let mut disks = Vec::new();
        for disk in &point.manifest().disks {
            self.desk.say(format!("copying {}", disk.target));
            let file = stage.folder.join(&disk.file);
            self.copy(&point.image(disk), &file, "qcow2").map_err(Outcome::Failed)?;
            disks.push((disk.target.clone(), file.display().to_string(), "qcow2".to_owned()));
        }
        let copied = clock::mono();
        let console = stage.folder.join("console.log");
        let uuid = Uuid::new_v4().to_string();
        let world = World::Alone { console: &console.display().to_string() };
        let life = Life { name: &name, uuid: &uuid, disks: &disks, world };
        let xml = rewrite(definition, &life).map_err(|error| Outcome::Failed(chain(&error)))?;
        self.desk.say("booting it without network");
        let domain = self
            .connect
            .create_domain_xml(&xml, virt_sys::VIR_DOMAIN_START_AUTODESTROY)
            .map_err(|error| Outcome::Failed(format!("the rehearsed domain does not start: {}", reason(&error))))?;
        let domain = stage.domain.insert(domain);
        let seen = self.wait_up(domain, &console, copied).map_err(Outcome::Failed)?;
        let up = clock::mono();
        drop(stage);
        Ok(Outcome::Succeeded(vec![
            ("point".to_owned(), id.to_string()),
            ("seen".to_owned(), seen.to_owned()),
            ("rto_ms".to_owned(), up.since(begun).0.to_string()),
            ("verify_ms".to_owned(), verified.since(begun).0.to_string()),
            ("copy_ms".to_owned(), copied.since(verified).0.to_string()),
            ("boot_ms".to_owned(), up.since(copied).0.to_string()),
            ("rpo_ms".to_owned(), age.0.to_string()),
        ]))
    }

    fn wait_up(&self, domain: &Domain, console: &Path, since: MonoMs) -> Result<&'static str, String> {
        let backup = &self.policy.backup;
        loop {
            let text = tail(console);
            let shown = || {
                let end: String = text.trim_end().chars().rev().take(SHOWN_CHARS).collect();
                end.chars().rev().collect::<String>()
            };
            if !backup.rehearse_expect.is_empty() && text.contains(&backup.rehearse_expect) {
                return Ok("console");
            }
            match domain.xml_desc(0).ok().and_then(|xml| Definition::parse(&xml).ok()) {
                Some(definition) if definition.agent == Some(true) => return Ok("guest agent"),
                Some(_) => {}
                None => return Err(format!("the rehearsed guest ended by itself; its console: {}", shown())),
            }
            if self.desk.is_called_off() {
                return Err("called off".to_owned());
            }
            if clock::mono().since(since) > backup.rehearse_deadline {
                let seconds = backup.rehearse_deadline.as_s();
                let expect = &backup.rehearse_expect;
                return Err(format!(
                    "the rehearsed guest was not up within {seconds} s: neither '{expect}' on its console nor a guest agent; its console: {}",
                    shown()
                ));
            }
            thread::sleep(POLL);
        }
    }

    /// Removes what a rehearsal left whose actor was killed; libvirt has ended its domain.
    fn sweep(&self, dir: &Path) {
        for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with(PREFIX) && self.connect.lookup_domain_by_name(&name).is_err() {
                tracing::info!(name, "removing what an interrupted rehearsal left");
                drop(fs::remove_dir_all(entry.path()));
            }
        }
    }
}

/// Another guest must not be pushed into swap by a rehearsal.
fn enough_memory(definition: &str) -> Result<(), Outcome> {
    let Some(needed) = memory_bytes(definition) else {
        return Ok(());
    };
    let text = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"));
    let kib = line.and_then(|rest| rest.split_whitespace().next()?.parse::<u64>().ok());
    match kib.map(|kib| kib.saturating_mul(1_024)) {
        Some(free) if free < needed => {
            let (needed, free) = (show_bytes(needed), show_bytes(free));
            Err(refuse("memory", format!("the guest needs {needed} of memory, {free} is available here")))
        }
        _ => Ok(()),
    }
}

fn tail(path: &Path) -> String {
    let read = || {
        let mut file = File::open(path)?;
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(CONSOLE_MAX)))?;
        let mut bytes = Vec::new();
        file.take(CONSOLE_MAX).read_to_end(&mut bytes)?;
        Ok::<_, std::io::Error>(String::from_utf8_lossy(&bytes).into_owned())
    };
    // Not there yet is an empty console.
    read().unwrap_or_default()
}
