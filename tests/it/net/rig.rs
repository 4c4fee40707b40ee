//! A collector and its agents for one test.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use evenkeel_agent::uplink::join::{Join, JoinError, join};
use evenkeel_agent::uplink::{AgentIdentity, Options, Status, Uplink};
use evenkeel_collector::config;
use evenkeel_collector::control::{Control, Door, Parts};
use evenkeel_collector::net::{
    AcceptError, Admitted, Backend, CollectorIdentity, NetEvent, NotAdmitted, Server, Sessions, Signer,
};
use evenkeel_collector::store::Store;
use evenkeel_collector::view::token::TokenWanted;
use evenkeel_common::action::Progress;
use evenkeel_common::clock;
use evenkeel_common::id::{ActionId, AgentId};
use evenkeel_common::pki::OrderPublicKey;
use evenkeel_common::time::UnixMs;
use evenkeel_common::token::JoinToken;
use evenkeel_common::wire::VERSION_MAX;
use evenkeel_common::wire::v1::{Batch, EnrolReply, EnrolRequest, Hello, ToAgent};
use tempfile::TempDir;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// How long anything may take.
pub const DEADLINE: Duration = Duration::from_secs(90);

/// Waits for a condition.
pub async fn until(what: &str, mut condition: impl FnMut() -> bool) {
    let mut looks = tokio::time::interval(Duration::from_millis(5));
    let wait = async {
        while !condition() {
            looks.tick().await;
        }
    };
    assert!(timeout(DEADLINE, wait).await.is_ok(), "{what} did not happen in time");
}

/// Batches by agent and stream.
type ByStream = BTreeMap<(AgentId, u64), Vec<Batch>>;

/// What a collector has heard; it outlives a restart, as a disk does.
#[derive(Clone, Default)]
pub struct Heard {
    pub batches: Arc<Mutex<ByStream>>,
    pub events: Arc<Mutex<Vec<(AgentId, NetEvent)>>>,
    pub actions: Arc<Mutex<Vec<(ActionId, Progress)>>>,
    /// Batches that are still to be turned away as "busy".
    pub busy: Arc<AtomicU32>,
    /// How long each batch takes to be stored.
    pub slow: Arc<Mutex<Duration>>,
}

impl Heard {
    pub fn seqs(&self, agent: AgentId, epoch: u64) -> Vec<u64> {
        let batches = self.batches.lock().unwrap();
        batches.get(&(agent, epoch)).into_iter().flatten().map(|batch| batch.seq).collect()
    }

    /// Ticks of all batches of an agent, stream by stream in the order in which each was stored.
    pub fn ticks(&self, agent: AgentId) -> Vec<i64> {
        let batches = self.batches.lock().unwrap();
        let of_agent = batches.iter().filter(|((whose, _), _)| *whose == agent);
        of_agent.flat_map(|(_, batches)| batches.iter().map(|batch| batch.tick_wall_ms)).collect()
    }

    pub fn has_event(&self, wanted: impl Fn(&NetEvent) -> bool) -> bool {
        self.events.lock().unwrap().iter().any(|(_, event)| wanted(event))
    }
}

struct FakeStore {
    door: Door,
    heard: Heard,
}

impl Backend for FakeStore {
    async fn admit(&self, agent: AgentId, key_hash: [u8; 32], hello: &Hello) -> Result<Admitted, NotAdmitted> {
        let admitted = self.door.admit(agent, key_hash, hello).await?;
        let end = |epoch: &u64| self.heard.seqs(agent, *epoch).last().copied().unwrap_or(0);
        Ok(Admitted { ends: hello.streams.iter().map(end).collect(), ..admitted })
    }

