//! What one batch means: rows for the journal, news for the inventory, notices for the operator.

use std::borrow::Cow;
use std::sync::Arc;

use evenkeel_common::id::{AgentId, DomainUuid};
use evenkeel_common::metric;
use evenkeel_common::sample::{DomainState, Missing};
use evenkeel_common::time::{DurationMs, MonoMs, UnixMs};
use evenkeel_common::wire::v1::{Activity, Batch, BatchKind, ConvertError, DomainSample, WireReading, WireValue};

use super::host_event::HostEvent;
use super::notice::Notice;
use super::owner::{Decision, Effect, Heard, Owner, Report, Verdict};
use super::shapes::Shapes;
use super::state::{Draft, Tick, Told};
use super::time_of_record::{Change, Record, Stamps};
use crate::store::activity::{Category, Origin};
use crate::store::{BatchRows, Entity, EntityRows, HostUpdate, InventoryUpdate, PlacementRow, PollRow, VmUpdate};

/// A batch with the clocks of its arrival.
#[derive(Debug)]
pub(super) struct Arrival {
    pub(super) agent: AgentId,
    pub(super) received: UnixMs,
    pub(super) sent: UnixMs,
    pub(super) sent_mono: MonoMs,
    pub(super) batch: Arc<Batch>,
}

/// See the module.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) rows: BatchRows,
    pub(super) inventory: InventoryUpdate,
    /// VMs that are as the inventory knows them, and were heard again.
    pub(super) heard: Vec<(DomainUuid, UnixMs)>,
    pub(super) notices: Vec<Notice>,
    pub(super) events: Vec<HostEvent>,
}

/// Plans one batch that is not on disk yet.
pub(super) fn plan(draft: &mut Draft<'_>, shapes: &mut Shapes, arrival: &Arrival) -> Result<Plan, ConvertError> {
    let Arrival { agent, batch, .. } = arrival;
    let record = draft.agent(*agent).clock.handle(&Stamps {
        received: arrival.received,
        sent: arrival.sent,
        sent_mono: arrival.sent_mono,
        tick: UnixMs(batch.tick_wall_ms),
        tick_mono: MonoMs(batch.tick_mono_ms),
        interval: DurationMs(batch.interval_ms.into()),
    });
    let mut planner = Planner::new(draft, shapes, arrival, record);
    planner.clock_and_gap(batch, record);
    planner.events(batch);
    match batch.kind {
        BatchKind::Tick => {
            planner.close_tick(batch);
            planner.host(batch, record)?;
            for domain in &batch.domains {
                match heard(domain.activity) {
                    Some(heard) => planner.domain(domain, heard)?,
                    None => planner.filtered(domain),
                }
            }
            planner.silence(batch);
        }
        BatchKind::Events => planner.draft.agent(*agent).follow(batch.epoch, batch.seq),
    }
    planner.draft.agent(*agent).set_last_seq(batch.epoch, batch.seq);
    Ok(planner.plan)
}

struct Planner<'d, 's> {
    draft: &'d mut Draft<'s>,
    shapes: &'d mut Shapes,
    agent: AgentId,
    at: UnixMs,
    interval: DurationMs,
    plan: Plan,
}

impl<'d, 's> Planner<'d, 's> {
    fn new(draft: &'d mut Draft<'s>, shapes: &'d mut Shapes, arrival: &Arrival, record: Record) -> Self {
        let Arrival { agent, batch, .. } = arrival;
        let rows = BatchRows {
            agent: *agent,
            epoch: batch.epoch,
            seq: batch.seq,
            at: record.at,
            interval_ms: batch.interval_ms,
            corrected: record.corrected(),
            withdrawn: Vec::new(),
            readings: Vec::new(),
            polls: Vec::new(),
            gap: None,
        };
        let inventory = InventoryUpdate::default();
        let plan = Plan { rows, inventory, heard: Vec::new(), notices: Vec::new(), events: Vec::new() };
        shapes.begin(&batch.devices);
        Self { draft, shapes, agent: *agent, at: record.at, interval: DurationMs(batch.interval_ms.into()), plan }
    }

    fn clock_and_gap(&mut self, batch: &Batch, record: Record) {
        let agent = self.agent;
        match record.change {
            Some(Change::Flagged) => self.plan.notices.push(Notice::ClockOff { agent, offset: record.offset }),
            Some(Change::Cleared) => self.plan.notices.push(Notice::ClockRight { agent }),
            None => {}
        }
        if let Some(gap) = batch.gap {
            // The gap was measured with the same clock as the tick.
            let shift = record.at.since(UnixMs(batch.tick_wall_ms));
            let (from, to) = (UnixMs(gap.from_ms).plus(shift), UnixMs(gap.to_ms).plus(shift));
            self.plan.rows.gap = Some((from, to, gap.batches));
            self.plan.notices.push(Notice::QueueGap { agent, from, to, batches: gap.batches });
        }
    }

