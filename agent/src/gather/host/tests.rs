use evenkeel_common::metric::known;
use evenkeel_common::sample::{Counter, Gauge, Missing, Value};
use proptest::prelude::*;

use super::filesystems::{Usage, mounts};
use super::*;

const STAT: &str = "cpu  100 5 50 1000 40 3 2 6 30 1\ncpu0 50 0 25 500 20 1 1 3 15 0\ncpu1 50 5 25 500 20 2 1 3 15 1\n\
                    intr 1\nctxt 77\nbtime 1700000000\nprocs_blocked 2\n";
const NET: &str = include_str!("fixtures/net_dev.txt");
const MEMINFO: &str = include_str!("fixtures/meminfo.txt");
const VMSTAT: &str = "nr_free_pages 5\npswpin 3\npswpout 4\npgmajfault 9\noom_kill 1\n";
const NODE: &str = "Node 0 MemTotal:       2048 kB\nNode 0 MemFree:        1024 kB\nNode 0 MemUsed:        1024 kB\n";
const PAGE: u64 = 4096;

fn text(text: &str) -> Source {
    Source::Text(text.to_owned())
}

fn facts() -> HostFacts {
    let kinds = [
        ("lo", LinkKind::NotOurs),
        ("eth0", LinkKind::Physical),
        ("br0", LinkKind::Bridge),
        ("tap1a2b", LinkKind::NotOurs),
        ("vnet0", LinkKind::NotOurs),
    ];
    let link = |name: &str, kind, speed_mbit| Link {
        name: name.to_owned(),
        kind,
        operstate: "up".to_owned(),
        carrier: Some(true),
        speed_mbit,
    };
    let root = Usage { size_bytes: 100, free_bytes: 40, available_bytes: 35, inodes: 10, inodes_free: 4 };
    let filesystem = |mount: &str, usage| Filesystem { mount: mount.to_owned(), is_read_only: false, usage };
    HostFacts {
        page_bytes: PAGE,
        stat: text(STAT),
        loadavg: text("0.10 0.20 0.30 2/345 6789\n"),
        meminfo: text(MEMINFO),
        vmstat: text(VMSTAT),
        pressure: [text("some avg10=1.00 avg60=0 avg300=0 total=5\n"), Source::Absent, Source::NotPermitted],
        diskstats: text("8 0 sda 1 0 8 2 3 0 16 4 5 6 7\n252 3 dm-3 1 0 8 2 3 0 16 4 5 6 7\n"),
        net_dev: text(NET),
        names: Arc::new(Names {
            mapped: HashMap::from([("dm-3".to_owned(), "vg-root".to_owned())]),
            links: kinds.map(|(name, kind)| (name.to_owned(), kind)).into_iter().collect(),
        }),
        filesystems: Some(vec![filesystem("/", Ok(root)), filesystem("/mnt/nfs", Err(Missing::Hung))]),
        hardware: Some(Hardware {
            links: vec![link("eth0", LinkKind::Physical, Some(1000)), link("br0", LinkKind::Bridge, None)],
            ksm: Some([Some(1), Some(2), Some(10), None, None, Some(3)]),
            hugepages: vec![Hugepages { size: "2MiB".to_owned(), numbers: [Some(8), Some(4), Some(0), None] }],
            nodes: vec![Node {
                name: "node0".to_owned(),
                meminfo: NODE.to_owned(),
                numastat: "numa_hit 7\n".to_owned(),
            }],
        }),
        pools: Some(Pools::Read(vec![crate::scrape::protocol::RawPool {
            name: "default".to_owned(),
            state: 2,
            capacity: 30,
            allocation: 10,
            available: 20,
        }])),
        ..HostFacts::default()
    }
}

fn value(readings: &HostReadings, metric: &str, device: &str) -> Option<Value> {
    let metric = known(metric).id;
    let mut found = readings.readings.iter().filter(|r| r.metric == metric && r.device == device);
    let value = found.next().map(|reading| reading.value);
    assert!(found.next().is_none(), "twice");
    value
}

fn look() -> HostReadings {
    read(&facts(), AgentFacts::default(), &mut Before::since("cpu  0 0 0 0 0 0 0 0 0 0"))
}

