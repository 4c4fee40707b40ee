//! Everything that a `services/NAME.toml` may hold.

use evenkeel_common::config::{Key, Kind, Schema, Tables};
use evenkeel_common::time::DurationMs;
use jiff::tz::TimeZone;

use super::super::s1_indicators::{KpiKind, ObjectiveWindow, UnknownAs};
use super::super::s2_metrics::{AGGREGATIONS, DISPERSIONS, Scale, Source};
use super::members::Needed;
use crate::sla::Rule;
use crate::stats::verdict::parse_threshold;

const NAMES: Kind =
    Kind::Texts { allowed: "texts that are not empty", accepts: |text| !text.trim().is_empty(), max: 100 };

const MEMBER_KEYS: [Key; 6] = [
    Key {
        path: "members.labels",
        kind: NAMES,
        default: Some("[]"),
        help: "Labels that a VM has to have, all of them: \"NAME=VALUE\" or \"NAME\".",
    },
    Key { path: "members.owners", kind: NAMES, default: Some("[]"), help: "Owners, one of whom a VM has to have." },
    Key {
        path: "members.projects",
        kind: NAMES,
        default: Some("[]"),
        help: "Projects, one of which a VM has to be in.",
    },
    Key {
        path: "members.names",
        kind: NAMES,
        default: Some("[]"),
        help: "Names of VMs, one of which has to fit; * stands for anything.",
    },
    Key {
        path: "members.hosts",
        kind: NAMES,
        default: Some("[]"),
        help: "Names of hosts that are members; * stands for anything.",
    },
    Key {
        path: "members.needed",
        kind: Kind::Checked {
            allowed: "\"all\", \"any\", a number such as \"2\", or a share such as \"50%\"",
            accepts: |text| Needed::parse(text).is_some(),
        },
        default: Some("\"all\""),
        help: "How many members have to be up for the service to be up.",
    },
];

/// See the module.
pub const SCHEMA: Schema = Schema {
    file: "service.toml",
    drop_in: "services",
    env_prefix: "EVENKEEL_SERVICE_",
    keys: &[
        Key { path: "title", kind: Kind::Text, default: None, help: "Name for people." },
        Key { path: "description", kind: Kind::Text, default: Some("\"\""), help: "What the service is for." },
        Key {
            path: "time_zone",
            kind: Kind::Checked {
                allowed: "a time zone such as \"Europe/Berlin\" or \"UTC\"",
                accepts: |text| TimeZone::get(text).is_ok(),
            },
            default: Some("\"UTC\""),
            help: "Time zone of its days, business hours and windows.",
        },
        Key {
            path: "business_hours",
            kind: Kind::Texts {
                allowed: "recurring windows such as \"weekly Mon-Fri 08:00-18:00\"",
                accepts: |text| text.parse::<Rule>().is_ok(),
                max: 50,
            },
            default: Some("[]"),
            help: "When the service has to be there; none means always. Other time is excluded.",
        },
        Key {
            path: "impact_weight",
            kind: Kind::Integer { min: 1, max: 1_000_000_000 },
            default: Some("1"),
            help: "How much it matters when the service is down: 1, 2, 3, or money.",
        },
        Key {
            path: "review_period",
            kind: Kind::Choice(&["day", "week", "month", "quarter"]),
            default: Some("\"month\""),
            help: "How often the service is reviewed.",
        },
        Key {
            path: "approvers",
            kind: NAMES,
            default: Some("[]"),
            help: "Who approves what is proposed for the service.",
        },
        MEMBER_KEYS[0],
        MEMBER_KEYS[1],
        MEMBER_KEYS[2],
        MEMBER_KEYS[3],
        MEMBER_KEYS[4],
        MEMBER_KEYS[5],
    ],
    tables: &[FACTORS, KPIS, METRICS, OBJECTIVES, MAINTENANCE],
};

const FACTORS: Tables = Tables {
    path: "factors",
    keys: &[Key { path: "goal", kind: Kind::Text, default: None, help: "The goal in words." }],
    max: 20,
    example: "reliability",
    help: "Critical success factors.",
};

const KPIS: Tables = Tables {
    path: "kpis",
    keys: &[
        Key { path: "factor", kind: Kind::Text, default: None, help: "The factor that it stands for." },
        Key { path: "kind", kind: Kind::Choice(KpiKind::WORDS), default: None, help: "What it is about." },
        Key { path: "metrics", kind: NAMES, default: None, help: "Its metrics." },
    ],
    max: 50,
    example: "availability",
    help: "Key performance indicators.",
};

