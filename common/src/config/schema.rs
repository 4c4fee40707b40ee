//! What a configuration file may hold.

use crate::time::DurationMs;
use crate::units::{parse_duration, show_duration};

/// The type of a key's value and what is allowed.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// Any text.
    Text,
    /// A text that passes a test.
    Checked {
        /// What is allowed, in words for an error.
        allowed: &'static str,
        /// The test.
        accepts: fn(&str) -> bool,
    },
    /// One of these words.
    Choice(&'static [&'static str]),
    /// A duration such as `10s` in these bounds.
    Duration {
        /// Shortest.
        min: DurationMs,
        /// Longest.
        max: DurationMs,
    },
    /// A whole number in these bounds.
    Integer {
        /// Smallest.
        min: i64,
        /// Largest.
        max: i64,
    },
    /// `true` or `false`.
    Bool,
    /// A list of these words.
    Choices(&'static [&'static str]),
    /// A list of texts that pass a test.
    Texts {
        /// What is allowed, in words for an error.
        allowed: &'static str,
        /// The test of each.
        accepts: fn(&str) -> bool,
        /// Longest list.
        max: usize,
    },
}

impl Kind {
    /// What is allowed, in words for an error.
    #[must_use]
    pub fn allowed(self) -> String {
        match self {
            Self::Text => "a text in quotes".to_owned(),
            Self::Checked { allowed, .. } => allowed.to_owned(),
            Self::Choice(words) => format!("one of \"{}\"", words.join("\", \"")),
            Self::Duration { min, max } => {
                format!("a duration from \"{}\" to \"{}\"", show_duration(min), show_duration(max))
            }
            Self::Integer { min, max } => format!("a whole number from {min} to {max}"),
            Self::Bool => "true or false".to_owned(),
            Self::Choices(words) => format!("a list of \"{}\"", words.join("\", \"")),
            Self::Texts { allowed, max, .. } => format!("a list of at most {max} of {allowed}"),
        }
    }

    /// Whether the value is allowed.
    #[must_use]
    pub fn accepts(self, value: &toml::Value) -> bool {
        match (self, value) {
            (Self::Text, toml::Value::String(_)) | (Self::Bool, toml::Value::Boolean(_)) => true,
            (Self::Checked { accepts, .. }, toml::Value::String(text)) => accepts(text),
            (Self::Choice(words), toml::Value::String(text)) => words.contains(&text.as_str()),
            (Self::Duration { min, max }, toml::Value::String(text)) => {
                parse_duration(text).is_ok_and(|duration| duration >= min && duration <= max)
            }
            (Self::Integer { min, max }, toml::Value::Integer(number)) => (min..=max).contains(number),
            (Self::Choices(words), toml::Value::Array(items)) => {
                items.iter().all(|item| item.as_str().is_some_and(|text| words.contains(&text)))
            }
            (Self::Texts { accepts, max, .. }, toml::Value::Array(items)) => {
                items.len() <= max && items.iter().all(|item| item.as_str().is_some_and(accepts))
            }
            _ => false,
        }
    }

    /// The value that an environment variable's text stands for; lists are separated by commas.
    #[must_use]
    pub fn from_text(self, text: &str) -> toml::Value {
        match self {
            Self::Text | Self::Checked { .. } | Self::Choice(_) | Self::Duration { .. } => {
                toml::Value::String(text.to_owned())
            }
            Self::Integer { .. } => {
                text.parse().map_or_else(|_| toml::Value::String(text.to_owned()), toml::Value::Integer)
            }
            Self::Bool => text.parse().map_or_else(|_| toml::Value::String(text.to_owned()), toml::Value::Boolean),
            Self::Choices(_) | Self::Texts { .. } => toml::Value::Array(
                text.split(',')
                    .map(str::trim)
                    .filter(|word| !word.is_empty())
                    .map(|word| toml::Value::String(word.to_owned()))
                    .collect(),
            ),
        }
    }
}

/// `HOST:PORT`, for [`Kind::Checked`].
pub const HOST_PORT: Kind = Kind::Checked {
    allowed: "HOST:PORT such as \"collector.example:7443\"",
    accepts: |text| {
        text.rsplit_once(':')
            .is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok_and(|port| port > 0))
    },
};

/// One key.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// Dotted path, such as `queue.max_batches`.
    pub path: &'static str,
    /// Type and bounds.
    pub kind: Kind,
    /// Default as TOML, such as `"10s"`; `None` when there is no value unless one is given.
    pub default: Option<&'static str>,
    /// One sentence.
    pub help: &'static str,
}

/// All keys of one file.
#[derive(Clone, Copy, Debug)]
pub struct Schema {
    /// Name of the main file in the configuration directory, such as `agent.toml`.
    pub file: &'static str,
    /// The drop-in directory beside it, such as `agent.conf.d`.
    pub drop_in: &'static str,
    /// Prefix of environment variables, such as `EVENKEEL_AGENT_`: the rest is the path in capitals, `.` as `_`.
    pub env_prefix: &'static str,
    /// The keys.
    pub keys: &'static [Key],
    /// Tables whose names the operator chooses.
    pub tables: &'static [Tables],
}

/// Tables of one shape, `[path.NAME]`, whose names the operator chooses.
#[derive(Clone, Copy, Debug)]
pub struct Tables {
    /// What stands before the name, such as `probes`.
    pub path: &'static str,
    /// Keys of each; their paths are bare names. An environment variable cannot set them.
    pub keys: &'static [Key],
    /// How many there may be.
    pub max: usize,
    /// A name that stands for all of them in an example.
    pub example: &'static str,
    /// One sentence.
    pub help: &'static str,
}

impl Key {
    /// The environment variable of this key.
    #[must_use]
    pub fn env_name(&self, schema: &Schema) -> String {
        format!("{}{}", schema.env_prefix, self.path.replace('.', "_").to_uppercase())
    }
}
