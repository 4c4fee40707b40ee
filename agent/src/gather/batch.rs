//! Readings become batches: device names once per batch, a tick of a very large host in several parts.

use std::collections::HashMap;

use evenkeel_common::limits::{BATCH_MAX_DOMAINS, BATCH_TARGET_BYTES};
use evenkeel_common::sample::{Missing, Reading};
use evenkeel_common::time::{DurationMs, MonoMs, UnixMs};
use evenkeel_common::wire::v1::{
    Activity, Batch, BatchKind, DiskInfo, DomainInfo, DomainSample, EventSample, HostInfo, HostSample, InterfaceInfo,
    ProbeInfo, WireReading, WireValue,
};

use super::roster::DomainReadings;

/// Bytes of a reading at most: two numbers of 3 bytes, a tag, a value and its life of 9 each.
const READING_BYTES: usize = 25;
/// Bytes of a domain at most besides names and readings.
const DOMAIN_BYTES: usize = 96;
/// Indices that a batch's device table has room for.
const DEVICES_MAX: usize = 65_000;

/// When, and by whose clocks.
#[derive(Clone, Copy, Debug)]
pub struct Tick {
    /// Run of the agent: its start.
    pub epoch: u64,
    /// Wall clock.
    pub wall: UnixMs,
    /// Monotonic clock.
    pub mono: MonoMs,
    /// Time between ticks.
    pub interval: DurationMs,
    /// The host's boot.
    pub boot_id: [u8; 16],
}

/// What the host says of itself.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HostReadings {
    /// Slowly changing facts.
    pub info: HostInfo,
    /// Life of its counters: its boot.
    pub counter_epoch: u64,
    /// The readings.
    pub readings: Vec<Reading>,
}

/// Everything of one tick.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// When.
    pub tick: Tick,
    /// The host.
    pub host: HostReadings,
    /// The domains.
    pub domains: Vec<DomainReadings>,
    /// Why there are none, when libvirt did not answer.
    pub domains_missing: Option<Missing>,
    /// What happened since the tick before.
    pub events: Vec<EventSample>,
}

impl Snapshot {
    /// The domains without those that the filter keeps from being measured.
    pub fn measured(&self) -> impl Iterator<Item = &DomainReadings> {
        self.domains.iter().filter(|domain| domain.activity != Activity::Filtered)
    }

    /// The batches, numbered from `first_seq`. The host is in the first.
    #[must_use]
    pub fn into_batches(self, first_seq: u64) -> Vec<Batch> {
        let mut part = Part::new(&self.tick, first_seq, self.domains_missing);
        let epoch = self.host.counter_epoch;
        let readings = self.host.readings.iter().map(|reading| part.reading(reading, epoch)).collect();
        part.batch.events = self.events;
        part.bytes += DOMAIN_BYTES + self.host.readings.len() * READING_BYTES;
        part.batch.host = Some(HostSample { info: self.host.info, counter_epoch: self.host.counter_epoch, readings });
        let mut batches = Vec::new();
        for domain in self.domains {
            let bytes = size(&domain);
            if !part.has_room_for(&domain, bytes) {
                let seq = part.batch.seq + 1;
                batches.push(part.batch);
                part = Part::new(&self.tick, seq, self.domains_missing);
            }
            part.add(domain, bytes);
        }
        batches.push(part.batch);
        batches
    }
}

/// Events that do not wait for the next tick. The session numbers the batch.
#[must_use]
pub fn event_batch(now: &Tick, events: Vec<EventSample>) -> Batch {
    Batch { kind: BatchKind::Events, events, ..Part::new(now, 0, None).batch }
}

struct Part {
    batch: Batch,
    devices: HashMap<String, u16>,
    bytes: usize,
}

impl Part {
    fn new(tick: &Tick, seq: u64, domains_missing: Option<Missing>) -> Self {
        let batch = Batch {
            epoch: tick.epoch,
            seq,
            kind: BatchKind::Tick,
            tick_wall_ms: tick.wall.0,
            tick_mono_ms: tick.mono.0,
            interval_ms: u32::try_from(tick.interval.0).unwrap_or(u32::MAX),
            boot_id: tick.boot_id,
            host: None,
            domains: Vec::new(),
            domains_missing: domains_missing.map(Missing::code),
            gap: None,
            events: Vec::new(),
            devices: vec![String::new()],
        };
        Self { batch, devices: HashMap::from([(String::new(), 0)]), bytes: DOMAIN_BYTES }
    }

    fn has_room_for(&self, domain: &DomainReadings, bytes: usize) -> bool {
        let empty = self.batch.domains.is_empty() && self.batch.host.is_none();
        let small = self.bytes + bytes <= BATCH_TARGET_BYTES
            && self.batch.domains.len() < BATCH_MAX_DOMAINS
            && self.devices.len() + domain.readings.len() <= DEVICES_MAX;
        empty || small
    }

    fn add(&mut self, domain: DomainReadings, bytes: usize) {
        self.bytes += bytes;
        let epoch = domain.counter_epoch;
        let readings = domain.readings.iter().map(|reading| self.reading(reading, epoch)).collect();
        self.batch.domains.push(DomainSample {
            uuid: domain.uuid,
            name: domain.name,
            state: domain.state,
            activity: domain.activity,
            counter_epoch: domain.counter_epoch,
            info: domain.info,
            readings,
        });
    }

