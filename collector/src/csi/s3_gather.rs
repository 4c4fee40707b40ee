//! Step 3, gather: all that a review of a period rests on, as it was found. `control` reads it; from here on nothing else
//! is looked at, so the same findings follow from the same record.

mod series;

pub use series::{Gathering, Part};

use serde::{Deserialize, Serialize};

use crate::sla::Seconds;

/// See the module. Times are seconds since 1970.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Gathered {
    /// Name of the service.
    pub service: String,
    /// For people.
    pub title: String,
    /// What it is for.
    pub description: String,
    /// Time zone of its days.
    pub time_zone: String,
    /// How much it matters when it fails.
    pub impact_weight: i64,
    /// Who approves what is proposed.
    pub approvers: Vec<String>,
    /// Name of the period.
    pub period: String,
    /// First second.
    pub from_s: i64,
    /// First second after it.
    pub to_s: i64,
    /// Up to where it was looked at: its end, or earlier while it goes on.
    pub until_s: i64,
    /// First seconds of its days, and its end.
    pub days: Vec<i64>,
    /// VMs and hosts that were members, by name.
    pub members: Vec<Member>,
    /// Each objective's seconds.
    pub objectives: Vec<ObjectiveFacts>,
    /// Outages of members, oldest first.
    pub outages: Vec<OutageFacts>,
    /// Each metric that has readings.
    pub series: Vec<SeriesFacts>,
    /// Changes that were registered, oldest first.
    pub changes: Vec<ChangeFacts>,
}

/// A member.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Member {
    /// Its name.
    pub name: String,
    /// UUID of the VM, or of the host's agent.
    pub id: String,
    /// `vm` or `host`.
    pub kind: String,
    /// From when in the period it was one.
    pub from_s: i64,
    /// Until when.
    pub to_s: i64,
    /// Virtual processors; 0 of a host.
    pub vcpus: i64,
    /// Memory that it may have; 0 of a host.
    pub memory_max_bytes: i64,
    /// Hosts that it ran on in the period, in order.
    pub hosts: Vec<String>,
}

/// Good, bad, unknown and excluded seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spent {
    /// As agreed.
    pub good_s: i64,
    /// Not as agreed.
    pub bad_s: i64,
    /// Nobody knows.
    pub unknown_s: i64,
    /// Does not count.
    pub excluded_s: i64,
}

impl From<Seconds> for Spent {
    fn from(spent: Seconds) -> Self {
        let Seconds { good_s, bad_s, unknown_s, excluded_s } = spent;
        Self { good_s, bad_s, unknown_s, excluded_s }
    }
}

impl From<Spent> for Seconds {
    fn from(spent: Spent) -> Self {
        let Spent { good_s, bad_s, unknown_s, excluded_s } = spent;
        Self { good_s, bad_s, unknown_s, excluded_s }
    }
}

/// An objective with what was measured of it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ObjectiveFacts {
    /// Its name.
    pub name: String,
    /// Its indicator.
    pub kpi: String,
    /// What that is about.
    pub kind: String,
    /// The metric that is looked at.
    pub metric: String,
    /// `day`, `month`, `quarter` or a number of days.
    pub window: String,
    /// Share that has to be good.
    pub target: f64,
    /// What unknown time counts as.
    pub unknown: String,
    /// `time` or `samples`.
    pub share_of: String,
    /// Up to where a reading is good; none of availability.
    pub limit: Option<f64>,
    /// The window that the period ends in; a rolling one ends with it. The whole period where each day counts.
    pub window_from_s: i64,
    /// Its end, which may lie behind that of the period.
    pub window_to_s: i64,
    /// Agreed seconds of it, over or not.
    pub agreed_s: i64,
    /// How that window was spent up to the end of the period.
    pub spent: Spent,
    /// How each day of the period was spent.
    pub days: Vec<Spent>,
    /// How long each time was that was bad without a break, in the period; agreed time of it.
    pub incidents_s: Vec<i64>,
    /// Readings of that window within the limit and beyond; none where time counts.
    pub samples: Option<(f64, f64)>,
}

/// An outage of a member.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct OutageFacts {
    /// Its number.
    pub id: i64,
    /// The VM or host.
    pub target: String,
    /// By what it was found.
    pub check: String,
    /// First second.
    pub from_s: i64,
    /// First second after it; none while it goes on.
    pub to_s: Option<i64>,
    /// Seconds known to be down.
    pub down_s: i64,
    /// Of these, seconds that do not count.
    pub excluded_s: i64,
    /// Cause, as far as it is known.
    pub cause: String,
    /// What the service was worth while it was down by this.
    pub impact: i64,
    /// A person says that it was none.
    pub void: bool,
    /// What a person said of it.
    pub correction: String,
}

/// A change.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ChangeFacts {
    /// Its number.
    pub id: i64,
    /// When.
    pub at_s: i64,
    /// What was done.
    pub what: String,
    /// `person`, `action` or `agent`: who says so.
    pub source: String,
    /// What was expected of it; empty for nothing.
    pub expected: String,
    /// The verdict of its final look; empty before that.
    pub verdict: String,
}

/// A metric of the service, with what its members' readings come to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SeriesFacts {
    /// Its name in the service's file.
    pub metric: String,
    /// The indicator that it belongs to; empty for none.
    pub kpi: String,
    /// What that is about.
    pub kind: String,
    /// Where it comes from.
    pub source: String,
    /// Its unit.
    pub unit: String,
    /// How values are put together.
    pub aggregation: String,
    /// How their spread is said.
    pub dispersion: String,
    /// `lower`, `higher`, or empty when nobody knows.
    pub better: String,
    /// From where a difference matters; empty for the default.
    pub threshold: String,
    /// Limit of its first objective that has one.
    pub limit: Option<f64>,
    /// Hours with readings of any member, oldest first.
    pub hours: Vec<Hour>,
    /// Each member that has readings, by name.
    pub members: Vec<MemberFigures>,
    /// Seconds of members without readings, by reason; all together.
    pub missing: Vec<(String, i64)>,
    /// Seconds in which members were there, all together.
    pub expected_s: i64,
}

/// One hour of all members: begin, readings (members, for rates), mean, smallest, largest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Hour(pub i64, pub u64, pub f64, pub f64, pub f64);

/// One member's readings: name, readings, mean, smallest, largest, standard deviation. Of a counter those of the rates of
/// its hours.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MemberFigures(pub String, pub u64, pub f64, pub f64, pub f64, pub Option<f64>);
