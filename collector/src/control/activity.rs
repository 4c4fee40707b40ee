//! The activity log.

use super::{Control, ControlError};
use crate::store::activity::ActivityFilter;
use crate::view::activity::ActivityRow;

impl Control {
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
