//! The actor alone, over its socket, against real guests: each verb's effect in libvirt, and that nothing runs twice.

use std::fs;
use std::io::{Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::Command as Program;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use evenkeel_common::action::{Command, Outcome, Progress, Verb};
use evenkeel_common::clock;
use evenkeel_common::id::{ActionId, AgentId, DomainUuid};
use evenkeel_common::time::{DurationMs, UnixMs};
use evenkeel_common::wire::codec;
use evenkeel_common::wire::v1::{ToAgent, ToCollector, WireCommand};
use evenkeel_tests::lab::{GuestSpec, Lab, LabOptions, ProcessId, wait_for};
use evenkeel_tests::programs::{Background, program};

const LONG: Duration = Duration::from_secs(90);
/// The longest answer is that of a hung guest: every step runs into its limit.
const ANSWER: Duration = Duration::from_secs(240);
const RESTART: Verb = Verb::Restart { apply_pending: false };
const NOVA: &str = "<nova:instance xmlns:nova='http://openstack.org/xmlns/libvirt/nova/1.1'/>";

#[test]
fn carries_out_each_verb_once_and_refuses_what_it_must() -> Result<()> {
    let plain = |name: &str| GuestSpec::new(name, "hosta");
    let options = LabOptions::for_test("actor", 2)?
        .guest(plain("g1"))
        .guest(GuestSpec { acpi: false, ..plain("g2") })
        .guest(GuestSpec { transient: true, ..plain("g3") })
        .guest(GuestSpec { paused: true, metadata: NOVA.to_owned(), ..plain("g4") });
    let lab = Lab::up(&options)?;
    let mut rig = Rig::start(&lab)?;
    a_snapshot_is_a_copy_outside(&rig)?;
    a_restart_is_graceful_or_a_reset(&rig)?;
    refusals_have_names(&rig)?;
    a_cut_action_is_unknown_and_stays_so(&mut rig)?;
    a_pending_definition_comes_only_when_asked_for(&rig)?;
    a_migration_moves_the_guest_once(&rig)?;
    a_hung_guest_is_started_anew_but_a_transient_one_is_not_destroyed(&rig)
}

fn a_snapshot_is_a_copy_outside(rig: &Rig<'_>) -> Result<()> {
    let before = rig.lab.virsh("hosta", &["domblklist", "g1", "--details"])?;
    let command = rig.command("g1", Verb::SNAPSHOT)?;
    let result = rig.succeeds(&command)?;
    let folder = PathBuf::from(fact(&result, "path")?);
    ensure!(fact(&result, "disks")? == "vda" && fact(&result, "quiesced")? == "no agent", "{result:?}");
    let check = Program::new("qemu-img").arg("check").arg(folder.join("vda.qcow2")).output()?;
    ensure!(check.status.success(), "{}", String::from_utf8_lossy(&check.stdout));
    let info = Program::new("qemu-img").args(["info", "--output=json"]).arg(folder.join("vda.qcow2")).output()?;
    let info: serde_json::Value = serde_json::from_slice(&info.stdout)?;
    ensure!(info["virtual-size"] == 64 << 20 && info["backing-filename"].is_null(), "{info}");
    ensure!(fs::read_to_string(folder.join("domain.xml"))?.contains("<name>g1</name>"), "the definition is kept");
    ensure!(rig.lab.virsh("hosta", &["domblklist", "g1", "--details"])? == before, "the chain is untouched");
    ensure!(rig.succeeds(&command)? == result, "redelivery returns the stored result");
    let points = fs::read_dir(folder.parent().context("a folder above")?)?.count();
    ensure!(points == 1, "{points} recovery points after one command delivered twice");
    Ok(())
}

fn a_restart_is_graceful_or_a_reset(rig: &Rig<'_>) -> Result<()> {
    for (guest, method) in [("g1", "graceful"), ("g2", "reset"), ("g3", "graceful")] {
        let before = rig.lab.guest_boot_id(guest)?;
        let command = rig.command(guest, RESTART)?;
        let result = rig.succeeds(&command)?;
        ensure!(fact(&result, "method")? == method, "{guest}: {result:?}");
        rig.lab.wait_guest(guest, LONG)?;
        let after = rig.lab.guest_boot_id(guest)?;
        ensure!(after != before, "{guest} did not boot again");
        ensure!(rig.succeeds(&command)? == result, "redelivery returns the stored result");
        ensure!(rig.lab.guest_boot_id(guest)? == after, "{guest} was restarted twice by one command");
    }
    Ok(())
}

fn refusals_have_names(rig: &Rig<'_>) -> Result<()> {
    rig.refused(&rig.command("g4", Verb::SNAPSHOT)?, "hands_off")?;
    rig.refused(&Command { domain: DomainUuid::from_bytes([1; 16]), ..rig.command("g1", RESTART)? }, "not_here")?;
    rig.refused(&rig.command("g1", Verb::migrate_to("hosta"))?, "same_host")?;
    rig.refused(&Command { collector_epoch: 1, ..rig.command("g1", RESTART)? }, "wrong_epoch")?;
    let late = Command { not_after: UnixMs(1), ..rig.command("g1", RESTART)? };
    ensure!(rig.send(&late)? == Outcome::Expired, "a late command");
    rig.lab.virsh("hosta", &["snapshot-create-as", "g1", "inside"])?;
    rig.refused(&rig.command("g1", Verb::migrate_to("hostb"))?, "snapshots")?;
    rig.lab.virsh("hosta", &["snapshot-delete", "g1", "inside"])?;
    let off = rig.command("g4", RESTART)?;
    rig.lab.virsh("hosta", &["destroy", "g4"])?;
    rig.refused(&off, "not_active")
}

/// kill -9 after the intent: the next actor says that it does not know, and never presses the button.
fn a_cut_action_is_unknown_and_stays_so(rig: &mut Rig<'_>) -> Result<()> {
    let before = rig.lab.guest_boot_id("g2")?;
    let command = rig.command("g2", RESTART)?;
    let mut stream = rig.deliver(&command)?;
    let step = loop {
        match receive(&mut stream)? {
            Progress::Running(step) if step.words.contains("asking") => break step,
            Progress::Running(_) => {}
            Progress::Finished(outcome) => bail!("ended before it could be cut: {outcome:?}"),
        }
    };
    rig.actor.take().context("running")?.kill()?;
    rig.start_actor()?;
    for _ in 0..2 {
        let outcome = rig.send(&command)?;
        let Outcome::Unknown(evidence) = outcome else { bail!("cut during {step:?}, but now {outcome:?}") };
        ensure!(evidence.contains("g2 is running on hosta"), "{evidence}");
    }
    ensure!(rig.lab.guest_boot_id("g2")? == before, "a command with an unknown end was run again");
    Ok(())
}

fn a_pending_definition_comes_only_when_asked_for(rig: &Rig<'_>) -> Result<()> {
    let vcpus = || rig.lab.virsh("hosta", &["vcpucount", "g2", "--maximum", "--live"]);
    rig.lab.virsh("hosta", &["setvcpus", "g2", "2", "--maximum", "--config"])?;
    let result = rig.succeeds(&rig.command("g2", RESTART)?)?;
    ensure!(fact(&result, "method")? == "reset" && vcpus()?.trim() == "1", "{result:?}");
    let result = rig.succeeds(&rig.command("g2", Verb::Restart { apply_pending: true })?)?;
    ensure!(fact(&result, "method")? == "destroy_start" && vcpus()?.trim() == "2", "{result:?}");
    rig.lab.wait_guest("g2", LONG)
}

fn a_migration_moves_the_guest_once(rig: &Rig<'_>) -> Result<()> {
    let boot = rig.lab.guest_boot_id("g1")?;
    let command = rig.command("g1", Verb::migrate_to("hostb"))?;
    let result = rig.succeeds(&command)?;
    ensure!(fact(&result, "to_host")? == "hostb", "{result:?}");
    ensure!(rig.lab.guest_host("g1")?.as_deref() == Some("hostb"), "it runs on b");
    ensure!(rig.lab.virsh("hosta", &["domstate", "g1"])?.contains("shut off"), "the definition stays on a");
    ensure!(rig.lab.guest_boot_id("g1")? == boot, "the same boot answers");
    ensure!(rig.succeeds(&command)? == result, "redelivery returns the stored result");
    rig.refused(&rig.command("g1", RESTART)?, "not_active")
}

fn a_hung_guest_is_started_anew_but_a_transient_one_is_not_destroyed(rig: &Rig<'_>) -> Result<()> {
    let qemu = rig.qemu("g3")?;
    qemu.signal("STOP")?;
    let outcome = rig.send(&rig.command("g3", RESTART)?)?;
    let Outcome::Unknown(text) = outcome else { bail!("a transient domain that hangs: {outcome:?}") };
    ensure!(text.contains("transient") && qemu.alive(), "{text}");
    qemu.signal("CONT")?;
    rig.lab.wait_guest("g3", LONG)?;

    let (before, qemu) = (rig.lab.guest_boot_id("g2")?, rig.qemu("g2")?);
    qemu.signal("STOP")?;
    let result = rig.succeeds(&rig.command("g2", RESTART)?)?;
    ensure!(fact(&result, "method")? == "destroy_start", "{result:?}");
    rig.lab.wait_guest("g2", LONG)?;
    ensure!(rig.lab.guest_boot_id("g2")? != before && !qemu.alive(), "g2 runs in a new process");
    Ok(())
}

struct Rig<'lab> {
    lab: &'lab Lab,
    dir: tempfile::TempDir,
    actor: Option<Background>,
}

