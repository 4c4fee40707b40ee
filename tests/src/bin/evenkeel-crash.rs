//! Stores batches of three agents and seals them as fast as it can until it is killed, and prints each acknowledgement: the victim of
//! the test that kills it again and again. `evenkeel-crash DATA_DIR`.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use evenkeel_collector::ingest::Ingest;
use evenkeel_collector::store::Store;
use evenkeel_collector::store::engine::Due;
use evenkeel_common::time::UnixMs;
use evenkeel_tests::crash;

fn main() -> anyhow::Result<ExitCode> {
    let dir: PathBuf = std::env::args_os().nth(1).context("usage: evenkeel-crash DATA_DIR")?.into();
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(run(Store::open(&dir)?))?;
    Ok(ExitCode::SUCCESS)
}

async fn run(store: Store) -> anyhow::Result<()> {
    let ingest = Ingest::open(store.clone()).await?;
    let mut agents = tokio::task::JoinSet::new();
    for number in 1..=crash::AGENTS {
        let next = store.last_seq(crash::agent(number), crash::EPOCH).await? + 1;
        agents.spawn(send(ingest.clone(), number, next));
    }
    agents.spawn(seal(store));
    while let Some(ended) = agents.join_next().await {
        ended??;
    }
    Ok(())
}

/// Seals what is there without a pause, also the hour that is being written.
async fn seal(store: Store) -> anyhow::Result<()> {
    loop {
        if !store.seal(Due::Before(UnixMs(i64::MAX))).await?.more {
            tokio::time::sleep(std::time::Duration::from_millis(2)).await;
        }
    }
}

async fn send(ingest: Ingest, number: u8, first: u64) -> anyhow::Result<()> {
    for seq in first.. {
        let batch = crash::batch(number, seq);
        let (wall, mono) = (batch.tick_wall_ms, batch.tick_mono_ms);
        let received = evenkeel_common::time::UnixMs(wall);
        let acked = ingest.accept(crash::agent(number), received, wall, mono, batch).await?;
        let mut stdout = std::io::stdout().lock();
        writeln!(stdout, "{number} {acked}")?;
        stdout.flush()?;
    }
    Ok(())
}
