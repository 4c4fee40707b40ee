//! Batches whose content follows from their number, so that a test can tell what has to be on disk.

use evenkeel_common::id::AgentId;
use evenkeel_common::time::UnixMs;
use evenkeel_common::wire::v1::{
    Activity, Batch, DomainInfo, DomainSample, HostInfo, HostSample, WireReading, WireValue,
};

/// Agents that send at once.
pub const AGENTS: u8 = 3;
/// The only run of each.
pub const EPOCH: u64 = 1;
/// VMs on each host.
pub const VMS: u8 = 4;
/// Metrics of each VM: the first numbers of the catalogue's counters of a domain.
pub const METRICS: u16 = 10;

const START: i64 = 1_800_000_000_000;
/// Time between two batches: so long that hours are over and are sealed while the writer runs.
const TICK_MS: u64 = 400_000;

/// An agent by its number.
#[must_use]
pub fn agent(number: u8) -> AgentId {
    AgentId::from_bytes([number; 16])
}

/// The UUID of a VM of a host.
#[must_use]
pub fn vm(agent: u8, number: u8) -> [u8; 16] {
    [agent * 16 + number; 16]
}

/// The time of a batch.
#[must_use]
pub fn time(seq: u64) -> UnixMs {
    UnixMs(START + i64::try_from(seq * TICK_MS).unwrap_or(i64::MAX / 2))
}

/// A batch by its number: one tick a batch, each reading the batch's number.
#[must_use]
pub fn batch(agent: u8, seq: u64) -> Batch {
    let wall = time(seq);
    let readings = (0..METRICS).map(|n| WireReading { metric: 1_000 + n, device: 0, value: WireValue::Counter(seq) });
    let readings: Vec<WireReading> = readings.collect();
    let domain = |number| DomainSample {
        uuid: vm(agent, number),
        name: format!("g{agent}-{number}"),
        state: 1,
        activity: Activity::Active,
        counter_epoch: 1,
        info: DomainInfo::default().into(),
        readings: readings.clone(),
    };
    Batch {
        epoch: EPOCH,
        seq,
        tick_wall_ms: wall.0,
        tick_mono_ms: seq * TICK_MS,
        interval_ms: 400_000,
        boot_id: [1; 16],
        host: Some(HostSample { info: HostInfo::default(), counter_epoch: 1, readings: Vec::new() }),
        domains: (0..VMS).map(domain).collect(),
        domains_missing: None,
        devices: vec![String::new()],
        ..Batch::default()
    }
}
