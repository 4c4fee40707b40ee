//! How `agent.toml` names VMs, for its filter and its probes.

use uuid::Uuid;

/// What a selector may look like, for errors.
pub const ALLOWED: &str = "a glob of VM names such as \"web-*\", a UUID, or a label such as \"label:role=web*\"";
/// Longest selector.
const BYTES_MAX: usize = 512;

/// Names VMs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selector {
    /// By name; `*` stands for any text and `?` for one character.
    Name(String),
    /// By UUID.
    Uuid([u8; 16]),
    /// By a label of the VM's metadata.
    Label {
        /// Its name.
        name: String,
        /// A glob of its value.
        value: String,
    },
}

impl Selector {
    /// Reads one; `None` when it is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.is_empty() || text.len() > BYTES_MAX {
            return None;
        }
        if let Some(label) = text.strip_prefix("label:") {
            let (name, value) = label.split_once('=')?;
            return (!name.is_empty()).then(|| Self::Label { name: name.to_owned(), value: value.to_owned() });
        }
        let uuid = Uuid::try_parse(text).ok();
        Some(uuid.map_or_else(|| Self::Name(text.to_owned()), |uuid| Self::Uuid(uuid.into_bytes())))
    }

    /// Whether the VM's metadata decides.
    #[must_use]
    pub fn is_label(&self) -> bool {
        matches!(self, Self::Label { .. })
    }

    /// Whether a VM is meant.
    #[must_use]
    pub fn matches(&self, uuid: [u8; 16], name: &str, labels: &[(String, String)]) -> bool {
        match self {
            Self::Name(glob) => is_match(glob, name),
            Self::Uuid(wanted) => *wanted == uuid,
            Self::Label { name, value } => labels.iter().any(|label| label.0 == *name && is_match(value, &label.1)),
        }
    }
}

/// Whether a text fits a glob. Takes at most the product of both lengths.
fn is_match(glob: &str, text: &str) -> bool {
    let (glob, text): (Vec<char>, Vec<char>) = (glob.chars().collect(), text.chars().collect());
    let (mut at_glob, mut at_text) = (0, 0);
    // The last star, and how far the text was when it was met: when nothing else fits, the star takes one more.
    let mut star: Option<(usize, usize)> = None;
    while at_text < text.len() {
        match glob.get(at_glob) {
            Some('*') => {
                star = Some((at_glob, at_text));
                at_glob += 1;
            }
            Some(ch) if *ch == '?' || *ch == text[at_text] => {
                at_glob += 1;
                at_text += 1;
            }
            _ => match star {
                Some((at, met)) => {
                    star = Some((at, met + 1));
                    at_glob = at + 1;
                    at_text = met + 1;
                }
                None => return false,
            },
        }
    }
    glob[at_glob..].iter().all(|ch| *ch == '*')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The definition of a glob, taken literally.
    fn naive(glob: &[char], text: &[char]) -> bool {
        match (glob.first(), text.first()) {
            (None, None) => true,
            (Some('*'), _) => naive(&glob[1..], text) || (!text.is_empty() && naive(glob, &text[1..])),
            (Some('?'), Some(_)) => naive(&glob[1..], &text[1..]),
            (Some(a), Some(b)) => a == b && naive(&glob[1..], &text[1..]),
            _ => false,
        }
    }

    proptest! {
        #[test]
        fn globs_match_as_they_are_defined(glob in "[ab*?]{0,8}", text in "[abc]{0,8}") {
            let chars = |text: &str| text.chars().collect::<Vec<_>>();
            prop_assert_eq!(is_match(&glob, &text), naive(&chars(&glob), &chars(&text)));
        }
    }

    #[test]
    fn names_uuids_and_labels() {
        let uuid = "1b2c3d4e-0000-4000-8000-000000000011";
        let bytes = Uuid::parse_str(uuid).unwrap().into_bytes();
        let labels = [("role".to_owned(), "web-front".to_owned())];
        let fits = |text: &str| Selector::parse(text).unwrap().matches(bytes, "web-1", &labels);
        assert!(fits("web-*") && fits(uuid) && fits("label:role=web*"));
        assert!(!fits("db-*") && !fits("label:role=db") && !fits("label:tier=*"));
        assert!(Selector::parse("").is_none() && Selector::parse("label:").is_none());
    }
}
