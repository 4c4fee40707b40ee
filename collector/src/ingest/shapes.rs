//! Lists of series that entities have in common, found again without a look at each name: nearly every tick of an entity
//! has the series of the tick before.

use std::collections::HashMap;
use std::sync::Arc;

use evenkeel_common::metric::MetricId;
use evenkeel_common::wire::v1::{ConvertError, WireReading};

use super::plan::printable;
use crate::store::{ColumnKey, Keys};

/// Lists and names in memory, a hundred bytes a series. Full: all are forgotten.
const SHAPES_MAX: usize = 10_000;
const NAMES_MAX: usize = 100_000;
/// An odd number with bits all over it.
const MIX: u64 = 0x9e37_79b9_7f4a_7c15;

/// A series with its device's number in [`Shapes`].
type Numbered = (u16, u32);

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Shapes {
    known: HashMap<u64, (Vec<Numbered>, Keys)>,
    names: HashMap<String, u32>,
    /// Numbers of the batch's devices, and their names.
    devices: Vec<(u32, String)>,
    /// Room for the list that is looked for.
    wanted: Vec<Numbered>,
}

impl Shapes {
    /// Another batch, with the names that its readings refer to.
    pub(super) fn begin(&mut self, devices: &[String]) {
        if self.known.len() > SHAPES_MAX || self.names.len() > NAMES_MAX {
            self.known.clear();
            self.names.clear();
        }
        self.devices.clear();
        let itself = [String::new()];
        for name in if devices.is_empty() { &itself } else { devices } {
            let name = printable(name);
            let next = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
            let number = match self.names.get(&*name) {
                Some(number) => *number,
                None => *self.names.entry(name.to_string()).or_insert(next),
            };
            self.devices.push((number, name.into_owned()));
        }
    }

    /// The list of these readings' series.
    pub(super) fn of(&mut self, readings: &[WireReading]) -> Result<Keys, ConvertError> {
        let listed = self.devices.len();
        self.wanted.clear();
        let mut hash = 0;
        for WireReading { metric, device, .. } in readings {
            let named = self.devices.get(usize::from(*device));
            let (number, _) = named.ok_or(ConvertError::Device { index: *device, listed })?;
            self.wanted.push((*metric, *number));
            hash = mix(hash, u64::from(*number) << 16 | u64::from(*metric));
        }
        if let Some((_, keys)) = self.known.get(&hash).filter(|(known, _)| *known == self.wanted) {
            return Ok(Arc::clone(keys));
        }
        let key = |reading: &WireReading| {
            let device = self.devices.get(usize::from(reading.device)).map(|(_, name)| name.clone());
            ColumnKey { metric: MetricId(reading.metric), device: device.unwrap_or_default() }
        };
        let keys: Keys = readings.iter().map(key).collect();
        self.known.insert(hash, (self.wanted.clone(), Arc::clone(&keys)));
        Ok(keys)
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
