//! How much of a domain's facts is kept: every list and every text has an end, and all together fit a batch.

/// Bytes of all facts of one domain on the wire. With the most readings that are kept of a domain (820 kB) they still
/// fit a frame.
const FACTS_MAX_BYTES: usize = 96 << 10;
/// What an entry of a list takes besides its texts: their lengths, flags, the list's own length.
const ENTRY_BYTES: usize = 64;

/// What is left of a domain's room, and whether something did not fit.
#[derive(Debug)]
pub(super) struct Budget {
    left: usize,
    pub(super) truncated: bool,
}

impl Budget {
    pub(super) const fn new() -> Self {
        Self { left: FACTS_MAX_BYTES, truncated: false }
    }

    /// The text, cut to `max` bytes and to what is left.
    pub(super) fn text(&mut self, text: &str, max: usize) -> String {
        let kept = &text[..text.floor_char_boundary(max.min(self.left))];
        self.truncated |= kept.len() < text.len();
        self.left -= kept.len();
        kept.to_owned()
    }

    /// As [`Budget::text`], for a name that may not be there.
    pub(super) fn maybe(&mut self, text: Option<&str>, max: usize) -> String {
        self.text(text.unwrap_or(""), max)
    }

    /// A list of at most `max` entries; the rest is left out.
    pub(super) fn list<T, U>(
        &mut self,
        entries: impl Iterator<Item = T>,
        max: usize,
        mut make: impl FnMut(&mut Self, T) -> U,
    ) -> Vec<U> {
        let mut list = Vec::new();
        for entry in entries {
            if list.len() == max || self.left < ENTRY_BYTES {
                self.truncated = true;
                break;
            }
            self.left -= ENTRY_BYTES;
            list.push(make(self, entry));
        }
        list
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_and_lists_end() {
        let mut budget = Budget::new();
        assert_eq!((budget.text("äb", 3), budget.truncated), ("äb".to_owned(), false));
        assert_eq!((budget.text("äb", 2), budget.truncated), ("ä".to_owned(), true));
        let mut budget = Budget::new();
        assert_eq!(budget.list(0..9, 3, |_, n| n), [0, 1, 2]);
        assert!(budget.truncated);
        let long = "x".repeat(40_000);
        let kept = budget.list(0..9, 9, |budget, _| budget.text(&long, 40_000).len());
        assert!(kept.iter().sum::<usize>() <= FACTS_MAX_BYTES, "{kept:?}");
    }
}
