//! Files of the kernel about a QEMU process: `/proc/PID/…`, cgroups, `/proc/net/…`. Any of them could be cut short or
//! come from a newer kernel; each parser gets every input.
//!
//! Seeds: /proc/self/stat /proc/self/auxv /proc/self/cgroup /proc/self/mountinfo /proc/self/schedstat /proc/self/cmdline
//! Seeds: /proc/net/dev /proc/net/route /proc/net/ipv6_route /proc/net/arp /sys/fs/cgroup/cpu.stat
//! Seeds: agent/src/gather/host/fixtures/*

#![no_main]

use std::str;

use evenkeel_agent::gather::kernel::{auxv, cgroup, identify, mounts, net_dev, schedstat, stat};
use evenkeel_agent::probe::{echo, network, route};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let units = auxv::Units::parse(bytes);
    if let Some(stat) = stat::Stat::parse(bytes) {
        let _ = units.ticks_ns(stat.user_ticks);
        let _ = units.ticks_ns(u64::MAX);
    }
    let _ = cgroup::cpu_stat(bytes);
    // A file of two parts is read as two files, as those of a cgroup of version 1 are.
    let (usage, times) = bytes.split_at(bytes.iter().position(|byte| *byte == b'\n').unwrap_or(0));
    let _ = cgroup::cpuacct(usage, times, units);
    let _ = identify::command_line(bytes);
    let _ = net_dev::parse(bytes);
    let _ = schedstat::run_and_delay_ns(bytes);
    let _ = schedstat::vcpu_index(bytes);
    for family in [echo::Family::V4, echo::Family::V6] {
        let _ = echo::is_reply(family, true, bytes, 7);
        let _ = echo::is_reply(family, false, bytes, 7);
    }
    if let Ok(text) = str::from_utf8(bytes) {
        of_text(text);
    }
});

fn of_text(text: &str) {
    if let Some(group) = cgroup::group(text) {
        let mounts = mounts::parse(text);
        let _ = mounts::folder(&mounts, true, &group.path);
        let _ = mounts::folder(&mounts, false, &group.path);
    }
    let mounts = mounts::parse(text);
    let _ = mounts::folder(&mounts, false, text);
    let mut routes = route::routes_v4(text);
    routes.extend(route::routes_v6(text));
    let _ = route::find(&routes, [10, 9, 0, 11].into());
    let _ = route::neighbours(text);
    let _ = network::Network::parse(text);
}
