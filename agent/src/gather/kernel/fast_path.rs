//! All guests of the host: which numbers of theirs the kernel says instead of libvirt, checked when a run is new and
//! every hour.

mod report;

#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};

use evenkeel_common::sample::{Counter, CounterEpoch, Gauge, Reading, Value};
use evenkeel_common::time::{DurationMs, MonoMs, UnixMs};
use evenkeel_common::wire::v1::{Activity, EventSample};

use super::choice::{Choice, Facts, GroupPath, Verdict, WhyLibvirt};
use super::compare::difference;
use super::group::{Group, GroupSet, Line};
use super::lines::{NotThere, Said, said};
use super::net_dev::{self, Interface};
use super::{KernelLook, KernelRecord};
use crate::gather::roster::{DomainReadings, Process};
use report::Report;

/// Time between two checks of everything.
pub const CHECK_EVERY: DurationMs = DurationMs::from_s(3600);
/// Ticks in a row that a guest's process is not found before that is said: a fresh one takes a moment.
const ABSENT_TICKS: u8 = 3;

/// When, by both clocks.
#[derive(Clone, Copy, Debug)]
pub struct Now {
    /// The tick's time.
    pub wall: UnixMs,
    /// For the hour between checks.
    pub mono: MonoMs,
}

/// The kernel at a tick.
#[derive(Clone, Copy, Debug)]
pub struct Looks<'a> {
    /// Before libvirt was asked: these numbers go out.
    pub before: &'a KernelLook,
    /// After it answered; wanted for a check and for runs that libvirt named just now.
    pub after: Option<&'a KernelLook>,
    /// What libvirt was asked for in between.
    pub asked: GroupSet,
}

/// What somebody should hear of.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Heard {
    /// A group that changed between agreeing and differing.
    pub events: Vec<EventSample>,
    /// For the log, once each: what cannot be read.
    pub warnings: Vec<String>,
}

/// The fast path of a host.
#[derive(Debug)]
pub struct FastPath {
    enabled: bool,
    guests: HashMap<[u8; 16], GuestPath>,
    next_check: Option<MonoMs>,
    said: HashSet<(Group, std::mem::Discriminant<NotThere>)>,
}

#[derive(Debug)]
struct GuestPath {
    id: u32,
    groups: [GroupPath; 4],
    /// Groups that the hourly check has still to look at.
    recheck: GroupSet,
    /// Groups of which the kernel said something at the last tick.
    readable: GroupSet,
    taps: Vec<String>,
    absent_ticks: u8,
}

impl GuestPath {
    fn new(id: u32) -> Self {
        Self {
            id,
            groups: Default::default(),
            recheck: GroupSet::NONE,
            readable: GroupSet::ALL,
            taps: Vec::new(),
            absent_ticks: 0,
        }
    }

    fn is_due(&self, group: Group) -> bool {
        let is_unchecked = matches!(self.groups[group.index()].verdict(), Verdict::Unchecked { .. });
        self.readable.has(group) && (is_unchecked || self.recheck.has(group))
    }
}

impl FastPath {
    /// With `fast_path = false` the kernel only stands in where libvirt was asked and says nothing.
    #[must_use]
    pub fn new(enabled: bool) -> Self {
        Self { enabled, guests: HashMap::new(), next_check: None, said: HashSet::new() }
    }

    /// Groups that libvirt need not be asked for at this tick: for every guest, the kernel says them and the last check
    /// agreed.
    #[must_use]
    pub fn covered(&self) -> GroupSet {
        let is_covered = |group: Group| {
            let agrees = |guest: &GuestPath| *guest.groups[group.index()].verdict() == Verdict::Agrees;
            let one = |guest: &GuestPath| agrees(guest) && guest.readable.has(group) && !guest.is_due(group);
            self.enabled && !self.guests.is_empty() && self.guests.values().all(one)
        };
        Group::ALL.into_iter().fold(GroupSet::NONE, |set, group| set.with(group, is_covered(group)))
    }