    fn reading(&mut self, reading: &Reading, epoch: u64) -> WireReading {
        let device = match self.devices.get(&reading.device) {
            Some(index) => *index,
            None => self.new_device(&reading.device),
        };
        WireReading { metric: reading.metric.0, device, value: WireValue::of(reading.value, epoch) }
    }

    fn new_device(&mut self, name: &str) -> u16 {
        let index = u16::try_from(self.batch.devices.len()).unwrap_or(u16::MAX);
        self.batch.devices.push(name.to_owned());
        self.devices.insert(name.to_owned(), index);
        self.bytes += name.len() + 4;
        index
    }
}

/// Bytes of a domain on the wire, at most.
fn size(domain: &DomainReadings) -> usize {
    DOMAIN_BYTES + domain.name.len() + info_size(&domain.info) + domain.readings.len() * READING_BYTES
}

/// Bytes of the facts: their texts, and of each entry of a list the lengths and flags.
fn info_size(info: &DomainInfo) -> usize {
    fn all<'a>(texts: impl IntoIterator<Item = &'a String>) -> usize {
        texts.into_iter().map(|text| text.len() + 5).sum()
    }
    let DomainInfo { managed_by, owner, project, user, flavour, title, description, machine, .. } = info;
    let texts = all([managed_by, owner, project, user, flavour, title, description, machine]);
    let labels: usize = info.labels.iter().map(|label| all([&label.name, &label.value])).sum();
    let disk = |disk: &DiskInfo| {
        let backing: usize = disk.backing.iter().map(|image| all([&image.source, &image.format])).sum();
        all([&disk.target, &disk.source, &disk.format, &disk.kind, &disk.bus]) + backing + 9
    };
    let disks: usize = info.disks.iter().map(disk).sum();
    let interface = |one: &InterfaceInfo| all([&one.target, &one.mac, &one.kind, &one.source, &one.model]);
    let interfaces: usize = info.interfaces.iter().map(interface).sum();
    let probe = |probe: &ProbeInfo| all([&probe.name, &probe.kind, &probe.target, &probe.reason]) + 8;
    let probes: usize = info.probes.iter().map(probe).sum();
    texts + labels + disks + interfaces + probes + all(&info.snapshots) + all(&info.checkpoints) + 48
}

#[cfg(test)]
mod tests {
    use evenkeel_common::limits::FRAME_MAX_BYTES;
    use evenkeel_common::metric::MetricId;
    use evenkeel_common::sample::{Counter, CounterEpoch, Value};
    use evenkeel_common::wire::encode;
    use evenkeel_common::wire::v1::ToCollector;

    use super::*;

    fn domain(n: usize, readings: usize) -> DomainReadings {
        let value = Value::Counter(Counter { epoch: CounterEpoch(1), value: u64::MAX });
        let reading = |at: usize| Reading { metric: MetricId(3), device: format!("vcpu{at}"), value };
        DomainReadings {
            uuid: [u8::try_from(n % 256).unwrap(); 16],
            name: format!("g{n}"),
            state: 1,
            activity: Activity::Active,
            counter_epoch: 1,
            info: std::sync::Arc::default(),
            definition: None,
            readings: (0..readings).map(reading).collect(),
        }
    }

    fn snapshot(domains: usize, readings: usize) -> Snapshot {
        let tick = Tick { epoch: 1, wall: UnixMs(1), mono: MonoMs(1), interval: DurationMs(10_000), boot_id: [0; 16] };
        Snapshot {
            tick,
            host: HostReadings::default(),
            domains: (0..domains).map(|n| domain(n, readings)).collect(),
            domains_missing: None,
            events: Vec::new(),
        }
    }

    #[test]
    fn names_devices_once() {
        let batches = snapshot(3, 2).into_batches(7);
        assert_eq!(batches.len(), 1);
        assert_eq!((batches[0].seq, batches[0].domains.len()), (7, 3));
        assert_eq!(batches[0].devices, ["", "vcpu0", "vcpu1"]);
        assert_eq!(batches[0].validate(), Ok(()));
    }

    #[test]
    fn a_huge_host_is_split_and_every_part_fits_a_frame() {
        let batches = snapshot(4000, 60).into_batches(1);
        assert!(batches.len() > 1);
        assert!(batches[0].host.is_some() && batches[1].host.is_none());
        assert_eq!(batches.iter().map(|batch| batch.domains.len()).sum::<usize>(), 4000);
        for (at, batch) in (1..).zip(batches) {
            assert_eq!((batch.seq, batch.validate()), (at, Ok(())));
            let frame = encode(&ToCollector::Batch { sent_wall_ms: 0, sent_mono_ms: 0, age_ms: 0, batch }).unwrap();
            assert!(frame.len() < FRAME_MAX_BYTES);
        }
    }

    #[test]
    fn a_domain_with_very_many_readings_gets_a_batch_that_still_fits() {
        for batch in snapshot(2, 32_768).into_batches(1) {
            assert!(encode(&ToCollector::Batch { sent_wall_ms: 0, sent_mono_ms: 0, age_ms: 0, batch }).is_ok());
        }
    }
}
