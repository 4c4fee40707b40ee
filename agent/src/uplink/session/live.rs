//! What a session in progress keeps: how far it has sent, and the news of actions.

use std::collections::VecDeque;

use evenkeel_common::action::{Outcome, Progress};
use evenkeel_common::id::ActionId;
use evenkeel_common::limits::{ACTION_NEWS_MAX, RECONNECT_MAX, UNACKED_MAX_BATCHES};
use evenkeel_common::time::{DurationMs, MonoMs, UnixMs};
use evenkeel_common::wire::v1::ToCollector;

use super::{At, Effect, Myself};
use crate::uplink::queue::Queue;

/// Bytes sent but not acknowledged, besides the one batch that always may be: a few seconds of a slow line.
const UNACKED_MAX_BYTES: usize = 4 << 20;
/// A renewal that was not answered is asked for again after this.
const RENEW_AGAIN: DurationMs = DurationMs::from_s(3_600);

#[derive(Debug, Default)]
pub(super) struct Live {
    /// Highest number sent in this session.
    sent: u64,
    /// No batches before this.
    paused_until: Option<MonoMs>,
    /// When a renewal was asked for.
    renew_asked: Option<MonoMs>,
    /// Finished actions whose news is not acknowledged.
    finished: VecDeque<(ActionId, Outcome)>,
}

impl Live {
    /// A session begins; the collector has everything up to `last_seq`.
    pub(super) fn begin(&mut self, last_seq: u64, effects: &mut Vec<Effect>) {
        self.sent = last_seq;
        self.paused_until = None;
        self.renew_asked = None;
        effects.extend(self.finished.iter().map(|(id, outcome)| news(*id, Progress::Finished(outcome.clone()))));
    }

    pub(super) const fn sent(&self) -> u64 {
        self.sent
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
        Some(self.paused_until.map_or(renew, |paused| paused.min(renew)))
    }

    /// Sends what may be sent now.
    pub(super) fn send(&mut self, queue: &Queue, me: &Myself, at: At, effects: &mut Vec<Effect>) {
        if at.wall >= me.cert.renew_at && self.renew_asked.is_none_or(|asked| at.mono >= asked.plus(RENEW_AGAIN)) {
            self.renew_asked = Some(at.mono);
            effects.push(Effect::Send(Box::new(ToCollector::Renew { csr_der: me.csr_der.clone() })));
        }
        if self.paused_until.is_some_and(|until| at.mono < until) {
            return;
        }
        self.paused_until = None;
        let (mut count, mut bytes) = queue.up_to(self.sent);
        while count == 0 || (count < UNACKED_MAX_BATCHES && bytes < UNACKED_MAX_BYTES) {
            let Some((batch, size)) = queue.after(self.sent) else {
                return;
            };
            self.sent = batch.seq;
            count += 1;
            bytes += size;
            let (sent_wall_ms, sent_mono_ms) = (at.wall.0, at.mono.0);
            effects.push(Effect::Send(Box::new(ToCollector::Batch { sent_wall_ms, sent_mono_ms, batch })));
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
