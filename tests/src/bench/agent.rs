//! The agent and the exporter on one host with many guests, in turns: in every period of the agent's interval there is
//! one window with a tick of the agent, one with a scrape of the exporter and one in which neither does anything; what
//! libvirtd and the QEMUs use in the last is taken off the other two.

use std::io::Write as _;
use std::thread::sleep;
use std::time::Duration;

use anyhow::{Context, Result};
use evenkeel_common::clock;
use evenkeel_common::time::UnixMs;

use super::cpu::{Meter, family};
use super::exporter::{Exporter, Scrape};
use super::memory::{by_process, mib, pss_bytes};
use super::query::{Arrived, arrived, ticks};
use super::table::{Table, mean, median};
use super::wire::Traffic;
use crate::cluster::Cluster;
use crate::lab::{GuestSpec, Lab, LabOptions};

/// The one host.
pub const HOST: &str = "hosta";
/// The agent's default.
const INTERVAL_MS: i64 = 10_000;
/// Length of each of the three windows of a period.
const WINDOW_MS: i64 = 3_000;
/// The first window begins so long before the tick.
const LEAD_MS: i64 = 400;

/// What is measured.
#[derive(Clone, Copy, Debug)]
pub struct Wish {
    /// Guests on the host.
    pub guests: u8,
    /// Ticks of the agent that are measured.
    pub rounds: u32,
    /// Guests that boot and run instead of standing still.
    pub booted: bool,
}

/// A lab with the guests.
pub fn lab(wish: Wish) -> Result<Lab> {
    let mut options = LabOptions::for_test("bench", 1)?;
    for number in 1..=wish.guests {
        let mut guest = GuestSpec::new(&format!("g{number}"), HOST);
        (guest.vcpus, guest.memory_mib, guest.paused) = (2, 96, !wish.booted);
        options = options.guest(guest);
    }
    Lab::up(&options)
}

/// CPU in ms of the parties during a window.
#[derive(Clone, Copy, Debug, Default)]
struct Used {
    agent: f64,
    exporter: f64,
    libvirtd: f64,
    qemu: f64,
}

/// Who is measured.
struct Parties<'a, 'lab> {
    agent: u32,
    exporter: &'a Exporter<'lab>,
    libvirtd: u32,
    qemu: Vec<u32>,
    meters: [Meter; 4],
    last: [u64; 4],
}

impl Parties<'_, '_> {
    /// What was used since the last look.
    #[expect(clippy::cast_precision_loss, reason = "ms for people")]
    fn look(&mut self) -> Used {
        let pids = [family(self.agent), family(self.exporter.pid()), vec![self.libvirtd], self.qemu.clone()];
        let mut used = [0.0; 4];
        for at in 0..4 {
            let total = self.meters[at].look(&pids[at]);
            used[at] = (total - self.last[at]) as f64 / 1e6;
            self.last[at] = total;
        }
        let [agent, exporter, libvirtd, qemu] = used;
        Used { agent, exporter, libvirtd, qemu }
    }
}

/// What the rounds gave.
#[derive(Debug, Default)]
struct Rounds {
    tick: Vec<Used>,
    scrape: Vec<Used>,
    silent: Vec<Used>,
    /// Whole periods, for what the two programs use between their turns.
    period: Vec<Used>,
    answers: Vec<Scrape>,
}

/// Runs it and adds its lines to the table.
pub fn measure(cluster: &Cluster<'_>, lab: &Lab, wish: Wish, table: &mut Table) -> Result<()> {
    let agent = cluster.hosts.first().and_then(|host| host.agent.as_ref()).context("the agent runs")?.pid();
    let exporter = Exporter::start(lab, HOST, &lab.dir().join("exporter.log"))?;
    let libvirtd = lab.libvirtd(HOST).context("libvirtd runs")?.pid;
    let qemu = lab.guests().iter().map(|guest| qemu_pid(lab, &guest.name)).collect::<Result<Vec<u32>>>()?;
    let mut parties = Parties { agent, exporter: &exporter, libvirtd, qemu, meters: Default::default(), last: [0; 4] };
    // New domains are described a few a tick; that is over before the first round.
    sleep(Duration::from_secs(25));
    let now = clock::wall();
    let seen = ticks(cluster, UnixMs(now.0 - 3 * INTERVAL_MS), now)?;
    let phase = seen.last().context("no tick has arrived")?.rem_euclid(INTERVAL_MS);
    say(&format!("ticks lie {phase} ms behind multiples of 10 s; {} rounds of 10 s", wish.rounds));
    let mut at = UnixMs(clock::wall().0.div_euclid(INTERVAL_MS) * INTERVAL_MS + INTERVAL_MS + phase - LEAD_MS);
    if at.since(clock::wall()).0 < 500 {
        at = UnixMs(at.0 + INTERVAL_MS);
    }
    until(at);
    let (from, traffic) = (clock::wall(), Traffic::of(lab)?);
    let rounds = rounds(&mut parties, at, wish.rounds)?;
    until(UnixMs(at.0 + INTERVAL_MS * i64::from(wish.rounds)));
    let traffic = Traffic::of(lab)?.since(traffic);
    let to = clock::wall();
    let pids = family(agent);
    let pss = pss_bytes(&pids)?;
    say(&by_process(&pids)?);
    sleep(Duration::from_secs(1));
    let arrived = arrived(cluster, from, to)?;
    report(wish, &rounds, traffic, &arrived, pss, table);
    Ok(())
}

