//! `evenkeel-agent once`: what one tick would send, as the contract's JSON or as a table.

mod device;

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use evenkeel_common::id::{DomainUuid, GuestBootId};
use evenkeel_common::metric::{Metric, by_id};
use evenkeel_common::sample::{DomainState, Gauge, Reading, Value};
use evenkeel_common::time::UnixMs;
use evenkeel_common::wire::v1::{Activity, HostInfo};
use serde::Serialize;
use serde_json::Number;

use super::fail::Fail;
use super::{Format, output};
use crate::config::Config;
use crate::gather::batch::Snapshot;
use crate::gather::roster::DomainReadings;
use crate::sampler::Sampler;
use device::{DiskLook, InterfaceLook};

/// The CPU's busy share is measured over at least this time.
const CPU_WINDOW: Duration = Duration::from_millis(200);

/// Options of `once`. Exit 0 when libvirt answered, 1 when it did not (the host's own readings are printed all the
/// same).
#[derive(Debug, Args)]
pub struct OnceArgs {
    /// How it is written.
    #[arg(long, value_enum, default_value_t)]
    pub output: Format,
}

/// Runs the verb.
pub async fn run(args: &OnceArgs, config: &Config) -> Result<ExitCode, Fail> {
    let mut sampler = Sampler::for_one_look(config);
    tokio::time::sleep(CPU_WINDOW).await;
    let sampled = sampler.sample(0).await;
    let look = Look::new(&config.name, sampled.snapshot);
    match args.output {
        Format::Json => output::json(&look)?,
        Format::Table => output::table(["ENTITY", "METRIC", "DEVICE", "KIND", "VALUE"], &look.rows())?,
    }
    match sampled.error {
        None => Ok(ExitCode::SUCCESS),
        Some(error) => Err(Fail::failed(format!("libvirt at {} does not answer: {error}", config.libvirt_uri))
            .hint("the host's own readings are there; `evenkeel-agent check` says more")),
    }
}

#[derive(Debug, Serialize)]
struct Look {
    time: String,
    host: HostLook,
    domains: Vec<DomainLook>,
    #[serde(skip_serializing_if = "Option::is_none")]
    domains_missing: Option<&'static str>,
}

/// Activity of a domain of which nothing else is said.
const FILTERED: &str = "filtered";

#[derive(Debug, Serialize)]
struct HostLook {
    name: String,
    libvirt_version: String,
    qemu_version: String,
    kernel: String,
    cpus: u32,
    cpu_model: String,
    memory_bytes: u64,
    sockets: u32,
    cores: u32,
    numa_nodes: u32,
    os: String,
    machine_vendor: String,
    machine_model: String,
    kvm: String,
    kvm_nested: Option<bool>,
    booted_at: String,
    readings: Vec<ReadingLook>,
}

#[derive(Debug, Serialize)]
struct DomainLook {
    uuid: String,
    name: String,
    state: &'static str,
    activity: &'static str,
    started_at: Option<String>,
    boot_id: Option<String>,
    vcpus: u32,
    memory_max_bytes: u64,
    persistent: bool,
    autostart: bool,
    managed_by: String,
    owner: String,
    project: String,
    user: String,
    flavour: String,
    labels: BTreeMap<String, String>,
    title: String,
    description: String,
    machine: String,
    disks: Vec<DiskLook>,
    macs: Vec<String>,
    interfaces: Vec<InterfaceLook>,
    snapshots: Vec<String>,
    checkpoints: Vec<String>,
    truncated: bool,
    readings: Vec<ReadingLook>,
}

/// `value` is in the metric's unit: whole numbers stay whole where they are stored in that unit.
#[derive(Debug, PartialEq, Serialize)]
struct ReadingLook {
    metric: &'static str,
    device: String,
    kind: &'static str,
    value: Option<Number>,
    missing: Option<&'static str>,
}

impl Look {
    fn new(name: &str, snapshot: Snapshot) -> Self {
        let host = snapshot.host;
        Self {
            time: snapshot.tick.wall.to_string(),
            host: HostLook::new(name, host.info, host.counter_epoch, &host.readings),
            domains: snapshot.domains.into_iter().map(DomainLook::new).collect(),
            domains_missing: snapshot.domains_missing.map(evenkeel_common::sample::Missing::as_str),
        }
    }

    fn rows(&self) -> Vec<[String; 5]> {
        let row = |entity: &str, reading: &ReadingLook| {
            let value = reading.value.as_ref().map(ToString::to_string);
            let value = value.unwrap_or_else(|| format!("- ({})", reading.missing.unwrap_or_default()));
            [entity.to_owned(), reading.metric.to_owned(), reading.device.clone(), reading.kind.to_owned(), value]
        };
        let host = self.host.readings.iter().map(|reading| row(&self.host.name, reading));
        let domain = |domain: &DomainLook| {
            let readings = domain.readings.iter().map(|reading| row(&domain.name, reading));
            facts(domain).into_iter().chain(readings).collect::<Vec<_>>()
        };
        // How many the filter left out is one of the host's readings.
        let measured = self.domains.iter().filter(|domain| domain.activity != FILTERED);
        host.chain(measured.flat_map(domain)).collect()
    }
}

