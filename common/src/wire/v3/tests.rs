//! Golden bytes of version 3, what comes back from them, and bytes that are no order.

use proptest::prelude::*;

use super::*;
use crate::action::{BackupMode, Command, Keep, MigrateLimits, Progress, Quiesce, RestoreInto, Step, Verb};
use crate::id::{ActionId, AgentId, DomainUuid, PointId};
use crate::time::{DurationMs, UnixMs};
use crate::wire::codec::{CodecError, decode_up_to};
use crate::wire::v1::{ToAgent, ToCollector, WireCommand, WireOutcome};
use crate::wire::{decode, encode};

pub(crate) fn every_verb() -> Vec<Verb> {
    let point = PointId::from_bytes([6; 16]);
    vec![
        Verb::Snapshot { internal: true, quiesce: Quiesce::Never },
        Verb::Backup { mode: BackupMode::Auto, target: "nfs".into(), quiesce: Quiesce::Required },
        Verb::Restore { point, into: RestoreInto::InPlace },
        Verb::Restore { point, into: RestoreInto::New { name: "g9".into() } },
        Verb::ConfirmRestore { restore: ActionId::from_bytes([3; 16]) },
        Verb::Rehearse { point },
        Verb::Verify { point },
        Verb::Prune { target: "nfs".into(), keep: Keep { last: 1, daily: 7, weekly: 4, monthly: 12 } },
        Verb::Restart { apply_pending: true },
        Verb::Migrate {
            to_host: "hostb".into(),
            limits: MigrateLimits {
                storage_copy: true,
                bandwidth_bytes_per_s: Some(1 << 20),
                downtime: Some(DurationMs(300)),
                auto_converge: true,
                deadline: Some(DurationMs(60_000)),
            },
        },
        Verb::Cancel { action: ActionId::from_bytes([3; 16]) },
    ]
}

fn command(verb: Verb) -> Command {
    Command {
        id: ActionId::from_bytes([3; 16]),
        collector_epoch: 2,
        host: AgentId::from_bytes([5; 16]),
        verb,
        domain: DomainUuid::from_bytes([2; 16]),
        issued: UnixMs(90),
        not_after: UnixMs(99),
    }
}

fn signed(verb: Verb) -> SignedOrder {
    SignedOrder {
        id: [3; 16],
        order: Order::from(&command(verb)).to_bytes().unwrap(),
        signature: [7; 64],
        rotations: vec![Rotation { key: [8; 32], signature: [9; 64] }],
    }
}

fn head() -> AuditHead {
    AuditHead { seq: 7, hash: [1; 32], at_ms: 8, signature: [2; 64] }
}

fn point() -> PointInfo {
    PointInfo {
        id: [6; 16],
        domain: [2; 16],
        name: "g1".into(),
        at_ms: 1,
        kind: PointKind::Incremental,
        parent: Some([4; 16]),
        bytes: 5,
        disks: vec!["vda".into()],
        quiesce: PointQuiesce::Frozen,
        target: "nfs".into(),
        path: "/b".into(),
        made_by: "hosta".into(),
        valid: Some(true),
        verified_ms: Some(3),
        problem: String::new(),
    }
}

