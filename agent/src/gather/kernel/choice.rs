//! One group of one run: whether libvirt's numbers or the kernel's are taken, and the life of their counters.

use std::fmt;

use super::CpuSource;
use super::compare::Difference;
use super::group::Line;
use super::lines::NotThere;

/// Checks in a row that have to differ before the kernel is given up: one may have met a libvirt that answered late.
const DIFFERS_AFTER: u8 = 2;
/// Series remembered of one group: more than any guest has at once. Of those beyond it nobody sees that one fell.
const SERIES_MAX: usize = 8192;

/// What the checks against libvirt said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Not checked yet, or it differed fewer times than it takes.
    Unchecked {
        /// How often in a row.
        differed: u8,
    },
    /// The last check agreed.
    Agrees,
    /// They differ.
    Differs(Difference),
}

/// Whose numbers are taken at a tick, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    /// The kernel's.
    Kernel(WhyKernel),
    /// libvirt's.
    Libvirt(WhyLibvirt),
    /// Nobody's: neither says anything that can be trusted.
    Nobody,
}

/// Why the kernel's numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhyKernel {
    /// Checked against libvirt.
    Agrees,
    /// To be checked at the next tick.
    Unchecked,
    /// libvirt was asked and does not say: a hung guest, or libvirt itself.
    StandsIn,
}

/// Why libvirt's numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WhyLibvirt {
    /// `fast_path = false`.
    SwitchedOff,
    /// The kernel says something else.
    Differs,
    /// The kernel says nothing.
    NotThere(NotThere),
}

impl fmt::Display for NotThere {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoProcess => f.write_str("its QEMU process is not found in /proc"),
            Self::NotReadable => f.write_str("the files of its QEMU process cannot be read"),
            Self::NoTap { kind } => write!(f, "an interface of type {kind} has no tap"),
            Self::TapElsewhere => f.write_str("its tap is not in this network namespace"),
            Self::NotDescribed => f.write_str("it is not described yet"),
        }
    }
}

/// Where an emitted number came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Origin {
    Libvirt,
    Kernel(CpuSource),
}

/// The state of one group of one run.
#[derive(Clone, Debug)]
pub struct GroupPath {
    verdict: Verdict,
    origin: Option<Origin>,
    /// `None` while its counters live as long as the process.
    epoch: Option<u64>,
    /// The counters of the last tick.
    last: Vec<Line>,
}

impl Default for GroupPath {
    fn default() -> Self {
        Self { verdict: Verdict::Unchecked { differed: 0 }, origin: None, epoch: None, last: Vec::new() }
    }
}

/// What is known of a group at a tick.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// `fast_path`.
    pub enabled: bool,
    /// Whether libvirt was asked for it.
    pub asked: bool,
    /// What the kernel says.
    pub kernel: &'a Result<(Vec<Line>, CpuSource), NotThere>,
    /// What libvirt says; empty when nothing.
    pub libvirt: &'a [Line],
}

impl GroupPath {
    /// What the checks said.
    #[must_use]
    pub fn verdict(&self) -> &Verdict {
        &self.verdict
    }

    /// Its devices are other ones now: what was checked before says nothing of them.
    pub fn devices_changed(&mut self) {
        if self.verdict == Verdict::Agrees {
            self.verdict = Verdict::Unchecked { differed: 0 };
        }
    }

    /// The result of a check; true when it turned the verdict to or away from [`Verdict::Differs`].
    pub fn checked(&mut self, difference: Option<Difference>) -> bool {
        let differed_before = matches!(self.verdict, Verdict::Differs(_));
        self.verdict = match (difference, &self.verdict) {
            (None, _) => Verdict::Agrees,
            (Some(difference), Verdict::Differs(_)) => Verdict::Differs(difference),
            (Some(difference), Verdict::Unchecked { differed }) if differed + 1 >= DIFFERS_AFTER => {
                Verdict::Differs(difference)
            }
            (Some(_), Verdict::Unchecked { differed }) => Verdict::Unchecked { differed: differed + 1 },
            (Some(_), Verdict::Agrees) => Verdict::Unchecked { differed: 1 },
        };
        differed_before != matches!(self.verdict, Verdict::Differs(_))
    }

    /// Whose numbers are taken.
    #[must_use]
    pub fn choose(&self, facts: Facts<'_>) -> Choice {
        let libvirt_says = !facts.libvirt.is_empty();
        match (facts.kernel, &self.verdict) {
            (Err(why), _) if libvirt_says => Choice::Libvirt(WhyLibvirt::NotThere(why.clone())),
            (Err(_), _) => Choice::Nobody,
            (Ok(_), Verdict::Differs(_)) if libvirt_says => Choice::Libvirt(WhyLibvirt::Differs),
            (Ok(_), Verdict::Differs(_)) => Choice::Nobody,
            (Ok(_), _) if !facts.enabled && libvirt_says => Choice::Libvirt(WhyLibvirt::SwitchedOff),
            (Ok(_), _) if !facts.enabled && !facts.asked => Choice::Nobody,
            (Ok(_), _) if facts.asked && !libvirt_says => Choice::Kernel(WhyKernel::StandsIn),
            (Ok(_), Verdict::Agrees) => Choice::Kernel(WhyKernel::Agrees),
            (Ok(_), Verdict::Unchecked { .. }) => Choice::Kernel(WhyKernel::Unchecked),
        }
    }

    /// The life of the counters in `lines`, which are the ones that go out at this tick; `None` when it is the
    /// process's own. Another source starts a new one, and so does a number below the last one.
    pub fn emit(&mut self, choice: &Choice, facts: Facts<'_>, lines: &[Line], now_ms: u64) -> Option<u64> {
        let origin = match (choice, facts.kernel) {
            (Choice::Kernel(_), Ok((_, source))) => Origin::Kernel(*source),
            (Choice::Kernel(_), Err(_)) | (Choice::Nobody, _) => return self.epoch,
            (Choice::Libvirt(_), _) => Origin::Libvirt,
        };
        let is_other = self.origin.is_some_and(|before| before != origin);
        let counters = || lines.iter().filter(|line| line.is_counter());
        let is_below = counters()
            .enumerate()
            .any(|(at, line)| self.place(at, line).is_some_and(|place| self.last[place].value > line.value));
        if is_other || is_below {
            // Two changes within one millisecond, or a clock that was set back, are two lives all the same.
            self.epoch = Some(self.epoch.map_or(now_ms, |epoch| now_ms.max(epoch.saturating_add(1))));
            self.last.clear();
        }
        self.origin = Some(origin);
        // Series that are not there now (a thread that could not be read) may come back in the same life.
        for (at, line) in counters().enumerate() {
            match self.place(at, line) {
                Some(place) => self.last[place].value = line.value,
                None if self.last.len() < SERIES_MAX => self.last.push(line.clone()),
                None => {}
            }
        }
        self.epoch
    }

    /// Where a series was at the last tick: at the same place, as long as no device came or went.
    fn place(&self, at: usize, line: &Line) -> Option<usize> {
        match self.last.get(at) {
            Some(last) if last.is_same_series(line) => Some(at),
            _ => self.last.iter().position(|last| last.is_same_series(line)),
        }
    }
}
