//! Batches as what changed since the batch before on the same line: columns of series whose values are coded as the
//! residuals of a prediction. A series that goes on as before costs about one bit, a missing one that stays missing none.
//!
//! Both ends of a line keep a context that each batch brings forward in lockstep: the entities and what is known of
//! them, the layouts (which series an entity has, in which order) and of every series its last value, its last step and
//! how large residuals usually are. A *keyframe* begins the context anew and decodes by itself. Lines are: one lane of
//! one session, where QUIC delivers everything once and in order, and the stretch of a spool segment behind a keyframe. What was
//! packed for one line may go out on another one, from a keyframe on and as long as none is left out.
//!
//! Layout of the bytes: a structure of varints (header, entities, changes, divisors), then a bit stream with one code
//! for each number. Limits are checked before anything is allocated.

mod bits;
mod context;
mod entity;
mod packer;
mod series;
mod unpacker;
mod varint;

pub use packer::{Packer, is_keyframe};
pub use unpacker::Unpacker;

/// Why bytes are not a packed batch, or a batch cannot be packed.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    /// The bytes end too early.
    #[error("a packed batch ends too early")]
    Truncated,
    /// Something is left over.
    #[error("{left} bytes are left after a packed batch")]
    Trailing {
        /// How many.
        left: usize,
    },
    /// A number, a count or a text that is not possible.
    #[error("a packed batch has an impossible {what}")]
    Impossible {
        /// What.
        what: &'static str,
    },
    /// It builds on a batch that is not known here.
    #[error("a packed batch builds on one that is not known here")]
    NoContext,
    /// Facts or events inside it.
    #[error("facts within a packed batch are not readable")]
    Facts(#[from] super::CodecError),
}

#[cfg(test)]
mod tests;
