//! What a session in progress keeps: how far it has sent, and the news of actions.

use std::collections::VecDeque;

use evenkeel_common::action::{Outcome, Progress};
use evenkeel_common::id::ActionId;
use evenkeel_common::limits::{
    ACTION_NEWS_MAX, BACKLOG_MAX_BATCHES, BACKLOG_MAX_BYTES, RECONNECT_MAX, UNACKED_MAX_BATCHES, UNACKED_MAX_BYTES,
};
use evenkeel_common::time::{DurationMs, MonoMs, UnixMs};
use evenkeel_common::wire::v1::{Batch, ToCollector};

use super::lane::Lane;
use super::{At, Effect, Myself};
use crate::spool::{Pushed, StreamState};

/// A renewal that was not answered is asked for again after this.
const RENEW_AGAIN: DurationMs = DurationMs::from_s(3_600);
/// The lane of fresh batches, and the one of those that wait.
const FRESH: usize = 0;
const WAITING: usize = 1;

#[derive(Debug)]
pub(super) struct Live {
    /// Fresh batches go first; of those that wait only a few are under way, so that fresh ones never stand behind many.
    lanes: [Lane; 2],
    /// Streams of which something waits, besides those that the lanes are at.
    streams: VecDeque<StreamState>,
    /// Message version of the session.
    version: u8,
    /// No batches before this.
    paused_until: Option<MonoMs>,
    /// When a renewal was asked for.
    renew_asked: Option<MonoMs>,
    /// Finished actions whose news is not acknowledged.
    finished: VecDeque<(ActionId, Outcome)>,
}

impl Default for Live {
    fn default() -> Self {
        Self {
            lanes: [
                Lane::new(FRESH, UNACKED_MAX_BATCHES, UNACKED_MAX_BYTES),
                Lane::new(WAITING, BACKLOG_MAX_BATCHES, BACKLOG_MAX_BYTES),
            ],
            streams: VecDeque::new(),
            version: 1,
            paused_until: None,
            renew_asked: None,
            finished: VecDeque::new(),
        }
    }
}

impl Live {
    /// The streams that the hello names: the last one takes fresh batches.
    pub(super) fn list(&mut self, mut streams: Vec<StreamState>) {
        if let Some(fresh) = streams.pop() {
            self.lanes[FRESH].begin(fresh);
        }
        self.lanes[WAITING].clear();
        self.streams = streams.into();
    }

    /// Their names, in order.
    pub(super) fn named(&self) -> Vec<u64> {
        self.streams.iter().map(|stream| stream.epoch).chain([self.lanes[FRESH].epoch()]).collect()
    }

    /// A session begins; the collector has each stream up to its end. `false` when that is impossible.
    pub(super) fn begin(&mut self, version: u8, ends: &[u64], effects: &mut Vec<Effect>) -> bool {
        let Some((fresh, older)) = ends.split_last().filter(|(_, older)| older.len() == self.streams.len()) else {
            return false;
        };
        if *fresh > self.lanes[FRESH].newest() {
            return false;
        }
        self.version = version;
        self.paused_until = None;
        self.renew_asked = None;
        effects.push(Effect::Resume(self.named().into_iter().zip(ends.iter().copied()).collect()));
        self.lanes[FRESH].resume(*fresh);
        for (stream, end) in self.streams.iter_mut().zip(older) {
            stream.acked = *end;
        }
        self.streams.retain(|stream| stream.acked < stream.newest);
        effects.extend(self.finished.iter().map(|(id, outcome)| news(*id, Progress::Finished(outcome.clone()))));
        true
    }

    /// Batches that the collector does not have yet.
    pub(super) fn behind(&self) -> u64 {
        let streams = self.streams.iter().map(|stream| stream.newest - stream.acked);
        streams.chain([self.lanes[FRESH].behind()]).sum()
    }

