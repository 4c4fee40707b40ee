//! Golden bytes, limits, and bytes that are no message.

use proptest::prelude::*;

use super::*;
use crate::wire::codec::{CodecError, body_len, common_version, decode_up_to};
use crate::wire::pack::Packer;
use crate::wire::v2::PackedBatch;
use crate::wire::{decode, encode};

fn batch() -> Batch {
    Batch {
        epoch: 1_700_000_000_000,
        seq: 7,
        kind: BatchKind::Tick,
        tick_wall_ms: 1_700_000_010_000,
        tick_mono_ms: 10_000,
        interval_ms: 10_000,
        boot_id: [1; 16],
        host: Some(HostSample {
            info: HostInfo { libvirt_version: "9.0.0".into(), cpus: 2, ..HostInfo::default() },
            counter_epoch: 5,
            readings: vec![WireReading { metric: 400, device: 0, value: WireValue::Float(0.5) }],
        }),
        domains: vec![DomainSample {
            uuid: [2; 16],
            name: "g1".into(),
            state: 1,
            activity: Activity::Active,
            counter_epoch: 1_699_999_000_000,
            info: DomainInfo {
                vcpus: 1,
                persistent: true,
                project: "p".into(),
                labels: vec![LabelInfo { name: "tier".into(), value: "web".into() }],
                probes: vec![ProbeInfo { name: "web".into(), state: ProbeState::Path, ..ProbeInfo::default() }],
                disks: vec![DiskInfo {
                    target: "vda".into(),
                    readonly: true,
                    backing: vec![BackingInfo { source: "/b".into(), format: "raw".into() }],
                    ..DiskInfo::default()
                }],
                interfaces: vec![InterfaceInfo { target: "vnet0".into(), ..InterfaceInfo::default() }],
                snapshots: vec!["s1".into()],
                ..DomainInfo::default()
            }
            .into(),
            readings: vec![
                WireReading { metric: 3, device: 0, value: WireValue::Counter(u64::MAX) },
                WireReading { metric: 8, device: 1, value: WireValue::Counter(512) },
                WireReading { metric: 6, device: 0, value: WireValue::Missing(3) },
                WireReading { metric: 10, device: 0, value: WireValue::CounterSince { value: 1, epoch: 2 } },
            ],
        }],
        domains_missing: None,
        gap: Some(Gap { from_ms: 1, to_ms: 2, batches: 3 }),
        events: vec![EventSample {
            wall_ms: 1_700_000_009_000,
            category: 1,
            kind: "vm_watchdog".into(),
            domain: Some([2; 16]),
            name: "g1".into(),
            message: "m".into(),
        }],
        devices: vec![String::new(), "vda".into()],
    }
}

/// A keyframe and what follows it: the bytes of a packed batch are frozen as well.
fn packed() -> ToCollector {
    let mut packer = Packer::default();
    let mut second = batch();
    second.seq += 1;
    second.tick_wall_ms += 10_003;
    second.tick_mono_ms += 10_000;
    second.domains[0].readings[1].value = WireValue::Counter(4_608);
    let packed = [packer.pack(&batch()).unwrap(), packer.pack(&second).unwrap()].concat();
    ToCollector::Packed(PackedBatch { sent_wall_ms: 1, sent_mono_ms: 2, age_ms: 3, lane: 1, packed })
}

