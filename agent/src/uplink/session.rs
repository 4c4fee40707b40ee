//! The session machine: what to send, when to connect, what to say. It does nothing by itself: events come in with the
//! time and a random number, effects come out.

mod lane;
mod live;
mod notice;

use evenkeel_common::action::{Command, Progress};
use evenkeel_common::id::ActionId;
use evenkeel_common::limits::{HELLO_TIMEOUT, RECONNECT_FIRST, RECONNECT_MAX};
use evenkeel_common::time::{DurationMs, MonoMs, UnixMs};
use evenkeel_common::wire::v1::{Batch, Gap, Goodbye, Hello, ToAgent, ToCollector, Welcome};
use evenkeel_common::wire::{CloseCode, VERSION_MIN};

use crate::spool::{Pushed, StreamState};
use live::Live;
use notice::AwayKind;
pub use notice::{Away, Notice};

/// How long a goodbye may take.
const GOODBYE: DurationMs = DurationMs::from_s(3);

/// The time of an event, and a random number for it.
#[derive(Clone, Copy, Debug)]
pub struct At {
    /// Monotonic clock.
    pub mono: MonoMs,
    /// Wall clock.
    pub wall: UnixMs,
    /// Any number; evenly distributed.
    pub draw: u64,
}

/// What happened.
#[derive(Debug)]
pub enum Event {
    /// The time that [`Machine::next_timeout`] named has come.
    Timer,
    /// The spool has taken a batch.
    Stored(Box<Pushed>),
    /// The spool could not take a batch: why.
    Refused(String),
    /// The streams in the spool, in answer to `Streams`.
    Streams(Vec<StreamState>),
    /// What the spool has behind a place (lane, stream, number), with sizes; `None` when it cannot be read now.
    Read((usize, u64, u64), Option<Vec<(Batch, usize)>>),
    /// The spool's disk began to fail, or works again.
    Disk(Option<String>),
    /// The connection stands.
    Connected,
    /// There is no connection, or not any more.
    Lost(Away),
    /// The collector says something.
    Received(ToAgent),
    /// The actor says something.
    News(ActionId, Progress),
    /// A renewed certificate is in its file.
    CertificateStored(CertLife),
    /// The agent ends.
    Stop(Goodbye),
}

/// What to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Connect; answer with `Connected` or `Lost`.
    Connect,
    /// Renew the expired certificate with its key alone; answer with `CertificateStored` or `Lost`.
    RenewExpired,
    /// Ask the spool which streams there are; answer with `Streams`.
    Streams,
    /// Tell the spool what the collector has of each stream.
    Resume(Vec<(u64, u64)>),
    /// Tell the spool that the collector has a stream up to a number.
    Acknowledge {
        /// The stream.
        epoch: u64,
        /// The number.
        seq: u64,
    },
    /// Ask the spool for batches; answer with `Read`.
    Read {
        /// For which lane.
        lane: usize,
        /// Of which stream.
        epoch: u64,
        /// Behind which number.
        after: u64,
        /// How many at most.
        max: usize,
        /// Of about so many bytes.
        max_bytes: usize,
    },
    /// Send this on the session's stream.
    Send(Box<ToCollector>),
    /// Close the connection; no answer.
    Close(CloseCode, &'static str),
    /// Hand this to the actor.
    Run(Command),
    /// Put the certificate (DER) into its file; answer with `CertificateStored`.
    StoreCertificate(Vec<u8>),
    /// Say this in the log.
    Say(Notice),
    /// It is over.
    Finished,
}

/// The life of the agent's certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CertLife {
    /// When it should be renewed.
    pub renew_at: UnixMs,
    /// When it ends.
    pub not_after: UnixMs,
}

/// Who the agent is.
#[derive(Clone, Debug)]
pub struct Myself {
    /// Run of the agent.
    pub run: u64,
    /// The first stream of this run.
    pub first_stream: u64,
    /// The newest message version to speak.
    pub version_max: u8,
    /// Its machine id.
    pub machine_id: String,
    /// Version of its program.
    pub agent_version: String,
    /// Signing request of its key.
    pub csr_der: Vec<u8>,
    /// Life of its certificate.
    pub cert: CertLife,
}

/// See the module.
#[derive(Debug)]
pub struct Machine {
    me: Myself,
    state: State,
    /// Attempts since the last session.
    attempts: u32,
    live: Live,
    /// What is wrong with the collector, once it was said, and since when it is away.
    away: Option<(AwayKind, MonoMs)>,
    /// Dropped since it was last said that the spool is full.
    dropping: bool,
}

