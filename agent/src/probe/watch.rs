//! The parts of the paths that probes take, looked at beside the probes: so it is known what is normal, and each part
//! has its own series on the host.

use std::collections::BTreeSet;
use std::net::IpAddr;

use evenkeel_common::metric::known;
use evenkeel_common::sample::{Gauge, Missing, Reading, Value};
use evenkeel_common::time::DurationMs;

use super::gateway::{Gateways, Known};
use super::path::{Device, broken_device};
use super::{path_reader, route};

/// Time between looks.
pub const INTERVAL: DurationMs = DurationMs::from_s(10);
/// Targets and interfaces that are looked at.
pub const TARGETS_MAX: usize = 1_024;
const PARTS_MAX: usize = 64;

/// What to look at.
#[derive(Clone, Debug, Default)]
pub struct Wish {
    /// Targets of probes.
    pub targets: BTreeSet<IpAddr>,
    /// Bridges of their VMs.
    pub bridges: BTreeSet<String>,
    /// Whether addresses of VMs are looked for.
    pub neighbours: bool,
}

/// Looks once.
pub async fn look(wish: Wish, gateways: &Gateways) -> Vec<Reading> {
    let read = move || {
        let mut routers = BTreeSet::new();
        let mut names = wish.bridges;
        for family in [true, false] {
            let mut targets = wish.targets.iter().filter(|target| target.is_ipv4() == family).peekable();
            let Some(any) = targets.peek() else { continue };
            let routes = path_reader::routes(**any);
            for found in targets.filter_map(|target| route::find(&routes, *target)) {
                routers.extend(found.gateway);
                names.insert(found.device.clone());
            }
        }
        let devices: Vec<Device> = names.iter().take(PARTS_MAX).map(|name| path_reader::device(name)).collect();
        (routers, devices)
    };
    let (routers, devices) = tokio::task::spawn_blocking(read).await.unwrap_or_default();
    let mut readings: Vec<Reading> = devices.iter().filter(|device| device.exists).map(of_device).collect();
    for router in routers.into_iter().take(PARTS_MAX) {
        let known = gateways.ask(router).await;
        readings.extend(of_gateway(&router.to_string(), known));
    }
    readings
}

fn of_device(device: &Device) -> Reading {
    reading("host_path_interface_up", &device.name, Value::Gauge(Gauge::Int(broken_device(device).is_none().into())))
}

fn of_gateway(device: &str, known: Option<Known>) -> [Reading; 2] {
    let up = known.map_or(Value::Missing(Missing::NoData), |known| Value::Gauge(Gauge::Int(known.answers.into())));
    let response = known.and_then(|known| i64::try_from(known.response_us?).ok());
    let response = response.map_or(Value::Missing(Missing::NoData), |us| Value::Gauge(Gauge::Int(us)));
    [reading("host_path_gateway_up", device, up), reading("host_path_gateway_response_seconds", device, response)]
}

fn reading(metric: &str, device: &str, value: Value) -> Reading {
    Reading { metric: known(metric).id, device: device.to_owned(), value }
}
