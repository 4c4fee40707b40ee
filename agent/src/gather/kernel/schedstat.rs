//! `/proc/PID/task/TID/schedstat` and the names of vCPU threads.

/// Nanoseconds that a thread ran, and that it was ready to run and waited for a CPU: the first two of three numbers. The
/// first is what the kernel divides into the user and system time of `stat`, which costs four times as much to read.
/// `None` when it is another file, or the kernel does not count: a thread that exists has run.
#[must_use]
pub fn run_and_delay_ns(bytes: &[u8]) -> Option<(u64, u64)> {
    let mut fields = bytes.split(u8::is_ascii_whitespace).filter(|field| !field.is_empty());
    let run_ns = number(fields.next()?).filter(|run_ns| *run_ns > 0)?;
    Some((run_ns, number(fields.next()?)?))
}

/// The vCPU whose thread has this name (`/proc/PID/task/TID/comm`): `CPU 3/KVM` or `CPU 3/TCG`.
#[must_use]
pub fn vcpu_index(comm: &[u8]) -> Option<u32> {
    let rest = comm.strip_prefix(b"CPU ")?;
    let slash = rest.iter().position(|byte| *byte == b'/')?;
    u32::try_from(number(&rest[..slash])?).ok()
}

/// A whole number in decimal digits.
pub(super) fn number(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0_u64, |so_far, byte| {
        let digit = byte.is_ascii_digit().then(|| u64::from(byte - b'0'))?;
        so_far.checked_mul(10)?.checked_add(digit)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_a_line() {
        assert_eq!(run_and_delay_ns(b"137804 3354310 2\n"), Some((137_804, 3_354_310)));
        for other in [&b"1"[..], b"1 x", b"x 1", b"", b"0 0 0\n"] {
            assert_eq!(run_and_delay_ns(other), None);
        }
    }

    #[test]
    fn knows_the_threads_of_vcpus() {
        assert_eq!(vcpu_index(b"CPU 0/KVM\n"), Some(0));
        assert_eq!(vcpu_index(b"CPU 12/TCG\n"), Some(12));
        for other in [&b"CPU 1\n"[..], b"CPU /KVM", b"CPU -1/KVM", b"ALL CPUs/TCG", b"qemu-system-x86", b""] {
            assert_eq!(vcpu_index(other), None);
        }
    }

    #[test]
    fn numbers_do_not_overflow() {
        assert_eq!(number(b"18446744073709551615"), Some(u64::MAX));
        assert_eq!(number(b"18446744073709551616"), None);
        assert_eq!(number(b""), None);
    }

    proptest! {
        #[test]
        fn no_bytes_make_them_panic(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
            let _ = (run_and_delay_ns(&bytes), vcpu_index(&bytes));
        }

        #[test]
        fn a_number_is_what_the_library_reads(text in "[0-9]{1,22}|[0-9a-z+-]{0,5}") {
            let expected = text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten();
            prop_assert_eq!(number(text.as_bytes()), expected);
        }
    }
}
