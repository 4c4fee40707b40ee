//! The receiving end of a line.

use std::collections::HashMap;

use super::PackError;
use super::bits::BitReader;
use super::context::{Context, Kind};
use super::entity::{Entity, Facts, read_changes, read_kinds};
use super::packer::{BOOT, EVENTS, EVENTS_ONLY, GAP, HOST, INTERVAL, KEYFRAME, SILENT};
use super::varint::Reader;
use crate::limits::{BATCH_MAX_DOMAINS, BATCH_MAX_READINGS};
use crate::wire::codec;
use crate::wire::v1::{Batch, BatchKind, DomainSample, Gap, HostSample, WireReading, WireValue};

/// See the module.
#[derive(Debug, Default)]
pub struct Unpacker {
    context: Option<Context>,
}

impl Unpacker {
    /// The batch in `bytes`, which come next on the line.
    ///
    /// # Errors
    /// When they are not what comes next; after that only a keyframe is understood.
    pub fn unpack(&mut self, bytes: &[u8]) -> Result<Batch, PackError> {
        let mut input = Reader(bytes);
        let flags = input.byte()?;
        let known = self.context.take();
        let mut context = if flags & KEYFRAME != 0 { Context::default() } else { known.ok_or(PackError::NoContext)? };
        let batch = read(&mut context, flags, &mut input)?;
        self.context = Some(context);
        Ok(batch)
    }
}

fn read(context: &mut Context, flags: u8, input: &mut Reader<'_>) -> Result<Batch, PackError> {
    let mut batch = header(context, flags, input)?;
    let mut devices = Devices::new();
    let mut readings = 0;
    // Where each entity's readings are, by its place in the batch; values follow at the end.
    let mut all: Vec<(usize, Vec<WireReading>)> = Vec::new();
    if flags & HOST != 0 {
        let mask = input.byte()?;
        read_changes(context, 0, mask, input)?;
        all.push((0, shape(context, 0, mask, input, &mut devices, &mut readings)?));
    }
    let indices = read_domains(context, input)?;
    if context.has_twice(&indices) {
        return Err(PackError::Impossible { what: "domain named twice" });
    }
    let mut changes = input.count(indices.len(), "number of changed domains")?;
    let mut next = changed_at(&mut changes, 0, input)?;
    for (at, index) in indices.iter().enumerate() {
        let mut mask = 0;
        if next == Some(at) {
            mask = input.byte()?;
            read_changes(context, *index, mask, input)?;
        }
        all.push((*index, shape(context, *index, mask, input, &mut devices, &mut readings)?));
        if next == Some(at) {
            next = changed_at(&mut changes, at + 1, input)?;
        }
        let entity = &context.entities[*index];
        let Facts::Domain(info) = &entity.facts else {
            return Err(PackError::Impossible { what: "domain without facts" });
        };
        batch.domains.push(DomainSample {
            uuid: entity.uuid,
            name: entity.name.clone(),
            state: entity.state,
            activity: entity.activity,
            counter_epoch: entity.counter_epoch,
            info: std::sync::Arc::clone(info),
            readings: Vec::new(),
        });
    }
    if next.is_some() || changes > 0 {
        return Err(PackError::Impossible { what: "changed domain" });
    }
    read_divisors(context, input)?;
    read_values(context, &mut all, input)?;
    let mut all = all.into_iter();
    if flags & HOST != 0 {
        let entity = &context.entities[0];
        let Facts::Host(info) = &entity.facts else {
            return Err(PackError::Impossible { what: "host without facts" });
        };
        let readings = all.next().map(|(_, readings)| readings).unwrap_or_default();
        batch.host = Some(HostSample { info: (**info).clone(), counter_epoch: entity.counter_epoch, readings });
    }
    for (domain, (_, readings)) in batch.domains.iter_mut().zip(all) {
        domain.readings = readings;
    }
    batch.devices = devices.list;
    Ok(batch)
}