impl HostLook {
    fn new(name: &str, info: HostInfo, booted_ms: u64, readings: &[Reading]) -> Self {
        Self {
            name: name.to_owned(),
            libvirt_version: info.libvirt_version,
            qemu_version: info.qemu_version,
            kernel: info.kernel,
            cpus: info.cpus,
            cpu_model: info.cpu_model,
            memory_bytes: info.memory_bytes,
            sockets: info.sockets,
            cores: info.cores,
            numa_nodes: info.numa_nodes,
            os: info.os,
            machine_vendor: info.machine_vendor,
            machine_model: info.machine_model,
            kvm: info.kvm,
            kvm_nested: info.kvm_nested,
            booted_at: time(booted_ms),
            readings: looks(readings),
        }
    }
}

impl DomainLook {
    fn new(domain: DomainReadings) -> Self {
        let info = Arc::unwrap_or_clone(domain.info);
        let uuid = DomainUuid::from_bytes(domain.uuid);
        let started = i64::try_from(domain.counter_epoch).ok().filter(|start| *start > 0).map(UnixMs);
        // After a migration only the collector knows when the boot began.
        let boot = started.filter(|_| !info.arrived).map(|start| GuestBootId::new(uuid, start).to_string());
        let macs = info.interfaces.iter().map(|interface| interface.mac.clone()).filter(|mac| !mac.is_empty());
        Self {
            uuid: uuid.to_string(),
            name: domain.name,
            state: DomainState::from_code(domain.state).as_str(),
            activity: match domain.activity {
                Activity::Active => "active",
                Activity::Incoming => "incoming",
                Activity::Inactive => "inactive",
                Activity::Filtered => FILTERED,
            },
            started_at: started.map(|start| start.to_string()),
            boot_id: boot,
            vcpus: info.vcpus,
            memory_max_bytes: info.memory_max_bytes,
            persistent: info.persistent,
            autostart: info.autostart,
            managed_by: info.managed_by,
            owner: info.owner,
            project: info.project,
            user: info.user,
            flavour: info.flavour,
            labels: info.labels.into_iter().map(|label| (label.name, label.value)).collect(),
            title: info.title,
            description: info.description,
            machine: info.machine,
            macs: macs.collect(),
            disks: info.disks.into_iter().map(DiskLook::new).collect(),
            interfaces: info.interfaces.into_iter().map(InterfaceLook::new).collect(),
            snapshots: info.snapshots,
            checkpoints: info.checkpoints,
            truncated: info.truncated,
            readings: looks(&domain.readings),
        }
    }
}

/// The facts of a domain as rows: a list or object as its JSON.
fn facts(domain: &DomainLook) -> Vec<[String; 5]> {
    let Ok(serde_json::Value::Object(fields)) = serde_json::to_value(domain) else { return Vec::new() };
    let row = |(key, value): (String, serde_json::Value)| {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        [domain.name.clone(), key, String::new(), "fact".to_owned(), value]
    };
    fields.into_iter().filter(|(key, _)| !["name", "readings"].contains(&key.as_str())).map(row).collect()
}

fn time(unix_ms: u64) -> String {
    UnixMs(i64::try_from(unix_ms).unwrap_or(i64::MAX)).to_string()
}

fn looks(readings: &[Reading]) -> Vec<ReadingLook> {
    readings.iter().filter_map(|reading| by_id(reading.metric).map(|metric| look(metric, reading))).collect()
}

fn look(metric: &'static Metric, reading: &Reading) -> ReadingLook {
    let value = match reading.value {
        Value::Counter(counter) => shown(metric, i128::from(counter.value)),
        Value::Gauge(Gauge::Int(value)) => shown(metric, i128::from(value)),
        Value::Gauge(Gauge::Float(value)) => Number::from_f64(value.value() / metric.stored_per_unit),
        Value::Missing(_) => None,
    };
    let missing = match reading.value {
        Value::Missing(why) => Some(why.as_str()),
        Value::Counter(_) | Value::Gauge(_) => None,
    };
    ReadingLook { metric: metric.name, device: reading.device.clone(), kind: metric.kind.as_str(), value, missing }
}

#[expect(clippy::float_cmp, reason = "1.0 stands in the catalogue as it is")]
#[expect(clippy::cast_precision_loss, reason = "seconds of a counter: 15 digits are shown")]
fn shown(metric: &Metric, stored: i128) -> Option<Number> {
    if metric.stored_per_unit == 1.0 {
        return Number::from_i128(stored);
    }
    Number::from_f64(stored as f64 / metric.stored_per_unit)
}

#[cfg(test)]
mod tests {
    use evenkeel_common::metric::known;
    use evenkeel_common::sample::{Counter, CounterEpoch, Missing};

    use super::*;

    fn of(metric: &str, value: Value) -> ReadingLook {
        let metric = known(metric);
        look(metric, &Reading { metric: metric.id, device: String::new(), value })
    }

    #[test]
    fn whole_numbers_stay_whole_and_nanoseconds_become_seconds() {
        let count = |value| Value::Counter(Counter { epoch: CounterEpoch(1), value });
        let bytes = of("vm_block_read_bytes_total", count(u64::MAX));
        assert_eq!(bytes.value.unwrap().to_string(), "18446744073709551615");
        assert_eq!(of("vm_cpu_seconds_total", count(1_500_000_000)).value.unwrap().to_string(), "1.5");
        let missing = of("vm_memory_usable_bytes", Value::Missing(Missing::NotEnabled));
        assert_eq!((missing.value, missing.missing), (None, Some("not_enabled")));
    }
}
