//! A domain's parameters as libvirt gives them, on their whole way: readings, batch, bytes on the wire, and back.
//!
//! Seeds: agent/src/gather/fixtures/*.json

#![no_main]

use std::collections::{HashMap, HashSet};

use evenkeel_agent::filter::Filter;
use evenkeel_agent::gather::batch::{HostReadings, Snapshot, Tick};
use evenkeel_agent::gather::roster::Roster;
use evenkeel_agent::scrape::protocol::{RawDomain, Scraped};
use evenkeel_common::time::{DurationMs, MonoMs, UnixMs};
use evenkeel_common::wire::v1::ToCollector;
use evenkeel_common::wire::{decode, encode};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|json: &[u8]| {
    let Ok(domain) = serde_json::from_slice::<RawDomain>(json) else { return };
    let mut scraped = Scraped { domains: vec![domain], ..Scraped::default() };
    let mut roster = Roster::default();
    roster.sift(&Filter::default(), &mut scraped);
    let _ = roster.observe(&scraped, &HashMap::new(), UnixMs(1));
    let (domains, _) = roster.observe(&scraped, &HashMap::new(), UnixMs(10_001));
    for domain in &domains {
        let mut seen = HashSet::new();
        let is_new = domain.readings.iter().all(|reading| seen.insert((reading.metric, &reading.device)));
        assert!(is_new, "two readings of one series at one time");
    }
    let tick = Tick { epoch: 1, wall: UnixMs(1), mono: MonoMs(1), interval: DurationMs(10_000), boot_id: [0; 16] };
    let host = HostReadings::default();
    let snapshot = Snapshot { tick, host, domains, domains_missing: None, events: Vec::new() };
    for batch in snapshot.into_batches(1) {
        batch.validate().expect("the agent's own batch is valid");
        let sent = ToCollector::Batch { sent_wall_ms: 0, sent_mono_ms: 0, age_ms: 0, batch };
        let frame = encode(&sent).expect("it fits a frame");
        assert_eq!(decode::<ToCollector>(&frame[4..]).expect("it is understood"), sent);
    }
});
