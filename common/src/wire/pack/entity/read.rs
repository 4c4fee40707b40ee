//! The receiving end of an entity's changes.

use std::sync::Arc;

use super::{ACTIVITY, DEVICES, ENTITY_BYTES, EPOCH, FACTS, Facts, KINDS, LAYOUT, NAME, STATE, has_twice, place_of};
use crate::limits::{BATCH_MAX_READINGS, NAME_MAX_BYTES};
use crate::wire::codec;
use crate::wire::pack::PackError;
use crate::wire::pack::context::{Context, Kind};
use crate::wire::pack::varint::Reader;
use crate::wire::v1::Activity;

/// Reads what [`super::put_changes`] wrote behind a mask.
pub(in super::super) fn read_changes(
    context: &mut Context,
    index: usize,
    mask: u8,
    input: &mut Reader<'_>,
) -> Result<(), PackError> {
    let mut taken = 0;
    let entity = &mut context.entities[index];
    if mask & NAME != 0 {
        entity.name = input.text(NAME_MAX_BYTES)?;
        taken += entity.name.len();
    }
    if mask & STATE != 0 {
        entity.state = input.byte()?;
    }
    if mask & ACTIVITY != 0 {
        entity.activity = activity_of(input.byte()?)?;
    }
    if mask & EPOCH != 0 {
        entity.counter_epoch = entity.counter_epoch.wrapping_add(input.signed()?.cast_unsigned());
    }
    if mask & FACTS != 0 {
        taken += ENTITY_BYTES;
        entity.facts = if index == 0 {
            Facts::Host(Box::new(read_part(input, &mut taken)?))
        } else {
            Facts::Domain(Arc::new(read_part(input, &mut taken)?))
        };
    }
    if mask & DEVICES != 0 {
        for _ in 0..input.count(usize::from(u16::MAX), "number of devices")? {
            let device = input.text(NAME_MAX_BYTES)?;
            taken += device.len() + 24;
            entity.devices.push(device);
        }
    }
    let mut new_series = 0;
    if mask & LAYOUT != 0 {
        let number = input.count(context.layouts.len(), "number of a layout")?;
        if input.byte()? == 1 {
            if number != context.layouts.len() {
                return Err(PackError::Impossible { what: "number of a layout" });
            }
            taken += read_layout(context, input)?;
        }
        let layout = context.layouts.get(number).cloned();
        let layout = layout.ok_or(PackError::Impossible { what: "number of a layout" })?;
        let entity = &mut context.entities[index];
        if layout.iter().any(|(_, device)| usize::from(*device) >= entity.devices.len()) {
            return Err(PackError::Impossible { what: "device" });
        }
        new_series = entity.place(number, &layout);
    }
    context.took(new_series, taken)
}

fn read_part<M: bincode::Decode<()>>(input: &mut Reader<'_>, taken: &mut usize) -> Result<M, PackError> {
    let (part, used) = codec::read_part(input.0)?;
    *taken += used;
    input.0 = input.0.get(used..).unwrap_or_default();
    Ok(part)
}

fn read_layout(context: &mut Context, input: &mut Reader<'_>) -> Result<usize, PackError> {
    // Each series of it takes three bytes at least.
    let count = input.count(BATCH_MAX_READINGS.min(input.0.len() / 3), "length of a layout")?;
    let (mut layout, mut hints) = (Vec::with_capacity(count), Vec::with_capacity(count));
    let before = input.0.len();
    let mut metric = 0_i64;
    for _ in 0..count {
        metric = metric.saturating_add(input.signed()?);
        let key = u16::try_from(metric).map_err(|_| PackError::Impossible { what: "metric" })?;
        layout.push((key, input.small("device")?));
        hints.push(kind_of(input, false)?);
    }
    if has_twice(&layout) {
        return Err(PackError::Impossible { what: "series named twice" });
    }
    context.layouts.push(Arc::new(layout));
    context.hints.push(Arc::new(hints));
    Ok(before - input.0.len() + 16 * count)
}

/// The kinds of an entity's readings at this batch, into `kinds`; reads those that are not as expected when the mask says so.
pub(in super::super) fn read_kinds(
    context: &mut Context,
    index: usize,
    mask: u8,
    input: &mut Reader<'_>,
    kinds: &mut Vec<Kind>,
) -> Result<(), PackError> {
    let entity = &mut context.entities[index];
    let hints = entity.layout.map(|layout| Arc::clone(&context.hints[layout])).unwrap_or_default();
    let count = entity.places.len();
    let mut different = if mask & KINDS == 0 { 0 } else { input.count(count, "number of kinds")? };
    let mut next = read_next(&mut different, 0, input)?;
    kinds.clear();
    for at in 0..count {
        let place = place_of(entity, at);
        let mut kind = entity.kinds[place].or_else(|| hints.get(at).copied());
        if next == Some(at) {
            kind = Some(kind_of(input, true)?);
            next = read_next(&mut different, at + 1, input)?;
        }
        let kind = kind.ok_or(PackError::Impossible { what: "kind" })?;
        entity.kinds[place] = Some(kind);
        kinds.push(kind);
    }
    if next.is_some() || different > 0 {
        return Err(PackError::Impossible { what: "place of a kind" });
    }
    Ok(())
}

fn read_next(left: &mut usize, from: usize, input: &mut Reader<'_>) -> Result<Option<usize>, PackError> {
    let Some(rest) = left.checked_sub(1) else { return Ok(None) };
    *left = rest;
    let gap: usize = input.small("place of a kind")?;
    Ok(Some(from.saturating_add(gap)))
}

fn kind_of(input: &mut Reader<'_>, with_epoch: bool) -> Result<Kind, PackError> {
    Ok(match input.number()? {
        0 => Kind::Counter,
        1 => Kind::Int,
        2 => Kind::Float,
        3 if with_epoch => Kind::Since(input.number()?),
        3 => Kind::Since(0),
        code => Kind::Missing(u8::try_from(code - 4).map_err(|_| PackError::Impossible { what: "kind" })?),
    })
}

fn activity_of(code: u8) -> Result<Activity, PackError> {
    Ok(match code {
        0 => Activity::Active,
        1 => Activity::Incoming,
        2 => Activity::Inactive,
        3 => Activity::Filtered,
        _ => return Err(PackError::Impossible { what: "activity" }),
    })
}
