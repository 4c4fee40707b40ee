//! Care for the store: what there is, what is damaged, a copy of it.

use std::path::Path;

use evenkeel_common::time::UnixMs;

use super::{Control, ControlError};
use crate::store::backup::Manifest;
use crate::store::engine::Figures;
use crate::view::store::{BackupView, BytesPerSample, DamageView, StoreStatusView};

impl Control {
    /// What is stored.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn store_status(&self) -> Result<StoreStatusView, ControlError> {
        let figures = self.store().figures().await?;
        Ok(status_view(&figures, self.store().reserve_bytes()))
    }

    /// Reads everything, puts damaged chunks aside and says what is damaged.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn store_check(&self) -> Result<Vec<DamageView>, ControlError> {
        let damage = self.store().check().await?;
        Ok(damage
            .into_iter()
            .map(|damage| DamageView { file: damage.file.display().to_string(), what: damage.what })
            .collect())
    }

    /// Copies everything into a directory of this machine.
    ///
    /// # Errors
    /// [`ControlError::Usage`] for a directory that makes no sense, [`ControlError::Failed`] when it cannot be written.
    pub async fn store_backup(&self, directory: &str, now: UnixMs) -> Result<BackupView, ControlError> {
        let target = Path::new(directory);
        if !target.is_absolute() || target.starts_with(&self.0.data_dir) {
            return Err(ControlError::Usage {
                message: format!("'{directory}' is no place for a backup"),
                hint: Some("name an absolute path outside of the data directory".to_owned()),
            });
        }
        let made = self.store().backup(&self.0.data_dir, target, now).await.map_err(|error| ControlError::Failed {
            message: evenkeel_common::error::chain(&error),
            hint: Some("the directory has to be writable for the user that runs the collector".to_owned()),
        })?;
        Ok(backup_view(directory, &made))
    }
}

/// A backup as it is shown.
#[must_use]
pub fn backup_view(directory: &str, made: &Manifest) -> BackupView {
    BackupView {
        directory: directory.to_owned(),
        made_at: UnixMs(made.at_ms).into(),
        files: u64::try_from(made.files.len()).unwrap_or(u64::MAX),
        bytes: made.files.iter().map(|file| file.bytes).sum(),
    }
}

fn status_view(figures: &Figures, reserve_bytes: u64) -> StoreStatusView {
    let samples = figures.journal_samples + figures.sealed_samples;
    let levels: u64 = figures.level_bytes.iter().sum();
    let bytes = figures.journal_bytes + levels;
    let [raw, short, long] = figures.level_bytes.map(|bytes| ratio(bytes, figures.sealed_samples));
    StoreStatusView {
        samples,
        series_active: figures.series_active,
        series_total: figures.series_total,
        bytes,
        bytes_per_sample: BytesPerSample { raw, short, long, all: ratio(bytes, samples) },
        journal_batches: figures.journal_rows,
        journal_bytes: figures.journal_bytes,
        oldest: figures.oldest.map(Into::into),
        newest: figures.newest.map(Into::into),
        quarantined_chunks: figures.quarantined,
        reserve_bytes,
    }
}

#[expect(clippy::cast_precision_loss, reason = "a ratio with three digits")]
fn ratio(bytes: u64, samples: u64) -> Option<f64> {
    (samples > 0).then(|| (bytes as f64 / samples as f64 * 1_000.0).round() / 1_000.0)
}
