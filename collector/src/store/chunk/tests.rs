//! What is written comes back; what was damaged is noticed; version 1 stays what it is.

use evenkeel_common::id::AgentId;
use evenkeel_common::metric::MetricId;
use evenkeel_common::sample::{Counter, CounterEpoch, Finite, Gauge, Missing, Value};
use evenkeel_common::time::{DurationMs, UnixMs};
use proptest::prelude::*;

use super::*;
use crate::series::rollup::{LONG, SHORT, roll_up};

const NAME: ChunkName = ChunkName { entity: [7; 16], placement: [0; 16], start: 1_800_000_000_000 };

pub(super) fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        4 => (1_u64..3, any::<u64>()).prop_map(|(epoch, value)| Value::Counter(Counter { epoch: CounterEpoch(epoch), value })),
        2 => (1_u64..3, 0_u64..1_000).prop_map(|(epoch, value)| Value::Counter(Counter { epoch: CounterEpoch(epoch), value })),
        2 => any::<i64>().prop_map(|value| Value::Gauge(Gauge::Int(value))),
        1 => any::<f64>().prop_filter_map("finite", |value| Finite::new(value).map(|value| Value::Gauge(Gauge::Float(value)))),
        1 => (-1_000_i32..1_000).prop_filter_map("finite", |value| Finite::new(f64::from(value) / 100.0).map(|value| Value::Gauge(Gauge::Float(value)))),
        1 => (0_u8..11).prop_map(|code| Value::Missing(Missing::from_code(code))),
    ]
}

fn poll() -> impl Strategy<Value = PollCell> {
    (0_u8..3, 1_u32..60_000, prop::option::of(any::<u8>()), prop::option::of(0_u8..11), any::<bool>()).prop_map(
        |(agent, interval_ms, state, missing, corrected)| PollCell {
            agent: AgentId::from_bytes([agent; 16]),
            interval_ms,
            state,
            missing,
            corrected,
        },
    )
}

fn hour() -> impl Strategy<Value = Hour> {
    let row = (0_i64..3_600_000, prop::option::of(poll()), prop::collection::vec((0_u16..6, 0_u8..2, value()), 0..8));
    prop::collection::vec(row, 0..40).prop_map(|rows| {
        let mut builder = HourBuilder::default();
        for (offset, poll, readings) in rows {
            let at = UnixMs(NAME.start + offset);
            builder.row(at, poll);
            for (metric, device, value) in readings {
                let key =
                    ColumnKey { metric: MetricId(metric + 2), device: "vda"[..usize::from(device) * 3].to_owned() };
                let place = builder.place(&key);
                builder.reading(place, at, value);
            }
        }
        builder.finish()
    })
}

/// An hour as a VM makes it, the same on every machine.
pub(super) fn vm_hour() -> Hour {
    let mut builder = HourBuilder::default();
    let agent = AgentId::from_bytes([3; 16]);
    let poll = PollCell { agent, interval_ms: 10_000, state: Some(1), missing: None, corrected: false };
    let mut random = 1_u64;
    let mut sums = [1_000_000_u64, 500_000, 7 << 40];
    for n in 0..360 {
        let at = UnixMs(NAME.start + 1_234 + n * 10_000 + n % 3);
        builder.row(at, Some(if n == 200 { PollCell { state: None, missing: Some(3), ..poll } } else { poll }));
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        sums[0] += (random >> 40) * 1_000;
        sums[1] += (random >> 48) * 1_000;
        sums[2] += (random >> 60) * 512;
        let epoch = CounterEpoch(if n < 300 { 1_799_999_000_000 } else { 1_800_003_000_000 });
        let count = |value| Value::Counter(Counter { epoch, value });
        let readings = [
            (3, "", count(sums[0] + sums[1])),
            (4, "", count(sums[0])),
            (5, "", count(sums[1])),
            (6, "", Value::Gauge(Gauge::Int(300 << 20))),
            (8, "vda", if n == 17 { Value::Missing(Missing::Hung) } else { count(sums[2]) }),
            (26, "", Value::Missing(Missing::NotEnabled)),
            (484, "", Value::Gauge(Gauge::Float(Finite::new((random >> 60) as f64 / 100.0).unwrap()))),
        ];
        for (metric, device, value) in readings {
            let place = builder.place(&ColumnKey { metric: MetricId(metric), device: device.to_owned() });
            builder.reading(place, at, value);
        }
    }
    builder.finish()
}

