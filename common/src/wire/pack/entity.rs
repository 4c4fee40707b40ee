//! The host or a domain on a line: what is remembered of it, and its changes from batch to batch.

mod read;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::PackError;
use super::context::{Context, Kind, Layout};
use super::series::Series;
use super::varint::{put, put_len, put_signed, put_text};
use crate::wire::codec;
use crate::wire::v1::{Activity, DomainInfo, HostInfo};
pub(super) use read::{read_changes, read_kinds};

const NAME: u8 = 1;
const STATE: u8 = 2;
const ACTIVITY: u8 = 4;
const EPOCH: u8 = 8;
const FACTS: u8 = 16;
const DEVICES: u8 = 32;
const LAYOUT: u8 = 64;
const KINDS: u8 = 128;

/// Layouts of an entity whose places are kept; an agent's groups of metrics have no more cadences.
const LAYOUTS_KEPT: usize = 4;

/// Bytes that an entity takes besides what is counted one by one.
const ENTITY_BYTES: usize = 512;

/// Slowly changing facts.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Facts {
    Unknown,
    Host(Box<HostInfo>),
    Domain(Arc<DomainInfo>),
}

/// See the module.
#[derive(Debug)]
pub(super) struct Entity {
    pub(super) uuid: [u8; 16],
    pub(super) name: String,
    pub(super) state: u8,
    pub(super) activity: Activity,
    pub(super) counter_epoch: u64,
    pub(super) facts: Facts,
    pub(super) devices: Vec<String>,
    /// Number of the layout, and the place of each of its series in `series`.
    pub(super) layout: Option<usize>,
    pub(super) places: Vec<u32>,
    /// Layouts that it had before, with their places: metrics that come with every third tick make it go back and forth.
    placed: Vec<(usize, Vec<u32>)>,
    keys: Vec<(u16, u16)>,
    kinds: Vec<Option<Kind>>,
    pub(super) series: Vec<Series>,
}

/// What a batch says of an entity.
pub(super) struct Said<'a> {
    pub(super) name: &'a str,
    pub(super) state: u8,
    pub(super) activity: Activity,
    pub(super) counter_epoch: u64,
    pub(super) facts: FactsRef<'a>,
    /// Devices by their numbers in the batch, and each reading's metric, device and kind.
    pub(super) readings: Vec<(u16, &'a str, Kind)>,
}

#[derive(Clone, Copy)]
pub(super) enum FactsRef<'a> {
    Host(&'a HostInfo),
    Domain(&'a Arc<DomainInfo>),
}

impl FactsRef<'_> {
    fn is(self, facts: &Facts) -> bool {
        match (self, facts) {
            (Self::Host(new), Facts::Host(old)) => new == &**old,
            (Self::Domain(new), Facts::Domain(old)) => Arc::ptr_eq(new, old) || new == old,
            _ => false,
        }
    }
}

impl Entity {
    pub(super) fn new(uuid: [u8; 16]) -> Self {
        Self {
            uuid,
            name: String::new(),
            state: 0,
            activity: Activity::Active,
            counter_epoch: 0,
            facts: Facts::Unknown,
            devices: Vec::new(),
            layout: None,
            places: Vec::new(),
            placed: Vec::new(),
            keys: Vec::new(),
            kinds: Vec::new(),
            series: Vec::new(),
        }
    }

    /// Takes over layout `number` and the places of its series; those that are new are added, as many as answered.
    fn place(&mut self, number: usize, layout: &Layout) -> usize {
        let before = self.keys.len();
        let places = std::mem::take(&mut self.places);
        if let Some(last) = self.layout.replace(number)
            && self.placed.len() < LAYOUTS_KEPT
            && self.placed.iter().all(|(kept, _)| *kept != last)
        {
            self.placed.push((last, places));
        }
        if let Some((_, places)) = self.placed.iter().find(|(kept, _)| *kept == number) {
            self.places.clone_from(places);
            return 0;
        }
        let mut known: HashMap<(u16, u16), u32> = self.keys.iter().zip(0..).map(|(key, place)| (*key, place)).collect();
        for key in layout.iter() {
            let next = u32::try_from(self.keys.len()).unwrap_or(u32::MAX);
            let place = *known.entry(*key).or_insert(next);
            if place == next {
                self.keys.push(*key);
                self.kinds.push(None);
                self.series.push(Series::default());
            }
            self.places.push(place);
        }
        self.keys.len() - before
    }

