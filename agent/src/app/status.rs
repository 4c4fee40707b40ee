//! [P] How the agent stands, in the one line that `systemctl status` shows.

use evenkeel_common::time::UnixMs;

use crate::uplink::Status;

/// What a tick found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct LastTick {
    /// When.
    pub(super) at: UnixMs,
    /// Domains that libvirt listed; `None` when it did not answer.
    pub(super) domains: Option<usize>,
}

/// The line; one line, whatever the collector said.
pub(super) fn words(collector: &str, line: &Status, last: &LastTick, errors_refused: usize) -> String {
    let link = match (line.connected, &line.away) {
        (true, _) => format!("connected to {collector}"),
        (false, None) => format!("connecting to {collector}"),
        (false, Some(away)) => format!("not connected to {collector} ({away})"),
    };
    let domains = match last.domains {
        Some(1) => "1 domain".to_owned(),
        Some(domains) => format!("{domains} domains"),
        None => "libvirt does not answer".to_owned(),
    };
    let mut words = format!("{link}; {domains}; last tick {}; {} batches queued", last.at, line.backlog);
    if errors_refused > 0 {
        words += &format!("; a configuration with {errors_refused} errors was refused, the one before holds");
    }
    words.replace(char::is_control, " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_how_it_stands_in_one_line() {
        let last = LastTick { at: UnixMs(1_700_000_000_000), domains: Some(2) };
        let line = Status { connected: true, backlog: 3, ..Status::default() };
        assert_eq!(
            words("c:7443", &line, &last, 0),
            "connected to c:7443; 2 domains; last tick 2023-11-14T22:13:20Z; 3 batches queued"
        );
        let line = Status { away: Some("revoked\nREADY=1".to_owned()), ..Status::default() };
        let text = words("c:7443", &line, &LastTick { domains: None, ..last }, 2);
        assert!(text.starts_with("not connected to c:7443 (revoked READY=1); libvirt does not answer; "), "{text}");
        assert!(text.ends_with("with 2 errors was refused, the one before holds"), "{text}");
    }
}
