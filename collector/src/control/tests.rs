//! Hosts and VMs as the operator sees them, on real databases.

use std::path::Path;

use evenkeel_common::id::{AgentId, DomainUuid};
use evenkeel_common::pki::CertificateAuthority;
use evenkeel_common::time::UnixMs;
use evenkeel_common::wire::v1::{
    self, Batch, DiskInfo, DomainInfo, DomainSample, HostInfo, HostSample, LabelInfo, WireReading, WireValue,
};

use super::vm::{Seen, summary, top};
use super::{Control, ControlError, Parts, VmFilter};
use crate::config;
use crate::ingest::Ingest;
use crate::net::Sessions;
use crate::store::{AgentRow, AgentState, Enrolled, Store, VmRow};
use crate::view::action::ActionWanted;

pub(super) const START: UnixMs = UnixMs(1_800_000_000_000);
pub(super) const HOST: AgentId = AgentId::from_bytes([1; 16]);

/// A collector that heard one host with the VMs `web-1`, `web-2` and `mail` at two ticks.
pub(super) async fn control(dir: &Path) -> Control {
    let store = Store::open(dir).unwrap();
    let agent = AgentRow {
        id: HOST,
        name: "hosta".to_owned(),
        machine_id: String::new(),
        key_hash: [0; 32],
        state: AgentState::Approved,
        token_id: String::new(),
        agent_version: String::new(),
        enrolled_at: START,
        cert_expires_at: None,
    };
    let enrolled = Enrolled { agent, count_use: false };
    let stored = store.enrol(String::new(), "hosta".to_owned(), [0; 32], move |_| Ok::<_, ()>(enrolled)).await;
    stored.unwrap().unwrap();
    let ingest = Ingest::open(store.clone()).await.unwrap();
    for seq in [1, 2, 2] {
        // The inventory follows an answer, but comes before the next one.
        let batch = batch(seq);
        let (wall, mono) = (batch.tick_wall_ms, batch.tick_mono_ms);
        ingest.accept(HOST, UnixMs(wall), wall, mono, batch).await.unwrap();
    }
    let pin = CertificateAuthority::generate(START).unwrap().pin();
    let settings = config::settings(dir).unwrap().0;
    let (sessions, data_dir) = (Sessions::default(), dir.to_owned());
    let signer = std::sync::Arc::new(crate::net::Signer::open(dir).unwrap());
    Control::new(Parts { store, sessions, pin, signer, settings, data_dir, started_at: START })
}

fn batch(seq: u64) -> Batch {
    let tick = i64::try_from(seq).unwrap() * 10_000;
    Batch {
        epoch: 1,
        seq,
        tick_wall_ms: START.0 + tick,
        tick_mono_ms: seq * 10_000,
        interval_ms: 10_000,
        boot_id: [1; 16],
        host: Some(HostSample {
            info: HostInfo { libvirt_version: "9.0.0".to_owned(), ..HostInfo::default() },
            counter_epoch: 1,
            readings: vec![],
        }),
        domains: [("web-1", 1), ("web-2", 2), ("mail", 3)].map(|(name, uuid)| domain(name, uuid, seq)).to_vec(),
        domains_missing: None,
        devices: vec![String::new(), "vda".to_owned()],
        ..Batch::default()
    }
}

fn domain(name: &str, uuid: u8, seq: u64) -> DomainSample {
    let reading = |metric: &str, device, value| WireReading {
        metric: evenkeel_common::metric::by_name(metric).unwrap().id.0,
        device,
        value,
    };
    DomainSample {
        uuid: [uuid; 16],
        name: name.to_owned(),
        state: 1,
        activity: v1::Activity::Active,
        counter_epoch: 42,
        info: DomainInfo {
            vcpus: 2,
            owner: if name == "mail" { "post" } else { "shop" }.into(),
            labels: vec![LabelInfo { name: "name".into(), value: name.into() }],
            disks: vec![DiskInfo {
                target: "vda".into(),
                source: "/d".into(),
                format: "raw".into(),
                ..DiskInfo::default()
            }],
            ..DomainInfo::default()
        }
        .into(),
        readings: vec![
            reading("vm_cpu_seconds_total", 0, WireValue::Counter(seq * 10_000_000_000)),
            reading("vm_memory_rss_bytes", 0, WireValue::Int(96 << 20)),
            reading("vm_block_read_bytes_total", 1, WireValue::Counter(seq * 1_000)),
            reading("vm_block_written_bytes_total", 1, WireValue::Counter(seq * 3_000)),
        ],
    }
}

async fn seen(control: &Control) -> Seen {
    let vm: VmRow = control.find_vm("mail", None).await.unwrap().view;
    let series = control.store().latest(vec![vm.uuid.into()], vec![], 3).await.unwrap();
    Seen { vm, missing: None, series }
}

#[tokio::test]
async fn rates_are_per_second_and_vcpu() {
    let dir = tempfile::tempdir().unwrap();
    let seen = seen(&control(dir.path()).await).await;
    let (list, top) = (summary(&seen), top(&seen));
    assert_eq!((list.cpu_ratio, list.memory_rss_bytes), (Some(0.5), Some(96 << 20)));
    assert_eq!((top.cpu_ratio, top.disk_bytes_per_s, top.network_bytes_per_s), (Some(0.5), Some(400.0), None));
}