    fn events(&mut self, batch: &Batch) {
        // They were timed with the same clock as the tick.
        let shift = self.at.since(UnixMs(batch.tick_wall_ms));
        for (index, event) in (0..).zip(&batch.events) {
            self.plan.events.push(HostEvent {
                origin: Origin { agent: self.agent, epoch: batch.epoch, seq: batch.seq, index },
                at: UnixMs(event.wall_ms).plus(shift),
                category: Category::from_code(event.category),
                kind: printable(&event.kind).into_owned(),
                vm: event.domain.map(|uuid| (DomainUuid::from_bytes(uuid), printable(&event.name).into_owned())),
                message: printable(&event.message).into_owned(),
            });
        }
    }

    /// Ends the tick before when this batch begins another one: VMs that it should have named and did not are gone.
    fn close_tick(&mut self, batch: &Batch) {
        let state = self.draft.agent(self.agent);
        let before = state.tick(batch.epoch).take();
        let follows = before.as_ref().is_some_and(|tick| batch.seq == tick.last_seq + 1);
        let heard = batch.domains_missing.is_none();
        let same = before.as_ref().filter(|tick| tick.mono_ms == batch.tick_mono_ms);
        let mut tick = match same {
            Some(tick) => Tick { whole: tick.whole && follows && heard, ..tick.clone() },
            None => Tick {
                mono_ms: batch.tick_mono_ms,
                last_seq: batch.seq,
                at: self.at,
                interval: self.interval,
                whole: heard && (follows || batch.host.is_some()),
                named: Vec::new(),
            },
        };
        let is_new = same.is_none();
        tick.last_seq = batch.seq;
        tick.named.extend(batch.domains.iter().map(|domain| DomainUuid::from_bytes(domain.uuid)));
        *state.tick(batch.epoch) = Some(tick);
        if is_new {
            self.plan.rows.polls.push(PollRow { entity: self.agent.into(), state: None, missing: None });
            if let Some(before) = before.filter(|before| before.whole && follows) {
                self.absent(&before);
            }
        }
    }

    fn absent(&mut self, tick: &Tick) {
        let agent = self.agent;
        let mut named = tick.named.clone();
        named.sort_unstable();
        for uuid in self.draft.vms_of(agent, &named, |owner| owner.expects(agent)) {
            let report = Report { agent, at: tick.at, interval: tick.interval, heard: Heard::Absent };
            let vm = self.draft.vm(uuid, agent);
            let verdict = vm.owner.handle(&report);
            if verdict.current {
                // When it comes again everything about it is news.
                vm.told = None;
                self.plan.inventory.gone.push((uuid, tick.at));
            }
            self.effects(uuid, "", &verdict);
        }
    }

    fn host(&mut self, batch: &Batch, record: Record) -> Result<(), ConvertError> {
        if let Some(host) = &batch.host {
            let rows = self.rows(self.agent.into(), None, &host.readings, host.counter_epoch)?;
            self.plan.rows.readings.push(rows);
        }
        self.plan.inventory.hosts.push(HostUpdate {
            agent: self.agent,
            last_seen: self.at,
            clock_offset_ms: record.offset.0,
            boot_id: batch.boot_id,
            interval_ms: batch.interval_ms,
            facts: batch.host.as_ref().map(|host| (&host.info).into()),
        });
        Ok(())
    }

    fn domain(&mut self, domain: &DomainSample, heard: Heard) -> Result<(), ConvertError> {
        let uuid = DomainUuid::from_bytes(domain.uuid);
        let name = printable(&domain.name);
        let agent = self.agent;
        let report = Report { agent: self.agent, at: self.at, interval: self.interval, heard };
        let vm = self.draft.vm(uuid, agent);
        let before = vm.owner.current();
        let verdict = vm.owner.handle(&report);
        if let (Decision::TookOver, true, Some(from)) = (verdict.decision, verdict.current, before) {
            self.plan.notices.push(Notice::Moved { uuid, name: name.to_string(), from, to: agent });
        }
        self.effects(uuid, &name, &verdict);
        let (stored, placement) = match verdict.decision {
            Decision::Owner | Decision::TookOver | Decision::FormerOwner => (true, None),
            Decision::Tagged => (true, Some(self.agent)),
            _ => (false, None),
        };
        if stored {
            let rows = self.rows(uuid.into(), placement, &domain.readings, domain.counter_epoch)?;
            self.plan.rows.readings.push(rows);
        }
        let polled = (stored && placement.is_none()) || verdict.decision == Decision::Down;
        if polled {
            self.plan.rows.polls.push(poll(uuid.into(), domain));
        }
        if polled && verdict.current {
            self.tell(uuid, &name, domain);
        }
        Ok(())
    }

