//! What was acknowledged is read back by `evenkeel query`.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::collector::Collector;
use evenkeel_collector::series::Scale;
use evenkeel_common::metric::by_id;

use super::fleet::Vm;
use super::guest::READINGS;

/// VMs asked for at once; with 30 series each that is well below what a query may touch.
const VMS_AT_ONCE: usize = 100;
/// Points asked for at once, and in all: of a larger fleet every so many VMs are added up.
const POINTS_AT_ONCE: u64 = 400_000;
const POINTS_MAX: u64 = 3_000_000;

/// Counts every sample of every VM, and answers how many there are; each VM has to have each of its series once for every
/// tick, no more and no less.
///
/// # Errors
/// When one is missing or there twice.
pub fn count_all<'a>(collector: &Collector, vms: impl Iterator<Item = &'a Vm>, from: &str) -> Result<u64> {
    let wanted: BTreeMap<String, u64> = vms.map(|vm| (vm.uuid.to_string(), vm.ticks)).collect();
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

/// Adds up the raw values of every series of VMs that lie evenly among all, as many as there is time for, and compares the
/// sums with those that were sent; answers with how many values that were.
///
/// # Errors
/// When one differs.
pub fn sum_some(collector: &Collector, vms: &[&Vm], from: &str) -> Result<u64> {
    let points: u64 = vms.iter().map(|vm| vm.ticks * READINGS as u64).sum();
    let every = usize::try_from(points.div_ceil(POINTS_MAX)).unwrap_or(usize::MAX).max(1);
    let some: Vec<&Vm> = vms.iter().step_by(every).copied().filter(|vm| vm.ticks > 0).collect();
    let most = some.iter().map(|vm| vm.ticks * READINGS as u64).max().unwrap_or(1);
    let at_once = usize::try_from(POINTS_AT_ONCE / most).unwrap_or(1).clamp(1, VMS_AT_ONCE);
    let mut added = 0;
    for vms in some.chunks(at_once) {
        let uuids: Vec<String> = vms.iter().map(|vm| vm.uuid.to_string()).collect();
        let mut args = vec!["query", "--fn", "raw", "--from", from, "--to", "now+1h", "--metric", "vm_*", "--vm"];
        args.extend(uuids.iter().map(String::as_str));
        let answer = collector.json(&args)?;
        let mut sums: BTreeMap<(&str, &str, &str), f64> = BTreeMap::new();
        for series in answer["series"].as_array().context("a query answers with series")? {
            let text = |field: &str| series[field].as_str().unwrap_or_default();
            let points = series["points"].as_array().context("a series has points")?;
            let values = points.iter().filter_map(|point| point[1].as_f64());
            added += values.clone().count() as u64;
            sums.insert((text("uuid"), text("metric"), text("device")), values.sum());
        }
        for (vm, uuid) in vms.iter().zip(&uuids) {
            for (reading, sum) in vm.guest.readings().iter().zip(&vm.sums).take(READINGS) {
                let metric = by_id(reading.metric).context("a metric of the catalogue")?;
                let found = sums.get(&(uuid, metric.name, &reading.device)).copied().unwrap_or(f64::NAN);
                let sent = Scale::of(metric).float(float(*sum));
                let near = (found - sent).abs() <= sent.abs() * 1e-9;
                ensure!(
                    near,
                    "{uuid} {} {}: the values stored add up to {found}, those sent to {sent}",
                    metric.name,
                    reading.device
                );
            }
        }
    }
    Ok(added)
}

#[expect(clippy::cast_precision_loss, reason = "compared with a tolerance that covers it")]
const fn float(sum: i128) -> f64 {
    sum as f64
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count")]
fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or_else(|| value.as_f64().unwrap_or(0.0).round() as u64)
}
