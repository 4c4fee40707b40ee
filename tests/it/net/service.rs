//! The agent as systemd runs it: a real process that says when it is ready, shows that it is alive, reads its
//! configuration again and ends, with a collector that hears what it sends.

use std::os::unix::net::UnixDatagram;
use std::path::PathBuf;
use std::process::Command;

use evenkeel_agent::selfstats::Indicator;
use evenkeel_agent::uplink::machine_id;
use evenkeel_common::wire::v1::{Batch, BatchKind, EventSample, WireValue};
use evenkeel_tests::lab::ProcessId;
use evenkeel_tests::programs::{Background, program};
use tempfile::TempDir;

use super::rig::{Collector, Host, join_quietly, until};

/// A process of the agent, and the service manager that it talks to.
struct Service {
    dir: TempDir,
    socket: UnixDatagram,
    said: Vec<String>,
    process: Background,
    host: Host,
}

impl Service {
    async fn start(collector: &Collector, config: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        // The real program says the machine's own id.
        let machine_id = machine_id().unwrap();
        let wish = collector.wish("hosta", collector.token("hosta").await);
        let wish = evenkeel_agent::uplink::join::Join { machine_id: machine_id.clone(), ..wish };
        let agent = join_quietly(&wish).await.unwrap().agent;
        let host = Host { agent, name: "hosta".to_owned(), data_dir: wish.data_dir, machine_id };
        let socket = UnixDatagram::bind(dir.path().join("notify")).unwrap();
        socket.set_nonblocking(true).unwrap();
        std::fs::write(dir.path().join("agent.toml"), text(collector, config)).unwrap();
        let mut command = Command::new(program("evenkeel-agent").unwrap());
        command
            .arg("run")
            .env("NOTIFY_SOCKET", dir.path().join("notify"))
            .env("WATCHDOG_USEC", "30000000")
            .env("EVENKEEL_CONFIG_DIR", dir.path())
            .env("EVENKEEL_DATA_DIR", &host.data_dir)
            .env("EVENKEEL_RUNTIME_DIR", dir.path());
        let process = Background::start(command, &dir.path().join("log")).unwrap();
        Self { dir, socket, said: Vec::new(), process, host }
    }

    /// What it told the service manager so far, a line each.
    fn said(&mut self) -> &[String] {
        let mut buffer = [0; 4096];
        while let Ok(len) = self.socket.recv(&mut buffer) {
            self.said.extend(String::from_utf8_lossy(&buffer[..len]).lines().map(str::to_owned));
        }
        &self.said
    }

    fn count(&mut self, line: &str) -> usize {
        self.said().iter().filter(|said| said.starts_with(line)).count()
    }

    async fn says(&mut self, line: &str, times: usize) {
        until(&format!("'{line}' {times} times"), || self.count(line) >= times).await;
    }

    fn reload(&self, collector: &Collector, config: &str) {
        std::fs::write(self.dir.path().join("agent.toml"), text(collector, config)).unwrap();
        ProcessId::of(self.process.pid()).unwrap().signal("HUP").unwrap();
    }

    fn log(&self) -> String {
        self.process.log()
    }
}

/// Without a helper there is no libvirt; the host is read all the same.
fn text(collector: &Collector, config: &str) -> String {
    format!("collector = \"{}\"\nlibvirt_helper = '/nonexistent'\n{config}", collector.address)
}

fn batches(collector: &Collector, host: &Host) -> Vec<Batch> {
    let heard = collector.heard.batches.lock().unwrap();
    heard.iter().filter(|((agent, _), _)| *agent == host.agent).flat_map(|(_, batches)| batches.clone()).collect()
}

fn ticks(batches: &[Batch]) -> Vec<&Batch> {
    batches.iter().filter(|batch| batch.kind == BatchKind::Tick).collect()
}

async fn event(collector: &Collector, host: &Host, kind: &str) -> EventSample {
    let find = || batches(collector, host).into_iter().flat_map(|batch| batch.events).find(|event| event.kind == kind);
    until(kind, || find().is_some()).await;
    find().unwrap()
}

async fn ticks_of(collector: &Collector, host: &Host, interval_ms: u32, wanted: usize) {
    until(&format!("{wanted} ticks of {interval_ms} ms"), || {
        let batches = batches(collector, host);
        ticks(&batches).iter().filter(|tick| tick.interval_ms == interval_ms).count() >= wanted
    })
    .await;
}

