//! A domain's XML: its description, its owner, the probes that it asks for, and what a start would change.
//!
//! Seeds: agent/src/gather/fixtures/*.xml agent/src/probe/fixtures/*.xml

#![no_main]

use evenkeel_agent::gather::batch::{HostReadings, Snapshot, Tick};
use evenkeel_agent::gather::describe::describe;
use evenkeel_agent::gather::host::kvm;
use evenkeel_agent::gather::owner::owner;
use evenkeel_agent::gather::roster::DomainReadings;
use evenkeel_agent::probe::metadata::hints;
use evenkeel_agent::scrape::protocol::Description;
use evenkeel_common::time::{DurationMs, MonoMs, UnixMs};
use evenkeel_common::wire::encode;
use evenkeel_common::wire::v1::{Activity, DomainInfo, ToCollector};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|xml: &str| {
    if let Ok(document) = roxmltree::Document::parse(xml) {
        let _ = owner(document.root_element());
    }
    let _ = hints(xml);
    let _ = kvm::is_offered(xml);
    let description =
        Description { xml: xml.to_owned(), snapshots: vec![xml.to_owned(); 70], ..Description::default() };
    travels(describe(&description));
});

/// Whatever a domain's owner wrote into it, the collector takes the batch that it is in.
fn travels(info: DomainInfo) {
    let domain = DomainReadings {
        uuid: [1; 16],
        name: "g1".to_owned(),
        state: 1,
        activity: Activity::Active,
        counter_epoch: 1,
        info: info.into(),
        definition: None,
        readings: Vec::new(),
    };
    let tick = Tick { epoch: 1, wall: UnixMs(1), mono: MonoMs(1), interval: DurationMs(10_000), boot_id: [0; 16] };
    let host = HostReadings::default();
    let snapshot = Snapshot { tick, host, domains: vec![domain], domains_missing: None, events: Vec::new() };
    for batch in snapshot.into_batches(1) {
        batch.validate().expect("the agent's own batch is valid");
        encode(&ToCollector::Batch { sent_wall_ms: 0, sent_mono_ms: 0, age_ms: 0, batch }).expect("it fits a frame");
    }
}
