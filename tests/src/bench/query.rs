//! What the collector got: values and ticks of a span, asked after it so that asking costs nothing within it.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result};
use evenkeel_common::time::UnixMs;
use serde_json::Value;

use crate::cluster::Cluster;

/// What arrived in a span.
#[derive(Clone, Debug, Default)]
pub struct Arrived {
    /// Times of the ticks, ms since 1970.
    pub ticks: BTreeSet<i64>,
    /// Values of VMs; a missing reading is none.
    pub vm_values: usize,
    /// Series of VMs that had at least one value.
    pub vm_series: usize,
    /// Values of the host.
    pub host_values: usize,
}

/// Asks for everything between two moments.
pub fn arrived(cluster: &Cluster<'_>, from: UnixMs, to: UnixMs) -> Result<Arrived> {
    let mut arrived = Arrived::default();
    let vms = ask(cluster, &["--vm", "all", "--metric", "vm_*"], from, to)?;
    (arrived.vm_values, arrived.vm_series) = count(&vms, &mut arrived.ticks)?;
    let host = ask(cluster, &["--host", "all", "--metric", "host_*"], from, to)?;
    (arrived.host_values, _) = count(&host, &mut arrived.ticks)?;
    Ok(arrived)
}

/// When the ticks of a span were, ms since 1970.
pub fn ticks(cluster: &Cluster<'_>, from: UnixMs, to: UnixMs) -> Result<BTreeSet<i64>> {
    let mut ticks = BTreeSet::new();
    count(&ask(cluster, &["--host", "all", "--metric", "host_*"], from, to)?, &mut ticks)?;
    Ok(ticks)
}

fn ask(cluster: &Cluster<'_>, what: &[&str], from: UnixMs, to: UnixMs) -> Result<Value> {
    let (from, to) = (from.to_string(), to.to_string());
    cluster.json(&[&["query", "--fn", "raw", "--from", &from, "--to", &to], what].concat())
}

/// Values and the series that have any.
fn count(answer: &Value, ticks: &mut BTreeSet<i64>) -> Result<(usize, usize)> {
    let (mut values, mut series) = (0, 0);
    for one in answer["series"].as_array().context("a query answers with series")? {
        let points = one["points"].as_array().context("a series has points")?;
        let mut real = 0;
        for point in points {
            let time = point[0].as_str().and_then(|text| UnixMs::parse_rfc3339(text).ok());
            ticks.insert(time.context("a point has a time")?.0);
            real += usize::from(!point[1].is_null());
        }
        values += real;
        series += usize::from(real > 0);
    }
    Ok((values, series))
}
