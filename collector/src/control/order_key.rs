//! The key that orders are signed with: shown, and replaced.

use evenkeel_common::error::chain;
use evenkeel_common::time::UnixMs;

use super::{Control, ControlError};
use crate::store::activity::Category;
use crate::view::order_key::OrderKeyView;

impl Control {
    /// The key in use.
    #[must_use]
    pub fn order_key_show(&self) -> OrderKeyView {
        OrderKeyView { key: self.order_key().to_string() }
    }

    /// Replaces the key; the old one signs the new one, so that hosts follow by themselves.
    ///
    /// # Errors
    /// When it cannot be written; then the old one stays in force.
    pub async fn order_key_rotate(&self, by: &str, now: UnixMs) -> Result<OrderKeyView, ControlError> {
        let control = self.clone();
        let rotated = tokio::task::spawn_blocking(move || control.signer().rotate()).await;
        let failed = |message: String| ControlError::Failed { message, hint: None };
        let key = rotated.map_err(|error| failed(error.to_string()))?.map_err(|error| failed(chain(&error)))?;
        let message = format!("{by} has replaced the key that orders are signed with; it is now {key}");
        self.note(now, Category::Warning, "order_key_rotated", String::new(), message).await;
        Ok(OrderKeyView { key: key.to_string() })
    }
}
