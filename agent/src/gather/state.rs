//! State and its reason.

use super::row::{Row, row};

pub(super) const ROWS: &[Row] = &[row("state.state", "vm_state"), row("state.reason", "vm_state_reason")];