    /// Of a VM that is as the inventory knows it only that it was heard; nothing of what is older than that.
    fn tell(&mut self, uuid: DomainUuid, name: &str, domain: &DomainSample) {
        let (agent, at) = (self.agent, self.at);
        let vm = self.draft.vm(uuid, agent);
        if at < vm.heard {
            return;
        }
        vm.heard = at;
        let (state, counter_epoch, rival) = (domain.state, domain.counter_epoch, vm.owner.rival());
        let same = |told: &Told| {
            (told.state, told.counter_epoch, told.agent, told.rival) == (state, counter_epoch, agent, rival)
                && told.name == name
                && (Arc::ptr_eq(&told.info, &domain.info) || told.info == domain.info)
        };
        if vm.told.as_deref().is_some_and(same) {
            return self.plan.heard.push((uuid, at));
        }
        let info = Arc::clone(&domain.info);
        vm.told = Some(Arc::new(Told { name: name.to_owned(), state, counter_epoch, agent, rival, info }));
        self.plan.inventory.vms.push(VmUpdate {
            uuid,
            name: name.to_owned(),
            agent,
            state: DomainState::from_code(state),
            counter_epoch,
            arrived: domain.info.arrived,
            at,
            rival,
            facts: domain.info.as_ref().into(),
        });
    }

    fn rows(
        &mut self,
        entity: Entity,
        placement: Option<AgentId>,
        wire: &[WireReading],
        epoch: u64,
    ) -> Result<EntityRows, ConvertError> {
        let values = wire.iter().map(|reading| reading.value(epoch)).collect::<Result<_, ConvertError>>()?;
        Ok(EntityRows { entity, placement, keys: self.shapes.of(wire)?, values })
    }

    /// libvirt did not answer: the VMs of this host were asked for and nobody could tell.
    fn silence(&mut self, batch: &Batch) {
        let Some(why) = batch.domains_missing else { return };
        let (agent, at) = (self.agent, self.at);
        for uuid in self.draft.vms_of(agent, &[], |owner| owner.awaited(agent, at)) {
            self.plan.rows.polls.push(PollRow { entity: uuid.into(), state: None, missing: Some(why) });
        }
    }

    /// The host has it and does not measure it: nobody can tell how it is, and it is not gone.
    fn filtered(&mut self, domain: &DomainSample) {
        let (agent, at, uuid) = (self.agent, self.at, DomainUuid::from_bytes(domain.uuid));
        if self.draft.owner(uuid).is_some_and(|owner| owner.awaited(agent, at)) {
            let missing = Some(Missing::Filtered.code());
            self.plan.rows.polls.push(PollRow { entity: uuid.into(), state: None, missing });
        }
    }

    fn effects(&mut self, uuid: DomainUuid, name: &str, verdict: &Verdict) {
        for effect in &verdict.effects {
            match *effect {
                Effect::Placed(agent, from) => {
                    self.plan.inventory.placements.push(PlacementRow { uuid, from, agent });
                }
                Effect::Withdraw(from, to) => self.plan.rows.withdrawn.push((uuid, from, to)),
                Effect::Conflict(rival) => {
                    self.plan.inventory.rivals.push((uuid, Some(rival)));
                    let owner = self.draft.owner(uuid).and_then(Owner::current).unwrap_or(self.agent);
                    self.plan.notices.push(Notice::Conflict { uuid, name: name.to_owned(), owner, rival });
                }
                Effect::ConflictOver(rival) => {
                    self.plan.inventory.rivals.push((uuid, None));
                    self.plan.notices.push(Notice::ConflictOver { uuid, name: name.to_owned(), rival });
                }
            }
        }
    }
}

/// What a host says of a VM; nothing when its filter hides the domain.
fn heard(activity: Activity) -> Option<Heard> {
    match activity {
        Activity::Active => Some(Heard::Active),
        Activity::Incoming => Some(Heard::Incoming),
        Activity::Inactive => Some(Heard::Inactive),
        Activity::Filtered => None,
    }
}

/// A domain whose monitor hung has a state that nobody could ask for.
fn poll(entity: Entity, domain: &DomainSample) -> PollRow {
    let state_reading = metric::by_name("vm_state").map(|metric| metric.id.0);
    let missing = domain.readings.iter().find_map(|reading| match reading.value {
        WireValue::Missing(code) if Some(reading.metric) == state_reading => Some(Missing::from_code(code).code()),
        _ => None,
    });
    PollRow { entity, state: missing.is_none().then_some(domain.state), missing }
}

/// Names come from hosts; a control character in one would reach terminals and headers.
pub(super) fn printable(name: &str) -> Cow<'_, str> {
    let is_plain = name.bytes().all(|byte| (b' '..0x7f).contains(&byte));
    if is_plain || !name.contains(char::is_control) {
        return Cow::Borrowed(name);
    }
    name.chars().map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c }).collect()
}
