//! The shell around the worker, with workers that misbehave.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use evenkeel_common::clock;

use super::*;
use crate::config::{Dirs, config};
use crate::scrape::groups::Groups;

const PLAIN: Plain = Plain { groups: Groups::ALL, describe_max: 0, interval: DurationMs(1_000) };

fn scraper(dir: &Path, script: &str) -> Scraper {
    let helper = dir.join("helper");
    std::fs::write(&helper, format!("#!/bin/sh\necho $$ >> {}/pids\n{script}\n", dir.display())).unwrap();
    std::fs::set_permissions(&helper, std::fs::Permissions::from_mode(0o755)).unwrap();
    let text = format!("libvirt_helper = '{}'\nscrape_deadline = '300ms'\n", helper.display());
    std::fs::write(dir.join("agent.toml"), text).unwrap();
    let dirs = Dirs { config: dir.to_owned(), data: dir.to_owned(), runtime: dir.to_owned() };
    Scraper::new(&config(&dirs).unwrap().0)
}

fn pids(dir: &Path) -> Vec<u32> {
    let text = std::fs::read_to_string(dir.join("pids")).unwrap_or_default();
    text.lines().filter_map(|line| line.parse().ok()).collect()
}

#[tokio::test]
async fn a_worker_that_hangs_is_killed_at_the_deadline_and_replaced() {
    let dir = tempfile::tempdir().unwrap();
    let mut scraper = scraper(dir.path(), "exec sleep 600");
    let begun = clock::mono();
    assert!(matches!(scraper.scrape(PLAIN).await, Err(ScrapeError::Late { .. })));
    assert!(clock::mono().since(begun) < DurationMs(10_000));
    assert!(matches!(scraper.scrape(PLAIN).await, Err(ScrapeError::Late { .. })));
    // The third in a row has to wait.
    assert!(matches!(scraper.scrape(PLAIN).await, Err(ScrapeError::Waiting { .. })));
    let pids = pids(dir.path());
    assert_eq!(pids.len(), 2, "a fresh one for each call");
    for pid in pids {
        assert!(!Path::new(&format!("/proc/{pid}")).exists(), "{pid} is still there");
    }
}

#[tokio::test]
async fn a_worker_that_ends_says_how() {
    let dir = tempfile::tempdir().unwrap();
    let error = scraper(dir.path(), "exit 3").scrape(PLAIN).await.unwrap_err();
    assert!(matches!(&error, ScrapeError::Ended(status) if status.contains('3')), "{error:?}");
}

#[tokio::test]
async fn what_libvirt_says_is_the_reason_and_the_worker_stays() {
    let dir = tempfile::tempdir().unwrap();
    let reply = serde_json::to_string(&Reply::Failed { reason: "no".to_owned() }).unwrap();
    let reply = format!("printf '\\{:03o}\\0\\0\\0%s' '{reply}'", reply.len());
    let mut scraper = scraper(dir.path(), &format!("{reply}\n{reply}\nexec sleep 600"));
    for _ in 0..2 {
        let error = scraper.scrape(PLAIN).await.unwrap_err();
        assert!(matches!(&error, ScrapeError::Libvirt(reason) if reason == "no"), "{error:?}");
    }
    assert_eq!(pids(dir.path()).len(), 1);
}

#[tokio::test]
async fn a_missing_helper_says_what_to_set() {
    let dir = tempfile::tempdir().unwrap();
    let mut scraper = scraper(dir.path(), "");
    std::fs::remove_file(dir.path().join("helper")).unwrap();
    let error = scraper.scrape(PLAIN).await.unwrap_err();
    assert!(error.to_string().contains("set libvirt_helper in agent.toml"), "{error}");
}
