//! Whether libvirt answers, so that a change is said once and not at every tick.

/// A change worth a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// It does not answer, now or from the beginning.
    Down,
    /// It answers after it did not.
    UpAgain,
}

/// The last that was seen.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Health {
    down: bool,
}

impl Health {
    pub(super) fn observe(&mut self, answered: bool) -> Option<Change> {
        let was_down = std::mem::replace(&mut self.down, !answered);
        match (was_down, self.down) {
            (false, true) => Some(Change::Down),
            (true, false) => Some(Change::UpAgain),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_each_change_once() {
        let mut health = Health::default();
        let said: Vec<_> = [true, false, false, true, true, false].map(|up| health.observe(up)).to_vec();
        assert_eq!(said, [None, Some(Change::Down), None, Some(Change::UpAgain), None, Some(Change::Down)]);
    }
}
