//! [P] The probes of a VM: what its host says of each, and the newest readings.

use evenkeel_common::metric::known;
use evenkeel_common::sample::DomainState;

use super::detail::some;
use super::rates;
use crate::store::{Latest, ProbeFacts};
use crate::view::vm::ProbeView;

const DAY_S: f64 = 86_400.0;

/// The probes by name. `unheard` is why nothing is heard of the VM: what its probes said last is not known to hold.
pub fn probes(facts: &[ProbeFacts], state: DomainState, unheard: Option<&str>, series: &[Latest]) -> Vec<ProbeView> {
    facts.iter().map(|facts| probe(facts, state, unheard, series)).collect()
}

fn probe(facts: &ProbeFacts, vm: DomainState, unheard: Option<&str>, series: &[Latest]) -> ProbeView {
    let newest = |name: &str| {
        let metric = known(name);
        let latest = series.iter().find(|latest| latest.metric == metric.id && latest.device == facts.name)?;
        Some((latest.points.first()?.0, rates::newest(&latest.points, metric.stored_per_unit).ok()))
    };
    let (state, reason) = match (unheard, vm.is_active()) {
        // Reasons that the probe itself gives say more than those of the VM as a whole.
        (Some(why @ ("agent_down" | "host_unreachable" | "libvirt_down")), _) => {
            ("unknown", Some(format!("nothing is heard from its host: {}", why.replace('_', " "))))
        }
        (_, false) => ("not_running", Some("the VM does not run".to_owned())),
        (_, true) => (facts.state.as_str(), some(&facts.reason)),
    };
    ProbeView {
        name: facts.name.clone(),
        kind: facts.kind.clone(),
        target: some(&facts.target),
        source: if facts.from_metadata { "metadata" } else { "config" }.to_owned(),
        state: state.to_owned(),
        reason,
        response_s: newest("vm_probe_response_seconds").and_then(|(_, value)| value),
        certificate_days: newest("vm_probe_certificate_seconds").and_then(|(_, value)| value).map(|s| s / DAY_S),
        last_time: newest("vm_probe_attempts_total").map(|(at, _)| at.into()),
    }
}

#[cfg(test)]
mod tests {
    use evenkeel_common::id::DomainUuid;
    use evenkeel_common::metric::by_name;
    use evenkeel_common::sample::{Counter, CounterEpoch, Gauge, Missing, Value};
    use evenkeel_common::time::UnixMs;

    use super::*;

    fn latest(metric: &str, device: &str, value: Value) -> Latest {
        let entity = DomainUuid::from_bytes([1; 16]).into();
        Latest {
            entity,
            metric: by_name(metric).unwrap().id,
            device: device.to_owned(),
            points: vec![(UnixMs(9_000), value)],
        }
    }

    fn facts() -> ProbeFacts {
        ProbeFacts { name: "web".into(), kind: "https".into(), state: "up".into(), ..ProbeFacts::default() }
    }

    #[test]
    fn what_is_known_and_what_was_measured_stand_together() {
        let count = Value::Counter(Counter { epoch: CounterEpoch(1), value: 3 });
        let series = [
            latest("vm_probe_response_seconds", "other", Value::Gauge(Gauge::Int(7))),
            latest("vm_probe_response_seconds", "web", Value::Gauge(Gauge::Int(1_500))),
            latest("vm_probe_certificate_seconds", "web", Value::Gauge(Gauge::Int(172_800))),
            latest("vm_probe_attempts_total", "web", count),
        ];
        let found = probes(&[facts()], DomainState::Running, None, &series).remove(0);
        assert_eq!((found.state.as_str(), found.response_s, found.certificate_days), ("up", Some(0.0015), Some(2.0)));
        assert_eq!((found.last_time, found.source.as_str()), (Some(UnixMs(9_000).into()), "config"));
        let path = [latest("vm_probe_response_seconds", "web", Value::Missing(Missing::PathDown))];
        assert_eq!(probes(&[facts()], DomainState::Running, None, &path).remove(0).response_s, None);
    }

    #[test]
    fn an_old_state_is_not_shown_as_the_present_one() {
        let of = |state, unheard| probes(&[facts()], state, unheard, &[]).remove(0).state;
        assert_eq!(of(DomainState::Running, Some("host_unreachable")), "unknown");
        assert_eq!(of(DomainState::Shutoff, None), "not_running");
        assert_eq!(of(DomainState::Running, Some("hung")), "up", "a VM whose monitor hangs may answer all the same");
    }
}