#[test]
fn reads_the_kernel() {
    let readings = look();
    let count = |value| Some(Value::Counter(Counter { epoch: CounterEpoch(1_700_000_000_000), value }));
    let gauge = |value| Some(Value::Gauge(Gauge::Int(value)));
    for (metric, device, expected) in [
        ("host_cpu_user_seconds_total", "", count(105)),
        ("host_cpu_steal_seconds_total", "", count(6)),
        ("host_cpus", "", gauge(2)),
        ("host_context_switches_total", "", count(77)),
        ("host_processes_blocked", "", gauge(2)),
        ("host_processes_running", "", None),
        ("host_memory_total_bytes", "", gauge(24_684_096 * 1024)),
        ("host_memory_used_bytes", "", gauge((24_684_096 - 24_174_832) * 1024)),
        ("host_memory_dirty_bytes", "", gauge(91_516 * 1024)),
        ("host_swap_used_bytes", "", gauge(24 * 1024)),
        ("host_swap_out_bytes_total", "", count(4 * PAGE)),
        ("host_memory_oom_kills_total", "", count(1)),
        ("host_pressure_cpu_some_seconds_total", "", count(5)),
        ("host_disk_written_bytes_total", "sda", count(16 * 512)),
        ("host_disk_io_seconds_total", "vg-root", count(6)),
        ("host_disk_io_seconds_total", "dm-3", None),
        ("host_network_receive_drops_total", "eth0", count(4)),
        ("host_network_transmit_bytes_total", "eth0", count(50)),
        ("host_network_transmit_bytes_total", "br0", count(9)),
        ("host_network_receive_bytes_total", "lo", None),
        ("host_network_receive_bytes_total", "vnet0", None),
        ("host_network_receive_bytes_total", "tap1a2b", None),
        ("host_network_up", "br0", gauge(1)),
        ("host_network_speed_bytes_per_second", "eth0", gauge(125_000_000)),
        ("host_network_speed_bytes_per_second", "br0", None),
        ("host_filesystem_used_bytes", "/", gauge(60)),
        ("host_filesystem_inodes_free", "/", gauge(4)),
        ("host_pools", "", gauge(1)),
        ("host_pool_capacity_bytes", "default", gauge(30)),
        ("host_ksm_saved_bytes", "", gauge(10 * 4096)),
        ("host_ksm_volatile_bytes", "", None),
        ("host_hugepages_free", "2MiB", gauge(4)),
        ("host_numa_memory_used_bytes", "node0", gauge(1024 * 1024)),
        ("host_numa_hits_total", "node0", count(7)),
    ] {
        assert_eq!(value(&readings, metric, device), expected, "{metric} {device}");
    }
    assert_eq!((readings.info.cpus, readings.info.memory_bytes), (2, 24_684_096 * 1024));
}

#[test]
fn what_is_missing_says_why() {
    let readings = look();
    let missing = |why| Some(Value::Missing(why));
    for (metric, device, why) in [
        ("host_pressure_cpu_full_ratio", "", Missing::NotEnabled),
        ("host_pressure_memory_some_ratio", "", Missing::NotEnabled),
        ("host_pressure_io_full_seconds_total", "", Missing::NotPermitted),
        ("host_filesystem_size_bytes", "/mnt/nfs", Missing::Hung),
        ("host_agent_scrape_seconds", "", Missing::LibvirtDown),
    ] {
        assert_eq!(value(&readings, metric, device), missing(why), "{metric}");
    }
    let nothing = read(&HostFacts::default(), AgentFacts::default(), &mut Before::default());
    for metric in ["host_cpu_busy_ratio", "host_load_1m", "host_memory_available_bytes", "host_disk_io_seconds_total"] {
        assert_eq!(value(&nothing, metric, ""), missing(Missing::NotEnabled), "{metric}");
    }
}

#[test]
fn what_was_not_read_at_this_tick_is_not_said_again() {
    let facts = HostFacts { filesystems: None, hardware: None, pools: None, ..facts() };
    let readings = read(&facts, AgentFacts::default(), &mut Before::default());
    let slow = ["host_filesystem_size_bytes", "host_network_up", "host_pools", "host_hugepages"].map(known);
    assert!(readings.readings.iter().all(|reading| slow.iter().all(|slow| slow.id != reading.metric)));
}

#[test]
fn a_host_of_thousands_of_interfaces_keeps_those_that_matter() {
    let veth: String = (0..3_000).map(|n| format!("veth{n}: 1 1 0 0 0 0 0 0 1 1 0 0 0 0 0 0\n")).collect();
    let facts = HostFacts { net_dev: text(&format!("{veth}{NET}")), ..facts() };
    let readings = read(&facts, AgentFacts::default(), &mut Before::default());
    let bytes = known("host_network_receive_bytes_total").id;
    assert_eq!(readings.readings.iter().filter(|reading| reading.metric == bytes).count(), 256);
    assert!(value(&readings, "host_network_receive_bytes_total", "eth0").is_some());
}

proptest! {
    /// No bytes in any file make a reader panic or say a thing twice about one device of different names.
    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400), cut in 0usize..4_000) {
        let noise = String::from_utf8_lossy(&bytes).into_owned();
        for whole in [STAT, NET, MEMINFO, VMSTAT, NODE, include_str!("fixtures/diskstats.txt")] {
            let mut half = whole.to_owned();
            half.truncate(cut.min(whole.len()));
            half.push_str(&noise);
            let source = Source::Text(half.clone());
            let facts = HostFacts {
                stat: source.clone(),
                loadavg: source.clone(),
                meminfo: source.clone(),
                vmstat: source.clone(),
                pressure: [source.clone(), source.clone(), source.clone()],
                diskstats: source.clone(),
                net_dev: source,
                hardware: Some(Hardware {
                    nodes: vec![Node { name: "node0".to_owned(), meminfo: half.clone(), numastat: half.clone() }],
                    ..Hardware::default()
                }),
                ..facts()
            };
            let _ = read(&facts, AgentFacts::default(), &mut Before::since(&half));
            let _ = facts::processors(&half, &[]);
            let _ = kvm::is_offered(&half);
            let _ = (hugepages::size(&half), net::speed_mbit(&half), kvm::nested(&half));
        }
        let mut table = include_bytes!("fixtures/mountinfo.txt").to_vec();
        table.truncate(cut);
        table.extend(&bytes);
        let _ = mounts(&table);
    }
}
