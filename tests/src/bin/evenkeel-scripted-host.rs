//! Stands in for `evenkeel-agent-libvirt`: a host with 500 domains whose counters move, without libvirt or guests.

use std::io;

use evenkeel_agent::groups::{Groups, StatsGroup};
use evenkeel_agent::scrape::protocol::{
    Description, FrameError, Param, RawDomain, Reply, Request, Scraped, receive, send,
};
use evenkeel_tests::bench::scripted::DOMAINS;

const COUNTERS: &[(&str, u64)] = &[
    ("cpu.time", 210_000_000),
    ("cpu.user", 150_000_000),
    ("cpu.system", 60_000_000),
    ("balloon.swap_in", 0),
    ("balloon.swap_out", 0),
    ("balloon.major_fault", 1),
    ("balloon.minor_fault", 420),
    ("vcpu.0.time", 100_000_000),
    ("vcpu.0.wait", 0),
    ("vcpu.0.delay", 1_400_000),
    ("vcpu.1.time", 90_000_000),
    ("vcpu.1.wait", 0),
    ("vcpu.1.delay", 1_200_000),
    ("net.0.rx.bytes", 48_000),
    ("net.0.rx.pkts", 310),
    ("net.0.rx.errs", 0),
    ("net.0.rx.drop", 0),
    ("net.0.tx.bytes", 91_000),
    ("net.0.tx.pkts", 290),
    ("net.0.tx.errs", 0),
    ("net.0.tx.drop", 0),
    ("block.0.rd.reqs", 3),
    ("block.0.rd.bytes", 49_152),
    ("block.0.rd.times", 700_000),
    ("block.0.wr.reqs", 40),
    ("block.0.wr.bytes", 655_360),
    ("block.0.wr.times", 9_000_000),
    ("block.0.fl.reqs", 4),
    ("block.0.fl.times", 3_000_000),
];

const GAUGES: &[(&str, u64)] = &[
    ("state.state", 1),
    ("state.reason", 1),
    ("balloon.current", 4_194_304),
    ("balloon.maximum", 4_194_304),
    ("balloon.available", 4_030_000),
    ("balloon.last-update", 1_700_000_000),
    ("vcpu.current", 2),
    ("vcpu.maximum", 2),
    ("vcpu.0.state", 1),
    ("vcpu.1.state", 1),
    ("net.count", 1),
    ("block.count", 1),
    ("block.0.allocation", 3_221_225_472),
    ("block.0.capacity", 21_474_836_480),
    ("block.0.physical", 3_221_225_472),
    ("iothread.count", 0),
];

/// Gauges that move.
const LEVELS: &[(&str, u64)] = &[
    ("balloon.unused", 900_000),
    ("balloon.usable", 2_300_000),
    ("balloon.disk_caches", 600_000),
    ("balloon.rss", 2_900_000),
];

fn main() -> Result<(), FrameError> {
    let mut host = Host { random: 1, described: 0, totals: vec![vec![0; COUNTERS.len()]; DOMAINS] };
    let mut requests = io::stdin().lock();
    let mut replies = io::stdout().lock();
    while let Some(request) = receive(&mut requests)? {
        let reply = match request {
            Request::Scrape { groups, only: None, describe_max, .. } => {
                Reply::Scraped(host.scrape(groups, usize::try_from(describe_max).unwrap_or(usize::MAX)))
            }
            _ => Reply::Failed { reason: "a scripted host has domains only".to_owned() },
        };
        send(&mut replies, &reply)?;
    }
    Ok(())
}

struct Host {
    random: u64,
    described: usize,
    totals: Vec<Vec<u64>>,
}

impl Host {
    fn scrape(&mut self, groups: Groups, describe_max: usize) -> Scraped {
        let until = (self.described + describe_max).min(DOMAINS);
        let described = (self.described..until).map(description).collect();
        self.described = until;
        Scraped {
            libvirt_version: "9.0.0".to_owned(),
            qemu_version: "7.2.22".to_owned(),
            domains: (0..DOMAINS).map(|number| self.domain(groups, number)).collect(),
            described,
        }
    }

    fn domain(&mut self, groups: Groups, number: usize) -> RawDomain {
        let mut params = Vec::with_capacity(COUNTERS.len() + GAUGES.len() + LEVELS.len() + 3);
        params.extend(GAUGES.iter().map(|(name, value)| ((*name).to_owned(), Param::U64(*value))));
        params.push(("net.0.name".to_owned(), Param::Text(format!("vnet{number}"))));
        params.push(("block.0.name".to_owned(), Param::Text("vda".to_owned())));
        params
            .push(("block.0.path".to_owned(), Param::Text(format!("/var/lib/libvirt/images/scripted-{number}.qcow2"))));
        for (at, (name, step)) in COUNTERS.iter().enumerate() {
            // Between half and one and a half of the usual step.
            let grown = if *step < 2 { *step } else { step / 2 + self.draw() % step };
            self.totals[number][at] += grown;
            params.push(((*name).to_owned(), Param::U64(self.totals[number][at])));
        }
        for (name, level) in LEVELS {
            params.push(((*name).to_owned(), Param::U64(level + self.draw() % (level / 50))));
        }
        params.retain(|(name, _)| groups.iter().any(|group| name.starts_with(prefix(group))));
        let id = u32::try_from(number + 1).ok();
        RawDomain { uuid: uuid(number), name: format!("scripted-{number}"), id, params, ..RawDomain::default() }
    }

    /// A linear congruence: its upper bits look random enough for deltas.
    fn draw(&mut self) -> u64 {
        self.random = self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.random >> 33
    }
}

/// How the parameters of a group begin.
fn prefix(group: StatsGroup) -> &'static str {
    if group == StatsGroup::Interface { "net" } else { group.word() }
}

fn uuid(number: usize) -> [u8; 16] {
    let mut uuid = [0x5c; 16];
    uuid[8..].copy_from_slice(&u64::try_from(number).unwrap_or(0).to_be_bytes());
    uuid
}

fn description(number: usize) -> Description {
    let xml = format!(
        "<domain type='kvm'><name>scripted-{number}</name><memory unit='KiB'>4194304</memory><vcpu>2</vcpu>\
         <os><type arch='x86_64' machine='pc-q35-7.2'>hvm</type></os><devices>\
         <disk type='file' device='disk'><driver name='qemu' type='qcow2'/>\
         <source file='/var/lib/libvirt/images/scripted-{number}.qcow2'/><target dev='vda' bus='virtio'/></disk>\
         <interface type='bridge'><mac address='52:54:00:00:{:02x}:{:02x}'/><source bridge='br0'/></interface>\
         </devices></domain>",
        number / 256,
        number % 256
    );
    Description { uuid: uuid(number), xml, persistent: true, autostart: true, ..Description::default() }
}