fn header(context: &mut Context, flags: u8, input: &mut Reader<'_>) -> Result<Batch, PackError> {
    if flags & KEYFRAME != 0 {
        context.epoch = input.number()?;
    }
    let seq = context.seq.checked_add(input.number()?).filter(|seq| *seq > context.seq);
    context.seq = seq.ok_or(PackError::Impossible { what: "batch number" })?;
    if flags & INTERVAL != 0 {
        context.interval_ms = input.small("interval")?;
    }
    let interval = u64::from(context.interval_ms);
    let wall = context.wall_ms.wrapping_add(interval.cast_signed());
    context.wall_ms = wall.wrapping_add(input.signed()?);
    let mono = context.mono_ms.wrapping_add(interval);
    context.mono_ms = mono.wrapping_add(input.signed()?.cast_unsigned());
    if flags & BOOT != 0 {
        context.boot_id = input.array()?;
    }
    let domains_missing = if flags & SILENT != 0 { Some(input.byte()?) } else { None };
    let gap = if flags & GAP != 0 {
        let from_ms = input.signed()?;
        Some(Gap { from_ms, to_ms: from_ms.wrapping_add(input.signed()?), batches: input.number()? })
    } else {
        None
    };
    let mut events = Vec::new();
    if flags & EVENTS != 0 {
        let (read, used) = codec::read_part(input.0)?;
        events = read;
        input.bytes(used)?;
    }
    Ok(Batch {
        epoch: context.epoch,
        seq: context.seq,
        kind: if flags & EVENTS_ONLY != 0 { BatchKind::Events } else { BatchKind::Tick },
        tick_wall_ms: context.wall_ms,
        tick_mono_ms: context.mono_ms,
        interval_ms: context.interval_ms,
        boot_id: context.boot_id,
        domains_missing,
        gap,
        events,
        ..Batch::default()
    })
}

fn read_domains(context: &mut Context, input: &mut Reader<'_>) -> Result<Vec<usize>, PackError> {
    let count = input.count(BATCH_MAX_DOMAINS, "number of domains")?;
    let mut indices = Vec::with_capacity(count);
    let mut expected = 1_usize;
    while indices.len() < count {
        let len = input.count(count - indices.len(), "run of domains")?;
        if len == 0 {
            indices.push(context.entities.len());
            context.entities.push(Entity::new(input.array()?));
            context.took(0, size_of::<Entity>())?;
            continue;
        }
        let offset = isize::try_from(input.signed()?).map_err(|_| PackError::Impossible { what: "domain" })?;
        let start = expected.checked_add_signed(offset).filter(|start| *start > 0);
        let start = start.ok_or(PackError::Impossible { what: "domain" })?;
        expected = start.saturating_add(len);
        if expected > context.entities.len() {
            return Err(PackError::Impossible { what: "domain" });
        }
        indices.extend(start..expected);
    }
    Ok(indices)
}

fn changed_at(left: &mut usize, from: usize, input: &mut Reader<'_>) -> Result<Option<usize>, PackError> {
    let Some(rest) = left.checked_sub(1) else { return Ok(None) };
    *left = rest;
    let gap: usize = input.small("changed domain")?;
    Ok(Some(from.saturating_add(gap)))
}

/// Device names of the batch, in the order in which they come up.
struct Devices {
    names: HashMap<String, u16>,
    list: Vec<String>,
    /// Room for what is needed of one entity: numbers of its devices, kinds of its readings.
    numbers: Vec<Option<u16>>,
    kinds: Vec<Kind>,
}

impl Devices {
    fn new() -> Self {
        let names = HashMap::from([(String::new(), 0)]);
        Self { names, list: vec![String::new()], numbers: Vec::new(), kinds: Vec::new() }
    }

