//! Whom a probe asks: a template that each VM fills in, and what comes out.

use std::fmt;

use core::net::IpAddr;
use hyper::Uri;

use super::Kind;

/// Longest URL or address.
const TARGET_MAX_BYTES: usize = 2048;

/// The keys that say whom a probe asks.
#[derive(Clone, Copy, Debug, Default)]
pub struct Parts<'a> {
    /// How, when the URL does not say so.
    pub kind: Option<Kind>,
    /// All at once.
    pub url: Option<&'a str>,
    /// Host name or address, without a URL.
    pub address: Option<&'a str>,
    /// Port, without a URL.
    pub port: Option<u16>,
    /// Path of HTTP, without a URL.
    pub path: Option<&'a str>,
}

/// A URL in which `{name}` and `{ip}` stand for the VM's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    /// How the VM is asked.
    pub kind: Kind,
    url: String,
}

/// Whom to ask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// How.
    pub kind: Kind,
    /// Host name or address, without brackets.
    pub host: String,
    /// Port; 0 for ICMP.
    pub port: u16,
    /// Path and query of HTTP.
    pub path: String,
}

impl Template {
    /// The template of these keys.
    ///
    /// # Errors
    /// The key that is wrong, and what is allowed.
    pub fn new(parts: &Parts<'_>) -> Result<Self, (&'static str, String)> {
        let template = match (parts.url, parts.kind) {
            (Some(_), _) if parts.address.is_some() || parts.port.is_some() || parts.path.is_some() => {
                let message = "cannot stand beside address, port or path; write them into the url".to_owned();
                return Err(("url", message));
            }
            (Some(url), kind) => Self { kind: of_scheme(url, kind)?, url: url.to_owned() },
            (None, None) => return Err(("kind", "is missing; give tcp, http, https or icmp".to_owned())),
            (None, Some(kind)) => Self { kind, url: assemble(kind, parts)? },
        };
        let key = if parts.url.is_some() { "url" } else { "address" };
        if template.url.len() > TARGET_MAX_BYTES {
            return Err((key, format!("is longer than {TARGET_MAX_BYTES} bytes")));
        }
        // Tried with a VM that exists nowhere, so that a mistake shows before there is one.
        let example = IpAddr::from([192, 0, 2, 1]);
        template.target("vm", Some(example)).map_err(|message| (key, message))?;
        Ok(template)
    }

    /// Whether the VM's address has to be known.
    #[must_use]
    pub fn needs_ip(&self) -> bool {
        self.url.contains("{ip}")
    }

    /// Whom it means for a VM.
    ///
    /// # Errors
    /// What is missing or does not fit, in words.
    pub fn target(&self, name: &str, ip: Option<IpAddr>) -> Result<Target, String> {
        let mut url = self.url.replace("{name}", name);
        if url.contains("{ip}") {
            let ip = ip.ok_or("the VM's address is not known: this host has no neighbour with its MAC; name it by <address> in its metadata or by the probe's own address")?;
            url = url.replace("{ip}", &bracketed(&ip.to_string()));
        }
        let bad = || format!("{url:?} is not a target; give such as http://{{ip}}:8080/health or an address");
        let uri: Uri = url.parse().map_err(|_| bad())?;
        let authority = uri.authority().ok_or_else(bad)?;
        if authority.as_str().contains('@') {
            return Err("a user and password in the url are not supported".to_owned());
        }
        let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_owned();
        if host.parse::<IpAddr>().is_err() && !is_host_name(&host) {
            return Err(bad());
        }
        let port = match (authority.port_u16(), self.kind) {
            // "host:" and "host:99999" have no port that can be read, and are no target.
            (None, _) if authority.as_str().rsplit(']').next().is_some_and(|rest| rest.contains(':')) => {
                return Err(bad());
            }
            (Some(0), _) => return Err(bad()),
            (_, Kind::Icmp) => 0,
            (Some(port), _) => port,
            (None, Kind::Http) => 80,
            (None, Kind::Https) => 443,
            (None, Kind::Tcp) => return Err("a tcp probe takes a port".to_owned()),
        };
        let path = uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
        Ok(Target { kind: self.kind, host, port, path })
    }
}

fn of_scheme(url: &str, kind: Option<Kind>) -> Result<Kind, (&'static str, String)> {
    let scheme = url.split_once("://").and_then(|(scheme, _)| Kind::parse(scheme));
    let Some(scheme) = scheme else {
        return Err(("url", "is not allowed; it begins with http://, https://, tcp:// or icmp://".to_owned()));
    };
    match kind {
        None => Ok(scheme),
        Some(Kind::Http) if scheme == Kind::Https => Ok(scheme),
        Some(kind) if kind == scheme => Ok(scheme),
        Some(kind) => Err(("url", format!("is {}://, but the kind is {}", scheme.as_str(), kind.as_str()))),
    }
}

