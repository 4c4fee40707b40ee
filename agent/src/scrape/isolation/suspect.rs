//! What is held against a domain.

use std::fmt;

use evenkeel_common::time::{DurationMs, MonoMs};

/// The first wait before something risky is tried again; it doubles …
const FIRST: DurationMs = DurationMs::from_s(10);
/// … up to this.
const LAST: DurationMs = DurationMs::from_s(300);
/// A job of somebody else (a backup, a `virsh` that waits) holds a domain for a moment; after so many ticks it is said.
const BUSY_TICKS: u8 = 3;

/// Why a domain is taken to hang.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Suspicion {
    /// The kernel says that its process is stopped, or stuck.
    Kernel,
    /// A call at it passed its deadline.
    Late,
    /// libvirt has answered without it for several ticks: a job holds its monitor.
    Busy,
}

impl fmt::Display for Suspicion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Kernel => "the kernel says that its QEMU is stopped or waits for a device",
            Self::Late => "its QEMU did not answer within the deadline",
            Self::Busy => "something else has held its monitor for several readings",
        })
    }
}

/// A wait that grows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Patience {
    next: MonoMs,
    wait: DurationMs,
}

impl Patience {
    pub(super) fn first(now: MonoMs) -> Self {
        Self { next: now.plus(FIRST), wait: FIRST }
    }

    pub(super) fn over(now: MonoMs) -> Self {
        // The next wait is the first.
        Self { next: now, wait: DurationMs(FIRST.0 / 2) }
    }

    pub(super) fn is_over(self, now: MonoMs) -> bool {
        now >= self.next
    }

    pub(super) fn longer(&mut self, now: MonoMs) {
        self.wait = DurationMs(self.wait.0.saturating_mul(2)).min(LAST);
        self.next = now.plus(self.wait);
    }
}

/// What is known of a suspect.
#[derive(Clone, Debug)]
pub(super) struct Evidence {
    since: MonoMs,
    ground: Ground,
    /// A call of ours hangs at it, as far as is known.
    is_ours: bool,
    said: bool,
}

#[derive(Clone, Debug)]
enum Ground {
    /// The kernel says so at this tick.
    Kernel,
    /// A job holds it: asking costs nothing and shows when it is over.
    Held { ticks: u8 },
    /// A call at it was late; it is tried alone and rarely until a job is seen to hold it.
    Late(Patience),
}

impl Evidence {
    pub(super) fn kernel(now: MonoMs) -> Self {
        Self { since: now, ground: Ground::Kernel, is_ours: false, said: true }
    }

    pub(super) fn held(is_ours: bool, now: MonoMs) -> Self {
        Self { since: now, ground: Ground::Held { ticks: 1 }, is_ours, said: is_ours }
    }

    pub(super) fn late(now: MonoMs) -> Self {
        Self { since: now, ground: Ground::Late(Patience::over(now)), is_ours: true, said: true }
    }

    /// A tick begins; `is_stopped` is what the kernel says.
    pub(super) fn look(&mut self, is_stopped: bool) {
        if matches!(self.ground, Ground::Kernel) && !is_stopped {
            // If it answers now, the watch shows it at once.
            self.ground = Ground::Held { ticks: BUSY_TICKS };
        }
    }

    pub(super) fn is_watched(&self) -> bool {
        matches!(self.ground, Ground::Held { .. })
    }

    pub(super) fn is_ours(&self) -> bool {
        self.is_ours
    }

    pub(super) fn next_trial(&self) -> Option<MonoMs> {
        match self.ground {
            Ground::Late(patience) => Some(patience.next),
            Ground::Kernel | Ground::Held { .. } => None,
        }
    }

    /// libvirt answered without it. Says why it is a suspect when that is to be said now.
    pub(super) fn seen_held(&mut self) -> Option<Suspicion> {
        let ticks = match self.ground {
            Ground::Held { ticks } => ticks.saturating_add(1),
            Ground::Kernel | Ground::Late(_) => 1,
        };
        self.ground = Ground::Held { ticks };
        let is_new = !self.said && ticks >= BUSY_TICKS;
        self.said |= is_new;
        is_new.then_some(Suspicion::Busy)
    }

    /// A call at it, or at it and others, was late.
    pub(super) fn was_late(&mut self, now: MonoMs) {
        self.is_ours = true;
        match &mut self.ground {
            Ground::Late(patience) => patience.longer(now),
            ground => *ground = Ground::Late(Patience::over(now)),
        }
    }

    pub(super) fn try_soon(&mut self, now: MonoMs) {
        if let Ground::Late(patience) = &mut self.ground {
            *patience = Patience::over(now);
        }
    }

    /// Why it is a suspect, when that is said at once.
    pub(super) fn said(&self) -> Option<Suspicion> {
        let suspicion = if matches!(self.ground, Ground::Kernel) { Suspicion::Kernel } else { Suspicion::Late };
        self.said.then_some(suspicion)
    }

    /// Since when, if anybody heard of it.
    pub(super) fn said_since(&self) -> Option<MonoMs> {
        self.said.then_some(self.since)
    }
}