    /// The numbers of the devices of some readings, and how many devices are new.
    fn number_devices(&mut self, readings: &[(u16, &str, Kind)], layout: Option<&Layout>) -> (Vec<(u16, u16)>, usize) {
        let before = self.devices.len();
        let mut numbers: Option<HashMap<String, u16>> = None;
        let mut keys = Vec::with_capacity(readings.len());
        for (at, (metric, name, _)) in readings.iter().enumerate() {
            // Nearly always what stood there the last time.
            let usual = layout.and_then(|layout| layout.get(at)).map(|(_, device)| *device);
            let device =
                usual.filter(|device| self.devices.get(usize::from(*device)).is_some_and(|known| known == name));
            let device = device.unwrap_or_else(|| {
                let numbers = numbers.get_or_insert_with(|| self.devices.iter().cloned().zip(0..).collect());
                *numbers.entry((*name).to_owned()).or_insert_with(|| {
                    self.devices.push((*name).to_owned());
                    u16::try_from(self.devices.len() - 1).unwrap_or(u16::MAX)
                })
            });
            keys.push((*metric, device));
        }
        (keys, self.devices.len() - before)
    }
}

/// Brings an entity up to what a batch says and writes what changed; the mask is 0 and nothing is written when nothing did.
/// `numbers` are those of known layouts.
pub(super) fn put_changes(
    context: &mut Context,
    numbers: &mut HashMap<Layout, usize>,
    index: usize,
    said: &Said<'_>,
    out: &mut Vec<u8>,
) -> Result<u8, PackError> {
    let mut fields = Vec::new();
    let entity = &mut context.entities[index];
    let mut mask = put_facts(entity, said, &mut fields)?;
    let usual = entity.layout.and_then(|layout| context.layouts.get(layout));
    let (keys, new_devices) = entity.number_devices(&said.readings, usual);
    let mut taken = ENTITY_BYTES * usize::from(mask & FACTS != 0) + fields.len();
    if entity.devices.len() > usize::from(u16::MAX) {
        return Err(PackError::Impossible { what: "number of devices" });
    }
    if new_devices > 0 {
        mask |= DEVICES;
        put_len(&mut fields, new_devices);
        for device in &entity.devices[entity.devices.len() - new_devices..] {
            put_text(&mut fields, device);
            taken += device.len() + 24;
        }
    }
    let same = entity.layout.is_some_and(|layout| *context.layouts[layout] == keys);
    let mut new_series = 0;
    if !same {
        mask |= LAYOUT;
        let layout: Layout = Arc::new(keys);
        let known = numbers.get(&layout).copied();
        if known.is_none() && has_twice(&layout) {
            return Err(PackError::Impossible { what: "series named twice" });
        }
        let number = known.unwrap_or(context.layouts.len());
        put_len(&mut fields, number);
        fields.push(u8::from(known.is_none()));
        if known.is_none() {
            numbers.insert(Arc::clone(&layout), number);
            context.layouts.push(Arc::clone(&layout));
            let hints: Vec<Kind> = said.readings.iter().map(|(_, _, kind)| hint(*kind)).collect();
            taken += put_layout(&layout, &hints, &mut fields);
            context.hints.push(Arc::new(hints));
        }
        let entity = &mut context.entities[index];
        new_series = entity.place(number, &layout);
    }
    if put_kinds(context, index, said, &mut fields) {
        mask |= KINDS;
    }
    context.took(new_series, taken)?;
    if mask != 0 {
        out.push(mask);
        out.extend(fields);
    }
    Ok(mask)
}