    /// Whether the kernel is to be looked at again once libvirt has answered. Begins the hourly check when it is time,
    /// so it is asked first at each tick.
    pub fn begin(&mut self, now: MonoMs) -> bool {
        if self.next_check.is_some_and(|at| now >= at) {
            for guest in self.guests.values_mut() {
                guest.recheck = GroupSet::ALL;
            }
        }
        if self.next_check.is_none_or(|at| now >= at) {
            self.next_check = Some(now.plus(CHECK_EVERY));
        }
        self.enabled && self.guests.values().any(|guest| Group::ALL.into_iter().any(|group| guest.is_due(group)))
    }

    /// Runs that were not known at the last tick.
    pub fn is_new(&self, run: &Process) -> bool {
        self.guests.get(&run.uuid).is_none_or(|guest| guest.id != run.id)
    }

    /// Puts the kernel's numbers in the place of libvirt's where that is the choice. `runs` are the active domains.
    pub fn apply(&mut self, looks: Looks<'_>, runs: &[Process], domains: &mut [DomainReadings], now: Now) -> Heard {
        let ids: HashMap<[u8; 16], u32> = runs.iter().map(|run| (run.uuid, run.id)).collect();
        self.guests.retain(|uuid, guest| ids.get(uuid) == Some(&guest.id));
        let before = View::new(looks.before);
        let after = looks.after.map(View::new);
        let mut report = Report::default();
        for domain in domains {
            let Some(id) = ids.get(&domain.uuid).filter(|_| domain.activity != Activity::Inactive) else { continue };
            let guest = self.guests.entry(domain.uuid).or_insert_with(|| GuestPath::new(*id));
            guest.look_at_taps(domain);
            for group in Group::ALL {
                let kernel = before.said(group, *id, domain);
                let kernel_after = after.as_ref().map(|view| view.said(group, *id, domain));
                one_group(guest, group, (self.enabled, looks.asked), (kernel, kernel_after), domain, now, &mut report);
            }
            guest.count_absence(&before, after.as_ref(), domain.uuid);
        }
        let warnings = report.warnings(&mut self.said);
        Heard { events: report.events(now.wall), warnings }
    }
}

/// One group of one guest: checked if that is due, then chosen, then written into its readings.
fn one_group(
    guest: &mut GuestPath,
    group: Group,
    (enabled, asked): (bool, GroupSet),
    (before, after): (Said, Option<Said>),
    domain: &mut DomainReadings,
    now: Now,
    report: &mut Report,
) {
    let libvirt = libvirt_lines(group, domain);
    let is_due = enabled && asked.has(group) && guest.is_due(group);
    let path = &mut guest.groups[group.index()];
    if let Some(Ok((after, _))) = &after
        && is_due
        && (!libvirt.is_empty() || after.is_empty())
    {
        let earlier = before.as_ref().ok().map(|(lines, _)| lines.as_slice());
        let found = difference(group, earlier, &libvirt, after);
        // Without a look before, agreeing says too little.
        if earlier.is_some() || found.is_some() {
            guest.recheck = guest.recheck.with(group, false);
            if path.checked(found) {
                report.turned(group, domain, path.verdict());
            }
        }
    }
    let kernel = match (before, after) {
        (Err(_), Some(after)) => after,
        (before, _) => before,
    };
    guest.readable = guest.readable.with(group, kernel.is_ok());
    let facts = Facts { enabled, asked: asked.has(group), kernel: &kernel, libvirt: &libvirt };
    let choice = path.choose(facts);
    match (&choice, &kernel) {
        (Choice::Kernel(_), Ok((lines, _))) => {
            let epoch = path.emit(&choice, facts, lines, wall_ms(now));
            put(group, domain, lines, epoch);
        }
        (Choice::Libvirt(why), _) => {
            if let Some(epoch) = path.emit(&choice, facts, &libvirt, wall_ms(now)) {
                set_epoch(group, domain, epoch);
            }
            if let WhyLibvirt::NotThere(why) = why
                && enabled
                && guest.absent_ticks >= ABSENT_TICKS
            {
                report.not_there(group, domain, why);
            }
        }
        _ => {}
    }
}