fn rounds(parties: &mut Parties<'_, '_>, first: UnixMs, count: u32) -> Result<Rounds> {
    let mut rounds = Rounds::default();
    parties.look();
    for round in 0..i64::from(count) {
        let begin = first.0 + round * INTERVAL_MS;
        until(UnixMs(begin));
        let before = parties.look();
        until(UnixMs(begin + WINDOW_MS));
        let tick = parties.look();
        rounds.answers.push(parties.exporter.scrape()?);
        until(UnixMs(begin + 2 * WINDOW_MS));
        let scrape = parties.look();
        until(UnixMs(begin + 3 * WINDOW_MS));
        let silent = parties.look();
        rounds.tick.push(tick);
        rounds.scrape.push(scrape);
        rounds.silent.push(silent);
        let both = |of: fn(&Used) -> f64| of(&before) + of(&tick) + of(&scrape) + of(&silent);
        rounds.period.push(Used {
            agent: both(|used| used.agent),
            exporter: both(|used| used.exporter),
            libvirtd: 0.0,
            qemu: 0.0,
        });
    }
    Ok(rounds)
}

#[expect(clippy::cast_precision_loss, reason = "for people")]
fn report(wish: Wish, rounds: &Rounds, traffic: Traffic, arrived: &Arrived, pss: u64, table: &mut Table) {
    let column = |windows: &[Used], of: fn(&Used) -> f64| windows.iter().map(of).collect::<Vec<f64>>();
    let idle = (mean(&column(&rounds.silent, |used| used.libvirtd)), mean(&column(&rounds.silent, |used| used.qemu)));
    let agent = column(&rounds.period, |used| used.agent);
    let exporter = column(&rounds.period, |used| used.exporter);
    let side = |windows: &[Used]| {
        (mean(&column(windows, |used| used.libvirtd)) - idle.0, mean(&column(windows, |used| used.qemu)) - idle.1)
    };
    let (ours, theirs) = (side(&rounds.tick), side(&rounds.scrape));
    let guests = f64::from(wish.guests);
    let per_vm = |ms: &[f64]| mean(ms) * 1000.0 / guests;
    let (us, them) = (per_vm(&agent), per_vm(&exporter));
    let ms = |value: f64| format!("{value:.1} ms");
    let target = format!("≤ {:.1} µs (1/20)", them / 20.0);
    table.target(
        "client CPU per VM-sample, mean",
        format!("{us:.1} µs"),
        format!("{them:.1} µs"),
        target,
        us <= them / 20.0,
    );
    let share = if us > 0.0 { format!("1/{:.0}", them / us) } else { "-".to_owned() };
    table.say("  of the exporter's (goal 1/40)", share, "1".to_owned());
    table.say("  client CPU per scrape, median", ms(median(&agent)), ms(median(&exporter)));
    table.say("  libvirtd per scrape, mean, silence taken off", ms(ours.0), ms(theirs.0));
    table.say("  QEMU per scrape, mean, silence taken off", ms(ours.1), ms(theirs.1));
    table.say("  (silent window: libvirtd, QEMU)", ms(idle.0), ms(idle.1));
    let totals = (mean(&agent) + ours.0 + ours.1, mean(&exporter) + theirs.0 + theirs.1);
    table.target("host total per scrape", ms(totals.0), ms(totals.1), "below exporter".to_owned(), totals.0 < totals.1);
    let ticks = arrived.ticks.len().max(1) as f64;
    let values = arrived.vm_values as f64 / ticks / guests;
    let distinct = arrived.vm_series as f64 / guests;
    let peer = rounds.answers.last().map_or(0.0, |scrape| scrape.values as f64 / guests);
    let twice = format!("≥ {:.1}", 2.0 * peer);
    table.target(
        "series with values per VM",
        format!("{distinct:.1}"),
        format!("{peer:.1}"),
        twice,
        distinct >= 2.0 * peer,
    );
    table.say("  values per VM and scrape, mean", format!("{values:.1}"), format!("{peer:.1}"));
    table.target(
        "PSS of all agent processes",
        format!("{:.1} MiB", mib(pss)),
        String::new(),
        "≤ 36 MiB".to_owned(),
        mib(pss) <= 36.0,
    );
    let samples = (arrived.vm_values + arrived.host_values).max(1) as f64;
    let bytes = traffic.bytes as f64 / samples;
    let body = rounds.answers.last().map_or(0.0, |scrape| scrape.bytes as f64 / (scrape.values.max(1) as f64));
    table.target(
        "wire bytes per sample, headers included",
        format!("{bytes:.2}"),
        format!("{body:.1} (text)"),
        "≤ 2 (goal 1)".to_owned(),
        bytes <= 2.0,
    );
    let per_tick = format!("{:.0} B, {:.1}", traffic.bytes as f64 / ticks, traffic.packets as f64 / ticks);
    table.say("  per tick: bytes, datagrams both ways", per_tick, String::new());
    table.say("  samples per tick (VMs and host)", format!("{:.0}", samples / ticks), String::new());
}

fn qemu_pid(lab: &Lab, guest: &str) -> Result<u32> {
    let path = lab.host_dir(HOST).join(format!("run/libvirt/qemu/{guest}.pid"));
    let text = std::fs::read_to_string(&path).with_context(|| format!("{} cannot be read", path.display()))?;
    text.trim().parse().with_context(|| format!("{} holds no number", path.display()))
}

fn until(at: UnixMs) {
    sleep(Duration::from_millis(u64::try_from(at.since(clock::wall()).0).unwrap_or(0)));
}

/// Talk beside the table.
pub fn say(text: &str) {
    // A closed stderr is no reason to stop measuring.
    let _ = writeln!(std::io::stderr().lock(), "bench: {text}");
}
