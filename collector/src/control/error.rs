//! Why a request cannot be answered. One type for all verbs, because the API maps it to a status in one place.

use crate::store::StoreError;

/// See the module.
#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    /// The request makes no sense as it stands.
    #[error("{message}")]
    Usage {
        /// What is wrong.
        message: String,
        /// What to do about it.
        hint: Option<String>,
    },
    /// No object of that name.
    #[error("no {what} '{name}'")]
    NotFound {
        /// `VM`, `host`, `token` …
        what: &'static str,
        /// What was asked for.
        name: String,
        /// Names near it.
        near: Vec<String>,
    },
    /// Several objects could be meant.
    #[error("'{name}' could be {} {what}s: {}", candidates.len(), candidates.join(", "))]
    Ambiguous {
        /// `VM`, `host` …
        what: &'static str,
        /// What was asked for.
        name: String,
        /// Which ones it could be.
        candidates: Vec<String>,
    },
    /// A policy or guard says no.
    #[error("{message}")]
    Refused {
        /// Which one, and what to do.
        message: String,
        /// What to do about it.
        hint: Option<String>,
    },
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] StoreError),
    /// Something else failed.
    #[error("{message}")]
    Failed {
        /// What, with its causes.
        message: String,
        /// What to do about it.
        hint: Option<String>,
    },
}

impl ControlError {
    /// [`ControlError::Usage`] without a hint.
    #[must_use]
    pub fn usage(message: impl Into<String>) -> Self {
        Self::Usage { message: message.into(), hint: None }
    }

    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Usage { hint, .. } | Self::Refused { hint, .. } | Self::Failed { hint, .. } => hint.clone(),
            Self::NotFound { what, near, .. } if near.is_empty() => Some(match *what {
                "metric" => "`evenkeel query --help` lists all metrics".to_owned(),
                "VM" => "`evenkeel vm list` shows all VMs".to_owned(),
                what => format!("`evenkeel {what} list` shows what there is"),
            }),
            Self::NotFound { near, .. } => Some(format!("did you mean {}?", near.join(" or "))),
            Self::Ambiguous { .. } => Some("give more of the name, or the UUID".to_owned()),
            Self::Store(_) => Some("look into the log of `evenkeel serve`".to_owned()),
        }
    }
}
