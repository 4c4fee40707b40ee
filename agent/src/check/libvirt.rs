//! Access to libvirt, tried the way `run` does it.

use super::{Check, Verdict};
use crate::config::Config;
use crate::events::hear_once;
use crate::scrape::groups::Groups;
use crate::scrape::protocol::Scraped;
use crate::scrape::{Plain, ScrapeError, Scraper, helper};

pub(super) async fn check(config: &Config) -> Vec<Check> {
    let helper = match helper::find(config.libvirt_helper.as_deref()) {
        Ok(path) => Check::ok("libvirt helper", path.display().to_string()),
        Err(error) => {
            return vec![Check::fail("libvirt helper", error.to_string(), "install the package evenkeel-agent whole")];
        }
    };
    let begun = tokio::time::Instant::now();
    let result = Scraper::new(config)
        .scrape(Plain { groups: Groups::asking_qemu(false), describe_max: 0, interval: config.interval })
        .await;
    let ms = begun.elapsed().as_millis();
    let libvirt = match result {
        Ok(scraped) => {
            Check::ok("libvirt", format!("{} answered within {ms} ms: {}", config.libvirt_uri, summary(&scraped)))
        }
        Err(error) => Check::fail("libvirt", format!("{}: {error}", config.libvirt_uri), remedy(&error)),
    };
    let mut checks = vec![helper, libvirt];
    if checks[1].verdict == Verdict::Ok {
        checks.push(events(config).await);
    }
    checks.extend(socket(&config.libvirt_uri));
    checks
}

/// Only where libvirt answers: otherwise the reason is the same.
async fn events(config: &Config) -> Check {
    match hear_once(config).await {
        Ok(without) if without.is_empty() => Check::ok("libvirt events", "every kind can be heard"),
        Ok(without) => Check::ok(
            "libvirt events",
            format!("can be heard; this libvirt is too old for those with the numbers {without:?}"),
        ),
        Err(error) => Check::warn(
            "libvirt events",
            error.to_string(),
            "what happens to guests shows only in their readings; see the log of libvirtd",
        ),
    }
}

fn summary(scraped: &Scraped) -> String {
    let active = scraped.domains.iter().filter(|domain| domain.id.is_some()).count();
    let all = scraped.domains.len();
    format!(
        "libvirt {}, QEMU {}, {all} domains, {active} of them active",
        scraped.libvirt_version, scraped.qemu_version
    )
}

fn remedy(error: &ScrapeError) -> &'static str {
    match error {
        ScrapeError::Helper(_) | ScrapeError::Start { .. } => "install the package evenkeel-agent whole",
        ScrapeError::Late { .. } => "look for a guest whose monitor hangs (virsh list; virsh domstate NAME)",
        ScrapeError::Ended(_) | ScrapeError::Frame(_) | ScrapeError::Waiting { .. } => {
            "run evenkeel-agent-libvirt scrape-worker by hand; both programs must be of one version"
        }
        ScrapeError::Libvirt(text) if text.contains("Permission denied") || text.contains("authentication") => {
            "the read-only socket is open to every user on Debian; see unix_sock_ro_perms and auth_unix_ro in \
             libvirtd.conf"
        }
        ScrapeError::Libvirt(_) => "is libvirtd running (systemctl status libvirtd), and is libvirt_uri right?",
    }
}

/// A socket named in the URI has to be the read-only one: the other asks for rights that the agent should not have.
fn socket(uri: &str) -> Option<Check> {
    let (_, socket) = uri.split_once("socket=")?;
    let path = socket.split(['&', '#']).next().unwrap_or(socket);
    (!path.ends_with("-ro")).then(|| {
        Check::warn(
            "libvirt socket",
            format!("libvirt_uri names {path}, which allows changes"),
            format!("name the read-only socket, {path}-ro: measuring needs no more"),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_writable_socket_is_worth_a_word() {
        assert_eq!(socket("qemu:///system"), None);
        assert_eq!(socket("qemu+unix:///system?socket=/run/libvirt/libvirt-sock-ro"), None);
        let check = socket("qemu+unix:///system?socket=/run/libvirt/libvirt-sock").unwrap();
        assert!(check.remedy.contains("/run/libvirt/libvirt-sock-ro"), "{check:?}");
    }
}