#[tokio::test]
async fn without_a_session_nothing_is_known_of_now_but_the_last_readings_are() {
    let dir = tempfile::tempdir().unwrap();
    let control = control(dir.path()).await;
    // Three VMs, four readings each, two ticks; the tick that came twice counts once.
    assert_eq!(control.status(START).await.unwrap().samples, 24);
    let list = control.vm_list(VmFilter::default(), START).await.unwrap();
    assert_eq!(list.len(), 3);
    assert!(list.iter().all(|vm| vm.missing.as_deref() == Some("host_unreachable") && vm.cpu_ratio.is_none()));
    let nowhere = VmFilter { host: Some("hostb".to_owned()), ..VmFilter::default() };
    assert!(matches!(control.vm_list(nowhere, START).await, Err(ControlError::NotFound { what: "host", .. })));
    let stats = control.vm_stats("mail").await.unwrap().view;
    let cpu = stats.readings.iter().find(|reading| reading.metric == "vm_cpu_seconds_total").unwrap();
    assert_eq!((cpu.value.as_ref().and_then(serde_json::Number::as_f64), cpu.rate), (Some(20.0), Some(1.0)));
    let shown = control.vm_show("mail", START).await.unwrap().view;
    assert_eq!((shown.placements.len(), shown.devices.len()), (1, 1));
    assert_eq!(shown.placements[0].host, "hosta");
}

#[tokio::test]
async fn lists_are_cut_by_owner_and_labels() {
    let dir = tempfile::tempdir().unwrap();
    let control = control(dir.path()).await;
    let list = async |owner: Option<&str>, labels: &[(&str, Option<&str>)]| {
        let labels = labels.iter().map(|(name, value)| ((*name).to_owned(), value.map(str::to_owned))).collect();
        let filter = VmFilter { owner: owner.map(str::to_owned), labels, ..VmFilter::default() };
        control.vm_list(filter, START).await.unwrap().into_iter().map(|vm| vm.name).collect::<Vec<_>>()
    };
    assert_eq!(list(Some("shop"), &[]).await, ["web-1", "web-2"]);
    assert_eq!(list(None, &[("name", Some("web-2"))]).await, ["web-2"]);
    assert_eq!(list(Some("post"), &[("name", None)]).await, ["mail"]);
    assert!(list(None, &[("name", None), ("tier", None)]).await.is_empty());
    let shown = control.vm_show("mail", START).await.unwrap().view;
    assert_eq!((shown.summary.owner.as_deref(), shown.summary.labels["name"].as_str()), (Some("post"), "mail"));
    assert_eq!(shown.missing_readings[0].reason, "host_unreachable");
    assert!(shown.boot_id.is_some());
}

#[tokio::test]
async fn a_vm_is_found_by_a_beginning_and_the_choice_is_said() {
    let dir = tempfile::tempdir().unwrap();
    let control = control(dir.path()).await;
    let found = control.find_vm("03030303", None).await.unwrap();
    assert_eq!(found.view.uuid, DomainUuid::from_bytes([3; 16]));
    assert_eq!(found.notes.len(), 1, "{:?}", found.notes);
    let several = control.find_vm("web", None).await.unwrap_err();
    assert!(several.to_string().contains("web-1 (01010101-") && several.to_string().contains("web-2"), "{several}");
    let near = control.find_vm("web-3", None).await.unwrap_err();
    assert!(near.hint().unwrap().contains("web-1"), "{near}");
}

#[tokio::test]
async fn a_retired_host_leaves_the_list_and_keeps_its_history() {
    let dir = tempfile::tempdir().unwrap();
    let control = control(dir.path()).await;
    let host = control.host_show("hosta", START).await.unwrap().view;
    assert_eq!((host.summary.state.as_str(), host.summary.domains, host.vms.len()), ("silent", 3, 3));
    assert_eq!(host.summary.libvirt_version.as_deref(), Some("9.0.0"));
    for _ in 0..2 {
        assert_eq!(control.host_retire("hosta", false, START).await.unwrap().view.state, "retired");
    }
    assert!(control.host_list(false, START).await.unwrap().is_empty());
    assert_eq!(control.host_list(true, START).await.unwrap().len(), 1);
    assert_eq!(control.vm_stats("mail").await.unwrap().view.readings.len(), 4);
    let events = control.host_show("hosta", START).await.unwrap().view.events;
    assert_eq!(events.iter().filter(|event| event.kind == "host_retired").count(), 1);
}

#[tokio::test]
async fn an_id_stands_for_one_action_however_often_it_is_asked_for() {
    let dir = tempfile::tempdir().unwrap();
    let control = control(dir.path()).await;
    let id = "01890000-0000-7000-8000-000000000001";
    let ask = |verb: &str, vm: &str, apply_pending| {
        let (id, verb, vm) = (id.to_owned(), verb.to_owned(), vm.to_owned());
        control.action_request(ActionWanted { id, verb, vm, to_host: None, apply_pending }, "root".to_owned(), START)
    };
    let first = ask("restart", "mail", false).await.unwrap().view;
    assert_eq!(ask("restart", "mai", false).await.unwrap().view.requested_at, first.requested_at);
    for other in [("snapshot", "mail", false), ("restart", "web-1", false), ("restart", "mail", true)] {
        let error = ask(other.0, other.1, other.2).await.unwrap_err();
        assert!(matches!(&error, ControlError::Usage { message, .. } if message.contains("restart mail")), "{error}");
    }
}
