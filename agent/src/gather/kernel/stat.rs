//! `/proc/PID/stat`, without an allocation: it is read for every guest at every tick.

use super::schedstat::number;

/// What a process does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ProcessState {
    /// On a CPU or ready for one.
    Running,
    /// Waiting, and can be woken.
    Sleeping,
    /// Waiting for a device (or a dead file server) and cannot be woken.
    DiskSleep,
    /// Stopped by a signal.
    Stopped,
    /// Stopped by a debugger.
    Traced,
    /// Ended, not yet reaped.
    Zombie,
    /// No such process any more.
    Gone,
    /// A state that is none of these.
    Other,
}

impl ProcessState {
    /// Whether its threads cannot answer a monitor now.
    #[must_use]
    pub const fn cannot_answer(self) -> bool {
        matches!(self, Self::Stopped | Self::Traced | Self::Zombie | Self::Gone)
    }

    fn of(letter: u8) -> Self {
        match letter {
            b'R' => Self::Running,
            b'S' | b'I' => Self::Sleeping,
            b'D' => Self::DiskSleep,
            b'T' => Self::Stopped,
            b't' => Self::Traced,
            b'Z' => Self::Zombie,
            b'X' | b'x' => Self::Gone,
            _ => Self::Other,
        }
    }
}

/// The fields that are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stat {
    /// Field 3.
    pub state: ProcessState,
    /// Field 14: clock ticks in user mode, all threads.
    pub user_ticks: u64,
    /// Field 15: clock ticks in the kernel, all threads.
    pub system_ticks: u64,
    /// Field 20.
    pub threads: u64,
    /// Field 22: start, clock ticks after the boot.
    pub start_ticks: u64,
    /// Field 24: resident pages.
    pub rss_pages: u64,
}

impl Stat {
    /// From the file's bytes; `None` when it is another file. The name in field 2 may hold anything, so counting starts
    /// after its last bracket.
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let bracket = bytes.iter().rposition(|byte| *byte == b')')?;
        let mut fields = bytes[bracket + 1..].split(u8::is_ascii_whitespace).filter(|field| !field.is_empty());
        let state = ProcessState::of(*fields.next()?.first()?);
        // The iterator stands before field 4.
        let user_ticks = number(fields.nth(10)?)?;
        let system_ticks = number(fields.next()?)?;
        let threads = number(fields.nth(4)?)?;
        let start_ticks = number(fields.nth(1)?)?;
        let rss_pages = number(fields.nth(1)?)?;
        Some(Self { state, user_ticks, system_ticks, threads, start_ticks, rss_pages })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const REAL: &[u8] =
        b"18507 (qemu ) x) S 1 2 3 0 -1 4 5 6 7 8 9 10 11 12 20 0 3 0 987654 1 2 18446744073709551615 1\n";

    #[test]
    fn reads_the_fields_whatever_the_name_is() {
        let stat = Stat::parse(REAL).unwrap();
        assert_eq!((stat.state, stat.user_ticks, stat.system_ticks), (ProcessState::Sleeping, 9, 10));
        assert_eq!((stat.threads, stat.start_ticks, stat.rss_pages), (3, 987_654, 2));
        assert_eq!(Stat::parse(b"1"), None);
        assert_eq!(Stat::parse(b"1 (x)"), None);
        assert_eq!(Stat::parse(b"1 (x) S -1"), None);
    }

    #[test]
    fn knows_a_stopped_process() {
        let line = String::from_utf8_lossy(REAL).replace(") S", ") T");
        assert!(Stat::parse(line.as_bytes()).unwrap().state.cannot_answer());
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300), cut in 0..REAL.len()) {
            let _ = Stat::parse(&bytes);
            let mut mixed = REAL[..cut].to_vec();
            mixed.extend(bytes);
            let _ = Stat::parse(&mixed);
        }
    }
}