fn own(batch: &Batch, indicator: Indicator) -> Option<u64> {
    let id = indicator.metric().id.0;
    let host = batch.host.as_ref()?;
    match host.readings.iter().find(|reading| reading.metric == id)?.value {
        WireValue::CounterSince { value, .. } | WireValue::Counter(value) => Some(value),
        WireValue::Int(value) => u64::try_from(value).ok(),
        WireValue::Float(_) | WireValue::Missing(_) => None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_is_ready_alive_reloaded_and_stopped_without_losing_a_tick() {
    let mut collector = Collector::start().await;
    let mut service = Service::start(&collector, "interval = '1s'").await;
    let host = service.host.clone();
    service.says("READY=1", 1).await;
    service.says("STATUS=connected to 127.0.0.1:", 1).await;
    ticks_of(&collector, &host, 1_000, 3).await;
    assert_eq!(service.count("READY=1"), 1);
    service.says("WATCHDOG=1", 3).await;
    // The unit's time would do: the configuration needs more.
    assert!(service.count("WATCHDOG_USEC=40000000") >= 1, "{:?}", service.said());

    service.reload(&collector, "interval = '2s'\nlog = 'debug'\nname = 'other'");
    service.says("RELOADING=1", 1).await;
    service.says("READY=1", 2).await;
    assert_eq!(service.count("MONOTONIC_USEC="), 1);
    let reloaded = event(&collector, &host, "host_config_reloaded").await;
    assert_eq!((reloaded.category, reloaded.domain), (0, None));
    assert_eq!(reloaded.message, "changed: interval, log; only after a restart: name");
    ticks_of(&collector, &host, 2_000, 2).await;

    service.reload(&collector, "interval = 'fast'\nlogg = 'info'");
    service.says("READY=1", 3).await;
    let refused = event(&collector, &host, "host_config_refused").await;
    assert_eq!(refused.category, 1);
    for error in ["interval: \"fast\" is not allowed", "did you mean 'log'?"] {
        assert!(refused.message.contains(error), "{}", refused.message);
        assert!(service.log().contains(error), "{}", service.log());
    }
    until("the refusal in the status", || {
        service
            .said()
            .iter()
            .any(|line| line.ends_with("a configuration with 2 errors was refused, the one before holds"))
    })
    .await;

    service.reload(&collector, "interval = '1s'");
    service.says("READY=1", 4).await;
    let before = ticks(&batches(&collector, &host)).len();
    until("two more ticks", || ticks(&batches(&collector, &host)).len() > before + 1).await;
    let last = service.said().iter().rfind(|line| line.starts_with("STATUS=")).cloned().unwrap_or_default();
    assert!(!last.contains("refused"), "{last}");
    nothing_lost_or_doubled(&batches(&collector, &host));

    let log = PathBuf::from(service.dir.path()).join("log");
    let Service { process, socket, dir: _dir, .. } = service;
    assert_eq!(process.stop().unwrap(), Some(0), "{}", std::fs::read_to_string(log).unwrap_or_default());
    let mut buffer = [0; 4096];
    let mut rest = String::new();
    while let Ok(len) = socket.recv(&mut buffer) {
        rest += &String::from_utf8_lossy(&buffer[..len]);
    }
    assert!(rest.contains("STOPPING=1"), "{rest}");
    collector.stop().await;
}

/// Numbers follow each other, ticks too, and there was one session.
fn nothing_lost_or_doubled(batches: &[Batch]) {
    let seqs: Vec<u64> = batches.iter().map(|batch| batch.seq).collect();
    assert_eq!(seqs, (1..=seqs.len() as u64).collect::<Vec<_>>());
    let ticks = ticks(batches);
    for pair in ticks.windows(2) {
        let passed = pair[1].tick_mono_ms - pair[0].tick_mono_ms;
        // The machine may be busy; what it left out it has to say.
        let skipped = own(pair[1], Indicator::TicksSkipped).unwrap() - own(pair[0], Indicator::TicksSkipped).unwrap();
        let held = u64::from(pair[0].interval_ms);
        let longest = held * 3 / 2 + (skipped + 1) * u64::from(pair[0].interval_ms.max(pair[1].interval_ms));
        assert!((450..=longest).contains(&passed), "{passed} ms after an interval of {held} ms, {skipped} skipped");
    }
    let counted: Vec<Option<u64>> = ticks.iter().map(|tick| own(tick, Indicator::Ticks)).collect();
    assert_eq!(counted, (1..=ticks.len() as u64).map(Some).collect::<Vec<_>>());
    let last = ticks.last().unwrap();
    assert_eq!(own(last, Indicator::Sessions), Some(1));
    assert_eq!((own(last, Indicator::ConfigsTaken), own(last, Indicator::ConfigsRefused)), (Some(2), Some(1)));
    assert!(own(last, Indicator::SentBytes) > Some(1_000) && own(last, Indicator::Acknowledgements) > Some(0));
    assert!(own(last, Indicator::Pss) > Some(1 << 20), "the agent's own memory");
}
