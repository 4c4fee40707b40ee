//! What a probe is: one definition, the same whether it comes from `agent.toml` or from a domain's metadata.

use std::collections::BTreeMap;

use core::net::IpAddr;
use evenkeel_common::limits::{INTERVAL_MAX, INTERVAL_MIN};
use evenkeel_common::time::DurationMs;
use evenkeel_common::units::{parse_duration, show_duration};

use super::settings::is_name;
use status::Statuses;
use target::{Target, Template};

pub mod status;
pub mod target;

/// Time between probes unless told otherwise.
pub const INTERVAL_DEFAULT: DurationMs = DurationMs::from_s(10);
/// What an attempt may take unless told otherwise.
pub const TIMEOUT_DEFAULT: DurationMs = DurationMs::from_s(2);
/// Longest time for an attempt: it holds one of the places for attempts that are under way.
pub const TIMEOUT_MAX: DurationMs = DurationMs::from_s(30);
/// Shortest time for an attempt.
pub const TIMEOUT_MIN: DurationMs = DurationMs(10);
/// Attempts after the first failed one, unless told otherwise.
pub const RETRIES_DEFAULT: u8 = 2;
/// Most attempts after the first failed one.
pub const RETRIES_MAX: u8 = 10;
/// Longest text or pattern that a body is searched for.
const MATCH_MAX_BYTES: usize = 1024;
/// Memory that a compiled pattern may take: patterns come from metadata too.
const PATTERN_MAX_BYTES: usize = 256 << 10;

/// The keys of a definition, as they are written in `agent.toml`; metadata writes `-` for `_`.
pub const KEYS: &[&str] = &[
    "kind",
    "url",
    "address",
    "port",
    "path",
    "host",
    "verify",
    "expect_status",
    "expect_body",
    "expect_body_regex",
    "interval",
    "timeout",
    "retries",
];

/// How a VM is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A TCP connection is made and closed.
    Tcp,
    /// GET over HTTP.
    Http,
    /// GET over HTTPS.
    Https,
    /// An ICMP echo.
    Icmp,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Self; 4] = [Self::Tcp, Self::Http, Self::Https, Self::Icmp];

    /// The word in configurations and tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Http => "http",
            Self::Https => "https",
            Self::Icmp => "icmp",
        }
    }

    /// The kind of a word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// Who wrote a definition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The operator of the host, in `agent.toml`.
    Config,
    /// Whoever may define the domain, in its metadata: it may not be pointed everywhere.
    Metadata,
}

/// What a body has to hold.
#[derive(Clone, Debug)]
pub enum BodyMatch {
    /// This text.
    Text(String),
    /// Something that this pattern matches.
    Pattern(regex_lite::Regex),
}

impl PartialEq for BodyMatch {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Text(a), Self::Text(b)) => a == b,
            (Self::Pattern(a), Self::Pattern(b)) => a.as_str() == b.as_str(),
            _ => false,
        }
    }
}

/// What an HTTP answer is held against.
#[derive(Clone, Debug, PartialEq)]
pub struct HttpCheck {
    /// Name in the `Host` header and in the TLS handshake, when it is not the target's.
    pub host: Option<String>,
    /// Whether the certificate has to be one that this host trusts.
    pub verify: bool,
    /// Allowed status codes.
    pub status: Statuses,
    /// What the body has to hold.
    pub body: Option<BodyMatch>,
}

/// A probe.
#[derive(Clone, Debug, PartialEq)]
pub struct Definition {
    /// Its name, which is the device name of its readings.
    pub name: String,
    /// Who wrote it.
    pub source: Source,
    /// Whom it asks.
    pub template: Template,
    /// Time between probes.
    pub interval: DurationMs,
    /// What an attempt may take.
    pub timeout: DurationMs,
    /// Attempts after a failed one before the VM counts as failed.
    pub retries: u8,
    /// What an HTTP answer is held against.
    pub http: HttpCheck,
}

/// One thing that is wrong with a definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// The key; empty when it is not about a single one.
    pub key: &'static str,
    /// What is wrong and what is allowed.
    pub message: String,
}

/// The keys and values of one definition as texts.
pub type Fields = BTreeMap<&'static str, String>;