    async fn accept(&self, agent: AgentId, _: UnixMs, _: (i64, u64), batch: Arc<Batch>) -> Result<u64, AcceptError> {
        let turn_away = |left: u32| left.checked_sub(1);
        if self.heard.busy.fetch_update(Ordering::SeqCst, Ordering::SeqCst, turn_away).is_ok() {
            return Err(AcceptError::Busy { retry_ms: 10 });
        }
        let slow = *self.heard.slow.lock().unwrap();
        timeout(slow, std::future::pending::<()>()).await.ok();
        let mut batches = self.heard.batches.lock().unwrap();
        let stored = batches.entry((agent, batch.epoch)).or_default();
        let last = stored.last().map_or(0, |batch| batch.seq);
        if batch.seq > last {
            stored.push(Arc::unwrap_or_clone(batch));
        }
        Ok(stored.last().map_or(0, |batch| batch.seq))
    }

    async fn action(&self, _: AgentId, id: ActionId, progress: Progress) -> bool {
        self.heard.actions.lock().unwrap().push((id, progress));
        true
    }

    async fn renew(&self, agent: AgentId, csr_der: &[u8]) -> Result<Vec<u8>, NotAdmitted> {
        self.door.renew(agent, csr_der, clock::wall()).await
    }

    async fn enrol(&self, request: EnrolRequest, from: IpAddr) -> EnrolReply {
        self.door.enrol(request, from, clock::wall()).await
    }

    fn order_key(&self) -> OrderPublicKey {
        self.door.order_key()
    }

    async fn event(&self, agent: AgentId, event: NetEvent) {
        self.heard.events.lock().unwrap().push((agent, event));
    }
}

pub struct Collector {
    dir: TempDir,
    pub heard: Heard,
    pub control: Control,
    pub identity: CollectorIdentity,
    pub sessions: Sessions,
    pub address: SocketAddr,
    /// The newest message version that it speaks.
    pub version_max: u8,
    running: Option<(oneshot::Sender<()>, JoinHandle<()>)>,
}

impl Collector {
    pub async fn start() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let identity = CollectorIdentity::init(dir.path(), clock::wall()).unwrap();
        let sessions = Sessions::default();
        let (settings, _) = config::settings(dir.path()).unwrap();
        let control = Control::new(Parts {
            store: Store::open(dir.path()).unwrap(),
            sessions: sessions.clone(),
            pin: identity.authority.pin(),
            settings,
            data_dir: dir.path().to_owned(),
            signer: Arc::new(Signer::open(dir.path()).unwrap()),
            started_at: clock::wall(),
        });
        let address = SocketAddr::from(([127, 0, 0, 1], 0));
        let (heard, version_max) = (Heard::default(), VERSION_MAX);
        let mut collector = Self { dir, heard, control, identity, sessions, address, version_max, running: None };
        collector.run().await;
        collector
    }

    /// Opens the port again that it had.
    pub async fn run(&mut self) {
        self.running = None;
        let mut server = Server::bind(self.address, &self.identity);
        until("the port being free", || {
            if server.is_err() {
                server = Server::bind(self.address, &self.identity);
            }
            server.is_ok()
        })
        .await;
        let server = server.unwrap().speaking_up_to(self.version_max);
        self.address = server.local_addr().unwrap();
        let door = Door::new(self.control.clone(), Arc::clone(&self.identity.authority));
        let backend = FakeStore { door, heard: self.heard.clone() };
        let (stop, stopped) = oneshot::channel();
        let sessions = self.sessions.clone();
        let task = tokio::spawn(server.serve(sessions, backend, async {
            stopped.await.ok();
        }));
        self.running = Some((stop, task));
    }

    pub async fn stop(&mut self) {
        let (stop, task) = self.running.take().unwrap();
        drop(stop);
        timeout(DEADLINE, task).await.unwrap().unwrap();
    }

    pub async fn token(&self, host: &str) -> JoinToken {
        let wanted = TokenWanted { hosts: vec![host.to_owned()], ..TokenWanted::default() };
        self.control.token_create(wanted, clock::wall()).await.unwrap()[0].token.parse().unwrap()
    }

    /// A host that wants to join with this token.
    pub fn wish(&self, host: &str, token: JoinToken) -> Join {
        let data_dir = self.dir.path().join(host);
        Join {
            token,
            address: Some(self.address.to_string()),
            name: host.to_owned(),
            machine_id: format!("machine-of-{host}"),
            drop_in_dir: data_dir.join("agent.conf.d"),
            config_dir: data_dir.clone(),
            data_dir,
        }
    }

    /// A host that has joined.
    pub async fn host(&self, name: &str) -> Host {
        let wish = self.wish(name, self.token(name).await);
        let identity = join_quietly(&wish).await.unwrap();
        Host { agent: identity.agent, name: name.to_owned(), data_dir: wish.data_dir, machine_id: wish.machine_id }
    }
}