impl<'lab> Rig<'lab> {
    fn start(lab: &'lab Lab) -> Result<Self> {
        let dir = tempfile::Builder::new().prefix("ek-actor-").tempdir()?;
        let policy = format!(
            "libvirt_uri = {:?}\nrecovery_dir = {:?}\n[migrate]\nconnect_uri = {:?}\ndata_uri = {:?}\nunsafe = true\n\
             [restart]\ngraceful_deadline = '8s'\n",
            lab.uri("hosta"),
            dir.path().join("recovery"),
            lab.migrate_dest_uri_template(),
            lab.migrate_uri_template(),
        );
        fs::write(dir.path().join("actions.toml"), policy)?;
        let mut rig = Self { lab, dir, actor: None };
        rig.start_actor()?;
        Ok(rig)
    }

    fn start_actor(&mut self) -> Result<()> {
        let dir = self.dir.path();
        let mut command = self.lab.command("hosta", program("evenkeel-agent-libvirt")?)?;
        command.arg("actor").args(["--config-dir", path(dir)?, "--data-dir", path(dir)?, "--runtime-dir", path(dir)?]);
        let actor = Background::start(command, &dir.join("actor.log"))?;
        wait_for("the actor's socket", LONG, || Ok(UnixStream::connect(self.socket()).ok()))
            .with_context(|| actor.log())?;
        self.actor = Some(actor);
        Ok(())
    }

