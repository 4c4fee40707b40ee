//! Why nobody polled for a while, from what is on record: the agent said goodbye, or its session ended.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use evenkeel_common::clock;
use evenkeel_common::id::{AgentId, DomainUuid};
use evenkeel_common::limits::QUERY_MAX_POINTS;
use evenkeel_common::sample::Missing;
use evenkeel_common::time::{DurationMs, UnixMs};

use super::Span;
use crate::control::{Control, ControlError};
use crate::series::{Cells, Intervals};
use crate::store::{Entity, PlacementRow, Poll};

/// The end of a session is noted a moment after the last poll.
const NOTED_LATE: DurationMs = DurationMs::from_s(60);

/// What is on record of agents and placements in the range of a query, each looked up once.
#[derive(Debug)]
pub(super) struct Absences {
    span: Span,
    /// When each agent had no session, and why.
    by_agent: HashMap<AgentId, Vec<Absence>>,
    /// What each agent had to drop.
    dropped: HashMap<AgentId, Vec<(UnixMs, UnixMs)>>,
    /// Where each VM ran, oldest first.
    placed: HashMap<Entity, Vec<PlacementRow>>,
}

impl Absences {
    /// In the range of a query.
    pub(super) fn new(span: Span) -> Self {
        Self { span, by_agent: HashMap::new(), dropped: HashMap::new(), placed: HashMap::new() }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Absence {
    from: UnixMs,
    to: UnixMs,
    why: Missing,
}

impl Control {
    /// Adds a missing reading for each poll that was due in `from <= at < to` while the agent was known to be away.
    pub(super) async fn add_absences(
        &self,
        entity: Entity,
        polls: &[Poll],
        (from, to): (UnixMs, UnixMs),
        intervals: &Intervals,
        absences: &mut Absences,
        silent: &mut Vec<(UnixMs, Missing)>,
    ) -> Result<(), ControlError> {
        let gaps = gaps(polls, (from, to), intervals);
        for (begin, end) in gaps {
            let before = polls.iter().rev().find(|poll| poll.at < begin).or(polls.first());
            let agent = match before {
                Some(poll) => poll.agent,
                None => self.placed(entity, begin, absences).await?,
            };
            self.look_up(agent, absences).await?;
            let interval = DurationMs(intervals.at(begin).0.max(1_000));
            for absence in absences.by_agent.get(&agent).into_iter().flatten() {
                // From the first poll that was due: the session ended somewhere between two of them.
                let starts_here = absence.from.minus(NOTED_LATE) < begin;
                let (mut at, end) = (if starts_here { begin } else { absence.from }, absence.to.min(end));
                while at < end && silent.len() < QUERY_MAX_POINTS {
                    silent.push((at, absence.why));
                    at = at.plus(interval);
                }
            }
        }
        Ok(())
    }

    /// Says of steps made of rollups why there may be nothing: what agents dropped, and when they were away.
    pub(super) async fn explain(
        &self,
        entity: Entity,
        (from, to): (UnixMs, UnixMs),
        absences: &mut Absences,
        cells: &mut Cells,
    ) -> Result<(), ControlError> {
        self.look_up_placements([entity], absences).await?;
        let placed = absences.placed.get(&entity).map_or(&[][..], Vec::as_slice);
        let mut spans: Vec<(AgentId, UnixMs)> = placed.iter().map(|row| (row.agent, row.from)).collect();
        match spans.first_mut() {
            Some(first) => first.1 = first.1.min(from),
            None => spans.push((AgentId::from_bytes(entity.0), from)),
        }
        for (index, (agent, begin)) in spans.iter().enumerate() {
            let end = spans.get(index + 1).map_or(to, |(_, next)| *next).min(to);
            let begin = (*begin).max(from);
            if begin >= end {
                continue;
            }
            for (lost_from, lost_to) in self.dropped(*agent, absences).await? {
                cells.unknown((*lost_from).max(begin), (*lost_to).min(end), Missing::QueueFull);
            }
            self.look_up(*agent, absences).await?;
            for absence in absences.by_agent.get(agent).into_iter().flatten() {
                cells.unknown(absence.from.max(begin), absence.to.min(end), absence.why);
            }
        }
        Ok(())
    }

    /// Looks up where VMs ran, all that are not known yet at once.
    pub(super) async fn look_up_placements(
        &self,
        entities: impl IntoIterator<Item = Entity>,
        absences: &mut Absences,
    ) -> Result<(), ControlError> {
        let is_new = |entity: &Entity| !absences.placed.contains_key(entity);
        let new: Vec<Entity> = entities.into_iter().filter(is_new).collect();
        if !new.is_empty() {
            let uuids = new.iter().map(|entity| DomainUuid::from_bytes(entity.0)).collect();
            let found = self.store().placements_of(uuids).await?;
            absences.placed.extend(new.into_iter().zip(found));
        }
        Ok(())
    }

    /// What an agent had to drop in the range of the query.
    pub(super) async fn dropped<'a>(
        &self,
        agent: AgentId,
        absences: &'a mut Absences,
    ) -> Result<&'a [(UnixMs, UnixMs)], ControlError> {
        let Span { from, to, .. } = absences.span;
        Ok(match absences.dropped.entry(agent) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(free) => free.insert(self.store().gaps(agent, from, to).await?),
        })
    }

    async fn look_up(&self, agent: AgentId, absences: &mut Absences) -> Result<(), ControlError> {
        let Span { from, to, .. } = absences.span;
        if let Entry::Vacant(free) = absences.by_agent.entry(agent) {
            let sessions = self.store().sessions_of(agent, from, to.plus(NOTED_LATE)).await?;
            free.insert(away(&sessions, clock::wall()));
        }
        Ok(())
    }

    /// On which host somebody was; a host is its own agent.
    async fn placed(&self, entity: Entity, at: UnixMs, absences: &mut Absences) -> Result<AgentId, ControlError> {
        self.look_up_placements([entity], absences).await?;
        let placements = absences.placed.get(&entity).map_or(&[][..], Vec::as_slice);
        let then = placements.iter().rev().find(|placement| placement.from <= at).or(placements.first());
        Ok(then.map_or(AgentId::from_bytes(entity.0), |placement| placement.agent))
    }
}