impl Definition {
    /// The definition that `fields` stand for.
    ///
    /// # Errors
    /// Everything that is wrong, at once.
    pub fn parse(name: &str, source: Source, fields: &Fields) -> Result<Self, Vec<Wrong>> {
        let mut reader = Reader { fields, wrong: Vec::new() };
        if !is_name(name) {
            reader.wrong("", format!("the name {name:?} is not allowed; give {}", super::settings::NAME_ALLOWED));
        }
        let template = reader.template();
        let interval = reader.duration("interval", INTERVAL_DEFAULT, INTERVAL_MIN, INTERVAL_MAX);
        // Attempts of one probe never overlap.
        let longest = TIMEOUT_MAX.min(interval);
        let timeout = reader.duration("timeout", TIMEOUT_DEFAULT.min(interval), TIMEOUT_MIN, longest);
        let retries = reader.retries();
        let http = reader.http();
        match (template, reader.wrong) {
            (Some(template), wrong) if wrong.is_empty() => {
                Ok(Self { name: name.to_owned(), source, template, interval, timeout, retries, http })
            }
            (_, wrong) => Err(wrong),
        }
    }

    /// Whom it asks of the VM called `name` with the address `ip`.
    ///
    /// # Errors
    /// When the VM's address is needed and not known, or the name does not fit.
    pub fn target(&self, name: &str, ip: Option<IpAddr>) -> Result<Target, String> {
        self.template.target(name, ip)
    }
}

struct Reader<'a> {
    fields: &'a Fields,
    wrong: Vec<Wrong>,
}

