//! [P] When a VM's next backup is due: spread over a window, missed runs caught up once, failures tried again later.

use evenkeel_common::id::DomainUuid;
use evenkeel_common::time::{DurationMs, UnixMs};

/// Tries of one run at most: the first, and a few after failures.
const TRIES_MAX: u32 = 4;
/// How long after a failed try the next one comes; each further one waits twice as long.
const TRY_AGAIN: DurationMs = DurationMs::from_s(900);

/// How often, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rhythm {
    /// From one run to the next.
    pub every: DurationMs,
    /// Where the window begins, counted from midnight UTC for a daily rhythm (from 1970 in steps of `every` in general).
    pub begin: DurationMs,
    /// How long it is; each VM has its own moment in it.
    pub window: DurationMs,
}

/// What is known of a VM's backups under a plan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// When the newest try was asked for.
    pub tried: Option<UnixMs>,
    /// Tries since the newest success, all of them failed or refused.
    pub failures: u32,
    /// When the newest success was asked for.
    pub succeeded: Option<UnixMs>,
    /// A try that has not ended.
    pub open: bool,
    /// When the VM was first seen: what was due before is not missed.
    pub known_since: UnixMs,
}

/// Whether to back up now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// Yes; the run was due at this time.
    Now(UnixMs),
    /// One is under way.
    Open,
    /// Not before this time.
    At(UnixMs),
}

/// The VM's own moment in the window: the same for ever, and even over many VMs.
#[must_use]
pub fn moment(rhythm: &Rhythm, vm: DomainUuid) -> DurationMs {
    let span = u64::try_from(rhythm.window.0).unwrap_or(0).max(1);
    let hash = vm.to_bytes().iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        // FNV-1a: no secret, only spread.
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    // The low bits of FNV are weak for a modulus that is a power of two.
    DurationMs(i64::try_from((hash >> 16) % span).unwrap_or(0))
}

/// Decides.
#[must_use]
pub fn due(rhythm: &Rhythm, vm: DomainUuid, history: &History, now: UnixMs) -> Due {
    if history.open {
        return Due::Open;
    }
    let every = rhythm.every.0.max(1);
    let first = rhythm.begin.0.rem_euclid(every) + moment(rhythm, vm).0;
    let run = UnixMs((now.0 - first).div_euclid(every) * every + first);
    let next = UnixMs(run.0 + every);
    let done = history.succeeded.is_some_and(|at| at >= run);
    if done || run < history.known_since {
        return Due::At(next);
    }
    match history.tried {
        Some(tried) if tried >= run => {
            if history.failures >= TRIES_MAX {
                return Due::At(next);
            }
            let doubled = TRY_AGAIN.0.saturating_mul(1 << history.failures.saturating_sub(1).min(16));
            let again = UnixMs(tried.0.saturating_add(doubled));
            if now >= again { Due::Now(run) } else { Due::At(UnixMs(again.0.min(next.0))) }
        }
        // Whatever was missed before this run is made good by it.
        _ => Due::Now(run),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HOUR: i64 = 3_600_000;
    const NIGHTLY: Rhythm =
        Rhythm { every: DurationMs(24 * HOUR), begin: DurationMs(HOUR), window: DurationMs(4 * HOUR) };

    fn vm(n: u16) -> DomainUuid {
        let mut bytes = [0; 16];
        bytes[..2].copy_from_slice(&n.to_be_bytes());
        DomainUuid::from_bytes(bytes)
    }

    #[test]
    fn many_vms_are_spread_evenly_over_the_window() {
        let mut quarters = [0_u32; 4];
        for n in 0..1_000 {
            let at = moment(&NIGHTLY, vm(n)).0;
            quarters[usize::try_from(at / HOUR).unwrap()] += 1;
        }
        assert!(quarters.iter().all(|count| (200..=300).contains(count)), "{quarters:?}");
    }

    #[test]
    fn a_missed_run_is_caught_up_once_and_a_failed_one_is_tried_again() {
        let run = UnixMs(10 * 24 * HOUR + HOUR + moment(&NIGHTLY, vm(1)).0);
        let at = |history: &History, now: UnixMs| due(&NIGHTLY, vm(1), history, now);
        // Three nights were missed; one run makes it good.
        let mut history = History { succeeded: Some(UnixMs(run.0 - 3 * 24 * HOUR)), ..History::default() };
        assert_eq!(at(&history, UnixMs(run.0 + 9 * HOUR)), Due::Now(run));
        history.succeeded = Some(UnixMs(run.0 + 9 * HOUR));
        assert_eq!(at(&history, UnixMs(run.0 + 10 * HOUR)), Due::At(UnixMs(run.0 + 24 * HOUR)));
        // Failures wait longer and longer, then for the next night.
        history = History { tried: Some(run), failures: 1, ..History::default() };
        assert_eq!(at(&history, UnixMs(run.0 + 1)), Due::At(run.plus(TRY_AGAIN)));
        assert_eq!(at(&history, run.plus(TRY_AGAIN)), Due::Now(run));
        history.failures = TRIES_MAX;
        assert_eq!(at(&history, UnixMs(run.0 + 12 * HOUR)), Due::At(UnixMs(run.0 + 24 * HOUR)));
        history.open = true;
        assert_eq!(at(&history, UnixMs(run.0 + 30 * HOUR)), Due::Open);
        let fresh = History { known_since: UnixMs(run.0 + 1), ..History::default() };
        assert_eq!(at(&fresh, UnixMs(run.0 + HOUR)), Due::At(UnixMs(run.0 + 24 * HOUR)), "nothing was missed");
    }

    proptest! {
        /// A collector that looks every few minutes, and is away now and then, runs each VM once a night, and is never
        /// more than one night behind while it is there.
        #[test]
        fn one_run_a_night(n in 0_u16..2_000, steps in prop::collection::vec(1_i64..40, 50..400), away in 0_usize..400) {
            let mut history = History::default();
            let (mut now, mut runs) = (UnixMs(100 * 24 * HOUR), Vec::new());
            history.known_since = now;
            for (step, minutes) in steps.iter().enumerate() {
                now = UnixMs(now.0 + minutes * 60_000 + if step == away { 70 * HOUR } else { 0 });
                if let Due::Now(run) = due(&NIGHTLY, vm(n), &history, now) {
                    runs.push(run);
                    history.succeeded = Some(now);
                    history.tried = Some(now);
                }
            }
            let mut unique = runs.clone();
            unique.dedup();
            prop_assert_eq!(&unique, &runs, "a night ran twice");
            let last_due = (now.0 - history.known_since.0) / (24 * HOUR);
            prop_assert!(i64::try_from(runs.len()).unwrap() <= last_due + 1);
            prop_assert!(last_due < 2 || !runs.is_empty());
        }
    }
}
