//! Carries out what the session machine decides: one task that owns the machine, one for each connection.

mod link;
mod options;

use std::sync::Arc;

use evenkeel_common::action::{Command, Outcome, Progress, Refusal};
use evenkeel_common::clock;
use evenkeel_common::error::chain;
use evenkeel_common::id::ActionId;
use evenkeel_common::limits::ACTION_NEWS_MAX;
use evenkeel_common::wire::v1::{Batch, EnrolRequest, Goodbye, ToAgent, ToCollector};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::{Duration, sleep};

use super::identity::{AgentIdentity, IdentityError};
use super::session::{At, Away, Effect, Event, Machine, Myself, Notice};
use crate::spool::{Client, News, Settings, SpoolTask, Waiting};
use link::{Link, LinkEvent, Task};
pub use options::{Options, StartError};

/// Events of the link on their way to the machine, which never waits: a few are enough.
const INPUTS: usize = 16;
/// The spool's directory below the data directory.
const SPOOL_DIR: &str = "spool";

/// How the line is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// Whether there is a session.
    pub connected: bool,
    /// Batches that wait for an acknowledgement.
    pub backlog: u64,
    /// About their bytes.
    pub backlog_bytes: u64,
    /// Batches that the spool has taken since the agent's start.
    pub taken: u64,
    /// What is wrong, when something is.
    pub away: Option<String>,
    /// What went over it since the agent's start.
    pub traffic: Traffic,
}

/// What went over the line since the agent's start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Batches sent, those that were sent again included.
    pub batches_sent: u64,
    /// Acknowledgements that came.
    pub acknowledgements: u64,
    /// Sessions that began.
    pub sessions: u64,
    /// Bytes in UDP datagrams to the collector.
    pub sent_bytes: u64,
    /// Bytes in UDP datagrams from the collector.
    pub received_bytes: u64,
    /// Those datagrams, both ways; each has the headers of UDP and IP besides.
    pub datagrams: u64,
}

/// A running uplink.
#[derive(Debug)]
pub struct Uplink {
    spool: SpoolTask,
    news: mpsc::Sender<(ActionId, Progress)>,
    status: watch::Receiver<Status>,
    task: JoinHandle<()>,
}

impl Uplink {
    /// Starts it on the current runtime. Commands of the collector go to `commands`; when that is full, the command is
    /// refused with `agent_busy`.
    ///
    /// # Errors
    /// See [`StartError`].
    pub fn start(options: Options, commands: mpsc::Sender<Command>) -> Result<Self, StartError> {
        let identity = AgentIdentity::load(&options.data_dir)?;
        let dir = options.spool_dir.clone().unwrap_or_else(|| options.data_dir.join(SPOOL_DIR));
        let spool = SpoolTask::start(&dir, Settings::new(options.spool_max_bytes), stream_name);
        let (spool, client, spool_news, waiting, first_stream) =
            spool.map_err(|source| StartError::Spool { dir, source })?;
        let me = Myself {
            run: options.run,
            first_stream,
            version_max: options.version_max,
            machine_id: options.machine_id.clone(),
            agent_version: env!("CARGO_PKG_VERSION").to_owned(),
            csr_der: identity.signing_request()?,
            cert: identity.life,
        };
        let (news, news_queue) = mpsc::channel(ACTION_NEWS_MAX);
        let (status_sender, status) = watch::channel(Status::default());
        let driver = Driver {
            machine: Machine::new(me, clock::mono()),
            options: Arc::new(options),
            identity: Arc::new(identity),
            commands,
            link: None,
            generation: 0,
            traffic: Traffic::default(),
            spool: client,
            waiting,
            status: status_sender,
        };
        let task = tokio::spawn(driver.run(spool_news, news_queue));
        Ok(Self { spool, news, status, task })
    }

    /// Takes a batch; its stream and number are set here. It is kept until the collector has it, within the bound.
    pub async fn offer(&self, batch: Batch) {
        self.spool.offer(batch).await;
    }

    /// Where news of actions goes.
    #[must_use]
    pub fn news(&self) -> mpsc::Sender<(ActionId, Progress)> {
        self.news.clone()
    }

    /// How the line is, now and whenever it changes.
    #[must_use]
    pub fn status(&self) -> watch::Receiver<Status> {
        self.status.clone()
    }

