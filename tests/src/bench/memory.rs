//! Memory as PSS: what is shared counts for each process by its share.

use std::fs;

use anyhow::{Context, Result};

/// PSS of several processes in bytes. One that has just ended counts nothing.
pub fn pss_bytes(pids: &[u32]) -> Result<u64> {
    let mut sum = 0;
    for pid in pids {
        let Ok(text) = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")) else { continue };
        let line = text.lines().find_map(|line| line.strip_prefix("Pss:"));
        let kib: u64 = line
            .and_then(|rest| rest.trim().strip_suffix("kB")?.trim().parse().ok())
            .with_context(|| format!("/proc/{pid}/smaps_rollup has no Pss"))?;
        sum += kib * 1024;
    }
    Ok(sum)
}

/// Each process with its name and PSS, for the talk beside the table.
pub fn by_process(pids: &[u32]) -> Result<String> {
    let mut parts = Vec::new();
    for pid in pids {
        let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        let words: Vec<_> = line.split(|byte| *byte == 0).take(2).map(String::from_utf8_lossy).collect();
        let name = words.join(" ");
        let name = name.rsplit('/').next().unwrap_or_default();
        parts.push(format!("{name} {:.1} MiB", mib(pss_bytes(&[*pid])?)));
    }
    Ok(parts.join(", "))
}

/// Bytes as MiB.
#[expect(clippy::cast_precision_loss, reason = "for people")]
pub fn mib(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}
