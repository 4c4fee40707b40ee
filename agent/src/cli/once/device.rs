//! Disks and interfaces of a domain in the JSON of `once`.

use evenkeel_common::wire::v1::{DiskInfo, InterfaceInfo};
use serde::Serialize;

#[derive(Debug, Serialize)]
pub(super) struct DiskLook {
    target: String,
    source: String,
    format: String,
    kind: String,
    bus: String,
    readonly: bool,
    shareable: bool,
    backing: Vec<BackingLook>,
}

#[derive(Debug, Serialize)]
struct BackingLook {
    source: String,
    format: String,
}

#[derive(Debug, Serialize)]
pub(super) struct InterfaceLook {
    target: String,
    mac: String,
    kind: String,
    source: String,
    model: String,
}

impl DiskLook {
    pub(super) fn new(disk: DiskInfo) -> Self {
        let DiskInfo { target, source, format, kind, bus, readonly, shareable, backing } = disk;
        let backing =
            backing.into_iter().map(|image| BackingLook { source: image.source, format: image.format }).collect();
        Self { target, source, format, kind, bus, readonly, shareable, backing }
    }
}

impl InterfaceLook {
    pub(super) fn new(interface: InterfaceInfo) -> Self {
        let InterfaceInfo { target, mac, kind, source, model } = interface;
        Self { target, mac, kind, source, model }
    }
}
