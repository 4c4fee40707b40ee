//! The spool on a thread of its own: disks may take their time, and nobody else waits for them.

use std::io;
use std::path::Path;
use std::time::Duration;

use evenkeel_common::clock;
use evenkeel_common::time::{DurationMs, MonoMs};
use evenkeel_common::wire::v1::{Batch, Goodbye};
use tokio::runtime::Handle;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::sleep;

use super::fs::RealFs;
use super::log::{Pushed, Settings, Spool, StreamState};
use super::segment::Cursor;

/// Batches on their way in. Full: the ticks wait for the disk.
const OFFERS: usize = 16;
/// Orders on their way in; there is one of a kind at a time, besides acknowledgements, which may be left out because the
/// next one says the same.
const ORDERS: usize = 256;
const ORDERS_SPARE: usize = 16;
/// News on their way out; whoever hears them never waits for the spool.
const NEWS: usize = 64;
/// At most so long after a batch it is on a disk for good: this one, or the collector's, which answers when it is. The
/// first after a pause is at once, unless everything before it was answered.
const SYNC_EVERY: DurationMs = DurationMs::from_s(1);
/// How often it is looked for what may go.
const RETIRE_EVERY: Duration = Duration::from_secs(60);

enum Offer {
    Batch(Box<Batch>),
    Stop(Goodbye),
}

enum Order {
    Acknowledge { epoch: u64, seq: u64 },
    Streams,
    Resume(Vec<(u64, u64)>),
    Read { lane: usize, epoch: u64, after: u64, max: usize, max_bytes: usize },
}

/// What the spool says.
#[derive(Debug)]
pub enum News {
    /// A batch has its number and is in a file.
    Stored(Box<Pushed>),
    /// A batch could not be taken.
    Refused(String),
    /// The streams there are, in answer to [`Client::streams`].
    Streams(Vec<StreamState>),
    /// Batches behind a place, in answer to [`Client::read`]; `None` when the disk failed.
    Read {
        /// As asked.
        lane: usize,
        /// As asked.
        epoch: u64,
        /// As asked.
        after: u64,
        /// With their sizes.
        batches: Option<Vec<(Batch, usize)>>,
    },
    /// The disk began to fail, or works again.
    Disk(Option<String>),
    /// Everything that was offered before is in; the agent ends.
    Stop(Goodbye),
}

/// What waits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Waiting {
    /// Batches that are not acknowledged.
    pub batches: u64,
    /// About how many bytes.
    pub bytes: u64,
    /// Batches taken since the start.
    pub taken: u64,
}

/// The way in. It ends with the last clone of the offers and the one holder of the orders.
#[derive(Debug)]
pub struct Client {
    orders: mpsc::Sender<Order>,
}

/// What a start gives: the way in for batches, the one for orders, news, what waits, and the name of the first stream.
pub type Started = (SpoolTask, Client, mpsc::Receiver<News>, watch::Receiver<Waiting>, u64);

/// A running spool.
#[derive(Debug)]
pub struct SpoolTask {
    offers: mpsc::Sender<Offer>,
    task: JoinHandle<()>,
}

impl SpoolTask {
    /// Opens the spool in `dir` and starts it on the current runtime; `mint` names streams, the first of which is the last
    /// that is answered.
    ///
    /// # Errors
    /// When the directory cannot be used, or another process uses it.
    pub fn start(dir: &Path, settings: Settings, mint: fn() -> u64) -> io::Result<Started> {
        let mut spool = Spool::open(RealFs::open(dir)?, settings)?;
        let first_stream = spool.begin(mint());
        let (offers, offered) = mpsc::channel(OFFERS);
        let (orders, ordered) = mpsc::channel(ORDERS);
        let (news, heard) = mpsc::channel(NEWS);
        let (tell, waiting) = watch::channel(waiting(&spool, 0));
        let worker = Worker {
            spool,
            mint,
            cursors: [Cursor::default(), Cursor::default()],
            news,
            tell,
            failing: false,
            taken: 0,
        };
        let handle = Handle::current();
        let task = tokio::task::spawn_blocking(move || handle.block_on(worker.run(offered, ordered)));
        Ok((Self { offers, task }, Client { orders }, heard, waiting, first_stream))
    }

    /// Takes a batch.
    pub async fn offer(&self, batch: Batch) {
        drop(self.offers.send(Offer::Batch(Box::new(batch))).await);
    }

    /// Says goodbye behind everything that was offered.
    pub async fn stop(&self, goodbye: Goodbye) {
        drop(self.offers.send(Offer::Stop(goodbye)).await);
    }

    /// Waits until everything is on disk.
    pub async fn end(self) {
        drop(self.offers);
        if let Err(error) = self.task.await {
            tracing::error!(%error, "the spool ended badly");
        }
    }
}

