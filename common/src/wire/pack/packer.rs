//! The sending end of a line.

use std::collections::{BTreeMap, HashMap};

use super::PackError;
use super::bits::BitWriter;
use super::context::{Context, Kind, Layout};
use super::entity::{Entity, FactsRef, Said, put_changes};
use super::series::Coded;
use super::varint::{put, put_len, put_signed};
use crate::limits::{BATCH_MAX_DOMAINS, BATCH_MAX_READINGS, FRAME_MAX_BYTES};
use crate::wire::codec;
use crate::wire::v1::{Batch, BatchKind, WireReading, WireValue};

/// Header bits.
pub(super) const KEYFRAME: u8 = 1;
pub(super) const EVENTS_ONLY: u8 = 2;
pub(super) const HOST: u8 = 4;
pub(super) const SILENT: u8 = 8;
pub(super) const GAP: u8 = 16;
pub(super) const EVENTS: u8 = 32;
pub(super) const BOOT: u8 = 64;
pub(super) const INTERVAL: u8 = 128;

/// Steps after which a larger common divisor is believed: fewer have one by chance.
const DIVISOR_STEPS: u32 = 16;

/// A step that waits for its metric's divisor: entity, series, what is coded.
type Waiting = (usize, usize, u16, Coded);

/// See the module.
#[derive(Debug, Default)]
pub struct Packer {
    context: Option<Context>,
    layouts: HashMap<Layout, usize>,
    numbers: HashMap<[u8; 16], usize>,
    found: HashMap<u16, Divisor>,
}

/// What the steps of a metric had in common since its divisor was set.
#[derive(Debug, Default)]
struct Divisor {
    common: u64,
    steps: u32,
}

impl Packer {
    /// The next batch is a keyframe.
    pub fn begin_anew(&mut self) {
        self.context = None;
    }

    /// Packs the next batch of the line.
    ///
    /// # Errors
    /// When it cannot be packed within the limits; the next one is a keyframe then.
    pub fn pack(&mut self, batch: &Batch) -> Result<Vec<u8>, PackError> {
        let context = self.context.take().filter(|context| !context.is_stale());
        let keyframe = context.as_ref().is_none_or(|context| batch.epoch != context.epoch || batch.seq <= context.seq);
        let mut context = context.filter(|_| !keyframe).unwrap_or_else(|| {
            self.layouts.clear();
            self.numbers.clear();
            self.found.clear();
            Context::default()
        });
        let packed = self.put(&mut context, batch, keyframe)?;
        if packed.len() > FRAME_MAX_BYTES {
            return Err(PackError::Impossible { what: "size" });
        }
        self.context = Some(context);
        Ok(packed)
    }

    fn put(&mut self, context: &mut Context, batch: &Batch, keyframe: bool) -> Result<Vec<u8>, PackError> {
        let mut out = header(context, batch, keyframe)?;
        let host = batch.host.iter().map(|host| host.readings.len());
        let readings: usize = host.chain(batch.domains.iter().map(|domain| domain.readings.len())).sum();
        if readings > BATCH_MAX_READINGS || batch.domains.len() > BATCH_MAX_DOMAINS {
            return Err(PackError::Impossible { what: "number of readings" });
        }
        let mut waiting = Vec::with_capacity(readings);
        if let Some(host) = &batch.host {
            let said = Said {
                name: "",
                state: 0,
                activity: crate::wire::v1::Activity::Active,
                counter_epoch: host.counter_epoch,
                facts: FactsRef::Host(&host.info),
                readings: named(batch, &host.readings)?,
            };
            let at = out.len();
            if put_changes(context, &mut self.layouts, 0, &said, &mut out)? == 0 {
                out.insert(at, 0);
            }
            advance(context, 0, &host.readings, &mut waiting);
        }
        let indices = self.put_domains(context, batch, &mut out);
        if context.has_twice(&indices) {
            return Err(PackError::Impossible { what: "domain named twice" });
        }
        let mut changed = Vec::new();
        let (mut count, mut next) = (0, 0);
        for (at, (domain, index)) in batch.domains.iter().zip(&indices).enumerate() {
            let said = Said {
                name: &domain.name,
                state: domain.state,
                activity: domain.activity,
                counter_epoch: domain.counter_epoch,
                facts: FactsRef::Domain(&domain.info),
                readings: named(batch, &domain.readings)?,
            };
            let mut fields = Vec::new();
            if put_changes(context, &mut self.layouts, *index, &said, &mut fields)? != 0 {
                count += 1;
                put_len(&mut changed, at - next);
                next = at + 1;
                changed.extend(fields);
            }
            advance(context, *index, &domain.readings, &mut waiting);
        }
        put_len(&mut out, count);
        out.extend(changed);
        self.put_divisors(context, &waiting, &mut out);
        let mut bits = BitWriter::default();
        for (entity, place, metric, coded) in waiting {
            let divisor = context.divisor(metric);
            context.entities[entity].series[place].write(coded, divisor, &mut bits);
        }
        out.extend(bits.into_bytes());
        Ok(out)
    }