    /// Says goodbye and ends, within a few seconds.
    pub async fn stop(self, goodbye: Goodbye) {
        self.spool.stop(goodbye).await;
        if let Err(error) = self.task.await {
            tracing::error!(%error, "the uplink ended badly");
        }
        self.spool.end().await;
    }
}

struct Driver {
    machine: Machine,
    options: Arc<Options>,
    identity: Arc<AgentIdentity>,
    commands: mpsc::Sender<Command>,
    link: Option<Link>,
    generation: u64,
    /// Of connections that are over, and what is not counted in bytes.
    traffic: Traffic,
    spool: Client,
    waiting: watch::Receiver<Waiting>,
    status: watch::Sender<Status>,
}

impl Driver {
    async fn run(mut self, mut spool: mpsc::Receiver<News>, mut news: mpsc::Receiver<(ActionId, Progress)>) {
        let (events, mut link_events) = mpsc::channel(INPUTS);
        loop {
            let due = self.machine.next_timeout(at()).map(|due| due.since(clock::mono()).to_std());
            let event = tokio::select! {
                said = spool.recv() => match said {
                    Some(said) => of_spool(said),
                    None => Event::Stop(Goodbye { reason: "stop".to_owned(), expected_s: 0 }),
                },
                Some((id, progress)) = news.recv() => Event::News(id, progress),
                Some((generation, event)) = link_events.recv() => match self.of_link(generation, event) {
                    Some(event) => event,
                    None => continue,
                },
                Ok(()) = self.waiting.changed() => {
                    self.tell();
                    continue;
                }
                () = wait(due) => Event::Timer,
            };
            if matches!(event, Event::Received(ToAgent::Ack { .. })) {
                self.traffic.acknowledgements += 1;
            }
            let effects = self.machine.handle(event, at());
            if self.perform(effects, &events).await {
                break;
            }
            self.tell();
        }
        if let Some(link) = self.link.take() {
            link.end().await;
        }
    }

    /// The machine's event of a link's; `None` when the link was given up before.
    fn of_link(&mut self, generation: u64, event: LinkEvent) -> Option<Event> {
        if generation != self.generation {
            return None;
        }
        Some(match event {
            LinkEvent::Connected => Event::Connected,
            LinkEvent::Received(message) => Event::Received(message),
            LinkEvent::Lost(away) => Event::Lost(away),
            LinkEvent::Renewed(cert_der) => return self.store(cert_der),
        })
    }

    /// `true` when it is over.
    async fn perform(&mut self, effects: Vec<Effect>, events: &mpsc::Sender<(u64, LinkEvent)>) -> bool {
        let mut over = false;
        let mut more = Vec::new();
        for effect in effects {
            match effect {
                Effect::Connect => self.open(Task::Session, events),
                Effect::RenewExpired => match self.renewal() {
                    Ok(request) => self.open(Task::Renew(request), events),
                    Err(error) => more.push(Event::Lost(Away::Local(chain(&error)))),
                },
                Effect::Send(message) => {
                    let batch = matches!(*message, ToCollector::Batch { .. } | ToCollector::Packed(_));
                    self.traffic.batches_sent += u64::from(batch);
                    if self.link.as_ref().is_some_and(|link| !link.send(*message)) {
                        if let Some(link) = self.take_link() {
                            link.abort();
                        }
                        self.generation += 1;
                        more.push(Event::Lost(Away::Unreachable("too much waits to be sent".to_owned())));
                    }
                }
                Effect::Close(code, reason) => {
                    if let Some(link) = self.take_link() {
                        link.close(code, reason);
                        tokio::spawn(link.end());
                    }
                    self.generation += 1;
                }
                Effect::Streams => self.spool.streams(),
                Effect::Resume(ends) => self.spool.resume(ends),
                Effect::Acknowledge { epoch, seq } => self.spool.acknowledge(epoch, seq),
                Effect::Read { lane, epoch, after, max, max_bytes } => {
                    self.spool.read(lane, epoch, after, max, max_bytes);
                }
                Effect::Run(command) => more.extend(self.submit(command)),
                Effect::StoreCertificate(cert_der) => more.extend(self.store(cert_der)),
                Effect::Say(notice) => self.say(&notice),
                Effect::Finished => over = true,
            }
        }
        for event in more {
            let effects = self.machine.handle(event, at());
            over |= Box::pin(self.perform(effects, events)).await;
        }
        over
    }