impl Client {
    /// See [`Spool::acknowledge`].
    pub fn acknowledge(&self, epoch: u64, seq: u64) {
        if self.orders.capacity() > ORDERS_SPARE {
            self.order(Order::Acknowledge { epoch, seq });
        }
    }

    /// Begins another stream when batches wait, and asks for all of them.
    pub fn streams(&self) {
        self.order(Order::Streams);
    }

    /// See [`Spool::resume`].
    pub fn resume(&self, ends: Vec<(u64, u64)>) {
        self.order(Order::Resume(ends));
    }

    /// See [`Spool::read`].
    pub fn read(&self, lane: usize, epoch: u64, after: u64, max: usize, max_bytes: usize) {
        self.order(Order::Read { lane, epoch, after, max, max_bytes });
    }

    fn order(&self, order: Order) {
        if self.orders.try_send(order).is_err() {
            tracing::debug!("the spool takes no orders; it is ending");
        }
    }
}

struct Worker {
    spool: Spool<RealFs>,
    mint: fn() -> u64,
    cursors: [Cursor; 2],
    news: mpsc::Sender<News>,
    tell: watch::Sender<Waiting>,
    failing: bool,
    taken: u64,
}

impl Worker {
    async fn run(mut self, mut offers: mpsc::Receiver<Offer>, mut orders: mpsc::Receiver<Order>) {
        let mut retire = tokio::time::interval(RETIRE_EVERY);
        let mut last_sync = MonoMs(0);
        let mut offering = true;
        let mut sync_at: Option<MonoMs> = None;
        loop {
            let pause = sync_at.map_or(DurationMs(0), |at| at.since(clock::mono()));
            tokio::select! {
                biased;
                order = orders.recv() => match order {
                    Some(order) => {
                        self.order(order).await;
                        if self.is_answered() {
                            sync_at = None;
                        }
                    }
                    None => break,
                },
                () = sleep(pause.to_std()), if sync_at.is_some() => {
                    self.spool.sync();
                    (last_sync, sync_at) = (clock::mono(), None);
                }
                offer = offers.recv(), if offering => match offer {
                    Some(Offer::Batch(batch)) => {
                        let since = if self.is_answered() { clock::mono() } else { last_sync };
                        self.push(*batch).await;
                        sync_at = sync_at.or(Some(since.plus(SYNC_EVERY)));
                    }
                    Some(Offer::Stop(goodbye)) => self.say(News::Stop(goodbye)).await,
                    None => offering = false,
                },
                _ = retire.tick() => self.spool.retire(clock::wall()),
            }
            self.after().await;
        }
        self.spool.sync();
    }

    /// Whether the collector has everything on its disk.
    fn is_answered(&self) -> bool {
        self.spool.waiting().0 == 0
    }

    async fn push(&mut self, batch: Batch) {
        let news = match self.spool.push(batch) {
            Ok(pushed) => {
                self.taken += 1;
                News::Stored(Box::new(pushed))
            }
            Err(error) => News::Refused(error.to_string()),
        };
        self.say(news).await;
    }

    async fn order(&mut self, order: Order) {
        match order {
            Order::Acknowledge { epoch, seq } => self.spool.acknowledge(epoch, seq),
            Order::Streams => {
                self.spool.begin_if_behind((self.mint)());
                let streams = self.spool.streams();
                self.say(News::Streams(streams)).await;
            }
            Order::Resume(ends) => {
                for (epoch, last_seq) in ends {
                    self.spool.resume(epoch, last_seq);
                }
                self.spool.begin_anew();
            }
            Order::Read { lane, epoch, after, max, max_bytes } => {
                let Some(cursor) = self.cursors.get_mut(lane) else { return };
                cursor.seek(epoch, after);
                let batches = self.spool.read(cursor, max, max_bytes);
                let batches = batches.inspect_err(|error| tracing::warn!(%error, "the spool cannot be read")).ok();
                self.say(News::Read { lane, epoch, after, batches }).await;
            }
        }
    }

    async fn after(&mut self) {
        let failing = self.spool.failure().is_some();
        if failing != self.failing {
            self.failing = failing;
            let failure = self.spool.failure().map(str::to_owned);
            self.say(News::Disk(failure)).await;
        }
        let now = waiting(&self.spool, self.taken);
        self.tell.send_if_modified(|before| std::mem::replace(before, now) != now);
    }

    async fn say(&self, news: News) {
        // Nobody listens any more when the uplink has ended.
        drop(self.news.send(news).await);
    }
}

fn waiting(spool: &Spool<RealFs>, taken: u64) -> Waiting {
    let (batches, bytes) = spool.waiting();
    Waiting { batches, bytes, taken }
}
