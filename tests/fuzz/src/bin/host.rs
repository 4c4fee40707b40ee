//! Files of the kernel about the host: `/proc/stat`, `meminfo`, `vmstat`, pressure, `diskstats`, `mountinfo`,
//! `net/dev`, and what small files of `/sys` hold. Each parser gets every input, at two ticks: the parts before and
//! after the first zero byte.
//!
//! Seeds: agent/src/gather/host/fixtures/* /proc/stat /proc/loadavg /proc/meminfo /proc/vmstat /proc/pressure/*
//! Seeds: /proc/diskstats /proc/net/dev /proc/cpuinfo /etc/os-release /proc/self/mountinfo

#![no_main]

use evenkeel_agent::gather::host::source::Source;
use evenkeel_agent::gather::host::{
    AgentFacts, Before, HostFacts, boot_time_s, disks, facts, filesystems, hugepages, kvm, memory, net, pressure, read,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let (first, second) = text.split_once('\0').unwrap_or((&text, &text));
    let mut before = Before::since(first);
    for text in [first, second] {
        let _ = read(&host(text), AgentFacts::default(), &mut before);
        let _ = boot_time_s(text);
        let _ = disks::disks(text);
        let _ = facts::processors(text, &[(0, 0), (0, 1), (u32::MAX, 0)]);
        let _ = facts::os(text);
        let _ = facts::machine(Some(text.to_owned()));
        let _ = hugepages::size(text);
        let _ = kvm::nested(text);
        let _ = memory::total_bytes(text);
        let _ = net::speed_mbit(text);
        let _ = pressure::line(text, "some");
    }
    for mount in filesystems::mounts(bytes) {
        let _ = mount.name();
    }
});

fn host(text: &str) -> HostFacts {
    let source = || Source::Text(text.to_owned());
    HostFacts {
        page_bytes: 4_096,
        stat: source(),
        loadavg: source(),
        meminfo: source(),
        vmstat: source(),
        pressure: [source(), source(), source()],
        diskstats: source(),
        net_dev: source(),
        ..HostFacts::default()
    }
}
