//! The observations of a check: polls and readings as up, down or unknown.

use evenkeel_common::limits::INTERVAL_MAX;
use evenkeel_common::metric::known;
use evenkeel_common::sample::{DomainState, Missing};
use evenkeel_common::time::{DurationMs, UnixMs};

use super::super::{Control, ControlError};
use super::{Check, Watched};
use crate::csi::s4_process;
use crate::series::{Feed, Shown, Sink};
use crate::sla::{Heard, Observation};
use crate::store::{Poll, SeriesRow};

/// What was observed so long before a second may still speak for it.
pub(super) const LOOK_BACK_S: i64 = INTERVAL_MAX.0 / 1_000 * 3 / 2;
/// Polls read at once: more than a day at one a second.
const POLLS_MAX: usize = 100_000;
/// Outcomes of a probe's attempt, by their code.
const OUTCOMES: [&str; 10] =
    ["", "refused", "timeout", "unreachable", "wrong status", "wrong body", "TLS", "resolve", "path", "broken answer"];
/// The code that says nothing about the VM.
const PATH: f64 = 8.0;

impl Control {
    /// The observations of `from_s <= t < to_s`, by time.
    pub(super) async fn observe(
        &self,
        one: &Watched,
        from_s: i64,
        to_s: i64,
    ) -> Result<Vec<Observation>, ControlError> {
        let (from, to) = (UnixMs(from_s.saturating_mul(1_000)), UnixMs(to_s.saturating_mul(1_000)));
        let polls = self.store().polls(one.key.target, from, to, POLLS_MAX).await?;
        match &one.check {
            Check::State => Ok(polls.iter().map(|poll| of_poll(poll, one.is_host)).collect()),
            Check::Probe(name, sampling) => {
                let metric = known("vm_probe_outcome");
                let points = self.points(one, metric, name, &polls, from, to).await?;
                let attempts = points.iter().map(|(at, value)| {
                    let (heard, why) = outcome(value.as_ref().map(|number| number.as_f64()).map_err(|why| *why));
                    Observation { at: *at, interval: *sampling, heard, why }
                });
                let mut all: Vec<Observation> = attempts.collect();
                // A VM that does not run is down, whatever its probe could not ask.
                let downs: Vec<Observation> = polls
                    .iter()
                    .map(|poll| of_poll(poll, one.is_host))
                    .filter(|look| look.heard == Heard::Down)
                    .collect();
                all.retain(|look| downs.binary_search_by_key(&look.at, |down| down.at).is_err());
                all.extend(downs);
                all.sort_by_key(|look| look.at);
                Ok(all)
            }
            Check::Within(metric, device, limit, sampling) => {
                let points = self.points(one, metric, device, &polls, from, to).await?;
                let look = |(at, value): &Shown| {
                    let (heard, why) = match value {
                        Ok(number) if limit.holds(number.as_f64()) => (Heard::Up, String::new()),
                        Ok(_) => (Heard::Down, "limit".to_owned()),
                        Err(why) => (Heard::Unknown, why.as_str().to_owned()),
                    };
                    Observation { at: *at, interval: *sampling, heard, why }
                };
                Ok(points.iter().map(look).collect())
            }
        }
    }

    /// The values of a series, rates of a counter.
    async fn points(
        &self,
        one: &Watched,
        metric: &'static evenkeel_common::metric::Metric,
        device: &str,
        polls: &[Poll],
        from: UnixMs,
        to: UnixMs,
    ) -> Result<Vec<Shown>, ControlError> {
        let row = SeriesRow { entity: one.key.target, metric: metric.id, device: device.to_owned(), placement: None };
        let longest = polls.iter().map(|poll| poll.interval.0).max().unwrap_or(0);
        let mut feed = Feed::new(metric, s4_process::function(metric));
        let (mut points, mut next) = (Vec::new(), Some(from));
        while let Some(at) = next {
            let slice = self.store().samples(row.clone(), at, to).await?;
            for (at, value) in slice.readings {
                let mut sink = Sink::Points { from, points: &mut points };
                feed.handle(at, value, DurationMs(longest * 5 / 2), &mut sink);
            }
            next = slice.next;
        }
        Ok(points)
    }
}

fn of_poll(poll: &Poll, is_host: bool) -> Observation {
    let missing = poll.missing.map(Missing::from_code);
    let state = poll.state.filter(|_| missing.is_none()).map(DomainState::from_code);
    let (heard, why) = match (missing, state) {
        (None, _) if is_host => (Heard::Up, String::new()),
        (Some(why), _) => (Heard::Unknown, why.as_str().to_owned()),
        (None, state) => match Heard::of(state) {
            Heard::Up => (Heard::Up, String::new()),
            heard => (heard, state.map_or_else(|| "no_state".to_owned(), |state| state.to_string())),
        },
    };
    Observation { at: poll.at, interval: poll.interval, heard, why }
}

fn outcome(code: Result<f64, Missing>) -> (Heard, String) {
    match code {
        Ok(0.0) => (Heard::Up, String::new()),
        Ok(PATH) => (Heard::Unknown, Missing::PathDown.as_str().to_owned()),
        Ok(code) => {
            let word = (0_u8..)
                .zip(OUTCOMES)
                .find(|(number, _)| (f64::from(*number) - code).abs() < 0.5)
                .map(|(_, word)| word);
            (Heard::Down, word.unwrap_or("failed").to_owned())
        }
        Err(why) => (Heard::Unknown, why.as_str().to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_path_and_a_silent_monitor_are_unknown_and_not_down() {
        assert_eq!(outcome(Ok(0.0)).0, Heard::Up);
        assert_eq!(outcome(Ok(2.0)), (Heard::Down, "timeout".to_owned()));
        assert_eq!(outcome(Ok(8.0)), (Heard::Unknown, "path_down".to_owned()));
        assert_eq!(outcome(Ok(99.0)).0, Heard::Down);
        assert_eq!(outcome(Err(Missing::Paused)).0, Heard::Unknown);
        let agent = evenkeel_common::id::AgentId::from_bytes([1; 16]);
        let poll = |state, missing| Poll { at: UnixMs(0), agent, interval: DurationMs(1), state, missing };
        assert_eq!(of_poll(&poll(Some(1), None), false).heard, Heard::Up);
        assert_eq!(of_poll(&poll(Some(5), None), false).heard, Heard::Down);
        assert_eq!(of_poll(&poll(Some(5), Some(Missing::Hung.code())), false).heard, Heard::Unknown);
        assert_eq!(of_poll(&poll(None, None), true).heard, Heard::Up, "a host has no state");
    }
}
