//! What goes out with a tick: readings of the VM with the probe's name as their device, what is known of each probe,
//! and changes as events.

use evenkeel_common::metric::{Kind as MetricKind, known};
use evenkeel_common::sample::{Counter, CounterEpoch, Gauge, Missing, Reading, Value};
use evenkeel_common::time::{MonoMs, UnixMs};
use evenkeel_common::wire::v1::{EventSample, ProbeInfo, ProbeState};

use super::definition::Source;
use super::flaps::Tell;
use super::machine::{Entry, Fresh};
use super::outcome::Outcome;
use super::plan::{Invalid, Run};
use super::state::{Change, Health};

/// Longest reason that travels.
const REASON_MAX_BYTES: usize = 300;

/// Categories of the activity log.
const INFORMATIONAL: u8 = 0;
const WARNING: u8 = 1;

/// The readings since the last tick: none when there was no turn since then.
#[must_use]
pub fn readings(entry: &mut Entry, now: UnixMs) -> Vec<Reading> {
    let device = entry.key.1.clone();
    let mut readings = Vec::new();
    let mut push = |metric: &str, value: Value| {
        readings.push(Reading { metric: known(metric).id, device: device.clone(), value });
    };
    let Some(fresh) = entry.fresh.take() else { return readings };
    let missing = |why| Value::Missing(why);
    match fresh {
        Fresh::Paused => {
            for metric in ["vm_probe_up", "vm_probe_outcome", "vm_probe_response_seconds"] {
                push(metric, missing(Missing::Paused));
            }
        }
        Fresh::Observed(observation) => {
            let why = match observation.outcome {
                Outcome::Path => Some(Missing::PathDown),
                Outcome::NotPermitted => Some(Missing::NotPermitted),
                _ => None,
            };
            // A failure that is not confirmed leaves the state as it was.
            let up = match (why, entry.state.health) {
                (Some(why), _) => missing(why),
                (None, Health::Up) => int(1),
                (None, Health::Down) => int(0),
                (None, _) => missing(Missing::NoData),
            };
            push("vm_probe_up", up);
            let code = Value::Gauge(Gauge::Int(observation.outcome.code().into()));
            push("vm_probe_outcome", why.filter(|why| *why == Missing::NotPermitted).map_or(code, missing));
            let response = observation.response_us.and_then(|us| i64::try_from(us).ok()).map(int);
            push("vm_probe_response_seconds", response.unwrap_or(missing(why.unwrap_or(Missing::NoData))));
            if let Some(end) = observation.certificate_end {
                push("vm_probe_certificate_seconds", int(end.since(now).0 / 1000));
            }
        }
    }
    let since = CounterEpoch(u64::try_from(entry.counted_since.0).unwrap_or(0));
    for (metric, value) in [("vm_probe_attempts_total", entry.attempts), ("vm_probe_failures_total", entry.failures)] {
        debug_assert!(known(metric).kind == MetricKind::Counter);
        push(metric, Value::Counter(Counter { epoch: since, value }));
    }
    readings
}

const fn int(value: i64) -> Value {
    Value::Gauge(Gauge::Int(value))
}

/// What is known of a probe.
#[must_use]
pub fn info(entry: &Entry) -> ProbeInfo {
    let definition = &entry.spec.definition;
    let (state, reason) = match (entry.run, &entry.spec.target, entry.state.health) {
        (Run::Paused, ..) => (ProbeState::Paused, "the VM is paused".to_owned()),
        (Run::Off, ..) => (ProbeState::NotRunning, "the VM does not run".to_owned()),
        (Run::Running, Err(why), _) => (ProbeState::Unknown, why.clone()),
        (Run::Running, Ok(_), health) => (of_health(health), entry.state.reason.clone()),
    };
    ProbeInfo {
        name: entry.key.1.clone(),
        kind: definition.template.kind.as_str().to_owned(),
        target: entry.spec.target.as_ref().map(|target| cut(&target.to_string())).unwrap_or_default(),
        from_metadata: definition.source == Source::Metadata,
        state,
        reason: cut(&reason),
        interval_ms: u32::try_from(definition.interval.0).unwrap_or(u32::MAX),
    }
}

