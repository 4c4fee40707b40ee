//! What a file of the kernel said, or why it said nothing.

use evenkeel_common::sample::Missing;

/// What a file of the kernel said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Source {
    /// Its text.
    Text(String),
    /// There is no such file, or it says that it is switched off.
    #[default]
    Absent,
    /// The agent may not read it.
    NotPermitted,
    /// It cannot be read for another reason.
    Failed,
}

impl Source {
    /// The text; empty when there is none.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::Text(text) => text,
            Self::Absent | Self::NotPermitted | Self::Failed => "",
        }
    }

    /// Why something that it should have said is not there.
    #[must_use]
    pub fn why(&self) -> Missing {
        match self {
            Self::Absent => Missing::NotEnabled,
            Self::NotPermitted => Missing::NotPermitted,
            Self::Text(_) | Self::Failed => Missing::NoData,
        }
    }
}

/// Lines of a name, spaces and a number.
pub(super) fn named_numbers(text: &str) -> impl Iterator<Item = (&str, u64)> {
    text.lines().filter_map(|line| {
        let mut fields = line.split_ascii_whitespace();
        Some((fields.next()?, fields.next()?.parse().ok()?))
    })
}
