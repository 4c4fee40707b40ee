//! libvirt's parameters, domain XML and the kernel's tables become readings. Pure: everything is an argument.

pub mod activity;
pub mod batch;
pub mod cadence;
pub mod describe;
pub mod hang;
pub mod host;
pub mod kernel;
pub mod merge;
pub mod owner;
pub mod roster;

mod bandwidth;
mod block;
mod cpu;
mod dirtyrate;
mod iothread;
mod kvm;
mod memory;
mod net;
mod perf;
mod row;
mod state;
mod vcpu;

#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

use evenkeel_common::metric::MetricId;
use evenkeel_common::sample::{CounterEpoch, DomainState, Missing, Reading, Value};

use crate::groups::StatsGroup;
use crate::scrape::isolation::Outcome;
use crate::scrape::protocol::{Param, RawDomain};
use row::{Path, Row, clip};

/// What one domain's parameters say.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Gathered {
    /// libvirt's number of the state.
    pub state: u8,
    /// libvirt's number of the reason.
    pub reason: i64,
    /// The readings; no metric of a device is there twice.
    pub readings: Vec<Reading>,
    /// Parameters that the catalogue does not know, or whose value it cannot hold.
    pub unmapped: Vec<String>,
}

impl Gathered {
    /// The state.
    #[must_use]
    pub fn domain_state(&self) -> DomainState {
        DomainState::from_code(self.state)
    }
}

/// A domain's parameters by name.
struct Params<'a>(HashMap<&'a str, &'a Param>);

impl<'a> Params<'a> {
    fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    fn text(&self, name: &str) -> Option<&'a str> {
        match self.0.get(name) {
            Some(Param::Text(text)) if !text.is_empty() => Some(text),
            _ => None,
        }
    }

    fn number(&self, name: &str) -> Option<i64> {
        match self.0.get(name) {
            Some(Param::I64(number)) => Some(*number),
            Some(Param::U64(number)) => i64::try_from(*number).ok(),
            _ => None,
        }
    }

    /// The numbers that stand for `#` in the parameters of a pattern such as `block.#.name`.
    fn indices(&self, pattern: &str) -> Vec<u32> {
        let mut indices: Vec<u32> = self
            .0
            .keys()
            .filter_map(|name| {
                let path = Path::parse(name);
                (path.pattern() == pattern).then(|| path.numbers().first().copied())?
            })
            .collect();
        indices.sort_unstable();
        indices
    }
}

/// Readings of one domain, whose disks are called `disks` as far as is known. Counters of an inactive domain are left
/// out: libvirt fills them with numbers of other processes.
#[must_use]
pub fn read(domain: &RawDomain, epoch: CounterEpoch, disks: &[&str]) -> Gathered {
    let params = Params(domain.params.iter().map(|(name, value)| (name.as_str(), value)).collect());
    let mut gathered = Gathered {
        state: params.number("state.state").and_then(|code| u8::try_from(code).ok()).unwrap_or(0),
        reason: params.number("state.reason").unwrap_or(0),
        ..Gathered::default()
    };
    let mut seen = HashSet::new();
    for (name, param) in &domain.params {
        let path = Path::parse(name);
        let Some(row) = rows().get(path.pattern()) else {
            if !is_label(path.pattern()) {
                gathered.unmapped.push(name.clone());
            }
            continue;
        };
        let Some(value) = row.value(param, epoch) else {
            gathered.unmapped.push(name.clone());
            continue;
        };
        if domain.id.is_none() && matches!(value, Value::Counter(_)) {
            continue;
        }
        let device = clip(&row.device.name(path.numbers(), &params));
        if seen.insert((row.metric.id, device.clone())) {
            gathered.readings.push(Reading { metric: row.metric.id, device, value });
        }
    }
    if domain.id.is_some() {
        for (metric, device, why) in absent(&params, domain, disks) {
            let device = clip(&device);
            if seen.insert((metric, device.clone())) {
                gathered.readings.push(Reading { metric, device, value: Value::Missing(why) });
            }
        }
    }
    gathered
}

/// What an active domain should have of the groups that it was asked for and has not, and why.
fn absent(params: &Params<'_>, domain: &RawDomain, disks: &[&str]) -> Vec<(MetricId, String, Missing)> {
    let asked = domain.look.asked;
    let silent = match domain.look.outcome {
        Some(Outcome::Answered | Outcome::Gone) => None,
        Some(Outcome::Hung) => Some(Missing::Hung),
        Some(Outcome::NotAsked) => Some(Missing::NotAsked),
        None => (!domain.has_answered(asked)).then_some(Missing::Hung),
    };
    let mut absent = Vec::new();
    if let Some(why) = silent.filter(|_| !params.has("state.state")) {
        absent.extend(state::ROWS.iter().map(|row| (row.metric.id, String::new(), why)));
    }
    if asked.has(StatsGroup::Balloon) {
        absent.extend(memory::absent(silent));
    }
    if asked.has(StatsGroup::Block) {
        absent.extend(block::absent(params, silent, disks));
    }
    if asked.has(StatsGroup::Dirtyrate) {
        absent.extend(dirtyrate::absent(params, silent));
    }
    if asked.has(StatsGroup::Perf) {
        absent.extend(perf::absent());
    }
    absent
}

fn tables() -> [&'static [Row]; 11] {
    [
        state::ROWS,
        cpu::ROWS,
        memory::ROWS,
        vcpu::ROWS,
        net::ROWS,
        block::ROWS,
        perf::ROWS,
        iothread::ROWS,
        bandwidth::ROWS,
        dirtyrate::ROWS,
        kvm::ROWS,
    ]
}

/// Every counter of libvirt's with its group.
#[cfg(test)]
fn counters_by_group() -> Vec<(StatsGroup, &'static evenkeel_common::metric::Metric)> {
    let group = |param: &str| match param.split('.').next() {
        Some("net") => Some(StatsGroup::Interface),
        // KVM's own statistics of a vCPU come with the group `vcpu` or `vm`.
        Some(word) => StatsGroup::ALL.into_iter().find(|group| group.word() == word),
        None => None,
    };
    let counters =
        tables().into_iter().flatten().filter(|row| row.metric.kind == evenkeel_common::metric::Kind::Counter);
    counters.filter_map(|row| Some((group(row.param)?, row.metric))).collect()
}

fn rows() -> &'static HashMap<&'static str, &'static Row> {
    static ROWS: OnceLock<HashMap<&'static str, &'static Row>> = OnceLock::new();
    ROWS.get_or_init(|| tables().into_iter().flatten().map(|row| (row.param, row)).collect())
}

/// Parameters that name or number a device instead of measuring it.
fn is_label(pattern: &str) -> bool {
    [cpu::LABELS, net::LABELS, block::LABELS, bandwidth::LABELS].into_iter().flatten().any(|label| *label == pattern)
}