pub async fn join_quietly(wish: &Join) -> Result<AgentIdentity, JoinError> {
    timeout(DEADLINE, join(wish, |_| {})).await.unwrap()
}

/// A host that has joined.
#[derive(Clone)]
pub struct Host {
    pub agent: AgentId,
    pub name: String,
    pub data_dir: PathBuf,
    pub machine_id: String,
}

impl Host {
    pub fn identity(&self) -> AgentIdentity {
        AgentIdentity::load(&self.data_dir).unwrap()
    }

    /// Starts its agent.
    pub fn agent(&self, collector: &Collector, run: u64) -> Agent {
        self.agent_at(collector.address, run)
    }

    pub fn agent_at(&self, address: SocketAddr, run: u64) -> Agent {
        self.agent_with(self.options(address, run))
    }

    /// Each run has a spool of its own, so that two may run at once.
    pub fn options(&self, address: SocketAddr, run: u64) -> Options {
        let spool_dir = Some(self.data_dir.join(format!("spool-{run}")));
        let options =
            Options::new(address.to_string(), self.name.clone(), self.machine_id.clone(), self.data_dir.clone());
        Options { run, spool_dir, ..options }
    }

    pub fn agent_with(&self, options: Options) -> Agent {
        let (commands, received) = mpsc::channel(8);
        Agent { uplink: Uplink::start(options, commands).unwrap(), commands: received, agent: self.agent }
    }
}

/// A running agent.
pub struct Agent {
    pub uplink: Uplink,
    pub commands: mpsc::Receiver<ToAgent>,
    pub agent: AgentId,
}

impl Agent {
    pub fn status(&self) -> Status {
        self.uplink.status().borrow().clone()
    }

    pub async fn connected(&self) {
        until("the session", || self.status().connected).await;
    }

    pub async fn away(&self, why: &str) {
        until(&format!("'{why}'"), || self.status().away.is_some_and(|away| away.contains(why))).await;
    }

    pub async fn offer(&self, ticks: std::ops::RangeInclusive<i64>) {
        for tick in ticks {
            self.uplink.offer(batch(tick)).await;
        }
    }

    /// Waits until the collector has these ticks, each once, and no other.
    pub async fn stored(&self, collector: &Collector, ticks: std::ops::RangeInclusive<i64>) {
        let wanted: Vec<i64> = ticks.collect();
        let stored = || {
            let mut stored = collector.heard.ticks(self.agent);
            stored.sort_unstable();
            stored
        };
        until("everything being stored", || self.status().backlog == 0 && stored() == wanted).await;
    }
}

pub fn batch(tick_wall_ms: i64) -> Batch {
    Batch {
        epoch: 0,
        seq: 0,
        tick_wall_ms,
        tick_mono_ms: 0,
        interval_ms: 1_000,
        boot_id: [1; 16],
        host: None,
        domains: Vec::new(),
        domains_missing: None,
        devices: vec![String::new()],
        ..Batch::default()
    }
}

/// Copies a data directory, as cloning a machine does.
pub fn clone_files(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for name in ["agent.key", "agent.crt", "ca.crt"] {
        std::fs::copy(from.join(name), to.join(name)).unwrap();
    }
}
