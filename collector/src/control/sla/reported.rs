//! Levels that were reported: kept as they were told, and compared with what is known now.

use std::collections::HashMap;

use evenkeel_common::time::UnixMs;

use super::super::{Control, ControlError};
use super::{Evaluated, SlaFilter};
use crate::sla::Told;
use crate::store::ReportedRow;
use crate::store::activity::Category;
use crate::view::sla::{ReportedView, SlaRow};

/// By service, objective and period.
type Reported = HashMap<(String, String, i64, i64), ReportedRow>;

impl Control {
    /// Keeps whole periods as reported: each version of a period stays. Periods that are not over are left out.
    ///
    /// # Errors
    /// [`ControlError::NotFound`] for an unknown service, [`ControlError::Usage`] when no period is over, or the store's.
    pub async fn sla_report(&self, filter: SlaFilter, by: String, now: UnixMs) -> Result<Vec<SlaRow>, ControlError> {
        let over = |one: &Evaluated| one.row.to == one.row.period_end;
        let evaluated: Vec<Evaluated> = self.evaluate(&filter, now).await?.into_iter().filter(over).collect();
        if evaluated.is_empty() {
            let message = "no period is over, so there is nothing to report".to_owned();
            let hint = Some("--period names a time in a period that is over, such as the month before".to_owned());
            return Err(ControlError::Usage { message, hint });
        }
        for Evaluated { row, told } in &evaluated {
            let kept = ReportedRow {
                service: row.service.clone(),
                objective: row.objective.clone(),
                from_s: row.from.0.0.div_euclid(1_000),
                to_s: row.period_end.0.0.div_euclid(1_000),
                version: 0,
                reported_at: now,
                reported_by: by.clone(),
                level: serde_json::to_string(told).unwrap_or_default(),
            };
            let version = self.store().keep_level(kept).await?;
            let message = format!(
                "version {version} of {} {} from {} to {} is reported, by {by}: {}",
                row.service,
                row.objective,
                row.from,
                row.period_end,
                percent(row.availability)
            );
            self.note(now, Category::Informational, "sla_reported", String::new(), message).await;
        }
        self.with_reported(evaluated).await
    }

    /// Says beside each period that was reported what was told then.
    pub(super) async fn with_reported(&self, evaluated: Vec<Evaluated>) -> Result<Vec<SlaRow>, ControlError> {
        let second = |at: UnixMs| at.0.div_euclid(1_000);
        let from = evaluated.iter().map(|one| second(one.row.from.0)).min().unwrap_or(0);
        let to = evaluated.iter().map(|one| second(one.row.period_end.0)).max().unwrap_or(0);
        let reported: Reported = self
            .store()
            .reported_levels(from, to)
            .await?
            .into_iter()
            .map(|row| ((row.service.clone(), row.objective.clone(), row.from_s, row.to_s), row))
            .collect();
        let with = |Evaluated { row, told }: Evaluated| {
            let (from, to) = (second(row.from.0), second(row.period_end.0));
            let kept = reported.get(&(row.service.clone(), row.objective.clone(), from, to));
            let reported = kept.and_then(|kept| view(kept, &told));
            SlaRow { reported, ..row }
        };
        Ok(evaluated.into_iter().map(with).collect())
    }
}

/// None when a newer program wrote what this one does not know.
fn view(kept: &ReportedRow, now: &Told) -> Option<ReportedView> {
    let then: Told = serde_json::from_str(&kept.level).ok()?;
    let differs = !then.says_the_same(now);
    let mut words = format!("reported {} on {}", percent(then.availability), kept.reported_at);
    if differs {
        words.push_str(&format!(", now {} because {}", percent(now.availability), then.because(now).join("; ")));
    }
    let [good_s, bad_s, unknown_s, excluded_s] = then.seconds;
    Some(ReportedView {
        version: kept.version,
        reported_at: kept.reported_at.into(),
        reported_by: kept.reported_by.clone(),
        availability: then.availability,
        good_s,
        bad_s,
        unknown_s,
        excluded_s,
        differs,
        words,
    })
}

fn percent(share: Option<f64>) -> String {
    // Never rounded up to all of it.
    share.map_or_else(|| "unknown".to_owned(), |share| format!("{:.3} %", (share * 100_000.0).floor() / 1_000.0))
}
