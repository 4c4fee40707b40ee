//! What is said of guests that hang: events for the activity log.

use std::collections::HashMap;

use evenkeel_common::time::UnixMs;
use evenkeel_common::wire::v1::EventSample;

use crate::scrape::isolation::{DomainId, Happened};

const INFORMATIONAL: u8 = 0;
const WARNING: u8 = 1;
const EXCEPTION: u8 = 2;

/// Events told one by one at a tick; of more than these only the number is told.
const TOLD_MAX: usize = 16;

/// The events of a tick. `names` are the domains' names.
#[must_use]
pub fn events(happened: &[Happened], names: &HashMap<DomainId, String>, at: UnixMs) -> Vec<EventSample> {
    let name = |domain: &DomainId| names.get(domain).cloned().unwrap_or_default();
    let of_domain = |category, kind: &str, domain: &DomainId, message| EventSample {
        wall_ms: at.0,
        category,
        kind: kind.to_owned(),
        domain: Some(*domain),
        name: name(domain),
        message,
    };
    let of_host = |category, kind: &str, message: &str| EventSample {
        wall_ms: at.0,
        category,
        kind: kind.to_owned(),
        domain: None,
        name: String::new(),
        message: message.to_owned(),
    };
    let one = |happened: &Happened| match happened {
        Happened::Hangs(domain, why) => {
            let message = format!(
                "{} hangs: {why}. What only QEMU knows of it is missing from now on; CPU, memory and network are read \
                 from the kernel",
                name(domain)
            );
            of_domain(WARNING, "vm_hung", domain, message)
        }
        Happened::Answers(domain, after) => {
            let message = format!("{} answers again after {:.0} s", name(domain), after.as_s());
            of_domain(INFORMATIONAL, "vm_answers", domain, message)
        }
        Happened::Degraded => of_host(
            EXCEPTION,
            "host_degraded",
            "several guests hang at once, as when their storage does: each guest is asked alone now, and those that hang \
             not at all",
        ),
        Happened::Recovered => of_host(
            INFORMATIONAL,
            "host_recovered",
            "no further guest has hung for some readings: those that answer are asked together again",
        ),
    };
    let mut events: Vec<EventSample> = happened.iter().take(TOLD_MAX).map(one).collect();
    if let Some(more) = happened.len().checked_sub(TOLD_MAX).filter(|more| *more > 0) {
        events.push(of_host(WARNING, "host_guests_hang", &format!("{more} more guests began or ceased to hang")));
    }
    events
}

#[cfg(test)]
mod tests {
    use evenkeel_common::time::DurationMs;

    use super::*;
    use crate::scrape::isolation::Suspicion;

    #[test]
    fn each_is_told_and_a_flood_is_counted() {
        let names = HashMap::from([([1; 16], "g1".to_owned())]);
        let happened = [Happened::Hangs([1; 16], Suspicion::Late), Happened::Answers([1; 16], DurationMs(2_400))];
        let events = events(&happened, &names, UnixMs(5));
        assert_eq!((events[0].kind.as_str(), events[0].name.as_str(), events[0].category), ("vm_hung", "g1", 1));
        assert!(events[0].message.starts_with("g1 hangs: its QEMU did not answer"), "{}", events[0].message);
        assert_eq!((events[1].kind.as_str(), events[1].message.as_str()), ("vm_answers", "g1 answers again after 2 s"));
        let many = super::events(&[Happened::Degraded; 40], &names, UnixMs(5));
        assert_eq!((many.len(), many[16].message.as_str()), (17, "24 more guests began or ceased to hang"));
    }
}
