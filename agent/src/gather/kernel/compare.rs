//! Whether libvirt's numbers lie between two looks of the kernel's, one before libvirt was asked and one after.

use super::group::{Group, Line};

/// Clock ticks are 10 ms; user and system time are each rounded down to one.
const CPU_SLACK_NS: u64 = 20_000_000;
/// A resident set moves both ways between the looks.
const MEMORY_SLACK_PERCENT: u64 = 5;
const MEMORY_SLACK_BYTES: u64 = 4 << 20;

/// A number that the two do not agree on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Its metric's name.
    pub metric: &'static str,
    /// Its device; empty for the domain itself.
    pub device: String,
    /// What the kernel says, after libvirt was asked; `None` when it does not know the series.
    pub kernel: Option<u64>,
    /// What libvirt says; `None` when it does not know the series.
    pub libvirt: Option<u64>,
}

/// The first difference. `before` is `None` for a run that was not known before libvirt named it: then libvirt's
/// numbers may only not be over the kernel's.
#[must_use]
pub fn difference(group: Group, before: Option<&[Line]>, libvirt: &[Line], after: &[Line]) -> Option<Difference> {
    let find =
        |lines: &[Line], wanted: &Line| lines.iter().find(|line| line.is_same_series(wanted)).map(|line| line.value);
    let unknown = libvirt.iter().find(|line| find(after, line).is_none());
    if let Some(line) = unknown {
        return Some(Difference {
            metric: line.metric.name,
            device: line.device.clone(),
            kernel: None,
            libvirt: Some(line.value),
        });
    }
    after.iter().find_map(|line| {
        let said = find(libvirt, line);
        // libvirt has no `delay` before 7.2: what it does not say cannot be wrong, as long as it says the rest.
        let Some(said) = said else {
            let is_optional = line.metric.name == "vm_vcpu_delay_seconds_total";
            let difference = || difference_of(line, None);
            return (!is_optional).then(difference);
        };
        let earlier = before.map(|before| find(before, line).unwrap_or(line.value));
        let is_near = match group {
            Group::Memory => is_near_memory(earlier.unwrap_or(line.value), said, line.value),
            Group::Cpu | Group::Vcpu => is_between(earlier, said, line.value, CPU_SLACK_NS),
            Group::Network => is_between(earlier, said, line.value, 0),
        };
        (!is_near).then(|| difference_of(line, Some(said)))
    })
}

fn difference_of(line: &Line, libvirt: Option<u64>) -> Difference {
    Difference { metric: line.metric.name, device: line.device.clone(), kernel: Some(line.value), libvirt }
}

fn is_between(before: Option<u64>, said: u64, after: u64, slack: u64) -> bool {
    before.is_none_or(|before| said.saturating_add(slack) >= before) && said <= after.saturating_add(slack)
}

fn is_near_memory(before: u64, said: u64, after: u64) -> bool {
    let slack = |bytes: u64| bytes / 100 * MEMORY_SLACK_PERCENT + MEMORY_SLACK_BYTES;
    let (least, most) = (before.min(after), before.max(after));
    said >= least.saturating_sub(slack(least)) && said <= most.saturating_add(slack(most))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cpu(total: u64) -> Vec<Line> {
        vec![Line { metric: Group::Cpu.metrics()[0], device: String::new(), value: total }]
    }

    fn net(bytes: u64) -> Vec<Line> {
        vec![Line { metric: Group::Network.metrics()[0], device: "vnet0".to_owned(), value: bytes }]
    }

    #[test]
    fn a_clock_tick_is_no_difference_and_a_second_is() {
        const S: u64 = 1_000_000_000;
        let of = |libvirt| difference(Group::Cpu, Some(&cpu(10 * S)), &cpu(libvirt), &cpu(11 * S));
        assert_eq!(of(10 * S - 10_000_000), None);
        assert_eq!(of(11 * S + 10_000_000), None);
        assert_eq!(of(9 * S).map(|found| (found.kernel, found.libvirt)), Some((Some(11 * S), Some(9 * S))));
        assert!(of(12 * S).is_some());
    }

    #[test]
    fn traffic_is_exact() {
        assert_eq!(difference(Group::Network, Some(&net(5)), &net(5), &net(9)), None);
        assert!(difference(Group::Network, Some(&net(5)), &net(4), &net(9)).is_some());
        assert!(difference(Group::Network, Some(&net(5)), &net(10), &net(9)).is_some());
        assert_eq!(difference(Group::Network, None, &net(4), &net(9)), None);
    }

    #[test]
    fn a_series_that_one_side_lacks_is_a_difference() {
        let nothing = &[];
        assert!(
            difference(Group::Network, Some(nothing), &net(5), nothing).is_some_and(|found| found.kernel.is_none())
        );
        assert!(difference(Group::Network, None, nothing, &net(5)).is_some_and(|found| found.libvirt.is_none()));
        assert_eq!(difference(Group::Network, None, nothing, nothing), None);
    }

    #[test]
    fn memory_may_move_a_little() {
        const MIB: u64 = 1 << 20;
        assert!(is_near_memory(100 * MIB, 108 * MIB, 100 * MIB));
        assert!(!is_near_memory(100 * MIB, 120 * MIB, 100 * MIB));
        assert!(!is_near_memory(100 * MIB, 80 * MIB, 100 * MIB));
    }
}
