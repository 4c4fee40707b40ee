//! The keys of `agent.toml`.

use evenkeel_common::config::{HOST_PORT, Key, Kind, Schema};
use evenkeel_common::limits::{INTERVAL_MAX, INTERVAL_MIN, SPOOL_MIN_BYTES};
use evenkeel_common::time::DurationMs;

use super::{filter, is_name, probes};

/// Of a group of libvirt's statistics; what is shorter than the interval happens at every tick.
const GROUP_INTERVAL: Kind = Kind::Duration { min: INTERVAL_MIN, max: INTERVAL_MAX };

/// Everything `agent.toml` may hold.
pub const SCHEMA: Schema = Schema {
    file: "agent.toml",
    drop_in: "agent.conf.d",
    env_prefix: "EVENKEEL_AGENT_",
    keys: &[
        Key {
            path: "collector",
            kind: HOST_PORT,
            default: None,
            help: "HOST:PORT of the collector; `join` writes down where it joined, this overrides it.",
        },
        Key {
            path: "name",
            kind: Kind::Checked { allowed: "a name of 1 to 255 bytes", accepts: is_name },
            default: None,
            help: "Name of this host at the collector; without it the machine's host name.",
        },
        Key {
            path: "libvirt_uri",
            kind: Kind::Text,
            default: Some("\"qemu:///system\""),
            help: "The libvirt to read; with ?socket= name the read-only socket, libvirt-sock-ro.",
        },
        Key {
            path: "libvirt_helper",
            kind: Kind::Text,
            default: None,
            help: "Path of evenkeel-agent-libvirt; without it the one beside the agent, in /usr/libexec/evenkeel or in PATH.",
        },
        Key {
            path: "interval",
            kind: Kind::Duration { min: INTERVAL_MIN, max: INTERVAL_MAX },
            default: Some("\"10s\""),
            help: "Time between readings; each host has its own place within it, which its machine id gives.",
        },
        Key {
            path: "scrape_deadline",
            kind: Kind::Duration { min: DurationMs(100), max: DurationMs::from_s(300) },
            default: Some("\"5s\""),
            help: "How long libvirt may take to answer before the helper that asks it is replaced.",
        },
        Key {
            path: "fast_path",
            kind: Kind::Bool,
            default: Some("true"),
            help: "Read CPU, resident memory and network of guests from the kernel where it agrees with libvirt.",
        },
        Key {
            path: "intervals.cpu",
            kind: GROUP_INTERVAL,
            default: None,
            help: "How often libvirt is asked for CPU time of guests while the kernel says the same; without it every 6th tick. Else it is asked at every tick.",
        },
        Key {
            path: "intervals.vcpu",
            kind: GROUP_INTERVAL,
            default: None,
            help: "How often libvirt is asked for vCPUs while the kernel says their times; without it every 6th tick. Else it is asked at every tick.",
        },
        Key {
            path: "intervals.balloon",
            kind: GROUP_INTERVAL,
            default: None,
            help: "How often libvirt is asked for memory of guests; without it every 6th tick.",
        },
        Key {
            path: "intervals.block",
            kind: GROUP_INTERVAL,
            default: None,
            help: "How often libvirt is asked for disks of guests; without it every 3rd tick.",
        },
        Key {
            path: "intervals.interface",
            kind: GROUP_INTERVAL,
            default: None,
            help: "How often libvirt is asked for interfaces of guests while the kernel says the same; without it every 6th tick. Else it is asked at every tick.",
        },
        Key {
            path: "intervals.perf",
            kind: GROUP_INTERVAL,
            default: None,
            help: "How often libvirt is asked for perf events; without it every 3rd tick.",
        },
        Key {
            path: "intervals.iothread",
            kind: GROUP_INTERVAL,
            default: None,
            help: "How often libvirt is asked for I/O threads; without it every 6th tick.",
        },
        Key {
            path: "intervals.memory",
            kind: GROUP_INTERVAL,
            default: None,
            help: "How often libvirt is asked for memory bandwidth; without it every 3rd tick.",
        },
        Key {
            path: "intervals.dirtyrate",
            kind: GROUP_INTERVAL,
            default: None,
            help: "How often libvirt is asked for measured dirty rates; without it every 6th tick.",
        },
        Key {
            path: "intervals.vm",
            kind: GROUP_INTERVAL,
            default: None,
            help: "How often libvirt is asked for what KVM counts of guests; without it every 6th tick.",
        },
        Key {
            path: "intervals.filesystem",
            kind: Kind::Duration { min: INTERVAL_MIN, max: INTERVAL_MAX },
            default: Some("\"60s\""),
            help: "How often the sizes of the host's file systems are read.",
        },
        Key {
            path: "intervals.pool",
            kind: Kind::Duration { min: INTERVAL_MIN, max: INTERVAL_MAX },
            default: Some("\"60s\""),
            help: "How often libvirt is asked about its storage pools.",
        },
        Key {
            path: "intervals.hardware",
            kind: Kind::Duration { min: INTERVAL_MIN, max: INTERVAL_MAX },
            default: Some("\"60s\""),
            help: "How often links, huge pages, KSM and NUMA nodes of the host are read.",
        },
        Key {
            path: "log",
            kind: Kind::Choice(&["error", "warn", "info", "debug", "trace"]),
            default: Some("\"info\""),
            help: "How much is logged.",
        },
        Key {
            path: "spool.directory",
            kind: Kind::Checked { allowed: "an absolute path", accepts: |text| text.starts_with('/') },
            default: None,
            help: "Where they are kept, when not in spool/ of the data directory. The agent's user has to own it, and its \
                   unit has to be allowed to write there (ReadWritePaths=).",
        },
        Key {
            path: "spool.max_bytes",
            kind: Kind::Integer { min: SPOOL_MIN_BYTES.cast_signed(), max: 1 << 40 },
            default: Some("268435456"),
            help: "Bytes kept on disk below the data directory until the collector has them; then the oldest go.",
        },
        filter::ALLOW,
        filter::DENY,
        probes::FROM_METADATA,
        probes::NETWORKS,
        probes::CA_FILE,
    ],
    tables: &[probes::TABLES],
};
