//! What a lab does with its guests.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use super::guest::{self, Site};
use super::options::{GUESTS_MAX, GuestSpec};
use super::run::{now, tail, wait_for};
use super::state::GuestState;
use super::{CTL, Lab, initramfs, namespace};

/// A guest answers 4 s after its start (8 s after a reset) on an idle machine without KVM; test machines are not idle.
const BOOT_LIMIT: Duration = Duration::from_secs(90);

/// Longer than any of the guest's scripts takes when it is not told to be slow.
const HTTP_LIMIT_S: u64 = 10;
/// A connection to a guest that is just being reset is never answered; the next attempt is.
const POLL_LIMIT_S: u64 = 3;
const HTTP_GET: &str = "exec 3<>\"/dev/tcp/$1/80\" && printf 'GET %s HTTP/1.0\\r\\nHost: %s\\r\\n\\r\\n' \"$2\" \"$1\" >&3 && exec cat <&3";

/// Address of the guest with this index.
pub(super) fn address(index: usize) -> String {
    format!("10.9.0.{}", index + 11)
}

impl Lab {
    /// Starts one more guest and waits until it answers.
    pub fn add_guest(&mut self, spec: &GuestSpec) -> Result<()> {
        spec.check(self.hosts().count())?;
        ensure!(
            !self.state.guests.iter().any(|guest| guest.name == spec.name),
            "there is a guest {} already",
            spec.name
        );
        let line = format!("{} {}\n", address(self.state.guests.len()), spec.name);
        for node in &self.state.nodes {
            // Appended in place: the namespaces have this very file mounted.
            let path = self.dir.join(&node.name).join("etc/hosts");
            let file = OpenOptions::new().append(true).open(&path);
            file.and_then(|mut file| file.write_all(line.as_bytes()))
                .with_context(|| format!("cannot write {}", path.display()))?;
        }
        self.start_guests(std::slice::from_ref(spec))
    }

    /// The guest called `name`, as it was started.
    pub fn guest(&self, name: &str) -> Result<&GuestState> {
        self.state
            .guests
            .iter()
            .find(|guest| guest.name == name)
            .with_context(|| format!("no guest {name:?} in this lab"))
    }

    /// Asks a guest's web server from `ctl` and returns the body; anything but status 200 is an error that carries the
    /// answer. Gives up after some seconds.
    pub fn guest_http(&self, name: &str, path: &str) -> Result<String> {
        self.http_within(name, path, HTTP_LIMIT_S)
    }

    fn http_within(&self, name: &str, path: &str, limit_s: u64) -> Result<String> {
        let address = &self.guest(name)?.address;
        let path = format!("/{}", path.trim_start_matches('/'));
        // Not busybox wget: Debian's static one crashes in its name service lookup on some machines.
        let args = ["-c", HTTP_GET, "evenkeel-lab-http", address, &path];
        let answer = namespace::exec(&self.dir, self.node(CTL)?.holder, limit_s, "bash", &args)
            .with_context(|| format!("guest {name} does not answer {path}"))?;
        let (head, body) = answer.split_once("\r\n\r\n").with_context(|| format!("not HTTP: {answer:?}"))?;
        let status = head.split_whitespace().nth(1).unwrap_or_default();
        ensure!(status == "200", "guest {name} answers {path} with status {status}: {}", body.trim());
        Ok(body.to_owned())
    }

    /// Which boot of its kernel a guest is in.
    pub fn guest_boot_id(&self, name: &str) -> Result<String> {
        self.boot_id_within(name, HTTP_LIMIT_S)
    }

    fn boot_id_within(&self, name: &str, limit_s: u64) -> Result<String> {
        let answer = self.http_within(name, "/cgi-bin/boot", limit_s)?;
        let id = answer.lines().find_map(|line| line.strip_prefix("boot_id "));
        id.map(str::to_owned).with_context(|| format!("{name} does not say its boot id: {answer:?}"))
    }

    /// Waits until a guest answers.
    pub fn wait_guest(&self, name: &str, limit: Duration) -> Result<()> {
        self.wait_guest_for(name, limit, "answer", || Ok(self.http_within(name, "/", POLL_LIMIT_S).ok().map(drop)))
    }

    /// Waits until a guest answers from another boot than `old`, and returns that boot's id.
    pub fn wait_new_boot(&self, name: &str, old: &str, limit: Duration) -> Result<String> {
        self.wait_guest_for(name, limit, "answer from a new boot", || {
            Ok(self.boot_id_within(name, POLL_LIMIT_S).ok().filter(|id| id != old))
        })
    }

    fn wait_guest_for<T>(
        &self,
        name: &str,
        limit: Duration,
        what: &str,
        condition: impl FnMut() -> Result<Option<T>>,
    ) -> Result<T> {
        let address = &self.guest(name)?.address;
        wait_for(&format!("guest {name} ({address}) to {what}"), limit, condition)
            .with_context(|| tail(&self.shared_dir().join(format!("{name}.serial"))))
    }

    /// The host on which a guest is active now, if any. A host that does not answer counts as not having it.
    pub fn guest_host(&self, name: &str) -> Result<Option<String>> {
        self.guest(name)?;
        for node in self.hosts() {
            let names = self.virsh(&node.name, &["list", "--name"]).unwrap_or_default();
            if names.lines().any(|line| line.trim() == name) {
                return Ok(Some(node.name.clone()));
            }
        }
        Ok(None)
    }

    pub(super) fn start_guests(&mut self, specs: &[GuestSpec]) -> Result<()> {
        ensure!(self.state.guests.len() + specs.len() <= GUESTS_MAX, "a lab has at most {GUESTS_MAX} guests");
        let started = now();
        let kernel = initramfs::find_kernel()?;
        let shared = self.shared_dir();
        for spec in specs {
            let guest = GuestState {
                name: spec.name.clone(),
                uuid: uuid::Uuid::new_v4().to_string(),
                host: spec.host.clone(),
                address: address(self.state.guests.len()),
                paused: spec.paused,
            };
            let site = Site { shared: &shared, kernel: &kernel, domain_type: &self.state.domain_type };
            guest::start(spec, &guest, &site, &self.uri(&spec.host))?;
            self.say(&format!("guest {} started on {}, {}", guest.name, guest.host, guest.address));
            self.state.guests.push(guest);
            self.state.save(&self.dir)?;
        }
        for spec in specs.iter().filter(|spec| !spec.paused) {
            self.wait_guest(&spec.name, BOOT_LIMIT)?;
            self.say(&format!(
                "guest {} answers {:.1} s after the first start",
                spec.name,
                started.elapsed().as_secs_f32()
            ));
        }
        Ok(())
    }
}