fn has_twice(layout: &[(u16, u16)]) -> bool {
    let mut seen = HashSet::with_capacity(layout.len());
    !layout.iter().all(|key| seen.insert(key))
}

/// Name, state, counters' life and facts, where they changed.
fn put_facts(entity: &mut Entity, said: &Said<'_>, fields: &mut Vec<u8>) -> Result<u8, PackError> {
    let mut mask = 0;
    if entity.name != said.name {
        mask |= NAME;
        said.name.clone_into(&mut entity.name);
        put_text(fields, said.name);
    }
    if entity.state != said.state {
        mask |= STATE;
        entity.state = said.state;
        fields.push(said.state);
    }
    if entity.activity != said.activity {
        mask |= ACTIVITY;
        entity.activity = said.activity;
        fields.push(activity_code(said.activity));
    }
    if entity.counter_epoch != said.counter_epoch {
        mask |= EPOCH;
        put_signed(fields, said.counter_epoch.wrapping_sub(entity.counter_epoch).cast_signed());
        entity.counter_epoch = said.counter_epoch;
    }
    if !said.facts.is(&entity.facts) {
        mask |= FACTS;
        match said.facts {
            FactsRef::Host(info) => {
                codec::put_part(info, fields)?;
                entity.facts = Facts::Host(Box::new(info.clone()));
            }
            FactsRef::Domain(info) => {
                codec::put_part(info.as_ref(), fields)?;
                entity.facts = Facts::Domain(Arc::clone(info));
            }
        }
    }
    Ok(mask)
}

/// A layout says of which kind its series are, not since when.
const fn hint(kind: Kind) -> Kind {
    match kind {
        Kind::Since(_) => Kind::Since(0),
        other => other,
    }
}

/// A layout that the other side does not know; answers with the room it takes.
fn put_layout(layout: &Layout, hints: &[Kind], out: &mut Vec<u8>) -> usize {
    let before = out.len();
    put_len(out, layout.len());
    let mut last = 0;
    for ((metric, device), kind) in layout.iter().zip(hints) {
        put_signed(out, i64::from(*metric) - i64::from(last));
        put(out, (*device).into());
        put(out, kind_code(*kind));
        last = *metric;
    }
    out.len() - before + 16 * layout.len()
}

/// Kinds that are not those that were to be expected; `false` when there are none.
fn put_kinds(context: &mut Context, index: usize, said: &Said<'_>, out: &mut Vec<u8>) -> bool {
    let entity = &mut context.entities[index];
    let hints = entity.layout.map(|layout| Arc::clone(&context.hints[layout])).unwrap_or_default();
    let mut different = Vec::new();
    let mut next = 0;
    let mut count = 0;
    for (at, (_, _, kind)) in said.readings.iter().enumerate() {
        let place = place_of(entity, at);
        let expected = entity.kinds[place].or_else(|| hints.get(at).copied());
        entity.kinds[place] = Some(*kind);
        if expected == Some(*kind) {
            continue;
        }
        count += 1;
        put_len(&mut different, at - next);
        next = at + 1;
        put(&mut different, kind_code(*kind));
        if let Kind::Since(epoch) = kind {
            put(&mut different, *epoch);
        }
    }
    if count == 0 {
        return false;
    }
    put_len(out, count);
    out.extend(different);
    true
}

fn place_of(entity: &Entity, at: usize) -> usize {
    usize::try_from(entity.places[at]).unwrap_or(usize::MAX)
}

fn kind_code(kind: Kind) -> u64 {
    match kind {
        Kind::Counter => 0,
        Kind::Int => 1,
        Kind::Float => 2,
        Kind::Since(_) => 3,
        Kind::Missing(code) => 4 + u64::from(code),
    }
}

const fn activity_code(activity: Activity) -> u8 {
    match activity {
        Activity::Active => 0,
        Activity::Incoming => 1,
        Activity::Inactive => 2,
        Activity::Filtered => 3,
    }
}
