//! Lines of batches: what goes in comes out, whatever changes from batch to batch, and no bytes make it panic.

use proptest::prelude::*;

use super::*;
use crate::wire::v1::{
    Activity, Batch, BatchKind, DomainInfo, DomainSample, EventSample, Gap, HostInfo, HostSample, WireReading,
    WireValue,
};

/// Metric, device, value.
type Named = (u16, String, WireValue);

/// A batch with names instead of numbers of devices: these may be given out in another order.
fn by_name(batch: &Batch) -> (Batch, Vec<Vec<Named>>) {
    let mut bare = batch.clone();
    let name = |reading: &WireReading| {
        let device = batch.devices.get(usize::from(reading.device)).cloned().unwrap_or_default();
        (reading.metric, device, reading.value)
    };
    let mut all = Vec::new();
    if let Some(host) = &mut bare.host {
        all.push(std::mem::take(&mut host.readings).iter().map(name).collect());
    }
    for domain in &mut bare.domains {
        all.push(std::mem::take(&mut domain.readings).iter().map(name).collect());
    }
    bare.devices.clear();
    (bare, all)
}

fn value() -> impl Strategy<Value = WireValue> {
    prop_oneof![
        4 => (0u64..5).prop_map(|n| WireValue::Counter(1_000_000 + n * 10_000)),
        1 => any::<u64>().prop_map(WireValue::Counter),
        2 => (-3i64..3).prop_map(WireValue::Int),
        1 => any::<i64>().prop_map(WireValue::Int),
        1 => (0i32..9).prop_map(|n| WireValue::Float(f64::from(n) / 8.0)),
        1 => any::<f64>().prop_filter("finite", |v| v.is_finite()).prop_map(WireValue::Float),
        2 => (0u8..3).prop_map(WireValue::Missing),
        1 => (0u64..9, 0u64..3).prop_map(|(value, epoch)| WireValue::CounterSince { value, epoch }),
    ]
}

fn readings() -> impl Strategy<Value = Vec<WireReading>> {
    proptest::collection::btree_map((1u16..6, 0u16..4), value(), 0..9).prop_map(|all| {
        all.into_iter().map(|((metric, device), value)| WireReading { metric, device, value }).collect()
    })
}

fn domains() -> impl Strategy<Value = Vec<DomainSample>> {
    let one = (0u8..6, 0u8..3, 0u8..3, 0u64..3, 0u32..2, readings());
    proptest::collection::vec(one, 0..6).prop_map(|all| {
        let mut domains: Vec<DomainSample> = Vec::new();
        for (uuid, state, activity, epoch, vcpus, readings) in all {
            if domains.iter().any(|domain| domain.uuid == [uuid; 16]) {
                continue;
            }
            domains.push(DomainSample {
                uuid: [uuid; 16],
                name: format!("g{uuid}"),
                state,
                activity: [Activity::Active, Activity::Incoming, Activity::Inactive][usize::from(activity)],
                counter_epoch: epoch * 1_700_000_000_000,
                info: DomainInfo { vcpus, ..DomainInfo::default() }.into(),
                readings,
            });
        }
        domains
    })
}

/// What a batch is made of: step of the number, clocks, header, host's readings, domains, boot.
type One = (
    u64,
    (i64, u64, u32),
    (bool, Option<u8>, Option<(i64, i64, u64)>),
    Option<Vec<WireReading>>,
    Vec<DomainSample>,
    u8,
);

fn batches() -> impl Strategy<Value = Vec<Batch>> {
    let clocks = (any::<i64>(), any::<u64>(), prop_oneof![Just(10_000u32), 1u32..4_000_000]);
    let rest = (any::<bool>(), proptest::option::of(any::<u8>()), proptest::option::of(any::<(i64, i64, u64)>()));
    let one = (1u64..4, clocks, rest, proptest::option::of(readings()), domains(), 0u8..4);
    proptest::collection::vec(one, 1..14).prop_map(|all| {
        let mut seq = 0;
        let make = |one: One| {
            let (step, (wall, mono, interval_ms), (events, domains_missing, gap), host, domains, boot) = one;
            seq += step;
            Batch {
                epoch: 7,
                seq,
                kind: if events { BatchKind::Events } else { BatchKind::Tick },
                tick_wall_ms: wall,
                tick_mono_ms: mono,
                interval_ms,
                boot_id: [boot / 3; 16],
                host: host.map(|readings| HostSample { info: HostInfo::default(), counter_epoch: 5, readings }),
                domains,
                domains_missing,
                gap: gap.map(|(from_ms, to_ms, batches)| Gap { from_ms, to_ms, batches }),
                events: (0..u8::from(events)).map(|_| event()).collect(),
                devices: ["", "vda", "vnet0", "vcpu0"].map(str::to_owned).to_vec(),
            }
        };
        all.into_iter().map(make).collect()
    })
}

fn event() -> EventSample {
    EventSample {
        wall_ms: 1,
        category: 1,
        kind: "vm_crashed".into(),
        domain: Some([2; 16]),
        name: "g2".into(),
        message: "m".into(),
    }
}