    /// Which domains there are: runs of those that follow each other as before, and new ones. Answers with the entities.
    fn put_domains(&mut self, context: &mut Context, batch: &Batch, out: &mut Vec<u8>) -> Vec<usize> {
        put_len(out, batch.domains.len());
        let mut indices: Vec<usize> = Vec::with_capacity(batch.domains.len());
        let mut expected = 1;
        let mut run: Option<(usize, usize)> = None;
        let flush = |run: &mut Option<(usize, usize)>, expected: usize, out: &mut Vec<u8>| {
            if let Some((start, len)) = run.take() {
                put_len(out, len);
                let offset = |at: usize| i64::try_from(at).unwrap_or(i64::MAX);
                put_signed(out, offset(start) - offset(expected));
            }
        };
        for domain in &batch.domains {
            let known = self.numbers.get(&domain.uuid).copied();
            match (known, run.as_mut()) {
                (Some(index), Some((start, len))) if *start + *len == index => *len += 1,
                (Some(index), _) => {
                    let from = run.map_or(expected, |(start, len)| start + len);
                    flush(&mut run, expected, out);
                    expected = from;
                    run = Some((index, 1));
                }
                (None, _) => {
                    let from = run.map_or(expected, |(start, len)| start + len);
                    flush(&mut run, expected, out);
                    expected = from;
                    put_len(out, 0);
                    out.extend(domain.uuid);
                    self.numbers.insert(domain.uuid, context.entities.len());
                    context.entities.push(Entity::new(domain.uuid));
                }
            }
            indices.push(known.unwrap_or(context.entities.len() - 1));
        }
        flush(&mut run, expected, out);
        indices
    }

    /// Sets the divisors anew where steps ask for it, and writes those that changed.
    fn put_divisors(&mut self, context: &mut Context, waiting: &[Waiting], out: &mut Vec<u8>) {
        let mut now: BTreeMap<u16, (u64, u32)> = BTreeMap::new();
        for (_, _, metric, coded) in waiting {
            if let Coded::Step(step) = coded
                && *step != 0
            {
                let (common, steps) = now.entry(*metric).or_default();
                *common = gcd(*common, step.unsigned_abs());
                *steps += 1;
            }
        }
        let (mut changed, mut count, mut last) = (Vec::new(), 0, 0);
        for (metric, (common, steps)) in now {
            let found = self.found.entry(metric).or_default();
            found.common = gcd(found.common, common);
            found.steps = found.steps.saturating_add(steps);
            let before = context.divisor(metric).unsigned_abs();
            let enough = found.steps >= DIVISOR_STEPS;
            let wanted = if common % before != 0 {
                gcd(common, before)
            } else if enough {
                found.common
            } else {
                before
            };
            if enough || wanted < before {
                *found = Divisor::default();
            }
            // What does not fit a step's type divides none.
            let Some(divisor) = i64::try_from(wanted).ok().filter(|_| wanted != before) else { continue };
            context.divisors.insert(metric, divisor);
            count += 1;
            put(&mut changed, u64::from(metric - last));
            put(&mut changed, wanted);
            last = metric;
        }
        put_len(out, count);
        out.extend(changed);
    }
}

