//! The activity log.

use evenkeel_common::time::UnixMs;

use super::{Control, ControlError};
use crate::store::activity::{Activity, ActivityFilter, Category};
use crate::view::activity::ActivityRow;
use evenkeel_common::error::chain;

/// An entry of the activity log for the journal; levels of `tracing` are fixed where they are written.
macro_rules! log {
    ($level:ident, $activity:ident) => {
        tracing::$level!(
            category = $activity.category.as_str(),
            kind = $activity.kind,
            host = $activity.host,
            vm = $activity.vm,
            "{}",
            $activity.message
        )
    };
}

impl Control {
    /// Writes down what happened. That the log cannot be written is itself only logged: it stops nothing.
    pub(crate) async fn record(&self, activity: Activity) {
        match activity.category {
            Category::Informational => log!(info, activity),
            Category::Warning => log!(warn, activity),
            Category::Exception => log!(error, activity),
        }
        if let Err(error) = self.store().record_activity(activity).await {
            tracing::error!(error = chain(&error), "the activity log cannot be written");
        }
    }

    /// [`Self::record`] of something about a host.
    pub(crate) async fn note(&self, at: UnixMs, category: Category, kind: &str, host: String, message: String) {
        self.record(Activity { at, category, kind: kind.to_owned(), host, vm: String::new(), message }).await;
    }

    /// What happened, oldest first.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn activity_list(&self, filter: ActivityFilter) -> Result<Vec<ActivityRow>, ControlError> {
        let found = self.store().activities(filter).await?;
        Ok(found
            .into_iter()
            .map(|activity| ActivityRow {
                time: activity.at.into(),
                category: activity.category.as_str().to_owned(),
                kind: activity.kind,
                host: activity.host,
                vm: activity.vm,
                message: activity.message,
            })
            .collect())
    }
}
