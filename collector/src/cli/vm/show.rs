//! `vm show` as tables.

use super::fields;
use crate::cli::activity::activity_table;
use crate::cli::table::{Cell, Table, Tabular};
use crate::view::vm::{DeviceView, MissingView, PlacementView, ProbeView, VmDetail};

impl Tabular for VmDetail {
    fn table(&self) -> Table {
        let yes = |value: bool| Cell::text(if value { "yes" } else { "no" });
        let maybe = |text: &Option<String>| Cell::maybe(text.as_ref(), Cell::text);
        let labels: Vec<String> = self.summary.labels.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut all = fields(&self.summary);
        all.extend([
            ("project", maybe(&self.summary.project)),
            ("user", maybe(&self.user)),
            ("flavour", maybe(&self.flavour)),
            ("labels", Cell::text(labels.join(" "))),
            ("title", maybe(&self.title)),
            ("description", maybe(&self.description)),
            ("state_since", Cell::Time(self.state_since.0)),
            ("first_seen", Cell::Time(self.first_seen.0)),
            ("started_at", Cell::maybe(self.started_at, |at| Cell::Time(at.0))),
            ("boot_id", maybe(&self.boot_id)),
            ("persistent", yes(self.persistent)),
            ("autostart", yes(self.autostart)),
            ("machine", Cell::text(&self.machine)),
            ("conflict_with", maybe(&self.conflict_with)),
            ("macs", Cell::text(self.macs.join(" "))),
            ("snapshots", Cell::text(self.snapshots.join(" "))),
            ("checkpoints", Cell::text(self.checkpoints.join(" "))),
        ]);
        if self.truncated {
            all.push(("truncated", Cell::text("yes: more devices, labels or names than an agent sends")));
        }
        Table::object(all)
    }

    fn more(&self) -> Vec<(&'static str, Table)> {
        let device_columns = [
            ("device", "DEVICE"),
            ("kind", "KIND"),
            ("type", "TYPE"),
            ("model", "MODEL"),
            ("format", "FORMAT"),
            ("access", "ACCESS"),
            ("mac", "MAC"),
            ("source", "SOURCE"),
            ("backing", "BACKING"),
        ];
        vec![
            ("Devices", Table::new(&device_columns, self.devices.iter().map(device))),
            ("Probes", probes(&self.probes)),
            ("Missing readings", missing_table(&self.missing_readings)),
            (
                "Placements",
                Table::new(&[("host", "HOST"), ("from", "FROM"), ("to", "TO")], self.placements.iter().map(stay)),
            ),
            ("Events", activity_table(&self.events)),
        ]
    }
}

fn device(device: &DeviceView) -> Vec<Cell> {
    let maybe = |text: &Option<String>| Cell::maybe(text.as_ref(), Cell::text);
    let backing: Vec<&str> = device.backing.iter().map(|image| image.source.as_str()).collect();
    let access = match (device.readonly, device.shareable) {
        (Some(true), _) => Some("read-only"),
        (_, Some(true)) => Some("shared"),
        _ => None,
    };
    vec![
        Cell::text(&device.device),
        Cell::text(&device.kind),
        maybe(&device.r#type),
        maybe(&device.model),
        maybe(&device.format),
        Cell::maybe(access, Cell::text),
        maybe(&device.mac),
        maybe(&device.source),
        Cell::text(backing.join(" > ")),
    ]
}

fn probes(probes: &[ProbeView]) -> Table {
    let columns = [
        ("name", "NAME"),
        ("kind", "KIND"),
        ("target", "TARGET"),
        ("source", "SOURCE"),
        ("state", "STATE"),
        ("response_s", "RESPONSE_S"),
        ("certificate_days", "CERTIFICATE_DAYS"),
        ("last_time", "LAST"),
        ("reason", "REASON"),
    ];
    let maybe = |text: &Option<String>| Cell::maybe(text.as_ref(), Cell::text);
    let row = |probe: &ProbeView| {
        vec![
            Cell::text(&probe.name),
            Cell::text(&probe.kind),
            maybe(&probe.target),
            Cell::text(&probe.source),
            Cell::text(&probe.state),
            Cell::maybe(probe.response_s, Cell::Number),
            Cell::maybe(probe.certificate_days, Cell::Number),
            Cell::maybe(probe.last_time, |at| Cell::Ago(at.0)),
            maybe(&probe.reason),
        ]
    };
    Table::new(&columns, probes.iter().map(row))
}

/// What is missing and why, of a VM or of a host.
pub(crate) fn missing_table(readings: &[MissingView]) -> Table {
    let columns = [("what", "WHAT"), ("devices", "DEVICES"), ("reason", "REASON"), ("words", "IN WORDS")];
    Table::new(&columns, readings.iter().map(missing))
}

fn missing(missing: &MissingView) -> Vec<Cell> {
    vec![
        Cell::text(&missing.what),
        Cell::text(missing.devices.join(" ")),
        Cell::text(&missing.reason),
        Cell::text(&missing.words),
    ]
}

fn stay(stay: &PlacementView) -> Vec<Cell> {
    vec![Cell::text(&stay.host), Cell::Time(stay.from.0), Cell::maybe(stay.to, |at| Cell::Time(at.0))]
}
