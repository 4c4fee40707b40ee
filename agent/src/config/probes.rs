//! The keys of `[probes.NAME]`, and what they stand for.

use std::path::PathBuf;

use evenkeel_common::config::{Key, Kind, Loaded, Problem, Tables};
use evenkeel_common::limits::{INTERVAL_MAX, INTERVAL_MIN};

use crate::filter::select;
use crate::probe::definition::{Definition, Fields, KEYS, RETRIES_MAX, Source, TIMEOUT_MAX, TIMEOUT_MIN};
use crate::probe::network;
use crate::probe::settings::{Configured, DEFINITIONS_MAX, NETWORKS_MAX, ProbeSettings, SELECTORS_MAX};

/// Whether metadata may ask for probes.
pub(super) const FROM_METADATA: Key = Key {
    path: "probes_from_metadata",
    kind: Kind::Bool,
    default: Some("true"),
    help: "Whether a domain's metadata may ask for probes, of addresses that the VM itself can reach or probe_networks has.",
};
/// Where those may go.
pub(super) const NETWORKS: Key = Key {
    path: "probe_networks",
    kind: Kind::Texts {
        allowed: network::ALLOWED,
        accepts: |text| network::Network::parse(text).is_some(),
        max: NETWORKS_MAX,
    },
    default: Some("[]"),
    help: "Where probes from metadata may go; without any only to the networks of the VM's own bridges.",
};
/// Certificates that are trusted.
pub(super) const CA_FILE: Key = Key {
    path: "probe_ca_file",
    kind: Kind::Text,
    default: Some("\"/etc/ssl/certs/ca-certificates.crt\""),
    help: "Certificates (PEM) that https probes trust.",
};

/// The probes that the operator names.
pub(super) const TABLES: Tables = Tables {
    path: "probes",
    max: DEFINITIONS_MAX,
    example: "web",
    help: "Whether VMs answer from this host: a table a probe.",
    keys: &[
        Key {
            path: "vms",
            kind: Kind::Texts {
                allowed: select::ALLOWED,
                accepts: |text| select::Selector::parse(text).is_some(),
                max: SELECTORS_MAX,
            },
            default: None,
            help: "The VMs that are probed.",
        },
        Key {
            path: "kind",
            kind: Kind::Choice(&["tcp", "http", "https", "icmp"]),
            default: None,
            help: "How they are asked.",
        },
        Key {
            path: "url",
            kind: Kind::Text,
            default: None,
            help: "Whom to ask; {name} and {ip} stand for the VM's. Instead of address, port and path.",
        },
        Key {
            path: "address",
            kind: Kind::Text,
            default: None,
            help: "Host name or address; without it {ip}, the VM's.",
        },
        Key {
            path: "port",
            kind: Kind::Integer { min: 1, max: 65_535 },
            default: None,
            help: "Port; http has 80, https 443.",
        },
        Key { path: "path", kind: Kind::Text, default: None, help: "Path of http and https; without it /." },
        Key {
            path: "host",
            kind: Kind::Text,
            default: None,
            help: "Name in the Host header and in the TLS handshake.",
        },
        Key {
            path: "verify",
            kind: Kind::Bool,
            default: None,
            help: "Whether the certificate has to be trusted; it is unless this is false.",
        },
        Key {
            path: "expect_status",
            kind: Kind::Text,
            default: None,
            help: "Right status codes, such as 200-299,404; without it 200-299. Redirects are not followed.",
        },
        Key {
            path: "expect_body",
            kind: Kind::Text,
            default: None,
            help: "Text that the first 64 KiB of the body have to hold.",
        },
        Key { path: "expect_body_regex", kind: Kind::Text, default: None, help: "Pattern that they have to match." },
        Key {
            path: "interval",
            kind: Kind::Duration { min: INTERVAL_MIN, max: INTERVAL_MAX },
            default: None,
            help: "Time between probes; without it 10s.",
        },
        Key {
            path: "timeout",
            kind: Kind::Duration { min: TIMEOUT_MIN, max: TIMEOUT_MAX },
            default: None,
            help: "What an attempt may take, at most the interval; without it 2s.",
        },
        Key {
            path: "retries",
            kind: Kind::Integer { min: 0, max: RETRIES_MAX as i64 },
            default: None,
            help: "Attempts after a failed one before the VM counts as failed; without it 2.",
        },
    ],
};

/// What the configuration says of probes; problems of the definitions as wholes are added to `problems`.
pub(super) fn settings(loaded: &Loaded, problems: &mut Vec<Problem>) -> ProbeSettings {
    let probes = loaded.named(TABLES.path).filter_map(|(name, table)| one(name, table, problems)).collect();
    ProbeSettings {
        probes,
        from_metadata: loaded.bool(FROM_METADATA.path).unwrap_or(true),
        networks: loaded.words(NETWORKS.path).iter().filter_map(|text| network::Network::parse(text)).collect(),
        ca_file: PathBuf::from(loaded.text(CA_FILE.path).unwrap_or_default()),
    }
}

fn one(name: &str, table: &Loaded, problems: &mut Vec<Problem>) -> Option<Configured> {
    let origin = |key: &str| {
        let any = table.settings.get(key).or_else(|| table.settings.values().next());
        any.map_or_else(|| "agent.toml".to_owned(), |setting| setting.origin.to_string())
    };
    let mut problem = |key: &str, message: String| {
        let dotted = if key.is_empty() { format!("probes.{name}") } else { format!("probes.{name}.{key}") };
        problems.push(Problem { origin: origin(key), key: dotted, message });
    };
    let vms: Vec<_> = table.words("vms").iter().filter_map(|text| select::Selector::parse(text)).collect();
    if vms.is_empty() {
        problem("vms", format!("is missing; give a list of {}", select::ALLOWED));
    }
    let fields: Fields = KEYS.iter().filter_map(|key| Some((*key, text(table, key)?))).collect();
    match Definition::parse(name, Source::Config, &fields) {
        Ok(definition) => Some(Configured { definition, vms }),
        Err(wrong) => {
            for wrong in wrong {
                problem(wrong.key, wrong.message);
            }
            None
        }
    }
}

fn text(table: &Loaded, key: &str) -> Option<String> {
    let value = &table.settings.get(key)?.value;
    Some(value.as_str().map_or_else(|| value.to_string(), str::to_owned))
}
