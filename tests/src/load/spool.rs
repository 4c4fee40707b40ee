//! A day of a host in its spool: how much room it takes, and how fast a collector has it. The spool is the agent's, filled
//! while there is no collector; then the agent's uplink sends it to a real one, which acknowledges what is on disk.

use std::io::Write as _;
use std::path::Path;

use anyhow::{Result, ensure};
use evenkeel_agent::spool::{RealFs, Settings, Spool};
use evenkeel_common::clock;
use evenkeel_common::limits::SPOOL_MAX_BYTES;
use evenkeel_common::sample::Value;
use evenkeel_common::time::{DurationMs, MonoMs, UnixMs};
use evenkeel_common::wire::v1::Goodbye;
use tokio::runtime::Runtime;
use tokio::time::{Duration, Instant, timeout};

use super::collector::Collector;
use super::fleet::{Guests, Wish, name, offline, place};
use super::lines::ratio;
use super::verify;
use crate::bench::cpu::Meter;

/// Room that a day may take, and how many times faster than it came it has to get out.
const ROOM_MAX: u64 = 80 << 20;
const REPLAY_MIN: f64 = 50.0;
const TICK: DurationMs = DurationMs::from_s(10);
/// How long all of it may take at most.
const PATIENCE: Duration = Duration::from_secs(1_200);

/// Fills a spool as an agent does, and lets an agent send it.
///
/// # Errors
/// When a target is missed, or something is not stored.
pub fn measure(runtime: &Runtime, vms: usize, hours: u32) -> Result<()> {
    let dir = tempfile::tempdir()?;
    runtime.block_on(replay(dir.path(), vms, hours))
}

async fn replay(dir: &Path, vms: usize, hours: u32) -> Result<()> {
    let collector = Collector::start(&dir.join("collector"))?;
    let token = collector.tokens(&[name(0)])?.remove(0);
    let host = place(&dir.join("agents"), 0, token).await?;
    let wish = Wish { agents: 1, vms, ticks: 0, interval: TICK.to_std(), with_disabled: true, churn: 0, seed: 1 };
    let mut guests = offline(wish);
    let now = clock::wall();
    let began = now.minus(DurationMs::from_s(i64::from(hours) * 3_600));
    let begun = Instant::now();
    let (bytes, batches, readings, samples) = fill(&host.data_dir.join("spool"), &mut guests, began, hours)?;
    let mut out = std::io::stdout();
    writeln!(
        out,
        "{hours} h of {vms} VMs at 10 s: {batches} batches, {readings} readings, {:.1} MiB ({:.3} bytes a reading), \
         written and synced in {:.1} s",
        ratio(bytes, 1 << 20),
        ratio(bytes, readings),
        begun.elapsed().as_secs_f64()
    )?;
    let mut meter = Meter::default();
    let before = (meter.look(&[collector.pid()]), Meter::default().look(&[std::process::id()]));
    let begun = Instant::now();
    let uplink = host.start(now.0.unsigned_abs())?;
    let mut status = uplink.status();
    timeout(PATIENCE, status.wait_for(|status| status.backlog > 0)).await??;
    timeout(PATIENCE, status.wait_for(|status| status.connected && status.backlog == 0)).await??;
    let took = begun.elapsed();
    let cpu = meter.look(&[collector.pid()]) - before.0;
    let own = Meter::default().look(&[std::process::id()]).saturating_sub(before.1);
    let real_time = f64::from(hours) * 3_600.0 / took.as_secs_f64();
    uplink.stop(Goodbye { reason: "stop".to_owned(), expected_s: 0 }).await;
    writeln!(
        out,
        "replayed to a collector in {:.1} s, {real_time:.0} times real time; CPU: collector {:.1} s, agent {:.1} s",
        took.as_secs_f64(),
        ratio(cpu, 1_000_000_000),
        ratio(own, 1_000_000_000)
    )?;
    let from = began.minus(TICK).to_string();
    let found = verify::count_all(&collector, guests.vms.iter(), &from)?;
    ensure!(found == samples, "{found} samples are stored, {samples} were in the spool");
    writeln!(out, "read back by query: {found} samples, each once")?;
    ensure!(bytes <= ROOM_MAX, "a day takes more than {} MiB", ROOM_MAX >> 20);
    ensure!(real_time >= REPLAY_MIN, "it gets out at less than {REPLAY_MIN} times real time");
    Ok(())
}

/// Bytes, batches, readings, and readings with a value.
fn fill(dir: &Path, guests: &mut Guests, began: UnixMs, hours: u32) -> Result<(u64, u64, u64, u64)> {
    let mut spool = Spool::open(RealFs::open(dir)?, Settings::new(SPOOL_MAX_BYTES))?;
    spool.begin(1);
    let (mut batches, mut readings, mut samples) = (0, 0, 0);
    for tick in 0..i64::from(hours) * 360 {
        let wall = UnixMs(began.0 + tick * TICK.0);
        let snapshot = guests.snapshot(wall, MonoMs(tick.unsigned_abs() * TICK.0.unsigned_abs()));
        for reading in snapshot.domains.iter().flat_map(|domain| &domain.readings) {
            readings += 1;
            samples += u64::from(!matches!(reading.value, Value::Missing(_)));
        }
        for batch in snapshot.into_batches(1) {
            batches += 1;
            spool.push(batch)?;
        }
        spool.sync();
    }
    Ok((spool.bytes(), batches, readings, samples))
}
