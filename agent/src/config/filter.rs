//! The keys of `[filter]`, and what they stand for.

use evenkeel_common::config::{Key, Kind, Loaded};

use crate::filter::select::{ALLOWED, Selector};
use crate::filter::{Filter, SELECTORS_MAX};

const SELECTORS: Kind =
    Kind::Texts { allowed: ALLOWED, accepts: |text| Selector::parse(text).is_some(), max: SELECTORS_MAX };

/// What is measured.
pub(super) const ALLOW: Key = Key {
    path: "filter.allow",
    kind: SELECTORS,
    default: Some("[]"),
    help: "The VMs that are measured; without any all of them.",
};
/// What is not.
pub(super) const DENY: Key = Key {
    path: "filter.deny",
    kind: SELECTORS,
    default: Some("[]"),
    help: "VMs that are not measured, whatever allow says. The collector hears only their UUIDs and shows them as filtered.",
};

/// The filter of a configuration.
pub(super) fn filter(loaded: &Loaded) -> Filter {
    let selectors = |key: &Key| loaded.words(key.path).iter().filter_map(|text| Selector::parse(text)).collect();
    Filter { allow: selectors(&ALLOW), deny: selectors(&DENY) }
}