fn every_message() -> (Vec<ToCollector>, Vec<ToAgent>, Vec<EnrolRequest>, Vec<EnrolReply>) {
    let hello = Hello {
        version_min: 1,
        version_max: 2,
        agent_version: "0.1.0".into(),
        machine_id: "m".into(),
        run: 9,
        streams: vec![8, 9],
        wall_ms: 10,
    };
    let command = |verb| {
        ToAgent::Command(WireCommand { id: [3; 16], collector_epoch: 1, verb, domain: [2; 16], not_after_ms: 99 })
    };
    let finished = |outcome| ToCollector::Action { id: [3; 16], progress: WireProgress::Finished(outcome) };
    (
        vec![
            ToCollector::Hello(hello),
            ToCollector::Batch { sent_wall_ms: 1, sent_mono_ms: 2, age_ms: 3, batch: batch() },
            ToCollector::Action { id: [3; 16], progress: WireProgress::Running("backup".into()) },
            finished(WireOutcome::Succeeded(vec![("path".into(), "/p".into())])),
            finished(WireOutcome::Failed("no".into())),
            finished(WireOutcome::Refused { guard: "not_active".into(), message: "m".into() }),
            finished(WireOutcome::Expired),
            finished(WireOutcome::Unknown("e".into())),
            ToCollector::Renew { csr_der: vec![1, 2] },
            ToCollector::Goodbye(Goodbye { reason: "stop".into(), expected_s: 0 }),
            packed(),
        ],
        vec![
            ToAgent::Welcome(Welcome { version: 1, ends: vec![0, 7], collector_epoch: 1 }),
            ToAgent::Ack { epoch: 9, seq: 7 },
            ToAgent::RetryAfter { ms: 500 },
            command(WireVerb::Snapshot),
            command(WireVerb::Restart { apply_pending: true }),
            command(WireVerb::Migrate { to_host: "hostb".into() }),
            ToAgent::ActionAck { id: [3; 16] },
            ToAgent::Renewed { cert_der: vec![3] },
        ],
        vec![EnrolRequest {
            token_id: "t".into(),
            secret: [4; 16],
            name: "hosta".into(),
            machine_id: "m".into(),
            csr_der: vec![1],
            agent_version: "0.1.0".into(),
        }],
        vec![
            EnrolReply::Issued { agent_id: [5; 16], cert_der: vec![1], ca_der: vec![2] },
            EnrolReply::Pending,
            EnrolReply::Refused { message: "used".into() },
        ],
    )
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn every_message_matches_its_golden_bytes() {
    let (up, down, requests, replies) = every_message();
    let mut lines = Vec::new();
    lines.extend(up.iter().map(|message| format!("up {} {}", message.name(), hex(&encode(message).unwrap()))));
    lines.extend(down.iter().map(|message| format!("down {} {}", message.name(), hex(&encode(message).unwrap()))));
    lines.extend(requests.iter().map(|message| format!("enrol request {}", hex(&encode(message).unwrap()))));
    lines.extend(replies.iter().map(|message| format!("enrol reply {}", hex(&encode(message).unwrap()))));
    if std::env::var_os("EVENKEEL_BLESS").is_some() {
        std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/src/wire/v1/golden.txt"), lines.join("\n") + "\n")
            .unwrap();
    }
    let golden = include_str!("golden.txt");
    for (line, golden) in lines.iter().zip(golden.lines()) {
        assert_eq!(line, golden, "a released message changed: make a v2 instead");
    }
    assert_eq!(lines.len(), golden.lines().count(), "all lines:\n{}", lines.join("\n"));
}

#[test]
fn every_message_comes_back() {
    let (up, down, requests, replies) = every_message();
    for message in up {
        assert_eq!(decode::<ToCollector>(&encode(&message).unwrap()[4..]).unwrap(), message);
    }
    for message in down {
        assert_eq!(decode::<ToAgent>(&encode(&message).unwrap()[4..]).unwrap(), message);
    }
    for message in requests {
        assert_eq!(decode::<EnrolRequest>(&encode(&message).unwrap()[4..]).unwrap(), message);
    }
    for message in replies {
        assert_eq!(decode::<EnrolReply>(&encode(&message).unwrap()[4..]).unwrap(), message);
    }
}

#[test]
fn refuses_what_is_no_message() {
    assert!(matches!(decode::<ToAgent>(&[]), Err(CodecError::Empty)));
    assert!(matches!(decode::<ToAgent>(&[9, 0]), Err(CodecError::Version { got: 9, max: 3 })));
    let mut long = encode(&ToAgent::Ack { epoch: 1, seq: 1 }).unwrap();
    long.push(0);
    assert!(matches!(decode::<ToAgent>(&long[4..]), Err(CodecError::Trailing { left: 1 })));
    assert!(matches!(body_len([0xff; 4]), Err(CodecError::TooLong { .. })));
    // A message of version 2 is none for a side that speaks version 1 only, nor with another version's number on it.
    let mut newer = encode(&packed()).unwrap();
    assert!(matches!(decode_up_to::<ToCollector>(1, &newer[4..]), Err(CodecError::Version { got: 2, max: 1 })));
    newer[4] = 1;
    assert!(matches!(decode::<ToCollector>(&newer[4..]), Err(CodecError::Version { got: 1, .. })));
    // A vector that claims 2^60 bytes is refused before memory is taken for it.
    let huge = [1, 5, 253, 0, 0, 0, 0, 0, 0, 0, 16];
    assert!(matches!(decode::<ToAgent>(&huge), Err(CodecError::Decode(_))));
}

#[test]
fn the_newest_common_version_is_used() {
    for (ours, theirs, wanted) in [
        ((1, 2), (1, 2), Some(2)),
        ((1, 2), (1, 1), Some(1)),
        ((1, 1), (1, 2), Some(1)),
        ((1, 2), (2, 9), Some(2)),
        ((2, 2), (1, 1), None),
        ((1, 2), (3, 4), None),
    ] {
        assert_eq!(common_version(ours, theirs), wanted, "{ours:?} {theirs:?}");
    }
}

#[test]
fn validates_a_batch() {
    assert_eq!(batch().validate(), Ok(()));
    let mut bad = batch();
    bad.domains[0].readings[1].device = 9;
    assert_eq!(bad.validate(), Err(ConvertError::Device { index: 9, listed: 2 }));
    let mut bad = batch();
    bad.domains[0].readings[0].value = WireValue::Float(f64::NAN);
    assert_eq!(bad.validate(), Err(ConvertError::NotFinite { metric: 3 }));
    let mut bad = batch();
    bad.devices[1] = "x".repeat(256);
    assert_eq!(bad.validate(), Err(ConvertError::Name { len: 256 }));
    let mut bad = batch();
    bad.interval_ms = 0;
    assert_eq!(bad.validate(), Err(ConvertError::Interval { ms: 0 }));
    let mut bad = batch();
    bad.seq = 0;
    assert_eq!(bad.validate(), Err(ConvertError::Seq));
}

proptest! {
    #[test]
    fn never_panics_on_bytes(body in proptest::collection::vec(any::<u8>(), 0..512)) {
        let mut versioned = vec![1];
        versioned.extend(&body);
        let _ = decode::<ToCollector>(&versioned).map(|message| match message {
            ToCollector::Batch { batch, .. } => batch.validate().is_ok(),
            _ => true,
        });
        let _ = decode::<ToAgent>(&versioned);
        let _ = decode::<EnrolRequest>(&versioned);
        let _ = decode::<EnrolReply>(&versioned);
    }

    #[test]
    fn never_panics_on_a_damaged_batch(at in 0usize..200, flip in 1u8..=255) {
        let mut frame = encode(&ToCollector::Batch { sent_wall_ms: 1, sent_mono_ms: 2, age_ms: 3, batch: batch() }).unwrap();
        let at = 5 + at % (frame.len() - 5);
        frame[at] ^= flip;
        if let Ok(ToCollector::Batch { batch, .. }) = decode::<ToCollector>(&frame[4..]) {
            let _ = batch.validate();
        }
    }
}