pub(super) fn rolled(hour: &Hour, step: DurationMs) -> Rollup {
    let mut rollup = Rollup::default();
    for (row, at) in hour.times.iter().enumerate() {
        let tick = rollup.ticks.entry(crate::series::rollup::start_of(*at, step)).or_insert(Tick {
            first: *at,
            last: *at,
            interval: DurationMs(10_000),
            silent: Vec::new(),
        });
        tick.last = *at;
        if let Some(missing) = hour.polls[row].and_then(|poll| poll.missing) {
            tick.silent = vec![(Missing::from_code(missing), DurationMs(10_000))];
        }
    }
    for column in &hour.columns {
        let readings =
            hour.times.iter().zip(&column.cells).filter_map(|(at, cell)| Some((*at, (*cell)?, DurationMs(10_000))));
        rollup.series.insert(column.key.clone(), roll_up(column.key.metric, readings, step).into_iter().collect());
    }
    rollup
}

fn hex(bytes: &[u8]) -> String {
    bytes.chunks(32).map(|line| line.iter().map(|byte| format!("{byte:02x}")).collect::<String>() + "\n").collect()
}

#[test]
fn version_1_is_frozen() {
    let hour = vm_hour();
    let (chunk, rollup) = (encode(&NAME, &hour), encode_rollup(&NAME, &rolled(&hour, SHORT)));
    let golden = include_str!("golden-1.hex");
    let found = format!("{}\n{}", hex(&chunk), hex(&rollup));
    if std::env::var_os("EVENKEEL_WRITE_GOLDEN").is_some() {
        std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/src/store/chunk/golden-1.hex"), &found).unwrap();
        return;
    }
    assert!(found == golden, "version 1 of the chunk format changed; make a version 2 beside it");
    assert_eq!(decode(&NAME, &chunk).unwrap(), hour);
}

#[test]
fn a_chunk_under_another_name_is_noticed() {
    let chunk = encode(&NAME, &vm_hour());
    for other in [
        ChunkName { entity: [8; 16], ..NAME },
        ChunkName { placement: [1; 16], ..NAME },
        ChunkName { start: NAME.start + 3_600_000, ..NAME },
    ] {
        assert_eq!(decode(&other, &chunk), Err(ChunkError::Checksum));
    }
}

#[test]
fn no_flipped_byte_goes_unnoticed() {
    let hour = vm_hour();
    let whole = [encode(&NAME, &hour), encode_rollup(&NAME, &rolled(&hour, LONG))];
    for at in 0..whole[0].len() {
        let mut chunk = whole[0].clone();
        chunk[at] ^= 1 << (at % 8);
        assert!(decode(&NAME, &chunk).is_err(), "byte {at}");
    }
    for at in 0..whole[1].len() {
        let mut chunk = whole[1].clone();
        chunk[at] ^= 1 << (at % 8);
        assert!(decode_rollup(&NAME, &chunk).is_err(), "byte {at}");
    }
}

proptest! {
    #[test]
    fn an_hour_comes_back(hour in hour()) {
        let chunk = encode(&NAME, &hour);
        prop_assert_eq!(decode(&NAME, &chunk).unwrap(), hour);
    }

    #[test]
    fn rollups_come_back(hour in hour()) {
        for step in [SHORT, LONG] {
            let mut rollup = rolled(&hour, step);
            // A series without values is not told from one that is not there.
            rollup.series.retain(|_, buckets| !buckets.is_empty());
            let chunk = encode_rollup(&NAME, &rollup);
            prop_assert_eq!(decode_rollup(&NAME, &chunk).unwrap(), rollup);
        }
    }

    #[test]
    fn a_row_of_the_journal_comes_back(poll in prop::option::of(poll()), values in prop::collection::vec(value(), 0..20)) {
        let body = EntryBody::Tick { poll, values };
        let bytes = encode_entry(&NAME, &body);
        prop_assert_eq!(decode_entry(&NAME, &bytes).unwrap(), Entry { at: UnixMs(NAME.start), body });
    }

    /// Bytes with a right checksum and a wrong content, as a bug would write them.
    #[test]
    fn nonsense_behind_a_right_checksum_is_an_error_and_never_a_panic(
        at in 0_usize..2_000, with in any::<u8>(), cut in 0_usize..2_000
    ) {
        let mut body = encode(&NAME, &vm_hour())[4 + CHECKSUM_BYTES..].to_vec();
        let place = at % body.len();
        body[place] = with;
        body.truncate(body.len() - cut % body.len());
        let _ = decode(&NAME, &body::sealed(&NAME, b"EKC\x01", 1, &body));
        let mut body = encode_rollup(&NAME, &rolled(&vm_hour(), SHORT))[4 + CHECKSUM_BYTES..].to_vec();
        let place = at % body.len();
        body[place] = with;
        let _ = decode_rollup(&NAME, &body::sealed(&NAME, b"EKR\x01", 3, &body));
        let mut body = encode_rollup(&NAME, &rolled(&vm_hour(), LONG))[4 + CHECKSUM_BYTES..].to_vec();
        let place = at % body.len();
        body[place] = with;
        let _ = decode_rollup(&NAME, &body::sealed(&NAME, b"EKR\x02", 3, &body));
    }
}