fn assemble(kind: Kind, parts: &Parts<'_>) -> Result<String, (&'static str, String)> {
    let host = bracketed(parts.address.unwrap_or("{ip}"));
    let port = match (kind, parts.port) {
        (Kind::Tcp, None) => return Err(("port", "is missing: a tcp probe takes a port".to_owned())),
        (Kind::Icmp, Some(_)) => return Err(("port", "does not go with an icmp probe".to_owned())),
        (_, Some(port)) => format!(":{port}"),
        (_, None) => String::new(),
    };
    let path = match (kind, parts.path) {
        (Kind::Http | Kind::Https, path) => path.unwrap_or("/"),
        (Kind::Tcp | Kind::Icmp, None) => "",
        (Kind::Tcp | Kind::Icmp, Some(_)) => return Err(("path", "goes with http and https only".to_owned())),
    };
    if !path.is_empty() && !path.starts_with('/') {
        return Err(("path", "is not allowed; it begins with /".to_owned()));
    }
    Ok(format!("{}://{host}{port}{path}", kind.as_str()))
}

fn bracketed(host: &str) -> String {
    match host.parse::<IpAddr>() {
        Ok(IpAddr::V6(_)) => format!("[{host}]"),
        _ => host.to_owned(),
    }
}

/// Whether it can be a host name: letters, digits, `-`, `_` and `.`, at most 253 bytes.
#[must_use]
pub fn is_host_name(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    (1..=253).contains(&text.len()) && text.bytes().all(allowed) && !text.starts_with(['-', '.'])
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = bracketed(&self.host);
        match self.kind {
            Kind::Icmp => write!(f, "icmp://{host}"),
            Kind::Tcp => write!(f, "tcp://{host}:{}", self.port),
            Kind::Http if self.port == 80 => write!(f, "http://{host}{}", self.path),
            Kind::Https if self.port == 443 => write!(f, "https://{host}{}", self.path),
            kind => write!(f, "{}://{host}:{}{}", kind.as_str(), self.port, self.path),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(parts: Parts<'_>, ip: &str) -> Result<String, String> {
        let template = Template::new(&parts).map_err(|(key, message)| format!("{key}: {message}"))?;
        Ok(template.target("g1", ip.parse().ok())?.to_string())
    }

    #[test]
    fn urls_and_parts_mean_the_same() {
        let url = |url| shown(Parts { url: Some(url), ..Parts::default() }, "10.9.0.11");
        assert_eq!(url("http://{ip}/").unwrap(), "http://10.9.0.11/");
        assert_eq!(url("https://{name}.example:8443/a?b=c").unwrap(), "https://g1.example:8443/a?b=c");
        assert_eq!(url("tcp://{ip}:22").unwrap(), "tcp://10.9.0.11:22");
        assert_eq!(url("icmp://[::1]").unwrap(), "icmp://[::1]");
        let parts = Parts { kind: Some(Kind::Http), port: Some(81), path: Some("/x"), ..Parts::default() };
        assert_eq!(shown(parts, "fd00::1").unwrap(), "http://[fd00::1]:81/x");
        let parts = Parts { kind: Some(Kind::Tcp), address: Some("::1"), port: Some(22), ..Parts::default() };
        assert_eq!(shown(parts, "").unwrap(), "tcp://[::1]:22");
    }

    #[test]
    fn what_is_no_target_is_refused() {
        for bad in [
            "",
            "http://",
            "ftp://a/",
            "http:///x",
            "http://a b/",
            "http://a:0/",
            "http://a:99999/",
            "http://u:p@a/",
            "tcp://a",
            "http://{nam}/",
            "http://a:/",
        ] {
            assert!(shown(Parts { url: Some(bad), ..Parts::default() }, "10.0.0.1").is_err(), "{bad}");
        }
        let beside = Parts { url: Some("http://a/"), port: Some(1), ..Parts::default() };
        assert!(shown(beside, "").unwrap_err().contains("url: "));
        let other = Parts { url: Some("tcp://a:1"), kind: Some(Kind::Http), ..Parts::default() };
        assert!(shown(other, "").unwrap_err().contains("the kind is http"));
        let line = Parts { kind: Some(Kind::Http), address: Some("a"), path: Some("/\r\nX: y"), ..Parts::default() };
        assert!(shown(line, "").is_err());
    }
}