proptest! {
    #[test]
    fn what_goes_in_comes_out(batches in batches(), anew in proptest::collection::vec(0u8..6, 14)) {
        let (mut packer, mut unpacker) = (Packer::default(), Unpacker::default());
        for (batch, anew) in batches.iter().zip(anew) {
            if anew == 0 {
                packer.begin_anew();
            }
            let bytes = packer.pack(batch).unwrap();
            prop_assert_eq!(by_name(&unpacker.unpack(&bytes).unwrap()), by_name(batch));
        }
    }

    /// Damage is found, or gives another batch; it never panics, and afterwards a keyframe is understood.
    #[test]
    fn damage_never_panics(batches in batches(), which in any::<prop::sample::Index>(), flips in proptest::collection::vec((any::<prop::sample::Index>(), 1u8..=255), 1..4)) {
        let (mut packer, mut unpacker) = (Packer::default(), Unpacker::default());
        let hit = which.index(batches.len());
        for (at, batch) in batches.iter().enumerate() {
            let mut bytes = packer.pack(batch).unwrap();
            if at == hit {
                for (place, flip) in &flips {
                    let place = place.index(bytes.len());
                    bytes[place] ^= flip;
                }
            }
            let _ = unpacker.unpack(&bytes);
        }
        packer.begin_anew();
        let last = batches.last().unwrap();
        prop_assert_eq!(by_name(&unpacker.unpack(&packer.pack(last).unwrap()).unwrap()), by_name(last));
    }

    #[test]
    fn bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400), keyframe: bool) {
        let mut unpacker = Unpacker::default();
        let mut packer = Packer::default();
        let _ = unpacker.unpack(&packer.pack(&Batch { seq: 1, ..Batch::default() }).unwrap());
        let head = if keyframe { vec![1] } else { vec![0] };
        let _ = unpacker.unpack(&[head, bytes].concat());
    }
}

fn ticks(count: u64, values: impl Fn(u64, u16) -> WireValue) -> Vec<Batch> {
    let reading = |tick, metric| WireReading { metric, device: 0, value: values(tick, metric) };
    let domain = |tick, n| DomainSample {
        uuid: [n; 16],
        name: format!("g{n}"),
        state: 1,
        activity: Activity::Active,
        counter_epoch: 3,
        info: DomainInfo::default().into(),
        readings: (1..61).map(|metric| reading(tick, metric)).collect(),
    };
    let batch = |tick| Batch {
        epoch: 1,
        seq: tick,
        tick_wall_ms: i64::try_from(tick).unwrap() * 10_000,
        tick_mono_ms: tick * 10_000,
        interval_ms: 10_000,
        domains: (0..40).map(|n| domain(tick, n)).collect(),
        devices: vec![String::new()],
        ..Batch::default()
    };
    (1..=count).map(batch).collect()
}

#[test]
fn what_does_not_change_costs_a_bit_and_what_stays_missing_nothing() {
    let size = |values: fn(u64, u16) -> WireValue| {
        let mut packer = Packer::default();
        ticks(9, values).iter().map(|batch| packer.pack(batch).unwrap().len()).last().unwrap()
    };
    let header = size(|_, _| WireValue::Missing(1));
    assert!(header <= 9, "{header}");
    let constant = size(|_, metric| WireValue::Counter(u64::from(metric) << 30));
    assert_eq!(constant, header + 40 * 60 / 8);
    let steady = size(|tick, _| WireValue::Counter(tick * 1_000_000_000));
    assert!(steady < header + 40 * 60 / 2, "{steady}");
}

#[test]
fn a_line_that_is_broken_says_so() {
    let batches = ticks(3, |tick, _| WireValue::Counter(tick));
    let (mut packer, mut unpacker) = (Packer::default(), Unpacker::default());
    let packed: Vec<Vec<u8>> = batches.iter().map(|batch| packer.pack(batch).unwrap()).collect();
    assert!(matches!(unpacker.unpack(&packed[1]), Err(PackError::NoContext)));
    unpacker.unpack(&packed[0]).unwrap();
    assert!(matches!(unpacker.unpack(&[packed[1].as_slice(), &[7]].concat()), Err(PackError::Trailing { .. })));
    assert!(matches!(unpacker.unpack(&packed[2]), Err(PackError::NoContext)), "after an error only a keyframe helps");
    let mut twice = batches[0].clone();
    twice.domains.push(twice.domains[0].clone());
    assert!(matches!(packer.pack(&twice), Err(PackError::Impossible { what: "domain named twice" })));
}

#[test]
fn what_a_few_bytes_claim_is_refused_before_memory_is_taken() {
    let mut unpacker = Unpacker::default();
    // Keyframe, epoch, seq, clocks, then 2^62 domains.
    let mut bytes = vec![1, 1, 1, 0, 0];
    bytes.extend([0xff; 8]);
    bytes.push(0x7f);
    assert!(matches!(unpacker.unpack(&bytes), Err(PackError::Impossible { what: "number of domains" })));
    let mut packer = Packer::default();
    let reading = |metric| WireReading { metric, device: 0, value: WireValue::Missing(1) };
    let domain = |n: u16| DomainSample {
        uuid: [u8::try_from(n % 256).unwrap(); 16],
        name: String::new(),
        state: 0,
        activity: Activity::Active,
        counter_epoch: 0,
        info: DomainInfo::default().into(),
        readings: (0..1_100).map(reading).collect(),
    };
    let many = Batch { seq: 1, domains: (0..250).map(domain).collect(), ..Batch::default() };
    assert!(matches!(packer.pack(&many), Err(PackError::Impossible { what: "number of readings" })));
}
