//! A look at the effect of a change: which time is compared with which. The windows are fixed when the change is
//! registered; who looks earlier sees less, and what is seen then decides nothing.

use evenkeel_common::time::{DurationMs, UnixMs};

/// See the module. Windows are `from <= t < to`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// The window before.
    pub before: (UnixMs, UnixMs),
    /// The window after, as far as it has passed.
    pub after: (UnixMs, UnixMs),
    /// When the final look is.
    pub final_at: UnixMs,
    /// This is it.
    pub is_final: bool,
}

impl Look {
    /// At a change that began and was done then, with its windows, as of `now`.
    #[must_use]
    pub fn new(began: UnixMs, done: UnixMs, before: DurationMs, after: DurationMs, now: UnixMs) -> Self {
        let final_at = done.plus(after);
        Self {
            before: (began.minus(before), began),
            after: (done, final_at.min(now).max(done)),
            final_at,
            is_final: now >= final_at,
        }
    }

    /// Its word.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        if self.is_final { "final" } else { "provisional" }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_final_look_never_moves_and_earlier_ones_see_less() {
        let at = |now| Look::new(UnixMs(100), UnixMs(110), DurationMs(50), DurationMs(70), UnixMs(now));
        let expected = |to| ((UnixMs(50), UnixMs(100)), (UnixMs(110), UnixMs(to)));
        assert_eq!((at(120).before, at(120).after), expected(120));
        assert_eq!((at(105).before, at(105).after), expected(110), "nothing has passed yet");
        assert_eq!((at(180).before, at(180).after), expected(180));
        assert_eq!((at(9_999).before, at(9_999).after), expected(180), "never longer than it was fixed");
        assert_eq!([at(179), at(180), at(9_999)].map(|look| look.as_str()), ["provisional", "final", "final"]);
        assert_eq!(at(9_999).final_at, UnixMs(180));
    }
}