    fn socket(&self) -> PathBuf {
        self.dir.path().join("actor.sock")
    }

    fn command(&self, guest: &str, verb: Verb) -> Result<Command> {
        let now = clock::wall();
        let random = uuid::Uuid::new_v4().into_bytes();
        Ok(Command {
            id: ActionId::new(now, random[..10].try_into()?),
            collector_epoch: 2,
            host: AgentId::from_bytes([0; 16]),
            verb,
            domain: self.lab.guest(guest)?.uuid.parse()?,
            issued: UnixMs(0),
            not_after: now.plus(DurationMs::from_s(60)),
        })
    }

    fn deliver(&self, command: &Command) -> Result<UnixStream> {
        let mut stream = UnixStream::connect(self.socket())?;
        stream.set_read_timeout(Some(ANSWER))?;
        stream.write_all(&codec::encode(&ToAgent::Command(WireCommand::of(command).context("an old verb")?))?)?;
        Ok(stream)
    }

    fn send(&self, command: &Command) -> Result<Outcome> {
        let mut stream = self.deliver(command)?;
        loop {
            if let Progress::Finished(outcome) = receive(&mut stream)? {
                return Ok(outcome);
            }
        }
    }

    fn succeeds(&self, command: &Command) -> Result<Vec<(String, String)>> {
        match self.send(command)? {
            Outcome::Succeeded(facts) => Ok(facts),
            other => bail!("{:?}: {other:?}", command.verb),
        }
    }

    fn refused(&self, command: &Command, guard: &str) -> Result<()> {
        match self.send(command)? {
            Outcome::Refused(refusal) if refusal.guard == guard => Ok(()),
            other => bail!("{:?} should be refused by {guard}: {other:?}", command.verb),
        }
    }

    /// A guest's QEMU.
    fn qemu(&self, guest: &str) -> Result<ProcessId> {
        let file = self.lab.host_dir("hosta").join(format!("run/libvirt/qemu/{guest}.pid"));
        ProcessId::of(fs::read_to_string(file)?.trim().parse()?).context("QEMU runs")
    }
}

fn receive(stream: &mut UnixStream) -> Result<Progress> {
    let mut head = [0; 4];
    stream.read_exact(&mut head).context("the actor sends its news")?;
    let mut body = vec![0; codec::body_len(head)?];
    stream.read_exact(&mut body)?;
    match codec::decode(&body)? {
        ToCollector::Action { progress, .. } => Ok(progress.into()),
        other => bail!("the actor sent {}", other.name()),
    }
}

fn fact<'a>(facts: &'a [(String, String)], key: &str) -> Result<&'a str> {
    let found = facts.iter().find(|(name, _)| name == key);
    found.map(|(_, value)| value.as_str()).with_context(|| format!("{key} in {facts:?}"))
}

fn path(path: &Path) -> Result<&str> {
    path.to_str().context("a plain path")
}
