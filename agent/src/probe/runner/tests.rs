//! The task and the ticks together, over real sockets.

use std::time::Duration;

use evenkeel_common::wire::v1::ProbeState;
use tokio::net::TcpListener;
use tokio::time::{Instant, sleep_until, timeout};

use super::*;
use crate::filter::select::Selector;
use crate::probe::definition::{Definition, Fields, Source};
use crate::probe::plan::Run;
use crate::probe::settings::Configured;

const DEADLINE: Duration = Duration::from_secs(60);

fn settings(name: &str, port: u16) -> ProbeSettings {
    let fields = Fields::from([
        ("kind", "tcp".to_owned()),
        ("address", "127.0.0.1".to_owned()),
        ("port", port.to_string()),
        ("interval", "1s".to_owned()),
        ("retries", "1".to_owned()),
    ]);
    let definition = Definition::parse(name, Source::Config, &fields).unwrap();
    let vms = vec![Selector::parse("g*").unwrap()];
    ProbeSettings { probes: vec![Configured { definition, vms }], ..ProbeSettings::default() }
}

fn vm() -> Vm {
    Vm { uuid: [1; 16], name: "g1".into(), run: Run::Running, labels: Vec::new(), hints: Arc::default() }
}

/// Ticks until the only probe of the VM is in `state`; the kinds of all events meanwhile.
async fn until(probes: &Probes, state: ProbeState) -> Vec<String> {
    let mut kinds = Vec::new();
    let seen = timeout(DEADLINE, async {
        loop {
            let found = probes.tick(&[vm()], clock::mono(), clock::wall());
            kinds.extend(found.events.into_iter().map(|event| event.kind));
            if found.vms[&[1; 16]].1.first().is_some_and(|probe| probe.state == state) {
                return;
            }
            sleep_until(Instant::now() + Duration::from_millis(50)).await;
        }
    });
    seen.await.expect("the state comes within the deadline");
    kinds
}

#[tokio::test]
async fn a_vm_that_stops_answering_and_answers_again_is_told() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let probes = Probes::start(settings("port", address.port()));
    assert!(until(&probes, ProbeState::Up).await.is_empty());
    drop(listener);
    assert_eq!(until(&probes, ProbeState::Down).await, ["vm_probe_failed"]);
    let _listener = TcpListener::bind(address).await.unwrap();
    assert_eq!(until(&probes, ProbeState::Up).await, ["vm_probe_recovered"]);
}

#[tokio::test]
async fn other_settings_take_effect_while_it_runs() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let probes = Probes::start(settings("a", port));
    until(&probes, ProbeState::Up).await;
    probes.reload(settings("b", port));
    let found = probes.tick(&[vm()], clock::mono(), clock::wall());
    let names: Vec<&str> = found.vms[&[1; 16]].1.iter().map(|probe| probe.name.as_str()).collect();
    assert_eq!(names, ["b"]);
    until(&probes, ProbeState::Up).await;
    probes.reload(ProbeSettings::default());
    assert!(probes.tick(&[vm()], clock::mono(), clock::wall()).vms.is_empty());
}
