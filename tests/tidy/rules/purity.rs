//! Folders marked [P] in ARCHITECTURE.md: no I/O, no async, no clock, no randomness. `now` and seeds are arguments.

use crate::finding::Finding;
use crate::mask::{lines_with, mask, without_tests};
use crate::tree::File;

/// The pure files and folders. One that is moved must be moved here too: a path without a file is a breach.
pub const PURE: &[&str] = &[
    "agent/src/actor/definition.rs",
    "agent/src/actor/domain.rs",
    "agent/src/actor/guard.rs",
    "agent/src/actor/migration.rs",
    "agent/src/actor/recovery_point.rs",
    "agent/src/actor/recovery_point/manifest.rs",
    "agent/src/actor/recovery_point/retention.rs",
    "agent/src/actor/recovery_point/rewrite.rs",
    "agent/src/actor/restart.rs",
    "agent/src/app/status.rs",
    "agent/src/config/reload.rs",
    "agent/src/events/backoff.rs",
    "agent/src/events/limiter.rs",
    "agent/src/events/machine.rs",
    "agent/src/events/protocol.rs",
    "agent/src/events/translate",
    "agent/src/events/translate.rs",
    "agent/src/filter.rs",
    "agent/src/filter/select.rs",
    "agent/src/gather",
    "agent/src/gather.rs",
    "agent/src/groups.rs",
    "agent/src/probe/definition",
    "agent/src/probe/definition.rs",
    "agent/src/probe/echo.rs",
    "agent/src/probe/flaps.rs",
    "agent/src/probe/machine",
    "agent/src/probe/machine.rs",
    "agent/src/probe/metadata.rs",
    "agent/src/probe/network.rs",
    "agent/src/probe/outcome.rs",
    "agent/src/probe/path.rs",
    "agent/src/probe/plan.rs",
    "agent/src/probe/report.rs",
    "agent/src/probe/route.rs",
    "agent/src/probe/settings.rs",
    "agent/src/probe/state.rs",
    "agent/src/schedule.rs",
    "agent/src/scrape/backoff.rs",
    "agent/src/scrape/health.rs",
    "agent/src/scrape/isolation",
    "agent/src/scrape/isolation.rs",
    "agent/src/selfstats/indicator.rs",
    "agent/src/selfstats/process.rs",
    "agent/src/selfstats/tally.rs",
    "agent/src/spool/record.rs",
    "agent/src/uplink/session",
    "agent/src/uplink/session.rs",
    "collector/src/enrol",
    "collector/src/enrol.rs",
    "collector/src/action",
    "collector/src/action.rs",
    "collector/src/ingest/owner.rs",
    "collector/src/ingest/time_of_record.rs",
    "collector/src/cli/import/csv.rs",
    "collector/src/cli/import/openmetrics.rs",
    "collector/src/cli/stats/csv",
    "collector/src/cli/stats/csv.rs",
    "collector/src/cli/top/screen.rs",
    "collector/src/cli/when.rs",
    "collector/src/control/detail.rs",
    "collector/src/control/device.rs",
    "collector/src/control/host_now.rs",
    "collector/src/control/presence.rs",
    "collector/src/control/probe.rs",
    "collector/src/control/rates.rs",
    "collector/src/control/reasons.rs",
    "collector/src/control/resolve.rs",
    "collector/src/ingest/owner",
    "collector/src/change",
    "collector/src/change.rs",
    "collector/src/csi",
    "collector/src/csi.rs",
    "collector/src/report",
    "collector/src/report.rs",
    "collector/src/series",
    "collector/src/series.rs",
    "collector/src/sla",
    "collector/src/sla.rs",
    "collector/src/stats",
    "collector/src/store/chunk",
    "collector/src/store/chunk.rs",
    "collector/src/stats.rs",
    "common/src/action",
    "common/src/action.rs",
    "common/src/config/schema.rs",
    "common/src/id.rs",
    "common/src/limits.rs",
    "common/src/metric",
    "common/src/metric.rs",
    "common/src/sample.rs",
    "common/src/time.rs",
    "common/src/token.rs",
    "common/src/units.rs",
    "common/src/wire",
    "common/src/wire.rs",
];

const BANNED: &[&str] = &[
    "tokio",
    "rusqlite",
    "quinn",
    "axum",
    "std::fs",
    "std::net",
    "std::process",
    "std::env",
    "std::thread",
    "async fn",
    "async move",
    ".await",
    "::now(",
    "now_v7(",
    "new_v4(",
    "rand",
    "anyhow",
    "tracing",
];

/// Impure words in pure places. Code for tests may do what it likes.
pub fn check(files: &[File], pure: &[&str]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for place in pure {
        let mut inside = files.iter().filter(|file| file.is_in(place)).peekable();
        if inside.peek().is_none() {
            findings.push(Finding {
                file: (*place).to_owned(),
                line: 0,
                rule: "pure places exist",
                found: "there is nothing here".to_owned(),
                remedy: "name its new place in tests/tidy/rules/purity.rs",
            });
        }
        for file in inside.filter(|file| file.is_rust() && !file.is_test()) {
            let code = without_tests(&mask(&file.text).code);
            for word in BANNED {
                findings.extend(lines_with(&code, word).into_iter().map(|line| Finding {
                    file: file.path.clone(),
                    line,
                    rule: "pure code",
                    found: format!("'{word}'"),
                    remedy: "take what it needs as an argument and return what is to be done",
                }));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn impure_words_are_found_but_not_in_tests_or_prose() {
        for text in ["use std::fs;", "async fn f() {}", "let x = clock::now();", "use tokio::sync;", "rand::rng()"] {
            assert_eq!(check(&[File::new("common/src/id.rs", text)], &["common/src/id.rs"]).len(), 1, "{text}");
        }
        let fine = "//! no tokio here\nconst X: &str = \"tokio\";\n#[cfg(test)]\nmod tests { use std::fs; }\n";
        assert!(check(&[File::new("common/src/id.rs", fine)], &["common/src"]).is_empty());
    }

    #[test]
    fn a_pure_place_that_is_gone_is_found() {
        assert_eq!(check(&[File::new("common/src/ident.rs", "")], &["common/src/id.rs"])[0].rule, "pure places exist");
    }
}