/// Whether packed bytes are a keyframe.
#[must_use]
pub fn is_keyframe(packed: &[u8]) -> bool {
    packed.first().is_some_and(|flags| flags & KEYFRAME != 0)
}

fn header(context: &mut Context, batch: &Batch, keyframe: bool) -> Result<Vec<u8>, PackError> {
    let mut flags = 0;
    for (bit, set) in [
        (KEYFRAME, keyframe),
        (EVENTS_ONLY, batch.kind == BatchKind::Events),
        (HOST, batch.host.is_some()),
        (SILENT, batch.domains_missing.is_some()),
        (GAP, batch.gap.is_some()),
        (EVENTS, !batch.events.is_empty()),
        (BOOT, batch.boot_id != context.boot_id),
        (INTERVAL, batch.interval_ms != context.interval_ms),
    ] {
        flags |= if set { bit } else { 0 };
    }
    let mut out = vec![flags];
    if keyframe {
        put(&mut out, batch.epoch);
    }
    put(&mut out, batch.seq.wrapping_sub(context.seq));
    if flags & INTERVAL != 0 {
        put(&mut out, batch.interval_ms.into());
    }
    let interval = u64::from(batch.interval_ms);
    put_signed(&mut out, batch.tick_wall_ms.wrapping_sub(context.wall_ms).wrapping_sub(interval.cast_signed()));
    put_signed(&mut out, batch.tick_mono_ms.wrapping_sub(context.mono_ms).wrapping_sub(interval).cast_signed());
    if flags & BOOT != 0 {
        out.extend(batch.boot_id);
    }
    out.extend(batch.domains_missing);
    if let Some(gap) = &batch.gap {
        put_signed(&mut out, gap.from_ms);
        put_signed(&mut out, gap.to_ms.wrapping_sub(gap.from_ms));
        put(&mut out, gap.batches);
    }
    if flags & EVENTS != 0 {
        codec::put_part(&batch.events, &mut out)?;
    }
    context.epoch = batch.epoch;
    context.seq = batch.seq;
    context.interval_ms = batch.interval_ms;
    (context.wall_ms, context.mono_ms) = (batch.tick_wall_ms, batch.tick_mono_ms);
    context.boot_id = batch.boot_id;
    Ok(out)
}

/// Readings with the names of their devices and their kinds.
fn named<'a>(batch: &'a Batch, readings: &[WireReading]) -> Result<Vec<(u16, &'a str, Kind)>, PackError> {
    let name = |reading: &WireReading| match batch.devices.get(usize::from(reading.device)) {
        Some(name) => Ok(name.as_str()),
        None if reading.device == 0 => Ok(""),
        None => Err(PackError::Impossible { what: "device" }),
    };
    readings.iter().map(|reading| Ok((reading.metric, name(reading)?, kind(reading.value)))).collect()
}

const fn kind(value: WireValue) -> Kind {
    match value {
        WireValue::Counter(_) => Kind::Counter,
        WireValue::CounterSince { epoch, .. } => Kind::Since(epoch),
        WireValue::Int(_) => Kind::Int,
        WireValue::Float(_) => Kind::Float,
        WireValue::Missing(code) => Kind::Missing(code),
    }
}

/// Brings an entity's series forward by its readings.
fn advance(context: &mut Context, index: usize, readings: &[WireReading], waiting: &mut Vec<Waiting>) {
    let entity = &mut context.entities[index];
    for (reading, place) in readings.iter().zip(&entity.places) {
        let (number, fraction) = match reading.value {
            WireValue::Counter(value) | WireValue::CounterSince { value, .. } => (value, false),
            WireValue::Int(value) => (value.cast_unsigned(), false),
            WireValue::Float(value) => (value.to_bits(), true),
            WireValue::Missing(_) => continue,
        };
        let place = usize::try_from(*place).unwrap_or(usize::MAX);
        waiting.push((index, place, reading.metric, entity.series[place].advance(number, fraction)));
    }
}

fn gcd(a: u64, b: u64) -> u64 {
    let (mut a, mut b) = (a, b);
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}
