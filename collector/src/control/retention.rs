//! What becomes of readings as they grow old: sealed, put together by day, forgotten.

use evenkeel_common::time::{DurationMs, UnixMs};

use super::{Control, ControlError};
use crate::store::engine::{Due, Level};

/// After the end of a day its last hour is sealed within this time.
const SEALED_AFTER: DurationMs = DurationMs::from_s(3 * 3_600);

impl Control {
    /// Seals the hours that are due; answers with how many of entities.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn seal(&self, now: UnixMs) -> Result<u64, ControlError> {
        let mut chunks = 0;
        loop {
            let sealed = self.store().seal(Due::Spread(now)).await?;
            chunks += sealed.chunks;
            if !sealed.more {
                return Ok(chunks);
            }
        }
    }

    /// Puts the rollups of closed days together and removes the days that are older than the retention of their level;
    /// answers with how many days went.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn tidy(&self, now: UnixMs) -> Result<u64, ControlError> {
        let mut days = 0;
        for level in Level::ALL {
            days += self.store().forget(level, now.minus(self.retention(level))).await?;
        }
        self.store().forget_attributes(now.minus(self.retention(Level::Long))).await?;
        // What a service was like is told for as long as its hours are.
        self.store().forget_spells(now.minus(self.retention(Level::Long)).0.div_euclid(1_000)).await?;
        self.store().forget_changes(now.minus(self.retention(Level::Long))).await?;
        while self.store().compact(now.minus(SEALED_AFTER)).await? {}
        Ok(days)
    }

    fn retention(&self, level: Level) -> DurationMs {
        let [raw, short, long] = self.settings().retentions;
        match level {
            Level::Raw => raw,
            Level::Short => short,
            Level::Long => long,
        }
    }
}