fn every_message() -> (Vec<ToCollector>, Vec<ToAgent>) {
    let running =
        Step { words: "copying".into(), permille: Some(250), remaining_bytes: Some(9), estimated_end: Some(UnixMs(4)) };
    let id = ActionId::from_bytes([3; 16]);
    let report =
        PointsReport { after: None, points: vec![point()], more: true, unreadable: vec![("x".into(), "y".into())] };
    (
        vec![
            ToCollector::News(News::of(id, Progress::Running(running))),
            ToCollector::News(News { id: [3; 16], progress: NewsProgress::Finished(WireOutcome::Expired) }),
            ToCollector::Points(report),
            ToCollector::AuditHead(head()),
        ],
        every_verb()
            .into_iter()
            .map(|verb| ToAgent::Order(signed(verb)))
            .chain([ToAgent::ReportPoints(PointsQuery { after: Some([6; 16]) }), ToAgent::AuditHead(head())])
            .collect(),
    )
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn every_message_matches_its_golden_bytes() {
    let (up, down) = every_message();
    let mut lines = Vec::new();
    lines.extend(up.iter().map(|message| format!("up {} {}", message.name(), hex(&encode(message).unwrap()))));
    lines.extend(down.iter().map(|message| format!("down {} {}", message.name(), hex(&encode(message).unwrap()))));
    lines.push(format!("key request {}", hex(&encode(&KeyRequest { agent_version: "0.1.0".into() }).unwrap())));
    lines.push(format!("key reply {}", hex(&encode(&KeyReply { key: [8; 32] }).unwrap())));
    if std::env::var_os("EVENKEEL_BLESS").is_some() {
        std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/src/wire/v3/golden.txt"), lines.join("\n") + "\n")
            .unwrap();
    }
    let golden = include_str!("golden.txt");
    for (line, golden) in lines.iter().zip(golden.lines()) {
        assert_eq!(line, golden, "a released message changed: make a v4 instead");
    }
    assert_eq!(lines.len(), golden.lines().count(), "all lines:\n{}", lines.join("\n"));
}

#[test]
fn every_message_comes_back_and_is_none_for_an_older_side() {
    let (up, down) = every_message();
    for message in up {
        let frame = encode(&message).unwrap();
        assert_eq!(decode::<ToCollector>(&frame[4..]).unwrap(), message);
        let older = decode_up_to::<ToCollector>(2, &frame[4..]);
        assert!(matches!(older, Err(CodecError::Version { got: 3, max: 2 })));
    }
    for message in down {
        let frame = encode(&message).unwrap();
        assert_eq!(decode::<ToAgent>(&frame[4..]).unwrap(), message);
        assert!(matches!(decode_up_to::<ToAgent>(2, &frame[4..]), Err(CodecError::Version { got: 3, max: 2 })));
    }
}

#[test]
fn every_verb_comes_back_and_an_old_agent_gets_what_it_knows() {
    let mut for_old_agents = Vec::new();
    for verb in every_verb().into_iter().chain([Verb::SNAPSHOT, Verb::migrate_to("b")]) {
        let command = command(verb);
        assert_eq!(signed(command.verb.clone()).command().unwrap(), command);
        for_old_agents.extend(WireCommand::of(&command).map(|_| command.verb.name()));
    }
    assert_eq!(for_old_agents, ["restart", "snapshot", "migrate"]);
}

#[test]
fn what_is_no_order_is_said_to_be_none() {
    let good = signed(Verb::SNAPSHOT);
    assert!(good.command().is_ok());
    let longer = SignedOrder { order: [good.order.clone(), vec![0]].concat(), ..good.clone() };
    assert!(matches!(longer.command(), Err(OrderError::Trailing)));
    let other = SignedOrder { id: [4; 16], ..good.clone() };
    assert!(matches!(other.command(), Err(OrderError::OtherId)));
    let mut newer = good;
    let verb_at = newer.order.len() - 3;
    newer.order[verb_at] = 200;
    assert!(matches!(newer.command(), Err(OrderError::Unknown(_))));
    let named = signed(Verb::migrate_to(&"x".repeat(256)));
    assert!(matches!(named.command(), Err(OrderError::Name(256))));
}

proptest! {
    #[test]
    fn never_panics_on_bytes(body in proptest::collection::vec(any::<u8>(), 0..512)) {
        let order = SignedOrder { id: [3; 16], order: body.clone(), signature: [0; 64], rotations: Vec::new() };
        let _ = order.command();
        let mut versioned = vec![3];
        versioned.extend(&body);
        let _ = decode::<ToAgent>(&versioned);
        let _ = decode::<ToCollector>(&versioned);
    }
}
