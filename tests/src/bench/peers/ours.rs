//! evenkeel's side: the readings in the spools of agents, which a real collector takes from them.

use std::path::Path;
use std::time::Duration;

use anyhow::{Result, ensure};
use evenkeel_agent::gather::batch::{HostReadings, Snapshot, Tick};
use evenkeel_agent::gather::roster::DomainReadings;
use evenkeel_agent::spool::{RealFs, Settings, Spool};
use evenkeel_agent::uplink::{Status, Uplink};
use evenkeel_common::clock;
use evenkeel_common::limits::SPOOL_MAX_BYTES;
use evenkeel_common::time::{DurationMs, MonoMs};
use evenkeel_common::wire::v1::{Activity, DomainInfo, Goodbye, HostInfo};
use tokio::time::{sleep, timeout};

use super::super::cpu::Meter;
use super::super::data::{Data, EPOCH, uuid};
use super::server::quiet;
use crate::load::collector::Collector;
use crate::load::fleet::{Place, name, place};

const TICK: DurationMs = DurationMs::from_s(10);
/// How long taking or sealing all of it may take at most.
const PATIENCE: Duration = Duration::from_secs(1_200);

/// What taking the readings cost.
#[derive(Clone, Copy, Debug)]
pub(super) struct Taken {
    /// CPU until every batch was acknowledged, in ns.
    pub(super) durable_ns: u64,
    /// CPU until all was sealed and the day's rollups were put together.
    pub(super) sealed_ns: u64,
}

/// Lets agents send everything, and waits until it is sealed.
pub(super) async fn take(collector: &Collector, dir: &Path, data: &Data) -> Result<Taken> {
    let names: Vec<String> = (0..data.hosts()).map(name).collect();
    let mut places = Vec::new();
    for (host, token) in collector.tokens(&names)?.into_iter().enumerate() {
        let place = place(dir, host, token).await?;
        fill(&place, data, host)?;
        places.push(place);
    }
    let mut meter = Meter::default();
    let before = meter.look(&[collector.pid()]);
    let run = clock::wall().0.unsigned_abs();
    let uplinks = places.into_iter().map(|place| place.start(run)).collect::<Result<Vec<Uplink>>>()?;
    for uplink in &uplinks {
        let mut status = uplink.status();
        let sent = |status: &Status| status.traffic.batches_sent >= data.ticks as u64;
        timeout(PATIENCE, status.wait_for(|status| sent(status) && status.connected && status.backlog == 0)).await??;
    }
    let durable_ns = meter.look(&[collector.pid()]) - before;
    for uplink in uplinks {
        uplink.stop(Goodbye { reason: "stop".to_owned(), expected_s: 0 }).await;
    }
    wait_for_seal(collector, data).await?;
    quiet(collector.pid()).await;
    Ok(Taken { durable_ns, sealed_ns: meter.look(&[collector.pid()]) - before })
}

async fn wait_for_seal(collector: &Collector, data: &Data) -> Result<()> {
    let sealed = async {
        loop {
            let status = collector.json(&["store", "status"])?;
            let samples = status["samples"].as_u64().unwrap_or(0);
            ensure!(samples <= data.samples() as u64, "{samples} readings are stored, {} were sent", data.samples());
            if status["journal_batches"].as_u64() == Some(0) {
                ensure!(
                    samples == data.samples() as u64,
                    "{samples} readings are stored, {} were sent",
                    data.samples()
                );
                return anyhow::Ok(());
            }
            // The sealer looks every five seconds.
            sleep(Duration::from_secs(2)).await;
        }
    };
    timeout(PATIENCE, sealed).await?
}

/// A host's ticks into its spool, as an agent writes them while there is no collector.
fn fill(place: &Place, data: &Data, host: usize) -> Result<()> {
    let mut spool = Spool::open(RealFs::open(&place.data_dir.join("spool"))?, Settings::new(SPOOL_MAX_BYTES))?;
    spool.begin(1);
    for tick in 0..data.ticks {
        for batch in snapshot(data, host, tick).into_batches(1) {
            spool.push(batch)?;
        }
    }
    spool.sync();
    Ok(())
}

fn snapshot(data: &Data, host: usize, tick: usize) -> Snapshot {
    let mono = MonoMs(tick as u64 * TICK.0.unsigned_abs());
    let domain = |vm: usize| DomainReadings {
        uuid: uuid(vm).to_bytes(),
        name: super::remote::vm_name(vm),
        state: 1,
        activity: Activity::Active,
        counter_epoch: EPOCH.0,
        info: DomainInfo { vcpus: 2, persistent: true, ..DomainInfo::default() }.into(),
        definition: None,
        readings: data.readings(vm, tick),
    };
    Snapshot {
        tick: Tick { epoch: 1, wall: data.at(host, tick), mono, interval: TICK, boot_id: [7; 16] },
        host: HostReadings { info: HostInfo::default(), counter_epoch: EPOCH.0, readings: Vec::new() },
        domains: data.vms_of(host).map(domain).collect(),
        domains_missing: None,
        events: Vec::new(),
    }
}