    fn number(&mut self, name: &str) -> Result<u16, PackError> {
        if let Some(number) = self.names.get(name) {
            return Ok(*number);
        }
        let number = u16::try_from(self.list.len()).map_err(|_| PackError::Impossible { what: "number of devices" })?;
        self.list.push(name.to_owned());
        self.names.insert(name.to_owned(), number);
        Ok(number)
    }
}

/// An entity's readings without their numbers.
fn shape(
    context: &mut Context,
    index: usize,
    mask: u8,
    input: &mut Reader<'_>,
    devices: &mut Devices,
    readings: &mut usize,
) -> Result<Vec<WireReading>, PackError> {
    *readings += context.entities[index].places.len();
    if *readings > BATCH_MAX_READINGS {
        return Err(PackError::Impossible { what: "number of readings" });
    }
    let (mut numbers, mut kinds) = (std::mem::take(&mut devices.numbers), std::mem::take(&mut devices.kinds));
    read_kinds(context, index, mask, input, &mut kinds)?;
    let entity = &context.entities[index];
    let layout = entity.layout.map(|layout| &*context.layouts[layout]);
    numbers.clear();
    numbers.resize(entity.devices.len(), None);
    let mut shaped = Vec::with_capacity(kinds.len());
    for ((metric, own), kind) in layout.into_iter().flatten().zip(kinds.iter().copied()) {
        let own = usize::from(*own);
        let device = match numbers[own] {
            Some(number) => number,
            None => *numbers[own].insert(devices.number(&entity.devices[own])?),
        };
        let value = match kind {
            Kind::Counter => WireValue::Counter(0),
            Kind::Int => WireValue::Int(0),
            Kind::Float => WireValue::Float(0.0),
            Kind::Since(epoch) => WireValue::CounterSince { value: 0, epoch },
            Kind::Missing(code) => WireValue::Missing(code),
        };
        shaped.push(WireReading { metric: *metric, device, value });
    }
    (devices.numbers, devices.kinds) = (numbers, kinds);
    Ok(shaped)
}

fn read_divisors(context: &mut Context, input: &mut Reader<'_>) -> Result<(), PackError> {
    let mut metric = 0_u16;
    for _ in 0..input.count(usize::from(u16::MAX), "number of divisors")? {
        let gap: u16 = input.small("metric")?;
        metric = metric.checked_add(gap).ok_or(PackError::Impossible { what: "metric" })?;
        let divisor: i64 = input.small("divisor")?;
        if divisor == 0 {
            return Err(PackError::Impossible { what: "divisor" });
        }
        context.divisors.insert(metric, divisor);
    }
    Ok(())
}

fn read_values(
    context: &mut Context,
    all: &mut [(usize, Vec<WireReading>)],
    input: &mut Reader<'_>,
) -> Result<(), PackError> {
    let mut bits = BitReader::new(std::mem::take(&mut input.0));
    // Divisors of a layout's series, of those layouts that come up.
    let mut divided: HashMap<usize, Vec<i64>> = HashMap::new();
    let Context { entities, divisors, layouts, .. } = context;
    for (index, readings) in all {
        let Entity { series, places, layout, .. } = &mut entities[*index];
        let Some(layout) = *layout else { continue };
        let divisor = |(metric, _): &(u16, u16)| divisors.get(metric).copied().unwrap_or(1);
        let divided = divided.entry(layout).or_insert_with(|| layouts[layout].iter().map(divisor).collect());
        for ((reading, place), divisor) in readings.iter_mut().zip(&*places).zip(divided.iter().copied()) {
            let series = &mut series[usize::try_from(*place).unwrap_or(usize::MAX)];
            match &mut reading.value {
                WireValue::Counter(value) | WireValue::CounterSince { value, .. } => {
                    *value = series.read(false, divisor, &mut bits)?;
                }
                WireValue::Int(value) => *value = series.read(false, divisor, &mut bits)?.cast_signed(),
                WireValue::Float(value) => *value = f64::from_bits(series.read(true, divisor, &mut bits)?),
                WireValue::Missing(_) => {}
            }
        }
    }
    bits.end()
}
