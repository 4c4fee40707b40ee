//! A day of a host in its spool: how much room it takes, and how fast it gets out again.

use std::io::Write as _;
use tokio::time::Instant;

use anyhow::{Result, ensure};
use evenkeel_agent::spool::{Cursor, RealFs, Settings, Spool};
use evenkeel_common::limits::SPOOL_MAX_BYTES;
use evenkeel_common::time::{DurationMs, MonoMs, UnixMs};
use tokio::runtime::Runtime;

use super::fleet::{Wish, offline};
use super::lines::ratio;

/// Room that a day may take, and how many times faster than it came it has to get out.
const ROOM_MAX: u64 = 80 << 20;
const REPLAY_MIN: f64 = 50.0;
const TICK: DurationMs = DurationMs::from_s(10);

/// Fills a spool as an agent does, and reads it as a session does.
///
/// # Errors
/// When a target is missed.
pub fn measure(_runtime: &Runtime, vms: usize, hours: u32) -> Result<()> {
    let dir = tempfile::tempdir()?;
    let mut spool = Spool::open(RealFs::open(&dir.path().join("spool"))?, Settings::new(SPOOL_MAX_BYTES))?;
    let epoch = spool.begin(1);
    let wish = Wish { agents: 1, vms, ticks: 0, interval: TICK.to_std(), with_disabled: true, seed: 1 };
    let mut host = offline(wish);
    let ticks = i64::from(hours) * 360;
    let (mut readings, begun) = (0, Instant::now());
    for tick in 0..ticks {
        let (wall, mono) =
            (UnixMs(1_700_000_000_000 + tick * TICK.0), MonoMs(tick.unsigned_abs() * TICK.0.unsigned_abs()));
        for batch in host.snapshot(wall, mono).into_batches(1) {
            readings += batch.domains.iter().map(|domain| domain.readings.len() as u64).sum::<u64>();
            spool.push(batch)?;
        }
        spool.sync();
    }
    let wrote = begun.elapsed();
    let bytes = spool.bytes();
    drop(spool);
    let mut spool = Spool::open(RealFs::open(&dir.path().join("spool"))?, Settings::new(SPOOL_MAX_BYTES))?;
    let begun = Instant::now();
    let (mut cursor, mut read) = (Cursor::new(epoch, 0), 0);
    loop {
        let batches = spool.read(&mut cursor, 16, 256 << 10)?;
        if batches.is_empty() {
            break;
        }
        read += batches.len();
    }
    let took = begun.elapsed();
    let real_time = f64::from(hours) * 3_600.0 / took.as_secs_f64();
    let mut out = std::io::stdout();
    writeln!(
        out,
        "{hours} h of {vms} VMs at 10 s: {read} batches, {readings} readings, {:.1} MiB ({:.3} bytes a reading)",
        ratio(bytes, 1 << 20),
        ratio(bytes, readings)
    )?;
    writeln!(
        out,
        "written and synced in {:.1} s; read back in {:.1} s, {real_time:.0} times real time",
        wrote.as_secs_f64(),
        took.as_secs_f64()
    )?;
    ensure!(bytes <= ROOM_MAX, "a day takes more than {} MiB", ROOM_MAX >> 20);
    ensure!(real_time >= REPLAY_MIN, "it gets out at less than {REPLAY_MIN} times real time");
    Ok(())
}