    pub(super) fn acknowledged(&mut self, epoch: u64, seq: u64, effects: &mut Vec<Effect>) {
        if let Some(lane) = self.lanes.iter_mut().find(|lane| lane.epoch() == epoch) {
            effects.push(Effect::Acknowledge { epoch, seq: lane.acknowledged(seq) });
        }
    }

    pub(super) fn pause(&mut self, ms: u32, at: At) {
        let pause = DurationMs(i64::from(ms)).min(RECONNECT_MAX);
        self.paused_until = Some(at.mono.plus(pause));
    }

    pub(super) fn next_timeout(&self, renew_at: UnixMs, at: At) -> Option<MonoMs> {
        let renew = match self.renew_asked {
            Some(asked) => asked.plus(RENEW_AGAIN),
            None => at.mono.plus(renew_at.since(at.wall).max(DurationMs(0))),
        };
        let lanes = self.lanes.iter().filter_map(Lane::again_at);
        lanes.chain(self.paused_until).chain([renew]).min()
    }

    /// A fresh batch was stored; `live` when there is a session to send it on.
    pub(super) fn stored(&mut self, pushed: Pushed, live: bool, me: &Myself, at: At, effects: &mut Vec<Effect>) {
        let free = live && !self.is_paused(at);
        let lane = &mut self.lanes[FRESH];
        if lane.stored(&pushed, free) {
            effects.push(lane.send(&pushed.batch, pushed.packed, pushed.size, self.version, me, at));
        }
    }

    /// What was read for a lane goes out.
    pub(super) fn read(
        &mut self,
        asked: (usize, u64, u64),
        batches: Option<Vec<(Batch, usize)>>,
        me: &Myself,
        at: At,
        effects: &mut Vec<Effect>,
    ) {
        let (lane, epoch, after) = asked;
        let Some(lane) = self.lanes.get_mut(lane) else { return };
        for (batch, size) in lane.read(epoch, after, batches, at.mono) {
            effects.push(lane.send(&batch, None, size, self.version, me, at));
        }
    }

    fn is_paused(&self, at: At) -> bool {
        self.paused_until.is_some_and(|until| at.mono < until)
    }

    /// Asks for what may be sent now.
    pub(super) fn send(&mut self, me: &Myself, at: At, effects: &mut Vec<Effect>) {
        if at.wall >= me.cert.renew_at && self.renew_asked.is_none_or(|asked| at.mono >= asked.plus(RENEW_AGAIN)) {
            self.renew_asked = Some(at.mono);
            effects.push(Effect::Send(Box::new(ToCollector::Renew { csr_der: me.csr_der.clone() })));
        }
        if self.is_paused(at) {
            return;
        }
        self.paused_until = None;
        if self.lanes[WAITING].is_done()
            && let Some(stream) = self.streams.pop_front()
        {
            self.lanes[WAITING].begin(stream);
            self.lanes[WAITING].resume(stream.acked);
        }
        for lane in &mut self.lanes {
            effects.extend(lane.wants(at.mono));
        }
    }

    /// News of an action: the end is kept until it is acknowledged, a step only matters now.
    pub(super) fn news(&mut self, id: ActionId, progress: Progress, live: bool, effects: &mut Vec<Effect>) {
        if let Progress::Finished(outcome) = &progress {
            self.finished.retain(|(known, _)| *known != id);
            if self.finished.len() >= ACTION_NEWS_MAX {
                self.finished.pop_front();
            }
            self.finished.push_back((id, outcome.clone()));
        }
        if live {
            effects.push(news(id, progress));
        }
    }

    pub(super) fn acknowledge_news(&mut self, id: ActionId) {
        self.finished.retain(|(known, _)| *known != id);
    }

    pub(super) fn renewed(&mut self) {
        self.renew_asked = None;
    }
}

fn news(id: ActionId, progress: Progress) -> Effect {
    Effect::Send(Box::new(ToCollector::Action { id: id.to_bytes(), progress: progress.into() }))
}
