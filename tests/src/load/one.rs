//! One agent in a process of its own, to be killed: each tick says its number as a reading, and is printed once the spool
//! has it.

use std::io::Write as _;
use std::path::Path;
use std::time::Duration;

use anyhow::Result;
use evenkeel_agent::uplink::{Options, Uplink};
use evenkeel_common::clock;
use evenkeel_common::metric::known;
use evenkeel_common::time::UnixMs;
use evenkeel_common::wire::v1::{
    Activity, Batch, DomainInfo, DomainSample, HostInfo, HostSample, WireReading, WireValue,
};
use tokio::sync::mpsc;
use tokio::time::MissedTickBehavior;
use uuid::Uuid;

/// The only VM.
pub const VM: Uuid = Uuid::from_u128(0x6576_656e_6b65_656c_0000_0000_0000_0001);
/// The metric that says the number.
pub const METRIC: &str = "vm_memory_current_bytes";
/// Time between ticks.
const PACE: Duration = Duration::from_millis(20);

/// Measures from tick `from` on until it is killed.
///
/// # Errors
/// When it cannot begin.
pub async fn run(data_dir: &Path, collector: &str, name: &str, machine_id: &str, from: i64) -> Result<()> {
    let options = Options::new(collector.to_owned(), name.to_owned(), machine_id.to_owned(), data_dir.to_owned());
    let (commands, _none) = mpsc::channel(1);
    let uplink = Uplink::start(options, commands)?;
    let mut status = uplink.status();
    let mut pace = tokio::time::interval(PACE);
    // Of two ticks at one millisecond only one would be kept.
    pace.tick().await;
    pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut taken, mut last) = (0, UnixMs(0));
    for tick in from.. {
        while clock::wall() <= last {
            pace.tick().await;
        }
        last = clock::wall();
        uplink.offer(batch(tick, last)).await;
        taken += 1;
        status.wait_for(|status| status.taken >= taken).await?;
        writeln!(std::io::stdout(), "{tick}")?;
        std::io::stdout().flush()?;
    }
    Ok(())
}

fn batch(tick: i64, wall: UnixMs) -> Batch {
    let reading = WireReading { metric: known(METRIC).id.0, device: 0, value: WireValue::Int(tick) };
    Batch {
        tick_wall_ms: wall.0,
        tick_mono_ms: clock::mono().0,
        interval_ms: 20,
        boot_id: [1; 16],
        host: Some(HostSample { info: HostInfo::default(), counter_epoch: 1, readings: Vec::new() }),
        domains: vec![DomainSample {
            uuid: VM.into_bytes(),
            name: "numbers".to_owned(),
            state: 1,
            activity: Activity::Active,
            counter_epoch: 1,
            info: DomainInfo::default().into(),
            readings: vec![reading],
        }],
        devices: vec![String::new()],
        ..Batch::default()
    }
}