/// From what happened to sessions to when there was none. A session that ends while another one is there says nothing.
/// One that lasts is known up to now.
fn away(sessions: &[(UnixMs, String)], now: UnixMs) -> Vec<Absence> {
    let mut all: Vec<Absence> = Vec::new();
    for (at, kind) in sessions {
        match (kind.as_str(), all.last_mut()) {
            ("agent_connected", Some(last)) => last.to = last.to.min(*at),
            ("agent_connected", None) => {}
            (kind, last) => {
                let why = if kind == "agent_goodbye" { Missing::AgentDown } else { Missing::HostUnreachable };
                if let Some(last) = last {
                    last.to = last.to.min(*at);
                }
                all.push(Absence { from: *at, to: UnixMs(i64::MAX), why });
            }
        }
    }
    if let Some(last) = all.last_mut()
        && last.to == UnixMs(i64::MAX)
    {
        last.to = now;
    }
    all
}

/// Times without a poll that was due: from when the next one would have come to the one that came.
fn gaps(polls: &[Poll], (from, to): (UnixMs, UnixMs), intervals: &Intervals) -> Vec<(UnixMs, UnixMs)> {
    let mut gaps = Vec::new();
    let mut due = from;
    for poll in polls {
        if poll.at > due.plus(intervals.longest_gap(due)) {
            gaps.push((due, poll.at.min(to)));
        }
        due = due.max(poll.at.plus(poll.interval));
    }
    if due.plus(intervals.longest_gap(due)) < to || (polls.is_empty() && due < to) {
        gaps.push((due, to));
    }
    gaps.retain(|(begin, end)| begin < end);
    gaps
}

#[cfg(test)]
mod tests {
    use super::*;

    fn poll(at: i64) -> Poll {
        let (agent, interval) = (AgentId::from_bytes([1; 16]), DurationMs(10_000));
        Poll { at: UnixMs(at), agent, interval, state: Some(1), missing: None }
    }

    #[test]
    fn gaps_are_where_polls_were_due() {
        let polls = [0, 10_000, 20_000, 50_000, 90_000].map(poll);
        let intervals = Intervals(vec![(UnixMs(0), DurationMs(10_000))]);
        let found = |from: i64, to: i64| {
            let gaps = gaps(&polls, (UnixMs(from), UnixMs(to)), &intervals);
            gaps.into_iter().map(|(from, to)| (from.0, to.0)).collect::<Vec<_>>()
        };
        assert_eq!(found(0, 100_000), [(60_000, 90_000)], "one lost tick is no gap");
        assert_eq!(found(70_000, 200_000), [(100_000, 200_000)]);
        assert_eq!(gaps(&[], (UnixMs(5), UnixMs(9)), &intervals), [(UnixMs(5), UnixMs(9))]);
    }

    #[test]
    fn only_what_is_on_record_is_an_absence() {
        let at = |at: i64, kind: &str| (UnixMs(at), kind.to_owned());
        let found = away(
            &[
                at(1, "agent_connected"),
                at(5, "agent_goodbye"),
                at(8, "agent_connected"),
                at(20, "agent_disconnected"),
                at(30, "agent_goodbye"),
            ],
            UnixMs(99),
        );
        let absence = |from, to, why| Absence { from: UnixMs(from), to: UnixMs(to), why };
        let expected = [
            absence(5, 8, Missing::AgentDown),
            absence(20, 30, Missing::HostUnreachable),
            absence(30, 99, Missing::AgentDown),
        ];
        assert_eq!(found, expected);
        assert_eq!(away(&[], UnixMs(99)), []);
    }
}