const METRICS: Tables = Tables {
    path: "metrics",
    keys: &[
        Key {
            path: "source",
            kind: Kind::Checked {
                allowed: "\"state\", \"probe:NAME\", \"series:METRIC\" or \"series:METRIC:DEVICE\" with a metric of the catalogue",
                accepts: |text| Source::parse(text).is_ok(),
            },
            default: None,
            help: "Where it comes from.",
        },
        Key { path: "unit", kind: Kind::Text, default: None, help: "Its unit; checked against what the source gives." },
        Key {
            path: "sampling",
            kind: Kind::Duration { min: DurationMs::from_s(1), max: DurationMs::from_s(31 * 86_400) },
            default: Some("\"10s\""),
            help: "How often it is looked at.",
        },
        Key {
            path: "scale",
            kind: Kind::Choice(Scale::WORDS),
            default: Some("\"ratio\""),
            help: "Scale of measurement.",
        },
        Key {
            path: "aggregation",
            kind: Kind::Choice(AGGREGATIONS),
            default: Some("\"mean\""),
            help: "How values are put together.",
        },
        Key {
            path: "dispersion",
            kind: Kind::Choice(DISPERSIONS),
            default: Some("\"stddev\""),
            help: "How their spread is said.",
        },
        Key {
            path: "better",
            kind: Kind::Choice(&["lower", "higher"]),
            default: None,
            help: "Which way is better, where the catalogue does not say.",
        },
        Key {
            path: "threshold",
            kind: Kind::Checked {
                allowed: "\"5%\", \"0.2sd\" or a number in the metric's unit such as \"0.05\"",
                accepts: |text| parse_threshold(text).is_ok(),
            },
            default: None,
            help: "From where a difference matters.",
        },
    ],
    max: 100,
    example: "response",
    help: "Metrics.",
};

const OBJECTIVES: Tables = Tables {
    path: "objectives",
    keys: &[
        Key { path: "kpi", kind: Kind::Text, default: None, help: "The indicator that it is the target of." },
        Key {
            path: "metric",
            kind: Kind::Text,
            default: None,
            help: "The metric that is looked at; the indicator's first one when it is not given.",
        },
        Key {
            path: "window",
            kind: Kind::Checked {
                allowed: "\"day\", \"month\", \"quarter\" or a number of days from \"1d\" to \"366d\"",
                accepts: |text| ObjectiveWindow::parse(text).is_some(),
            },
            default: Some("\"month\""),
            help: "Over which time the target is held.",
        },
        Key {
            path: "target",
            kind: Kind::Checked {
                allowed: "a share above 0% and below 100% such as \"99.9%\"",
                accepts: |text| share(text).is_some(),
            },
            default: None,
            help: "The share that has to be good.",
        },
        Key {
            path: "unknown",
            kind: Kind::Choice(UnknownAs::WORDS),
            default: Some("\"excluded\""),
            help: "What time counts as of which nothing is known.",
        },
        Key {
            path: "limit",
            kind: Kind::Checked {
                allowed: "a number in the metric's unit such as \"0.5\", or for seconds a duration such as \"500ms\"",
                accepts: |text| number(text).is_some(),
            },
            default: None,
            help: "Up to where (from where on, when higher is better) a reading is good; for a metric with readings.",
        },
        Key {
            path: "share_of",
            kind: Kind::Choice(&["time", "samples"]),
            default: Some("\"time\""),
            help: "Of what the share is taken, with a limit.",
        },
    ],
    max: 50,
    example: "monthly",
    help: "Targets.",
};

const MAINTENANCE: Tables = Tables {
    path: "maintenance",
    keys: &[
        Key {
            path: "rule",
            kind: Kind::Checked {
                allowed: "a recurring window such as \"weekly Sun 02:00-04:00\", \"monthly last Sat 22:00-02:00\" or \"daily 03:00-03:30\"",
                accepts: |text| text.parse::<Rule>().is_ok(),
            },
            default: None,
            help: "When it is, again and again.",
        },
        Key {
            path: "from",
            kind: Kind::Text,
            default: None,
            help: "Or once: its begin, such as \"2026-12-01T22:00\" in the service's time zone.",
        },
        Key { path: "to", kind: Kind::Text, default: None, help: "And its end." },
    ],
    max: 100,
    example: "patches",
    help: "Windows whose time is excluded.",
};

/// A share in percent, without the ends: at 100 % there is no budget to burn.
pub(super) fn share(text: &str) -> Option<f64> {
    let percent: f64 = text.strip_suffix('%')?.trim().parse().ok()?;
    (percent > 0.0 && percent < 100.0).then_some(percent / 100.0)
}

/// A number, or a duration in seconds.
pub(super) fn number(text: &str) -> Option<f64> {
    let plain = text.parse::<f64>().ok().filter(|value| value.is_finite());
    plain.or_else(|| evenkeel_common::units::parse_duration(text).ok().map(DurationMs::as_s))
}
