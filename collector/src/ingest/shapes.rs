//! Lists of series that entities have in common, found again without a look at each name: nearly every tick of an entity
//! has the series of the tick before.

use std::collections::HashMap;
use std::sync::Arc;

use evenkeel_common::metric::MetricId;
use evenkeel_common::wire::v1::{ConvertError, WireReading};

use super::plan::printable;
use crate::store::{ColumnKey, Keys};

/// Lists in memory, a hundred bytes a series. Full: all are forgotten.
const SHAPES_MAX: usize = 10_000;
/// An odd number with bits all over it.
const MIX: u64 = 0x9e37_79b9_7f4a_7c15;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Shapes {
    known: HashMap<u64, Keys>,
    /// Names of the batch's devices, and a hash of each.
    devices: Vec<(String, u64)>,
}

impl Shapes {
    /// Another batch, with the names that its readings refer to.
    pub(super) fn begin(&mut self, devices: &[String]) {
        self.devices.clear();
        if devices.is_empty() {
            self.devices.push((String::new(), 0));
        }
        self.devices.extend(devices.iter().map(|name| {
            let name = printable(name);
            let hash = name.bytes().fold(0, |hash, byte| mix(hash, byte.into()));
            (name, hash)
        }));
    }

    /// The list of these readings' series.
    pub(super) fn of(&mut self, readings: &[WireReading]) -> Result<Keys, ConvertError> {
        let listed = self.devices.len();
        let mut hash = 0;
        for WireReading { metric, device, .. } in readings {
            let device = self.devices.get(usize::from(*device));
            let (_, named) = device.ok_or(ConvertError::Device { index: u16::MAX, listed })?;
            hash = mix(hash, named ^ u64::from(*metric));
        }
        if let Some(keys) = self.known.get(&hash)
            && self.fits(keys, readings)
        {
            return Ok(Arc::clone(keys));
        }
        let key = |reading: &WireReading| {
            let device = self.devices.get(usize::from(reading.device)).map(|(name, _)| name.clone());
            ColumnKey { metric: MetricId(reading.metric), device: device.unwrap_or_default() }
        };
        let keys: Keys = readings.iter().map(key).collect();
        if self.known.len() >= SHAPES_MAX {
            self.known.clear();
        }
        self.known.insert(hash, Arc::clone(&keys));
        Ok(keys)
    }

    fn fits(&self, keys: &Keys, readings: &[WireReading]) -> bool {
        let same = |(key, reading): (&ColumnKey, &WireReading)| {
            key.metric.0 == reading.metric
                && self.devices.get(usize::from(reading.device)).is_some_and(|(name, _)| *name == key.device)
        };
        keys.len() == readings.len() && keys.iter().zip(readings).all(same)
    }
}

const fn mix(hash: u64, more: u64) -> u64 {
    (hash.rotate_left(5) ^ more).wrapping_mul(MIX)
}

#[cfg(test)]
mod tests {
    use evenkeel_common::wire::v1::WireValue;

    use super::*;

    fn readings(series: &[(u16, u16)]) -> Vec<WireReading> {
        series
            .iter()
            .map(|(metric, device)| WireReading { metric: *metric, device: *device, value: WireValue::Int(1) })
            .collect()
    }

    #[test]
    fn one_list_is_shared_and_another_is_another() {
        let mut shapes = Shapes::default();
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        shapes.begin(&names(&["", "vda"]));
        let first = shapes.of(&readings(&[(1, 0), (2, 1)])).unwrap();
        // The same names under other numbers.
        shapes.begin(&names(&["", "vdb", "vda"]));
        assert!(Arc::ptr_eq(&first, &shapes.of(&readings(&[(1, 0), (2, 2)])).unwrap()));
        let other = shapes.of(&readings(&[(1, 0), (2, 1)])).unwrap();
        assert_eq!((other[1].device.as_str(), first[1].device.as_str()), ("vdb", "vda"));
        assert!(shapes.of(&readings(&[(1, 3)])).is_err());
    }
}
