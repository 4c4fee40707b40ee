//! What a tick's checks found, in words: one event per group however many guests differ, and one warning per reason.

use std::collections::HashSet;
use std::mem::{Discriminant, discriminant};

use evenkeel_common::metric::by_name;
use evenkeel_common::time::UnixMs;
use evenkeel_common::wire::v1::EventSample;

use super::CHECK_EVERY;
use crate::gather::kernel::choice::Verdict;
use crate::gather::kernel::compare::Difference;
use crate::gather::kernel::group::Group;
use crate::gather::kernel::lines::NotThere;
use crate::gather::roster::DomainReadings;

const INFORMATIONAL: u8 = 0;
const WARNING: u8 = 1;

/// One tick's findings.
#[derive(Debug, Default)]
pub(super) struct Report {
    turned: Vec<Turned>,
    not_there: Vec<(Group, String, NotThere)>,
}

#[derive(Debug)]
struct Turned {
    group: Group,
    uuid: [u8; 16],
    name: String,
    /// `None` when they agree again.
    difference: Option<Difference>,
}

impl Report {
    /// A group that changed between agreeing and differing.
    pub(super) fn turned(&mut self, group: Group, domain: &DomainReadings, verdict: &Verdict) {
        let difference = match verdict {
            Verdict::Differs(difference) => Some(difference.clone()),
            Verdict::Agrees | Verdict::Unchecked { .. } => None,
        };
        self.turned.push(Turned { group, uuid: domain.uuid, name: domain.name.clone(), difference });
    }

    /// A group that the kernel does not say although it should. An interface without a tap is no fault.
    pub(super) fn not_there(&mut self, group: Group, domain: &DomainReadings, why: &NotThere) {
        if matches!(why, NotThere::NoProcess | NotThere::NotReadable | NotThere::TapElsewhere) {
            self.not_there.push((group, domain.name.clone(), why.clone()));
        }
    }

    /// One per group and direction.
    pub(super) fn events(&self, at: UnixMs) -> Vec<EventSample> {
        let mut events = Vec::new();
        for group in Group::ALL {
            for differs in [true, false] {
                let is_of = |one: &&Turned| one.group == group && one.difference.is_some() == differs;
                let all: Vec<&Turned> = self.turned.iter().filter(is_of).collect();
                if let Some(first) = all.first() {
                    events.push(event(group, first, all.len() - 1, at));
                }
            }
        }
        events
    }

    /// Those that were not said before.
    pub(super) fn warnings(&self, said: &mut HashSet<(Group, Discriminant<NotThere>)>) -> Vec<String> {
        let new = self.not_there.iter().filter(|(group, _, why)| said.insert((*group, discriminant(why))));
        new.map(|(group, name, why)| {
            format!("{} of {name} is read from libvirt: {why} (said once, other guests may have it too)", group.words())
        })
        .collect()
    }
}

fn event(group: Group, first: &Turned, others: usize, at: UnixMs) -> EventSample {
    let and_others = if others == 0 { String::new() } else { format!(" and of {others} more") };
    let of = format!("{} of {}{and_others}", group.words(), first.name);
    let (category, kind, message) = match &first.difference {
        Some(difference) => {
            let series = format!("{} {}", difference.metric, difference.device);
            let number = |value| shown(difference.metric, value);
            let message = format!(
                "{of}: the kernel says something else than libvirt ({}: {} and {}); it is read from libvirt now, the next \
                 try is in {} min at most",
                series.trim_end(),
                number(difference.kernel),
                number(difference.libvirt),
                CHECK_EVERY.0 / 60_000
            );
            (WARNING, "host_fast_path_off", message)
        }
        None => {
            (INFORMATIONAL, "host_fast_path_on", format!("{of}: the kernel agrees with libvirt, and is read again"))
        }
    };
    let is_one = others == 0;
    EventSample {
        wall_ms: at.0,
        category,
        kind: kind.to_owned(),
        domain: is_one.then_some(first.uuid),
        name: if is_one { first.name.clone() } else { String::new() },
        message,
    }
}

/// A stored number in the metric's own unit.
#[expect(clippy::cast_precision_loss, reason = "shown, not computed with")]
fn shown(metric: &str, value: Option<u64>) -> String {
    let Some(value) = value else { return "nothing".to_owned() };
    match by_name(metric) {
        Some(metric) if metric.stored_per_unit > 1.0 => format!("{:.3}", value as f64 / metric.stored_per_unit),
        _ => value.to_string(),
    }
}
