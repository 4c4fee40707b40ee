//! How long readings are kept.

use evenkeel_common::time::UnixMs;

use super::{Control, ControlError};

impl Control {
    /// Forgets readings that are older than the retention; answers with how many.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn forget(&self, now: UnixMs) -> Result<u64, ControlError> {
        Ok(self.store().forget_before(now.minus(self.settings().retention)).await?)
    }
}