fn wall_ms(now: Now) -> u64 {
    u64::try_from(now.wall.0).unwrap_or(0)
}

/// libvirt's numbers of a group among a domain's readings.
fn libvirt_lines(group: Group, domain: &DomainReadings) -> Vec<Line> {
    let metrics = group.metrics();
    let line = |reading: &Reading| {
        let metric = metrics.iter().find(|metric| metric.id == reading.metric)?;
        let value = match reading.value {
            Value::Counter(counter) => counter.value,
            Value::Gauge(Gauge::Int(value)) => u64::try_from(value).ok()?,
            Value::Gauge(Gauge::Float(_)) | Value::Missing(_) => return None,
        };
        Some(Line { metric, device: reading.device.clone(), value })
    };
    domain.readings.iter().filter_map(line).collect()
}

/// The kernel's numbers take the place of whatever is there of the group.
fn put(group: Group, domain: &mut DomainReadings, lines: &[Line], epoch: Option<u64>) {
    let metrics = group.metrics();
    domain.readings.retain(|reading| metrics.iter().all(|metric| metric.id != reading.metric));
    let epoch = CounterEpoch(epoch.unwrap_or(domain.counter_epoch));
    domain.readings.extend(lines.iter().map(|line| {
        let value = if line.is_counter() {
            Value::Counter(Counter { epoch, value: line.value })
        } else {
            Value::Gauge(Gauge::Int(i64::try_from(line.value).unwrap_or(i64::MAX)))
        };
        Reading { metric: line.metric.id, device: line.device.clone(), value }
    }));
}

fn set_epoch(group: Group, domain: &mut DomainReadings, epoch: u64) {
    let metrics = group.metrics();
    for reading in domain.readings.iter_mut().filter(|reading| metrics.iter().any(|metric| metric.id == reading.metric))
    {
        if let Value::Counter(counter) = &mut reading.value {
            counter.epoch = CounterEpoch(epoch);
        }
    }
}

impl GuestPath {
    /// A tap that came or went: its group has to be checked anew.
    fn look_at_taps(&mut self, domain: &DomainReadings) {
        let interfaces = &domain.info.interfaces;
        let is_same = self.taps.len() == interfaces.len()
            && self.taps.iter().zip(interfaces).all(|(tap, now)| *tap == now.target);
        if !is_same {
            self.taps = interfaces.iter().map(|interface| interface.target.clone()).collect();
            self.groups[Group::Network.index()].devices_changed();
        }
    }

    fn count_absence(&mut self, before: &View<'_>, after: Option<&View<'_>>, uuid: [u8; 16]) {
        let is_found =
            before.record(uuid, self.id).is_some() || after.is_some_and(|view| view.record(uuid, self.id).is_some());
        self.absent_ticks = if is_found { 0 } else { self.absent_ticks.saturating_add(1) };
    }
}

/// A look with its interfaces taken apart.
struct View<'a> {
    look: &'a KernelLook,
    net_dev: HashMap<&'a [u8], Interface>,
}

impl<'a> View<'a> {
    fn new(look: &'a KernelLook) -> Self {
        Self { look, net_dev: net_dev::parse(&look.net_dev) }
    }

    fn record(&self, uuid: [u8; 16], id: u32) -> Option<&'a KernelRecord> {
        self.look.domains.get(&uuid).filter(|record| record.id == id)
    }

    fn said(&self, group: Group, id: u32, domain: &DomainReadings) -> Said {
        // Every active QEMU guest has a machine type: without one nothing of it is described.
        let interfaces = (!domain.info.machine.is_empty()).then_some(domain.info.interfaces.as_slice());
        said(group, self.record(domain.uuid, id), interfaces, &self.net_dev)
    }
}