    fn open(&mut self, task: Task, events: &mpsc::Sender<(u64, LinkEvent)>) {
        self.generation += 1;
        drop(self.take_link());
        let (options, identity) = (Arc::clone(&self.options), Arc::clone(&self.identity));
        self.link = Some(Link::open(task, self.generation, options, identity, events.clone()));
    }

    /// Gives the link up; what went over it stays counted.
    fn take_link(&mut self) -> Option<Link> {
        let link = self.link.take()?;
        link.add_to(&mut self.traffic);
        Some(link)
    }

    fn renewal(&self) -> Result<EnrolRequest, IdentityError> {
        Ok(EnrolRequest {
            token_id: String::new(),
            secret: [0; 16],
            name: self.options.name.clone(),
            machine_id: self.options.machine_id.clone(),
            csr_der: self.identity.signing_request()?,
            agent_version: env!("CARGO_PKG_VERSION").to_owned(),
        })
    }

    fn submit(&self, command: Command) -> Option<Event> {
        let id = command.id;
        self.commands.try_send(command).err().map(|_| {
            let message = "the agent has too many commands at once, or is stopping; try again".to_owned();
            let refusal = Refusal { guard: "agent_busy".to_owned(), message };
            Event::News(id, Progress::Finished(Outcome::Refused(refusal)))
        })
    }

    /// A few hundred bytes once in weeks: not worth a thread.
    fn store(&mut self, cert_der: Vec<u8>) -> Option<Event> {
        match self.identity.renewed(&self.options.data_dir, cert_der) {
            Ok(identity) => {
                let life = identity.life;
                self.identity = Arc::new(identity);
                Some(Event::CertificateStored(life))
            }
            Err(error) => {
                tracing::error!(error = chain(&error), "the renewed certificate cannot be kept; it is asked for again");
                None
            }
        }
    }

    fn say(&mut self, notice: &Notice) {
        if notice.is_warning() {
            tracing::warn!(collector = self.options.collector, "{notice}");
        } else {
            tracing::info!(collector = self.options.collector, "{notice}");
        }
        match notice {
            Notice::Away(away) => self.status.send_modify(|status| status.away = Some(away.to_string())),
            Notice::Connected { .. } => {
                self.traffic.sessions += 1;
                self.status.send_modify(|status| status.away = None);
            }
            _ => {}
        }
    }

    fn tell(&self) {
        let Waiting { batches: backlog, bytes: backlog_bytes, taken } = *self.waiting.borrow();
        let connected = self.machine.is_live();
        let mut traffic = self.traffic;
        if let Some(link) = &self.link {
            link.add_to(&mut traffic);
        }
        self.status.send_if_modified(|status| {
            let changed = (status.connected, status.backlog, status.taken) != (connected, backlog, taken);
            status.taken = taken;
            (status.connected, status.backlog, status.backlog_bytes) = (connected, backlog, backlog_bytes);
            status.traffic = traffic;
            changed
        });
    }
}

/// A name that no stream had before, whatever the clock says: the time, and a random part.
fn stream_name() -> u64 {
    const RANDOM_BITS: u32 = 20;
    let random: u64 = rand::random();
    (clock::wall().0.cast_unsigned() << RANDOM_BITS) | (random >> (u64::BITS - RANDOM_BITS))
}

fn of_spool(news: News) -> Event {
    match news {
        News::Stored(pushed) => Event::Stored(pushed),
        News::Refused(why) => Event::Refused(why),
        News::Streams(streams) => Event::Streams(streams),
        News::Read { lane, epoch, after, batches } => Event::Read((lane, epoch, after), batches),
        News::Disk(failure) => Event::Disk(failure),
        News::Stop(goodbye) => Event::Stop(goodbye),
    }
}

fn at() -> At {
    At { mono: clock::mono(), wall: clock::wall(), draw: rand::random() }
}

async fn wait(due: Option<Duration>) {
    match due {
        Some(due) => sleep(due).await,
        None => std::future::pending().await,
    }
}
