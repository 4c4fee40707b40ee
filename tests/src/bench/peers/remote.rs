//! The readings as the peers take them: Prometheus' remote write (a protobuf message in snappy's block format), and
//! VictoriaMetrics' lines of JSON.

use std::fmt::Write as _;

use anyhow::Result;

use super::super::data::{COLUMNS, Data, VMS_OF_HOST};
use super::http::{Ask, Http};

/// Ticks of a host in one request, as a remote write of Prometheus gathers samples until it has some thousand.
const TICKS: usize = 8;
const HEADERS: &[(&str, &str)] = &[
    ("content-encoding", "snappy"),
    ("content-type", "application/x-protobuf"),
    ("x-prometheus-remote-write-version", "0.1.0"),
];

/// A series' name with the peers.
pub(super) fn name(column: usize) -> String {
    format!("m{column:02}")
}

/// A VM's name with the peers.
pub(super) fn vm_name(vm: usize) -> String {
    format!("vm{vm:04}")
}

/// Everything by remote write, oldest first, each host for itself.
pub(super) async fn write(http: &mut Http, data: &Data) -> Result<()> {
    let mut encoder = snap::raw::Encoder::new();
    for first in (0..data.ticks).step_by(TICKS) {
        for host in 0..data.hosts() {
            let message = message(data, host, first..(first + TICKS).min(data.ticks));
            let body = encoder.compress_vec(&message)?;
            http.ask(&Ask::post("/api/v1/write", body).with_headers(HEADERS)).await?;
        }
    }
    Ok(())
}

/// A `WriteRequest` of a host's ticks.
fn message(data: &Data, host: usize, ticks: std::ops::Range<usize>) -> Vec<u8> {
    let mut message = Vec::with_capacity(VMS_OF_HOST * COLUMNS.len() * (40 + ticks.len() * 18));
    for vm in data.vms_of(host) {
        for column in 0..COLUMNS.len() {
            let mut series = Vec::with_capacity(64 + ticks.len() * 18);
            for (name, value) in [("__name__", name(column)), ("vm", vm_name(vm))] {
                let mut label = Vec::with_capacity(24);
                field(&mut label, 1, name.as_bytes());
                field(&mut label, 2, value.as_bytes());
                field(&mut series, 1, &label);
            }
            for tick in ticks.clone() {
                let mut sample = vec![0x09];
                sample.extend_from_slice(&float(data.column(vm, column)[tick]).to_le_bytes());
                sample.push(0x10);
                varint(&mut sample, data.at(host, tick).0.unsigned_abs());
                field(&mut series, 2, &sample);
            }
            field(&mut message, 1, &series);
        }
    }
    message
}

/// A field of bytes with its length.
fn field(out: &mut Vec<u8>, number: u64, bytes: &[u8]) {
    varint(out, number << 3 | 2);
    varint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

fn varint(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number.to_le_bytes()[0] | 0x80);
        number >>= 7;
    }
    out.push(number.to_le_bytes()[0]);
}

#[expect(clippy::cast_precision_loss, reason = "the peers hold nothing else")]
const fn float(number: i64) -> f64 {
    number as f64
}

/// Everything as VictoriaMetrics imports it: a line a series, a request a VM.
pub(super) async fn import(http: &mut Http, data: &Data) -> Result<()> {
    for host in 0..data.hosts() {
        let times = (0..data.ticks).map(|tick| data.at(host, tick).0.to_string()).collect::<Vec<_>>().join(",");
        for vm in data.vms_of(host) {
            let mut lines = String::new();
            for column in 0..COLUMNS.len() {
                let (name, vm_name) = (name(column), vm_name(vm));
                write!(lines, r#"{{"metric":{{"__name__":"{name}","vm":"{vm_name}"}},"values":["#)?;
                for (tick, value) in data.column(vm, column).iter().enumerate() {
                    write!(lines, "{}{value}", if tick == 0 { "" } else { "," })?;
                }
                writeln!(lines, r#"],"timestamps":[{times}]}}"#)?;
            }
            http.ask(&Ask::post("/api/v1/import", lines)).await?;
        }
    }
    Ok(())
}
