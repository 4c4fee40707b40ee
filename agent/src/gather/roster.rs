//! What the agent remembers of each domain between ticks: its description, whether it ran here, and the life of its
//! counters.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use evenkeel_common::sample::{CounterEpoch, DomainState, Reading};
use evenkeel_common::time::UnixMs;
use evenkeel_common::wire::v1::{Activity, DiskInfo, DomainInfo};

use super::activity::{activity, has_arrived};
use super::describe::describe;
use super::row::clip;
use crate::filter::{Filter, Judgement};
use crate::scrape::protocol::{RawDomain, Scraped};

/// More readings than this of one domain are left out and counted as unmapped: 512 vCPUs with all of KVM's statistics
/// have 22 000, and a batch has to fit a frame.
const READINGS_MAX: usize = 32_768;

/// A QEMU process as libvirt knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Process {
    /// The domain.
    pub uuid: [u8; 16],
    /// libvirt's number of this run of it.
    pub id: u32,
}

/// One domain at a tick.
#[derive(Clone, Debug, PartialEq)]
pub struct DomainReadings {
    /// libvirt's UUID.
    pub uuid: [u8; 16],
    /// libvirt's name.
    pub name: String,
    /// `virDomainState`.
    pub state: u8,
    /// Running here, arriving, or only defined.
    pub activity: Activity,
    /// Life of its counters, 0 when inactive.
    pub counter_epoch: u64,
    /// Slowly changing facts: the same as at the tick before, unless something changed.
    pub info: Arc<DomainInfo>,
    /// Its XML, when it was read anew at this tick.
    pub definition: Option<String>,
    /// The readings.
    pub readings: Vec<Reading>,
}

impl DomainReadings {
    /// A domain that the filter keeps from being measured: that it is there, and nothing else of it.
    #[must_use]
    pub fn filtered(uuid: [u8; 16]) -> Self {
        Self {
            uuid,
            name: String::new(),
            state: DomainState::NoState.code(),
            activity: Activity::Filtered,
            counter_epoch: 0,
            info: Arc::default(),
            definition: None,
            readings: Vec::new(),
        }
    }
}

#[derive(Clone, Debug, Default)]
struct Entry {
    info: Arc<DomainInfo>,
    /// Its description has been read.
    is_described: bool,
    /// Its XML until it is handed on.
    definition: Option<String>,
    /// The run that was seen active, and the life of its counters.
    run: Option<Run>,
}

#[derive(Clone, Copy, Debug)]
struct Run {
    id: u32,
    epoch: CounterEpoch,
    was_active: bool,
    /// It came here by migration.
    arrived: bool,
}

/// The domains of the host.
#[derive(Debug, Default)]
pub struct Roster {
    entries: HashMap<[u8; 16], Entry>,
}

