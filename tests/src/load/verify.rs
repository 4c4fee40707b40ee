//! What was acknowledged is read back by `evenkeel query`.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::collector::Collector;
use super::fleet::Host;
use super::guest::READINGS;

/// VMs asked for at once; with 30 series each that is well below what a query may touch.
const VMS_AT_ONCE: usize = 100;

/// Counts every sample of every VM, and answers how many there are; each VM has to have each of its series once for every
/// tick, no more and no less.
///
/// # Errors
/// When one is missing or there twice.
pub fn count_all(collector: &Collector, hosts: &[Host], from: &str) -> Result<u64> {
    let wanted: BTreeMap<String, u64> =
        hosts.iter().flat_map(|host| host.guests.vms.iter().map(|vm| (vm.uuid.to_string(), vm.ticks))).collect();
    let uuids: Vec<&str> = wanted.keys().map(String::as_str).collect();
    let mut sum = 0;
    for some in uuids.chunks(VMS_AT_ONCE) {
        let mut args = vec!["query", "--fn", "count", "--from", from, "--to", "now+1h", "--metric", "vm_*", "--vm"];
        args.extend(some);
        let answer = collector.json(&args)?;
        let mut found: BTreeMap<&str, (usize, u64)> = BTreeMap::new();
        for series in answer["series"].as_array().context("a query answers with series")? {
            let uuid = series["uuid"].as_str().context("a series has a uuid")?;
            let points = series["points"].as_array().context("a series has points")?;
            let count: u64 = points.iter().map(|point| number(&point[1])).sum();
            if count == 0 {
                continue;
            }
            let entry = found.entry(uuid).or_default();
            entry.0 += 1;
            entry.1 += count;
        }
        for uuid in some {
            let (series, samples) = found.get(uuid).copied().unwrap_or_default();
            let ticks = wanted[*uuid];
            let expected = ticks * READINGS as u64;
            ensure!(
                (series, samples) == (READINGS, expected) || ticks == 0,
                "{uuid}: {samples} samples in {series} series are stored, {expected} in {READINGS} were acknowledged"
            );
            sum += samples;
        }
    }
    Ok(sum)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count")]
fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or_else(|| value.as_f64().unwrap_or(0.0).round() as u64)
}
