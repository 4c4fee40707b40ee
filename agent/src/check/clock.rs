//! Is the clock kept right? Readings carry this host's time.

use std::time::Duration;

use tokio::process::Command;
use tokio::time::timeout;

use super::Check;

/// systemd's time service may have to be started to answer.
const PATIENCE: Duration = Duration::from_secs(5);
const REMEDY: &str =
    "install and enable chrony or systemd-timesyncd; over 60 s off, the collector corrects times itself";

pub(super) async fn check() -> Check {
    let mut command = Command::new("timedatectl");
    command.args(["show", "--property=NTPSynchronized", "--value"]).kill_on_drop(true);
    let answer = match timeout(PATIENCE, command.output()).await {
        Ok(Ok(output)) if output.status.success() => String::from_utf8_lossy(&output.stdout).trim().to_owned(),
        Ok(Ok(_) | Err(_)) | Err(_) => String::new(),
    };
    verdict(&answer)
}

fn verdict(answer: &str) -> Check {
    match answer {
        "yes" => Check::ok("clock", "synchronised"),
        "no" => Check::warn("clock", "not synchronised", REMEDY),
        _ => Check::warn("clock", "timedatectl does not say whether the clock is synchronised", REMEDY),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::Verdict;

    #[test]
    fn only_a_yes_is_good() {
        assert_eq!(verdict("yes").verdict, Verdict::Ok);
        assert_eq!(verdict("no").verdict, Verdict::Warn);
        assert_eq!(verdict("").verdict, Verdict::Warn);
    }
}