impl Roster {
    /// The domains that were there at the last look.
    pub fn uuids(&self) -> impl Iterator<Item = [u8; 16]> + '_ {
        self.entries.keys().copied()
    }

    /// Whether each domain has been described.
    #[must_use]
    pub fn is_described(&self) -> bool {
        self.entries.values().all(|entry| entry.is_described)
    }

    /// Runs that are new, so that their processes' start times have to be found.
    #[must_use]
    pub fn unknown_runs(&self, scraped: &Scraped) -> Vec<Process> {
        let runs = scraped.domains.iter().filter_map(|domain| Some(Process { uuid: domain.uuid, id: domain.id? }));
        runs.filter(|process| self.run(process.uuid, process.id).is_none()).collect()
    }

    /// Takes over who is there and what was described, and leaves of the scrape only what the filter lets be measured.
    /// Gives whether each domain is. Those that are not keep their descriptions and runs here: their labels may decide
    /// otherwise, and a filter that is opened again finds them as they were.
    pub fn sift(&mut self, filter: &Filter, scraped: &mut Scraped) -> HashMap<[u8; 16], bool> {
        self.learn(scraped);
        let measured: HashMap<[u8; 16], bool> = scraped
            .domains
            .iter()
            .map(|raw| (raw.uuid, filter.is_open() || self.judge(filter, raw) == Judgement::Measured))
            .collect();
        scraped.domains.retain(|raw| measured.get(&raw.uuid) == Some(&true));
        measured
    }

    fn judge(&self, filter: &Filter, raw: &RawDomain) -> Judgement {
        let entry = self.entries.get(&raw.uuid).filter(|entry| entry.is_described && filter.asks_labels());
        let labels = entry.map(|entry| {
            entry.info.labels.iter().map(|label| (label.name.clone(), label.value.clone())).collect::<Vec<_>>()
        });
        filter.judge(raw.uuid, &clip(&raw.name), labels.as_deref())
    }

    fn learn(&mut self, scraped: &mut Scraped) {
        let present: HashSet<[u8; 16]> = scraped.domains.iter().map(|domain| domain.uuid).collect();
        self.entries.retain(|uuid, _| present.contains(uuid));
        for description in scraped.described.drain(..).filter(|description| present.contains(&description.uuid)) {
            let entry = self.entries.entry(description.uuid).or_default();
            entry.info = Arc::new(describe(&description));
            entry.is_described = true;
            entry.definition = Some(description.xml);
        }
    }

    /// The domains of a sifted scrape, and how many parameters no metric took. `starts` are the process starts that were
    /// found; a run without one counts from `now`, when it was first seen.
    pub fn observe(
        &mut self,
        scraped: &Scraped,
        starts: &HashMap<Process, UnixMs>,
        now: UnixMs,
    ) -> (Vec<DomainReadings>, Vec<String>) {
        let mut unmapped = Vec::new();
        let mut domains = Vec::with_capacity(scraped.domains.len());
        for raw in &scraped.domains {
            let start = raw.id.and_then(|id| starts.get(&Process { uuid: raw.uuid, id })).copied();
            let (domain, more) = self.one(raw, start.unwrap_or(now));
            domains.push(domain);
            unmapped.extend(more);
        }
        (domains, unmapped)
    }

    fn run(&self, uuid: [u8; 16], id: u32) -> Option<Run> {
        self.entries.get(&uuid)?.run.filter(|run| run.id == id)
    }

    fn one(&mut self, raw: &RawDomain, start: UnixMs) -> (DomainReadings, Vec<String>) {
        let known = raw.id.and_then(|id| self.run(raw.uuid, id));
        let begun = CounterEpoch(u64::try_from(start.0).unwrap_or(0));
        let epoch = match (raw.id, known) {
            (None, _) => CounterEpoch(0),
            (Some(_), Some(run)) => run.epoch,
            (Some(_), None) => begun,
        };
        let info = self.entries.get(&raw.uuid).map(|entry| &entry.info);
        let with_media = |disk: &&DiskInfo| !disk.source.is_empty();
        let disks: Vec<&str> = info
            .map(|info| info.disks.iter().filter(with_media).map(|disk| disk.target.as_str()).collect())
            .unwrap_or_default();
        let mut gathered = super::read(raw, epoch, &disks);
        for left_out in gathered.readings.drain(READINGS_MAX.min(gathered.readings.len())..) {
            gathered.unmapped.push(left_out.device);
        }
        let was_active = known.is_some_and(|run| run.was_active);
        let activity = activity(raw.id.is_some(), gathered.domain_state(), gathered.reason, was_active);
        let arrived = known.is_some_and(|run| run.arrived)
            || (raw.id.is_some() && has_arrived(gathered.domain_state(), gathered.reason, was_active));
        let entry = self.entries.entry(raw.uuid).or_default();
        entry.run = raw.id.map(|id| Run { id, epoch, was_active: was_active || activity == Activity::Active, arrived });
        if entry.info.arrived != arrived {
            Arc::make_mut(&mut entry.info).arrived = arrived;
        }
        let domain = DomainReadings {
            uuid: raw.uuid,
            name: clip(&raw.name),
            state: gathered.state,
            activity,
            counter_epoch: epoch.0,
            info: Arc::clone(&entry.info),
            definition: entry.definition.take(),
            readings: gathered.readings,
        };
        (domain, gathered.unmapped)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filter::select::Selector;
    use crate::gather::owner::NAMESPACE;
    use crate::scrape::protocol::{Description, Param};

    fn scraped(id: Option<u32>, state: u64, reason: u64) -> Scraped {
        let params = vec![
            ("state.state".to_owned(), Param::U64(state)),
            ("state.reason".to_owned(), Param::U64(reason)),
            ("cpu.time".to_owned(), Param::U64(7)),
        ];
        let domain = RawDomain { uuid: [1; 16], name: "g1".to_owned(), id, params, ..RawDomain::default() };
        Scraped { domains: vec![domain], ..Scraped::default() }
    }

    fn at(roster: &mut Roster, scraped: &Scraped, now: i64) -> DomainReadings {
        let mut scraped = scraped.clone();
        roster.sift(&Filter::default(), &mut scraped);
        roster.observe(&scraped, &HashMap::new(), UnixMs(now)).0.remove(0)
    }

    #[test]
    fn a_run_keeps_the_life_of_its_counters_and_a_new_one_starts_another() {
        let mut roster = Roster::default();
        assert_eq!(roster.unknown_runs(&scraped(Some(1), 1, 1)).len(), 1);
        assert_eq!(at(&mut roster, &scraped(Some(1), 1, 1), 10).counter_epoch, 10);
        assert!(roster.unknown_runs(&scraped(Some(1), 1, 1)).is_empty());
        assert_eq!(at(&mut roster, &scraped(Some(1), 1, 1), 20).counter_epoch, 10);
        assert_eq!(at(&mut roster, &scraped(Some(2), 1, 1), 30).counter_epoch, 30);
        let starts = HashMap::from([(Process { uuid: [1; 16], id: 3 }, UnixMs(25))]);
        let third = roster.observe(&scraped(Some(3), 1, 1), &starts, UnixMs(40)).0.remove(0);
        assert_eq!(third.counter_epoch, 25);
    }

    #[test]
    fn a_vm_that_leaves_and_comes_back_is_incoming_again() {
        let mut roster = Roster::default();
        assert_eq!(at(&mut roster, &scraped(Some(1), 1, 1), 1).activity, Activity::Active);
        assert_eq!(at(&mut roster, &scraped(Some(1), 3, 2), 2).activity, Activity::Active);
        assert_eq!(at(&mut roster, &scraped(None, 5, 4), 3).activity, Activity::Inactive);
        assert_eq!(at(&mut roster, &scraped(Some(2), 3, 2), 4).activity, Activity::Incoming);
        assert_eq!(at(&mut roster, &scraped(Some(2), 1, 4), 5).activity, Activity::Active);
    }

    #[test]
    fn an_inactive_domain_has_no_counters() {
        let domain = at(&mut Roster::default(), &scraped(None, 5, 0), 1);
        assert_eq!((domain.counter_epoch, domain.readings.len()), (0, 2));
    }

    #[test]
    fn a_description_stays_until_the_domain_goes() {
        let mut roster = Roster::default();
        let mut first = scraped(Some(1), 1, 1);
        let xml = "<domain><vcpu>3</vcpu></domain>".to_owned();
        first.described = vec![Description { uuid: [1; 16], xml, ..Description::default() }];
        assert_eq!(at(&mut roster, &first, 1).info.vcpus, 3);
        assert_eq!(at(&mut roster, &scraped(Some(1), 1, 1), 2).info.vcpus, 3);
        roster.sift(&Filter::default(), &mut Scraped::default());
        assert_eq!(at(&mut roster, &scraped(Some(1), 1, 1), 4).info.vcpus, 0);
    }

    #[test]
    fn what_is_filtered_is_found_as_it_was_when_the_filter_opens() {
        let mut roster = Roster::default();
        let deny = |word: &str| Filter { deny: vec![Selector::parse(word).unwrap()], ..Filter::default() };
        let mut first = scraped(Some(1), 1, 1);
        let label = "<e:label name='role'>web</e:label>";
        let xml = format!("<domain><metadata><e:domain xmlns:e='{NAMESPACE}'>{label}</e:domain></metadata></domain>");
        // Before its labels are known nothing goes out, and once they are they decide.
        let by_label = deny("label:role=web");
        let mut unknown = first.clone();
        assert_eq!(roster.sift(&by_label, &mut unknown), HashMap::from([([1; 16], false)]));
        first.described = vec![Description { uuid: [1; 16], xml, ..Description::default() }];
        let mut known = first.clone();
        assert_eq!(roster.sift(&deny("label:role=db"), &mut known), HashMap::from([([1; 16], true)]));
        let before = at(&mut roster, &scraped(Some(1), 1, 1), 10);
        let mut hidden = scraped(Some(1), 1, 1);
        assert_eq!(roster.sift(&by_label, &mut hidden), HashMap::from([([1; 16], false)]));
        assert!(hidden.domains.is_empty());
        let after = at(&mut roster, &scraped(Some(1), 1, 1), 30);
        assert_eq!((after.counter_epoch, &after.info.labels), (10, &before.info.labels));
        assert_eq!(after.info.labels[0].value, "web");
    }
}
