//! [P] The bytes of a segment: a head, then records. Each has a checksum that also depends on the segment and the place in
//! it, so that what an old file left on the disk is not taken for a record.

use evenkeel_common::limits::FRAME_MAX_BYTES;
use evenkeel_common::wire::v1::Gap;

const MAGIC: [u8; 8] = *b"EKSPOOL1";
/// Magic, number, epoch, first seq, checksum.
pub(super) const HEAD_BYTES: usize = 40;
/// Length, checksum, kind, two numbers.
pub(super) const RECORD_BYTES: usize = 29;

/// The head of a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) number: u64,
    pub(super) epoch: u64,
    pub(super) first_seq: u64,
}

/// A record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Record<'a> {
    /// A packed batch; `keyframe` decodes by itself, `tells` carries a gap.
    Batch { keyframe: bool, tells: bool, seq: u64, tick_ms: i64, packed: &'a [u8] },
    /// The collector has everything of the stream up to `seq`.
    Ack { epoch: u64, seq: u64 },
    /// All segments up to this number are gone, and with them what the gap counts.
    Dropped { through: u64, gap: Option<Gap> },
    /// From this number on a segment of the stream was not readable.
    Lost { epoch: u64, seq: u64, gap: Gap },
}

impl Head {
    pub(super) fn bytes(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        for number in [self.number, self.epoch, self.first_seq] {
            bytes.extend(number.to_le_bytes());
        }
        let check = check(self.number, 0, &bytes);
        bytes.extend(check);
        bytes
    }

    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let (head, sum) = bytes.get(..HEAD_BYTES)?.split_at(HEAD_BYTES - 8);
        let number = u64_at(head, 8)?;
        let sound = head.starts_with(&MAGIC) && check(number, 0, head) == sum;
        sound.then_some(Self { number, epoch: u64_at(head, 16)?, first_seq: u64_at(head, 24)? })
    }
}

impl<'a> Record<'a> {
    /// The record's bytes at this place of this segment.
    pub(super) fn bytes(&self, segment: u64, at: u64) -> Vec<u8> {
        let gap_bytes =
            |gap: &Gap| [gap.from_ms.to_le_bytes(), gap.to_ms.to_le_bytes(), gap.batches.to_le_bytes()].concat();
        let (kind, a, b, body) = match self {
            Self::Batch { keyframe, tells, seq, tick_ms, packed } => {
                (1 + u8::from(*keyframe) + 2 * u8::from(*tells), *seq, tick_ms.cast_unsigned(), packed.to_vec())
            }
            Self::Ack { epoch, seq } => (5, *epoch, *seq, Vec::new()),
            Self::Dropped { through, gap } => (6, *through, 0, gap.iter().flat_map(gap_bytes).collect()),
            Self::Lost { epoch, seq, gap } => (7, *epoch, *seq, gap_bytes(gap)),
        };
        let mut rest = vec![kind];
        rest.extend(a.to_le_bytes());
        rest.extend(b.to_le_bytes());
        rest.extend(body);
        let mut bytes = u32::try_from(rest.len()).unwrap_or(u32::MAX).to_le_bytes().to_vec();
        bytes.extend(check(segment, at, &rest));
        bytes.extend(rest);
        bytes
    }

    /// The record at the front of `bytes`, and its length; `None` when there is none that is whole.
    pub(super) fn read(bytes: &'a [u8], segment: u64, at: u64) -> Option<(Self, usize)> {
        let len = usize::try_from(u32::from_le_bytes(bytes.get(..4)?.try_into().ok()?)).ok()?;
        if len > FRAME_MAX_BYTES + RECORD_BYTES {
            return None;
        }
        let rest = bytes.get(12..12 + len)?;
        if check(segment, at, rest) != bytes[4..12] {
            return None;
        }
        let (kind, a, b, body) = (*rest.first()?, u64_at(rest, 1)?, u64_at(rest, 9)?, rest.get(17..)?);
        let gap = || {
            Some(Gap {
                from_ms: u64_at(body, 0)?.cast_signed(),
                to_ms: u64_at(body, 8)?.cast_signed(),
                batches: u64_at(body, 16)?,
            })
        };
        let record = match kind {
            1..=4 => Self::Batch {
                keyframe: (kind - 1) & 1 != 0,
                tells: (kind - 1) & 2 != 0,
                seq: a,
                tick_ms: b.cast_signed(),
                packed: body,
            },
            5 => Self::Ack { epoch: a, seq: b },
            6 => Self::Dropped { through: a, gap: gap() },
            7 => Self::Lost { epoch: a, seq: b, gap: gap()? },
            _ => return None,
        };
        Some((record, 12 + len))
    }
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(bytes.get(at..at + 8)?.try_into().ok()?))
}

fn check(segment: u64, at: u64, bytes: &[u8]) -> [u8; 8] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&segment.to_le_bytes()).update(&at.to_le_bytes()).update(bytes);
    let mut sum = [0; 8];
    sum.copy_from_slice(&hasher.finalize().as_bytes()[..8]);
    sum
}

/// Both gaps as one.
pub(super) fn merge(a: Option<Gap>, b: Option<Gap>) -> Option<Gap> {
    match (a, b) {
        (Some(a), Some(b)) => Some(Gap {
            from_ms: a.from_ms.min(b.from_ms),
            to_ms: a.to_ms.max(b.to_ms),
            batches: a.batches.saturating_add(b.batches),
        }),
        (one, other) => one.or(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_come_back_and_only_in_their_place() {
        let gap = Gap { from_ms: -1, to_ms: 5, batches: 3 };
        for record in [
            Record::Batch { keyframe: true, tells: false, seq: 7, tick_ms: -9, packed: b"abc" },
            Record::Batch { keyframe: false, tells: true, seq: 8, tick_ms: 1, packed: b"" },
            Record::Ack { epoch: 1, seq: 2 },
            Record::Dropped { through: 4, gap: Some(gap) },
            Record::Dropped { through: 4, gap: None },
            Record::Lost { epoch: 3, seq: 9, gap },
        ] {
            let bytes = record.bytes(5, 100);
            assert_eq!(Record::read(&bytes, 5, 100), Some((record, bytes.len())));
            assert_eq!(Record::read(&bytes, 5, 101), None);
            assert_eq!(Record::read(&bytes, 6, 100), None);
            assert_eq!(Record::read(&bytes[..bytes.len() - 1], 5, 100), None);
            for at in 0..bytes.len() {
                let mut damaged = bytes.clone();
                damaged[at] ^= 4;
                assert_eq!(Record::read(&damaged, 5, 100), None);
            }
        }
        let head = Head { number: 3, epoch: 4, first_seq: 5 };
        assert_eq!(Head::read(&head.bytes()), Some(head));
        assert_eq!(
            (head.bytes().len(), Record::Ack { epoch: 0, seq: 0 }.bytes(0, 0).len()),
            (HEAD_BYTES, RECORD_BYTES)
        );
    }
}