const fn of_health(health: Health) -> ProbeState {
    match health {
        Health::Unknown => ProbeState::Unknown,
        Health::Up => ProbeState::Up,
        Health::Down => ProbeState::Down,
        Health::Path => ProbeState::Path,
        Health::NotPermitted => ProbeState::NotPermitted,
    }
}

/// The changes since the last tick, as far as they are worth telling.
#[must_use]
pub fn events(entry: &mut Entry, now: MonoMs, wall: UnixMs) -> Vec<EventSample> {
    entry.told.clone_from(&entry.state);
    let changes = std::mem::take(&mut entry.changes);
    let mut events = Vec::new();
    for change in changes {
        let Some((category, kind, words)) = words(&change) else { continue };
        let name = &entry.key.1;
        let target = entry.spec.target.as_ref().map(ToString::to_string).unwrap_or_default();
        let (category, kind, message) = match entry.flaps.change(now) {
            Tell::Change => (category, kind, format!("probe {name} ({target}) {words}")),
            Tell::Flapping => {
                let message =
                    format!("probe {name} ({target}) changes all the time; not told again until it is quieter");
                (WARNING, "vm_probe_flapping", message)
            }
            Tell::Nothing => continue,
        };
        events.push(event(wall, category, kind, (entry.key.0, &entry.spec.vm_name), &message));
    }
    events
}

/// Category, kind and words of a change; `None` for one that is no news.
fn words(change: &Change) -> Option<(u8, &'static str, String)> {
    let reason = &change.reason;
    match (change.from, change.to) {
        (Health::Unknown, Health::Up) | (_, Health::Unknown) => None,
        (Health::Path, Health::Up) => {
            Some((INFORMATIONAL, "vm_probe_recovered", "answers again: the path is back".to_owned()))
        }
        (_, Health::Up) => Some((INFORMATIONAL, "vm_probe_recovered", "answers again".to_owned())),
        (_, Health::Down) => Some((WARNING, "vm_probe_failed", format!("failed: {reason}"))),
        (_, Health::Path) => Some((
            WARNING,
            "vm_probe_path_down",
            format!("says nothing about the VM, the path to it is broken: {reason}"),
        )),
        (_, Health::NotPermitted) => Some((WARNING, "vm_probe_not_permitted", format!("cannot be made: {reason}"))),
    }
}

/// That a definition in metadata cannot be used.
#[must_use]
pub fn invalid(invalid: &Invalid, wall: UnixMs) -> EventSample {
    event(wall, WARNING, "vm_probe_invalid", (invalid.uuid, &invalid.vm_name), &invalid.line)
}

/// Keeps the first events of a tick; when the path of a whole host breaks, one line says how many more there are.
pub fn bound(events: &mut Vec<EventSample>, max: usize, wall: UnixMs) {
    let more = events.len().saturating_sub(max);
    if more > 0 {
        events.truncate(max);
        events.push(EventSample {
            wall_ms: wall.0,
            category: WARNING,
            kind: "vm_probe_many".to_owned(),
            domain: None,
            name: String::new(),
            message: format!("{more} more probes changed at this tick; `vm show` tells the state of each"),
        });
    }
}

fn event(wall: UnixMs, category: u8, kind: &str, vm: ([u8; 16], &str), message: &str) -> EventSample {
    EventSample {
        wall_ms: wall.0,
        category,
        kind: kind.to_owned(),
        domain: Some(vm.0),
        name: vm.1.to_owned(),
        message: cut(message),
    }
}

fn cut(text: &str) -> String {
    text[..text.floor_char_boundary(REASON_MAX_BYTES)].to_owned()
}

#[cfg(test)]
mod tests {
    use super::super::machine::Machine;
    use super::super::outcome::Observation;
    use super::super::plan::{Plan, Spec};
    use super::*;
    use crate::probe::definition::{Definition, Fields};