#[derive(Clone, Debug, PartialEq)]
enum State {
    Waiting {
        until: MonoMs,
    },
    Connecting,
    /// Connected; the spool is asked.
    Listing,
    Greeting {
        deadline: MonoMs,
    },
    Live,
    Leaving {
        deadline: MonoMs,
    },
    Finished,
}

impl Machine {
    /// A machine that connects at its first timeout, which is at once.
    #[must_use]
    pub fn new(me: Myself, now: MonoMs) -> Self {
        let state = State::Waiting { until: now };
        Self { me, state, attempts: 0, live: Live::default(), away: None, dropping: false }
    }

    /// When a `Timer` event is due.
    #[must_use]
    pub fn next_timeout(&self, at: At) -> Option<MonoMs> {
        match self.state {
            State::Waiting { until } => Some(until),
            State::Greeting { deadline } | State::Leaving { deadline } => Some(deadline),
            State::Live => self.live.next_timeout(self.me.cert.renew_at, at),
            State::Connecting | State::Listing | State::Finished => None,
        }
    }

    /// Whether there is a session.
    #[must_use]
    pub fn is_live(&self) -> bool {
        self.state == State::Live
    }

    /// One step.
    pub fn handle(&mut self, event: Event, at: At) -> Vec<Effect> {
        let mut effects = Vec::new();
        match event {
            Event::Timer => self.timer(at, &mut effects),
            Event::Stored(pushed) => {
                let live = self.is_live();
                let dropped = pushed.dropped;
                self.live.stored(*pushed, live, &self.me, at, &mut effects);
                self.dropped(dropped, &mut effects);
            }
            Event::Refused(why) => effects.push(Effect::Say(Notice::BatchTooLarge(why))),
            Event::Disk(Some(why)) => effects.push(Effect::Say(Notice::DiskFails(why))),
            Event::Disk(None) => effects.push(Effect::Say(Notice::DiskWorks)),
            Event::Connected => {
                if self.state == State::Connecting {
                    self.state = State::Listing;
                    effects.push(Effect::Streams);
                }
            }
            Event::Streams(streams) => self.greet(streams, at, &mut effects),
            Event::Read(asked, batches) => {
                if self.is_live() {
                    self.live.read(asked, batches, &self.me, at, &mut effects);
                }
            }
            Event::Lost(away) => self.lost(away, at, &mut effects),
            Event::Received(message) => self.received(message, at, &mut effects),
            Event::News(id, progress) => {
                let live = self.is_live();
                self.live.news(id, progress, live, &mut effects);
            }
            Event::CertificateStored(life) => self.certificate(life, at, &mut effects),
            Event::Stop(goodbye) => self.stop(goodbye, at, &mut effects),
        }
        if self.state == State::Live {
            self.live.send(&self.me, at, &mut effects);
        }
        effects
    }

    fn timer(&mut self, at: At, effects: &mut Vec<Effect>) {
        match self.state {
            State::Waiting { until } if at.mono >= until => {
                self.state = State::Connecting;
                let expired = at.wall >= self.me.cert.not_after;
                effects.push(if expired { Effect::RenewExpired } else { Effect::Connect });
            }
            State::Greeting { deadline } if at.mono >= deadline => {
                effects.push(Effect::Close(CloseCode::Silent, "no welcome came in time"));
                self.lost(Away::Silent, at, effects);
            }
            State::Leaving { deadline } if at.mono >= deadline => {
                effects.push(Effect::Close(CloseCode::Done, "stopped"));
                self.finish(effects);
            }
            _ => {}
        }
    }

    fn dropped(&mut self, gap: Option<Gap>, effects: &mut Vec<Effect>) {
        if let Some(gap) = gap
            && !self.dropping
        {
            self.dropping = true;
            effects.push(Effect::Say(Notice::SpoolFull(gap)));
        }
    }

    fn greet(&mut self, streams: Vec<StreamState>, at: At, effects: &mut Vec<Effect>) {
        if self.state != State::Listing {
            return;
        }
        self.state = State::Greeting { deadline: at.mono.plus(HELLO_TIMEOUT) };
        self.live.list(streams);
        effects.push(Effect::Send(Box::new(ToCollector::Hello(Hello {
            version_min: VERSION_MIN,
            version_max: self.me.version_max,
            agent_version: self.me.agent_version.clone(),
            machine_id: self.me.machine_id.clone(),
            run: self.me.run,
            streams: self.live.named(),
            wall_ms: at.wall.0,
        }))));
    }