impl Reader<'_> {
    fn wrong(&mut self, key: &'static str, message: String) {
        self.wrong.push(Wrong { key, message });
    }

    fn get(&self, key: &str) -> Option<&str> {
        self.fields.get(key).map(|text| text.trim())
    }

    fn template(&mut self) -> Option<Template> {
        let kind = match self.get("kind").map(|word| (word, Kind::parse(word))) {
            Some((_, Some(kind))) => Some(kind),
            Some((word, None)) => {
                let message = format!("{word:?} is not allowed; give tcp, http, https or icmp");
                self.wrong("kind", message);
                return None;
            }
            None => None,
        };
        let port = match self.get("port").map(str::parse::<u16>) {
            None => None,
            Some(Ok(port)) if port > 0 => Some(port),
            Some(_) => {
                self.wrong("port", "is not allowed; give a whole number from 1 to 65535".to_owned());
                return None;
            }
        };
        let parts =
            target::Parts { kind, url: self.get("url"), address: self.get("address"), port, path: self.get("path") };
        match Template::new(&parts) {
            Ok(template) => Some(template),
            Err((key, message)) => {
                self.wrong(key, message);
                None
            }
        }
    }

    fn duration(&mut self, key: &'static str, default: DurationMs, min: DurationMs, max: DurationMs) -> DurationMs {
        match self.get(key).map(parse_duration) {
            None => default,
            Some(Ok(duration)) if duration >= min && duration <= max => duration,
            Some(_) => {
                let (min, max) = (show_duration(min), show_duration(max));
                let more = if key == "timeout" { ", not longer than the interval" } else { "" };
                self.wrong(key, format!("is not allowed; give a duration from \"{min}\" to \"{max}\"{more}"));
                default
            }
        }
    }

    fn retries(&mut self) -> u8 {
        match self.get("retries").map(str::parse::<u8>) {
            None => RETRIES_DEFAULT,
            Some(Ok(retries)) if retries <= RETRIES_MAX => retries,
            Some(_) => {
                self.wrong("retries", format!("is not allowed; give a whole number from 0 to {RETRIES_MAX}"));
                RETRIES_DEFAULT
            }
        }
    }

    fn http(&mut self) -> HttpCheck {
        let status = match self.get("expect_status").map(Statuses::parse) {
            None => Statuses::default(),
            Some(Ok(status)) => status,
            Some(Err(message)) => {
                self.wrong("expect_status", message);
                Statuses::default()
            }
        };
        let verify = match self.get("verify") {
            None | Some("true" | "yes") => true,
            Some("false" | "no") => false,
            Some(_) => {
                self.wrong("verify", "is not allowed; give true or false".to_owned());
                true
            }
        };
        let host = self.get("host").map(str::to_owned);
        if host.as_deref().is_some_and(|host| !target::is_host_name(host)) {
            self.wrong("host", "is not allowed; give a host name".to_owned());
        }
        HttpCheck { host, verify, status, body: self.body() }
    }

    fn body(&mut self) -> Option<BodyMatch> {
        let (text, pattern) = (self.fields.get("expect_body"), self.fields.get("expect_body_regex"));
        for (key, value) in [("expect_body", text), ("expect_body_regex", pattern)] {
            if value.is_some_and(|value| value.is_empty() || value.len() > MATCH_MAX_BYTES) {
                self.wrong(key, format!("is not allowed; give a text of 1 to {MATCH_MAX_BYTES} bytes"));
                return None;
            }
        }
        match (text, pattern) {
            (None, None) => None,
            (Some(text), None) => Some(BodyMatch::Text(text.clone())),
            (None, Some(pattern)) => {
                match regex_lite::RegexBuilder::new(pattern).size_limit(PATTERN_MAX_BYTES).build() {
                    Ok(pattern) => Some(BodyMatch::Pattern(pattern)),
                    Err(error) => {
                        self.wrong("expect_body_regex", format!("is not a pattern: {error}"));
                        None
                    }
                }
            }
            (Some(_), Some(_)) => {
                self.wrong("expect_body_regex", "cannot stand beside expect_body; give one of them".to_owned());
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(fields: &[(&'static str, &str)]) -> Result<Definition, String> {
        let fields: Fields = fields.iter().map(|(key, value)| (*key, (*value).to_owned())).collect();
        Definition::parse("web", Source::Config, &fields).map_err(|wrong| {
            wrong.iter().map(|one| format!("{}: {}", one.key, one.message)).collect::<Vec<_>>().join("\n")
        })
    }

    #[test]
    fn a_short_definition_has_sensible_values() {
        let web = of(&[("kind", "http"), ("port", "8080")]).unwrap();
        assert_eq!((web.interval, web.timeout, web.retries), (INTERVAL_DEFAULT, TIMEOUT_DEFAULT, 2));
        assert!(web.http.verify && web.http.status.has(204) && !web.http.status.has(301));
        let ip: IpAddr = "10.9.0.11".parse().unwrap();
        assert_eq!(web.target("g1", Some(ip)).unwrap().to_string(), "http://10.9.0.11:8080/");
        assert!(web.target("g1", None).unwrap_err().contains("address"));
        let fast = of(&[("kind", "icmp"), ("address", "g"), ("interval", "1s")]).unwrap();
        assert_eq!(fast.timeout, DurationMs(1_000));
    }

    #[test]
    fn says_all_that_is_wrong() {
        let text = of(&[
            ("kind", "http"),
            ("interval", "500ms"),
            ("timeout", "1d"),
            ("retries", "11"),
            ("expect_status", "20x"),
            ("expect_body_regex", "("),
            ("verify", "perhaps"),
            ("host", "a b"),
        ])
        .unwrap_err();
        for key in ["interval", "timeout", "retries", "expect_status", "expect_body_regex", "verify", "host"] {
            assert!(text.contains(&format!("{key}: ")), "{key} in\n{text}");
        }
        assert!(of(&[("kind", "ftp")]).unwrap_err().contains("give tcp, http, https or icmp"));
        assert!(of(&[("kind", "tcp")]).unwrap_err().contains("port"));
        assert!(of(&[]).unwrap_err().contains("kind"));
        assert!(of(&[("kind", "http"), ("expect_body", "a"), ("expect_body_regex", "b")]).is_err());
    }

    #[test]
    fn a_pattern_that_would_take_much_memory_is_refused() {
        assert!(of(&[("kind", "http"), ("expect_body_regex", "(a{1000}){1000}")]).unwrap_err().contains("pattern"));
    }

    proptest! {
        #[test]
        fn no_fields_make_it_panic(name in ".{0,20}", values in proptest::collection::vec((0..KEYS.len(), ".{0,40}"), 0..8)) {
            let fields: Fields = values.into_iter().map(|(key, value)| (KEYS[key], value)).collect();
            if let Ok(definition) = Definition::parse(&name, Source::Metadata, &fields) {
                let _ = definition.target("g1", Some("fe80::1".parse().unwrap()));
                prop_assert!(definition.timeout <= definition.interval);
            }
        }
    }
}