    /// A probe after these outcomes, each in an attempt of its own and without retries.
    fn after(outcomes: &[Observation]) -> (Machine, u64) {
        let fields = Fields::from([("url", "http://10.0.0.1/".to_owned()), ("retries", "0".to_owned())]);
        let definition = Definition::parse("web", Source::Metadata, &fields).unwrap();
        let target = definition.target("g1", None);
        let spec = Spec { vm_name: "g1".into(), definition, target, nics: Vec::new() };
        let plan = Plan { specs: [(([1; 16], "web".to_owned()), spec)].into(), ..Plan::default() };
        let mut machine = Machine::default();
        machine.replan(plan, MonoMs(0), UnixMs(7));
        for observation in outcomes {
            let due = machine.next_due().unwrap();
            for attempt in machine.starts(due) {
                machine.finished(attempt.id, attempt.number, observation.clone(), due);
            }
        }
        let id = machine.ids_of([1; 16])[0];
        (machine, id)
    }

    fn seen(outcome: Outcome, response_us: Option<u64>) -> Observation {
        Observation { outcome, response_us, certificate_end: None, detail: "d".to_owned() }
    }

    fn value(readings: &[Reading], metric: &str) -> Value {
        readings.iter().find(|reading| reading.metric == known(metric).id && reading.device == "web").unwrap().value
    }

    #[test]
    fn an_answer_is_its_time_and_state_once() {
        let mut good = seen(Outcome::Ok, Some(1_500));
        good.certificate_end = Some(UnixMs(90_000));
        let (mut machine, id) = after(&[good]);
        let entry = machine.entry_mut(id).unwrap();
        let found = readings(entry, UnixMs(30_000));
        assert_eq!(value(&found, "vm_probe_response_seconds"), int(1_500));
        assert_eq!((value(&found, "vm_probe_up"), value(&found, "vm_probe_outcome")), (int(1), int(0)));
        assert_eq!(value(&found, "vm_probe_certificate_seconds"), int(60));
        let count = Value::Counter(Counter { epoch: CounterEpoch(7), value: 1 });
        assert_eq!(value(&found, "vm_probe_attempts_total"), count);
        assert!(readings(entry, UnixMs(0)).is_empty(), "nothing new");
        assert!(events(entry, MonoMs(0), UnixMs(0)).is_empty(), "that a VM answers is expected");
        assert_eq!(info(entry).state, ProbeState::Up);
    }

    #[test]
    fn a_broken_path_is_missing_and_named_as_such() {
        let (mut machine, id) = after(&[seen(Outcome::Ok, Some(1)), seen(Outcome::Path, None)]);
        let entry = machine.entry_mut(id).unwrap();
        let found = readings(entry, UnixMs(0));
        assert_eq!(value(&found, "vm_probe_up"), Value::Missing(Missing::PathDown));
        assert_eq!(value(&found, "vm_probe_response_seconds"), Value::Missing(Missing::PathDown));
        assert_eq!(value(&found, "vm_probe_outcome"), int(8));
        let told = events(entry, MonoMs(0), UnixMs(0));
        assert_eq!((told.len(), told[0].kind.as_str(), told[0].name.as_str()), (1, "vm_probe_path_down", "g1"));
        assert!(told[0].message.contains("path"), "{}", told[0].message);
        assert_eq!((info(entry).state, info(entry).reason.as_str()), (ProbeState::Path, "path: d"));
    }

    #[test]
    fn changes_are_told_in_order_and_a_missing_right_is_missing() {
        let (mut machine, id) = after(&[
            seen(Outcome::Ok, Some(1)),
            seen(Outcome::Refused, None),
            seen(Outcome::Ok, Some(1)),
            seen(Outcome::NotPermitted, None),
        ]);
        let entry = machine.entry_mut(id).unwrap();
        let kinds: Vec<String> = events(entry, MonoMs(0), UnixMs(0)).into_iter().map(|event| event.kind).collect();
        assert_eq!(kinds, ["vm_probe_failed", "vm_probe_recovered", "vm_probe_not_permitted"]);
        let found = readings(entry, UnixMs(0));
        assert_eq!(value(&found, "vm_probe_outcome"), Value::Missing(Missing::NotPermitted));
        assert_eq!(entry.failures, 1);
    }
}
