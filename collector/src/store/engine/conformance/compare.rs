//! What an engine says, beside what the model knows.

use super::*;

/// All buckets there may be.
fn whole(level: Level) -> BucketRange {
    BucketRange { level, from: UnixMs(START - DAY), to: UnixMs(START + 4 * DAY), sketches: true }
}

impl Model {
    /// Series that are read together are as those that are read alone; the reader was open while things changed.
    pub(super) fn compare_together(&self, reader: &mut dyn Engine) -> Result<(), TestCaseError> {
        let known: Vec<SeriesRow> = self.known.iter().cloned().collect();
        let beside = |a: &SeriesRow, b: &SeriesRow| (a.entity, a.placement) == (b.entity, b.placement);
        for rows in known.chunk_by(beside) {
            let mut found: Vec<Vec<(UnixMs, Value)>> = vec![Vec::new(); rows.len()];
            let mut next = Some(UnixMs(i64::MIN));
            while let Some(at) = next {
                let slices = reader.samples(rows, at, UnixMs(i64::MAX)).unwrap();
                found.iter_mut().zip(slices.readings).for_each(|(all, some)| all.extend(some));
                next = slices.next;
            }
            for (row, found) in rows.iter().zip(found) {
                let kept = self.readings.get(row).into_iter().flatten();
                let expected: Vec<_> = kept.filter_map(|(at, both)| Some((*at, both.visible()?))).collect();
                prop_assert_eq!(found, expected, "{:?}", row);
            }
        }
        for level in [Level::Short, Level::Long] {
            let together = reader.buckets(&known, whole(level)).unwrap();
            for (row, together) in known.iter().zip(together) {
                let alone = reader.buckets(std::slice::from_ref(row), whole(level)).unwrap();
                prop_assert_eq!(&alone[..], std::slice::from_ref(&together), "{:?}", row);
                let mut without = alone[0].clone();
                without.buckets.iter_mut().for_each(|(_, bucket)| bucket.sketch = None);
                without.buckets.retain(|(_, bucket)| *bucket != Bucket::default());
                let range = BucketRange { sketches: false, ..whole(level) };
                prop_assert_eq!(reader.buckets(std::slice::from_ref(row), range).unwrap(), [without]);
            }
        }
        Ok(())
    }

    pub(super) fn compare_readings(&self, engine: &mut dyn Engine, series: &SeriesRow) -> Result<(), TestCaseError> {
        let kept = self.readings.get(series);
        let expected: Vec<(UnixMs, Value)> =
            kept.into_iter().flatten().filter_map(|(at, both)| Some((*at, both.visible()?))).collect();
        for (from, to) in [(i64::MIN, i64::MAX), (START + 5 * HOUR / 2, START + 31 * HOUR)] {
            let (from, to) = (UnixMs(from), UnixMs(to));
            let mut found = Vec::new();
            let mut next = Some(from);
            while let Some(at) = next {
                let slice = engine.samples(std::slice::from_ref(series), at, to).unwrap();
                found.extend(slice.readings.into_iter().flatten());
                next = slice.next;
            }
            let inside: Vec<_> = expected.iter().copied().filter(|(at, _)| from <= *at && *at < to).collect();
            prop_assert_eq!(found, inside, "{:?} from {:?}", series, from);
        }
        self.compare_rollups(engine, series)
    }

    /// Rollups of hours of which everything is sealed are those of the readings.
    fn compare_rollups(&self, engine: &mut dyn Engine, series: &SeriesRow) -> Result<(), TestCaseError> {
        let key = ColumnKey { metric: series.metric, device: series.device.clone() };
        for level in [Level::Short, Level::Long] {
            let step = level.step().unwrap();
            let found = engine.buckets(std::slice::from_ref(series), whole(level)).unwrap().remove(0);
            let found: BTreeMap<UnixMs, Bucket> = found.buckets.into_iter().collect();
            for start in (START - START % HOUR..START + HOURS * HOUR).step_by(3_600_000) {
                if self.blurred.contains(&(series.entity, series.placement, start)) {
                    continue;
                }
                let Some(builder) = self.hour(series, start) else { continue };
                let rollup = rolled(&builder.finish(), step, level == Level::Long);
                let expected = rollup.series.get(&key).cloned().unwrap_or_default();
                let inside = found.range(UnixMs(start)..UnixMs(start + HOUR)).map(|(at, bucket)| (*at, bucket.clone()));
                prop_assert_eq!(inside.collect::<BTreeMap<_, _>>(), expected, "{:?} {:?}", series, level);
            }
        }
        Ok(())
    }

    /// One series' hour with its entity's polls; none when a part of it waits.
    fn hour(&self, series: &SeriesRow, start: i64) -> Option<HourBuilder> {
        let range = UnixMs(start)..UnixMs(start + HOUR);
        let mut builder = HourBuilder::default();
        let key = ColumnKey { metric: series.metric, device: series.device.clone() };
        let place = builder.place(&key);
        let same = |other: &&SeriesRow| other.entity == series.entity && other.placement == series.placement;
        for (other, kept) in self.readings.iter().filter(|(other, _)| same(other)) {
            for (at, both) in kept.range(range.clone()) {
                // A part that waits is not in the rollups.
                let Both { sealed: Some(value), waiting: None } = both else { return None };
                builder.row(*at, None);
                if other == series {
                    builder.reading(place, *at, *value);
                }
            }
        }
        if series.placement.is_none() {
            let polls = self.polls.get(&series.entity).into_iter().flat_map(|kept| kept.range(range.clone()));
            for (at, both) in polls {
                let Both { sealed: Some(cell), waiting: None } = both else { return None };
                builder.row(*at, Some(*cell));
            }
        }
        Some(builder)
    }

    pub(super) fn compare_polls(&self, engine: &mut dyn Engine, entity: Entity) -> Result<(), TestCaseError> {
        let kept = self.polls.get(&entity);
        let expected: Vec<Poll> =
            kept.into_iter().flatten().filter_map(|(at, both)| Some(Poll::from((*at, both.visible()?)))).collect();
        let found = engine.polls(entity, UnixMs(i64::MIN), UnixMs(i64::MAX), usize::MAX).unwrap();
        prop_assert_eq!(&found, &expected);
        let few = engine.polls(entity, UnixMs(i64::MIN), UnixMs(i64::MAX), 2).unwrap();
        prop_assert_eq!(&few[..], &expected[..expected.len().min(2)]);
        Ok(())
    }

    /// The newest of what waits is found, and nothing that is not there.
    pub(super) fn compare_latest(&self, engine: &mut dyn Engine, entity: Entity) -> Result<(), TestCaseError> {
        let latest = engine.latest(entity, &[], 3).unwrap();
        for (series, kept) in self.readings.iter().filter(|(row, _)| row.entity == entity && row.placement.is_none()) {
            let found = latest.iter().find(|latest| latest.metric == series.metric && latest.device == series.device);
            let points = found.map(|latest| latest.points.clone()).unwrap_or_default();
            prop_assert!(points.is_sorted_by(|a, b| a.0 > b.0));
            for (at, value) in &points {
                // Of two for one time that came before and after a seal either may be shown here.
                let both = kept.get(at);
                prop_assert!(both.is_some_and(|both| [both.sealed, both.waiting].contains(&Some(*value))));
            }
            if let Some((at, Both { waiting: Some(value), sealed: None })) = kept.iter().next_back() {
                prop_assert_eq!(points.first(), Some(&(*at, *value)));
            }
        }
        Ok(())
    }
}
