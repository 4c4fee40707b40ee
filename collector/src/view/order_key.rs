//! `evenkeel order-key`.

use serde::{Deserialize, Serialize};

/// The key that orders are signed with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderKeyView {
    /// Its public half, in hexadecimal: what `evenkeel-agent trust` takes.
    pub key: String,
}