    fn welcomed(&mut self, welcome: &Welcome, at: At, effects: &mut Vec<Effect>) {
        let version = (VERSION_MIN..=self.me.version_max).contains(&welcome.version);
        let mut begun = Vec::new();
        if !version || !self.live.begin(welcome.version, &welcome.ends, &mut begun) {
            effects.push(Effect::Close(CloseCode::Protocol, "the welcome is of another version or agent"));
            return self.lost(Away::Protocol("its welcome is of another version or agent".into()), at, effects);
        }
        self.state = State::Live;
        self.attempts = 0;
        let after = self.away.take().map(|(_, since)| at.mono.since(since));
        effects.push(Effect::Say(Notice::Connected { after, behind: self.live.behind() }));
        effects.extend(begun);
    }

    fn lost(&mut self, away: Away, at: At, effects: &mut Vec<Effect>) {
        match self.state {
            State::Finished => return,
            State::Leaving { .. } => return self.finish(effects),
            _ => {}
        }
        let wait = wait(self.attempts, away.is_refusal(), at.draw);
        self.attempts = self.attempts.saturating_add(1);
        self.state = State::Waiting { until: at.mono.plus(wait) };
        let kind = away.kind();
        let since = self.away.map_or(at.mono, |(_, since)| since);
        if self.away.is_none_or(|(said, _)| said != kind) {
            effects.push(Effect::Say(Notice::Away(away)));
        }
        self.away = Some((kind, since));
    }

    fn received(&mut self, message: ToAgent, at: At, effects: &mut Vec<Effect>) {
        match (&self.state, message) {
            (State::Greeting { .. }, ToAgent::Welcome(welcome)) => {
                self.welcomed(&welcome, at, effects);
            }
            (State::Live | State::Leaving { .. }, ToAgent::Ack { epoch, seq }) => {
                self.live.acknowledged(epoch, seq, effects);
                self.dropping = false;
            }
            (State::Live, ToAgent::RetryAfter { ms }) => self.live.pause(ms, at),
            (State::Live, ToAgent::Command(command)) => effects.push(Effect::Run(command.into())),
            (_, ToAgent::ActionAck { id }) => self.live.acknowledge_news(ActionId::from_bytes(id)),
            (State::Live, ToAgent::Renewed { cert_der }) => effects.push(Effect::StoreCertificate(cert_der)),
            (State::Leaving { .. } | State::Finished, _) => {}
            (_, other) => {
                effects.push(Effect::Close(CloseCode::Protocol, "a message out of turn"));
                self.lost(Away::Protocol(format!("it sent {} out of turn", other.name())), at, effects);
            }
        }
    }

    fn certificate(&mut self, life: CertLife, at: At, effects: &mut Vec<Effect>) {
        self.me.cert = life;
        self.live.renewed();
        effects.push(Effect::Say(Notice::Renewed { until: life.not_after }));
        if self.state == State::Connecting {
            self.state = State::Waiting { until: at.mono };
        }
    }

    fn stop(&mut self, goodbye: Goodbye, at: At, effects: &mut Vec<Effect>) {
        if self.state == State::Live {
            // It is answered when everything before it is on disk; what else waits is in the spool.
            effects.push(Effect::Send(Box::new(ToCollector::Goodbye(goodbye))));
            self.state = State::Leaving { deadline: at.mono.plus(GOODBYE) };
        } else {
            self.finish(effects);
        }
    }

    fn finish(&mut self, effects: &mut Vec<Effect>) {
        self.state = State::Finished;
        effects.push(Effect::Finished);
    }
}

/// How long to wait before the next attempt: full jitter, so that a thousand agents do not come back at once. Who was
/// refused comes back no sooner than after half the longest wait: nothing will have changed before a person acts.
fn wait(attempts: u32, refused: bool, draw: u64) -> DurationMs {
    let longest = RECONNECT_MAX.0;
    let (from, to) = if refused {
        (longest / 2, longest)
    } else {
        let bound = RECONNECT_FIRST.0.checked_shl(attempts.min(20)).unwrap_or(longest);
        (0, bound.min(longest))
    };
    let span = u64::try_from(to - from).unwrap_or(0) + 1;
    DurationMs(from + i64::try_from(draw % span).unwrap_or(0))
}

#[cfg(test)]
mod tests;
