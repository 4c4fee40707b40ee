//! Which domains of the host are measured: what `[filter]` of `agent.toml` says.
//!
//! A domain that is denied, or that no word of a list of allowed ones fits, is neither sent nor probed, and its events are
//! not told. The collector hears only its UUID, so that it reads as filtered there and not as gone.

mod curtain;
pub mod select;

pub use curtain::Curtain;
use select::Selector;

/// Selectors of each list.
pub const SELECTORS_MAX: usize = 256;

/// What the operator wants to have measured.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Only these; empty means all.
    pub allow: Vec<Selector>,
    /// Never these, whatever `allow` says.
    pub deny: Vec<Selector>,
}

/// Whether a domain is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// It is.
    Measured,
    /// It is not: denied, or not among the allowed.
    Filtered,
    /// A word about labels decides, and its labels are not known yet. It is not measured until they are: what was sent
    /// cannot be taken back.
    LabelsUnknown,
}

impl Filter {
    /// Whether every domain is measured.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.allow.is_empty() && self.deny.is_empty()
    }

    /// Whether labels can decide.
    #[must_use]
    pub fn asks_labels(&self) -> bool {
        self.allow.iter().chain(&self.deny).any(Selector::is_label)
    }

    /// Whether a domain is measured. `labels` is `None` while its metadata has not been read.
    #[must_use]
    pub fn judge(&self, uuid: [u8; 16], name: &str, labels: Option<&[(String, String)]>) -> Judgement {
        let fits = |selectors: &[Selector]| {
            let surely = selectors.iter().any(|selector| selector.matches(uuid, name, labels.unwrap_or_default()));
            let perhaps = labels.is_none() && selectors.iter().any(Selector::is_label);
            if surely {
                Some(true)
            } else if perhaps {
                None
            } else {
                Some(false)
            }
        };
        let allowed = if self.allow.is_empty() { Some(true) } else { fits(&self.allow) };
        match (fits(&self.deny), allowed) {
            (Some(true), _) | (_, Some(false)) => Judgement::Filtered,
            (Some(false), Some(true)) => Judgement::Measured,
            (None, _) | (_, None) => Judgement::LabelsUnknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const UUID: [u8; 16] = [7; 16];

    fn filter(allow: &[&str], deny: &[&str]) -> Filter {
        let read = |words: &[&str]| words.iter().map(|word| Selector::parse(word).unwrap()).collect();
        Filter { allow: read(allow), deny: read(deny) }
    }

    fn labels(role: &str) -> Vec<(String, String)> {
        vec![("role".to_owned(), role.to_owned())]
    }

    #[test]
    fn deny_wins_and_an_empty_allow_means_all() {
        use Judgement::{Filtered, Measured};
        let known = labels("web");
        for (allow, deny, name, expected) in [
            (&[][..], &[][..], "g1", Measured),
            (&["web-*"], &[], "web-1", Measured),
            (&["web-*"], &[], "db-1", Filtered),
            (&[], &["ci-*"], "ci-7", Filtered),
            (&[], &["ci-*"], "web-1", Measured),
            (&["*"], &["ci-*"], "ci-7", Filtered),
            (&["07070707-0707-0707-0707-070707070707"], &[], "any", Measured),
            (&["label:role=web*"], &[], "any", Measured),
            (&["label:role=db"], &[], "any", Filtered),
            (&["web-*"], &["label:role=web"], "web-1", Filtered),
        ] {
            let judged = filter(allow, deny).judge(UUID, name, Some(&known));
            assert_eq!(judged, expected, "{allow:?} {deny:?} {name}");
        }
    }

    #[test]
    fn labels_that_are_not_known_matter_only_where_they_decide() {
        use Judgement::{Filtered, LabelsUnknown, Measured};
        let before = |allow: &[&str], deny: &[&str], name: &str| filter(allow, deny).judge(UUID, name, None);
        assert_eq!(before(&["label:role=web"], &[], "g1"), LabelsUnknown);
        assert_eq!(before(&[], &["label:role=web"], "g1"), LabelsUnknown);
        assert_eq!(before(&["g*", "label:role=web"], &[], "g1"), Measured);
        assert_eq!(before(&["label:role=web"], &["g*"], "g1"), Filtered);
        assert_eq!(before(&["db-*"], &["label:role=web"], "g1"), Filtered);
        assert!(filter(&[], &["label:a=b"]).asks_labels() && !filter(&["g*"], &[]).asks_labels());
    }

    proptest! {
        /// What is decided before the labels are known stays so, whatever they turn out to be.
        #[test]
        fn labels_never_turn_a_decision(
            allow in prop::collection::vec("(g|x|label:role=(web|db))\\*", 0..3),
            deny in prop::collection::vec("(g|x|label:role=(web|db))\\*", 0..3),
            name in "[gx]1",
            role in "(web|db|none)",
        ) {
            let words = |list: &[String]| list.iter().map(|word| Selector::parse(word).unwrap()).collect::<Vec<_>>();
            let filter = Filter { allow: words(&allow), deny: words(&deny) };
            let after = filter.judge(UUID, &name, Some(&labels(&role)));
            prop_assert_ne!(after, Judgement::LabelsUnknown);
            let before = filter.judge(UUID, &name, None);
            prop_assert!(before == after || before == Judgement::LabelsUnknown);
        }
    }
}
