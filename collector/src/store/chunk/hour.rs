//! What a chunk holds: one entity's hour, as rows of time and columns of series.

use std::collections::HashMap;

use evenkeel_common::id::AgentId;
use evenkeel_common::metric::MetricId;
use evenkeel_common::sample::Value;
use evenkeel_common::time::UnixMs;

/// That the entity was asked at a time, and what was heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PollCell {
    /// By which agent.
    pub agent: AgentId,
    /// Time to the next one.
    pub interval_ms: u32,
    /// Code of a domain's state.
    pub state: Option<u8>,
    /// Code of the reason when the poll could not tell.
    pub missing: Option<u8>,
    /// The time is the collector's, as the agent's clock was far off.
    pub corrected: bool,
}

/// Name of a column.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ColumnKey {
    /// Metric.
    pub metric: MetricId,
    /// Device; empty for the entity itself.
    pub device: String,
}

/// One series in the hour; a cell for each time.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// Its name.
    pub key: ColumnKey,
    /// Its values; `None` where the series has no reading at that time.
    pub cells: Vec<Option<Value>>,
}

/// See the module. Times rise, columns are in the order of their keys.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Hour {
    /// Times of the readings and polls.
    pub times: Vec<UnixMs>,
    /// The poll of each time.
    pub polls: Vec<Option<PollCell>>,
    /// The series.
    pub columns: Vec<Column>,
}

impl Hour {
    /// How many readings there are.
    #[must_use]
    pub fn readings(&self) -> u64 {
        let cells = self.columns.iter().map(|column| column.cells.iter().flatten().count());
        cells.map(|count| u64::try_from(count).unwrap_or(u64::MAX)).sum()
    }

    /// A column by its name.
    #[must_use]
    pub fn column(&self, key: &ColumnKey) -> Option<&Column> {
        self.columns.binary_search_by(|column| column.key.cmp(key)).ok().map(|index| &self.columns[index])
    }
}

/// Puts an hour together from readings in the order of their arrival: what came first stays.
#[derive(Clone, Debug, Default)]
pub struct HourBuilder {
    times: Vec<UnixMs>,
    polls: Vec<(UnixMs, PollCell)>,
    places: HashMap<ColumnKey, usize>,
    columns: Vec<Vec<(UnixMs, Value)>>,
}

impl HourBuilder {
    /// Everything of an hour that was sealed before.
    pub fn add_hour(&mut self, hour: Hour) {
        for (at, poll) in hour.times.iter().zip(hour.polls) {
            self.row(*at, poll);
        }
        for column in hour.columns {
            let place = self.place(&column.key);
            let values = hour.times.iter().zip(column.cells);
            self.columns[place].extend(values.filter_map(|(at, value)| value.map(|value| (*at, value))));
        }
    }

    /// A time, and its poll if there was one.
    pub fn row(&mut self, at: UnixMs, poll: Option<PollCell>) {
        self.times.push(at);
        self.polls.extend(poll.map(|poll| (at, poll)));
    }

    /// The place of a series, to be given with its readings.
    pub fn place(&mut self, key: &ColumnKey) -> usize {
        if let Some(place) = self.places.get(key) {
            return *place;
        }
        self.columns.push(Vec::new());
        self.places.insert(key.clone(), self.columns.len() - 1);
        self.columns.len() - 1
    }

    /// A reading at the time of a row; of a place that was not given it is ignored.
    pub fn reading(&mut self, place: usize, at: UnixMs, value: Value) {
        if let Some(column) = self.columns.get_mut(place) {
            column.push((at, value));
        }
    }

    /// Takes back the polls of `from <= at < to` so far; the readings stay.
    pub fn withdraw(&mut self, from: UnixMs, to: UnixMs) {
        self.polls.retain(|(at, _)| !(from <= *at && *at < to));
    }

    /// The hour. Times without a poll and without a reading are gone.
    #[must_use]
    pub fn finish(mut self) -> Hour {
        first_of_each(&mut self.polls);
        self.columns.iter_mut().for_each(first_of_each);
        self.times.sort_unstable();
        self.times.dedup();
        let mut keys: Vec<(ColumnKey, usize)> =
            self.places.into_iter().filter(|(_, place)| !self.columns[*place].is_empty()).collect();
        keys.sort_unstable();
        let mut columns: Vec<Column> = keys
            .into_iter()
            .map(|(key, place)| Column { key, cells: aligned(&self.times, &self.columns[place]) })
            .collect();
        let mut polls = aligned(&self.times, &self.polls);
        let used = |row: usize| polls[row].is_some() || columns.iter().any(|column| column.cells[row].is_some());
        let kept: Vec<bool> = (0..self.times.len()).map(used).collect();
        if kept.contains(&false) {
            keep(&mut self.times, &kept);
            keep(&mut polls, &kept);
            columns.iter_mut().for_each(|column| keep(&mut column.cells, &kept));
        }
        Hour { times: self.times, polls, columns }
    }
}

/// Sorts by time; of two at one time the first in arrival stays.
fn first_of_each<T>(values: &mut Vec<(UnixMs, T)>) {
    if !values.is_sorted_by(|a, b| a.0 < b.0) {
        values.sort_by_key(|(at, _)| *at);
        values.dedup_by_key(|(at, _)| *at);
    }
}

/// A cell for each time.
fn aligned<T: Copy>(times: &[UnixMs], values: &[(UnixMs, T)]) -> Vec<Option<T>> {
    let mut values = values.iter().peekable();
    times.iter().map(|time| values.next_if(|(at, _)| at == time).map(|(_, value)| *value)).collect()
}

fn keep<T>(cells: &mut Vec<T>, kept: &[bool]) {
    let mut kept = kept.iter();
    cells.retain(|_| kept.next().copied().unwrap_or(true));
}
