//! Imports between everything else: what is there stays, wherever it is.

use std::collections::BTreeMap;

use super::*;

impl Model {
    pub(super) fn import(
        &mut self,
        engine: &mut dyn Engine,
        entity: Entity,
        slots: &[(i64, u16, u8, i64)],
    ) -> Result<(), TestCaseError> {
        let mut hours: BTreeMap<i64, ImportHour> = BTreeMap::new();
        let mut expected: BTreeMap<i64, Vec<Imported>> = BTreeMap::new();
        for (slot, metric, device, number) in slots {
            let at = UnixMs(START + slot * HOUR / 2 + 7);
            let (metric, device) = (MetricId(metric + 3), "vda"[..usize::from(*device) * 3].to_owned());
            let value = value(*number);
            let series = SeriesRow { entity, metric, device: device.clone(), placement: None };
            self.known.insert(series.clone());
            let kept = self.readings.entry(series).or_default();
            let known = kept.get(&at).and_then(Both::visible);
            expected.entry(hour(at)).or_default().push(match known {
                Some(known) => Imported::beside(known, value),
                None => Imported::New,
            });
            if known.is_none() {
                arrive(kept, at, value);
            }
            let one = hours.entry(hour(at)).or_insert(ImportHour { entity, readings: Vec::new() });
            one.readings.push((at, Reading { metric, device, value }));
        }
        let hours: Vec<ImportHour> = hours.into_values().collect();
        let found = engine.import(&hours).unwrap();
        prop_assert_eq!(found, expected.into_values().collect::<Vec<_>>());
        Ok(())
    }
}
