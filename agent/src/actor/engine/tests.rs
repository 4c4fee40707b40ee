use std::path::Path;
use std::sync::atomic::AtomicUsize;
use std::sync::mpsc;
use std::time::Duration;

use evenkeel_common::id::AgentId;
use evenkeel_common::pki::OrderKey;
use evenkeel_common::time::DurationMs;

use super::super::domain::tests::facts;
use super::super::order::tests::sign;
use super::*;

/// Counts executions and holds each until the test lets it go.
struct Fake {
    executed: Arc<AtomicUsize>,
    gate: Mutex<mpsc::Receiver<()>>,
}

impl Hypervisor for Fake {
    fn inspect(&self, domain: DomainUuid) -> Result<Option<DomainFacts>, String> {
        Ok(Some(DomainFacts { uuid: domain, ..facts("<domain/>") }))
    }

    fn execute(&self, _: &Command, _: Option<&DomainFacts>, desk: &Desk<'_>) -> Outcome {
        self.executed.fetch_add(1, Ordering::SeqCst);
        desk.say("working");
        let gate = self.gate.lock().unwrap();
        match gate.recv_timeout(Duration::from_secs(20)) {
            Ok(()) if desk.is_called_off() => Outcome::Failed("called off".to_owned()),
            Ok(()) => Outcome::Succeeded(Vec::new()),
            Err(error) => Outcome::Failed(error.to_string()),
        }
    }

    fn evidence(&self, _: &Entry) -> String {
        "it runs".to_owned()
    }
}

struct Rig {
    engine: Arc<Engine<Fake>>,
    executed: Arc<AtomicUsize>,
    gate: mpsc::SyncSender<()>,
    key: OrderKey,
}

impl Rig {
    fn submit(&self, command: Command) -> watch::Receiver<Progress> {
        self.engine.submit(&sign(&command, &self.key))
    }
}

fn rig(dir: &Path) -> Rig {
    let policy = Arc::new(Policy::load(Path::new("/nonexistent"), |_| None).unwrap());
    let executed = Arc::new(AtomicUsize::new(0));
    let (gate, wait) = mpsc::sync_channel(8);
    let fake = Fake { executed: Arc::clone(&executed), gate: Mutex::new(wait) };
    let key = OrderKey::generate().unwrap();
    Trust { agent: AgentId::from_bytes([8; 16]), key: key.public() }.write(dir).unwrap();
    let engine = Engine::start(policy, dir.to_owned(), Journal::open(&dir.join("actor")).unwrap(), fake).unwrap();
    Rig { engine, executed, gate, key }
}

fn command(id: u8, domain: u8) -> Command {
    Command {
        id: ActionId::from_bytes([id; 16]),
        collector_epoch: 1,
        host: AgentId::from_bytes([8; 16]),
        verb: Verb::SNAPSHOT,
        domain: DomainUuid::from_bytes([domain; 16]),
        issued: clock::wall(),
        not_after: clock::wall().plus(DurationMs::from_s(60)),
    }
}

fn end(mut news: watch::Receiver<Progress>) -> Outcome {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(async {
        let finished = |progress: &Progress| matches!(progress, Progress::Finished(_));
        let ended = tokio::time::timeout(Duration::from_secs(20), news.wait_for(finished));
        match ended.await.unwrap().unwrap().clone() {
            Progress::Finished(outcome) => outcome,
            Progress::Running(step) => panic!("still {step:?}"),
        }
    })
}

fn wait_executing(news: &watch::Receiver<Progress>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let mut news = news.clone();
    runtime.block_on(async {
        let working = |progress: &Progress| *progress == Progress::Running("working".into());
        tokio::time::timeout(Duration::from_secs(20), news.wait_for(working)).await.unwrap().unwrap();
    });
}

#[test]
fn a_command_that_comes_again_is_joined_and_then_answered_from_the_journal() {
    let dir = tempfile::tempdir().unwrap();
    let rig = rig(dir.path());
    let Rig { executed, gate, .. } = &rig;
    let first = rig.submit(command(1, 1));
    wait_executing(&first);
    let joined = rig.submit(command(1, 1));
    gate.send(()).unwrap();
    assert_eq!(end(first), Outcome::Succeeded(Vec::new()));
    assert_eq!(end(joined), Outcome::Succeeded(Vec::new()));
    assert_eq!(end(rig.submit(command(1, 1))), Outcome::Succeeded(Vec::new()));
    assert_eq!(executed.load(Ordering::SeqCst), 1);
    let Outcome::Refused(refusal) = end(rig.submit(command(1, 2))) else { panic!("another domain under one id") };
    assert_eq!(refusal.guard, "id_reused");
}

#[test]
fn one_action_per_domain_and_a_refusal_stays_one() {
    let dir = tempfile::tempdir().unwrap();
    let rig = rig(dir.path());
    let Rig { executed, gate, .. } = &rig;
    let first = rig.submit(command(1, 1));
    wait_executing(&first);
    let Outcome::Refused(refusal) = end(rig.submit(command(2, 1))) else { panic!("two at once") };
    assert_eq!(refusal.guard, "busy");
    gate.send(()).unwrap();
    end(first);
    assert!(matches!(end(rig.submit(command(2, 1))), Outcome::Refused(_)), "a late copy of a refused command ran");
    assert_eq!(executed.load(Ordering::SeqCst), 1);
}

#[test]
fn an_intent_without_a_result_is_unknown_and_never_run() {
    let dir = tempfile::tempdir().unwrap();
    Journal::open(&dir.path().join("actor")).unwrap().begin(&command(1, 1), clock::wall()).unwrap();
    let rig = rig(dir.path());
    let Rig { executed, .. } = &rig;
    let Outcome::Unknown(evidence) = end(rig.submit(command(1, 1))) else { panic!("not unknown") };
    assert!(evidence.contains("it runs"), "{evidence}");
    assert_eq!(executed.load(Ordering::SeqCst), 0);
}

/// The result could not be written while the actor went on: the command that comes again finds only the intent.
#[test]
fn an_intent_whose_result_was_not_written_is_unknown_and_never_run() {
    let dir = tempfile::tempdir().unwrap();
    let rig = rig(dir.path());
    let Rig { executed, .. } = &rig;
    rig.engine.journal.begin(&command(1, 1), clock::wall()).unwrap();
    assert!(matches!(end(rig.submit(command(1, 1))), Outcome::Unknown(_)));
    assert_eq!(executed.load(Ordering::SeqCst), 0);
}

#[test]
fn an_older_generation_and_a_late_command_are_turned_away() {
    let dir = tempfile::tempdir().unwrap();
    let rig = rig(dir.path());
    let Rig { executed, gate, .. } = &rig;
    gate.send(()).unwrap();
    end(rig.submit(Command { collector_epoch: 5, ..command(1, 1) }));
    let Outcome::Refused(refusal) = end(rig.submit(command(2, 1))) else { panic!("an older generation ran") };
    assert_eq!(refusal.guard, "wrong_epoch");
    let late = Command { collector_epoch: 5, not_after: UnixMs(1), ..command(3, 1) };
    assert_eq!(end(rig.submit(late)), Outcome::Expired);
    assert_eq!(executed.load(Ordering::SeqCst), 1);
}

#[test]
fn forged_misdirected_and_replayed_orders_leave_nothing_behind() {
    let dir = tempfile::tempdir().unwrap();
    let rig = rig(dir.path());
    let refused = |order: &SignedOrder| match end(rig.engine.submit(order)) {
        Outcome::Refused(refusal) => refusal.guard,
        other => panic!("{other:?}"),
    };
    let good = sign(&command(1, 1), &rig.key);
    assert_eq!(refused(&sign(&command(1, 1), &OrderKey::generate().unwrap())), "forged");
    assert_eq!(refused(&SignedOrder { signature: [0; 64], ..good.clone() }), "forged");
    let elsewhere = Command { host: AgentId::from_bytes([9; 16]), ..command(1, 1) };
    assert_eq!(refused(&sign(&elsewhere, &rig.key)), "wrong_host");
    let pin = dir.path().join(super::super::trust::TRUST_FILE);
    let pinned = std::fs::read(&pin).unwrap();
    std::fs::remove_file(&pin).unwrap();
    assert_eq!(refused(&good), "not_trusted");
    std::fs::write(&pin, pinned).unwrap();
    assert!(
        rig.engine.journal.find(command(1, 1).id).unwrap().is_none(),
        "a refused order has used up a real one's id"
    );
    assert_eq!(rig.executed.load(Ordering::SeqCst), 0);
    rig.gate.send(()).unwrap();
    assert_eq!(end(rig.engine.submit(&good)), Outcome::Succeeded(Vec::new()));
    assert_eq!(end(rig.engine.submit(&good)), Outcome::Succeeded(Vec::new()), "a replay gets the stored result");
    assert_eq!(rig.executed.load(Ordering::SeqCst), 1);
}

#[test]
fn an_action_under_way_can_be_called_off_and_a_restart_cannot() {
    let dir = tempfile::tempdir().unwrap();
    let rig = rig(dir.path());
    let cancel =
        |id: u8, of: u8| Command { verb: Verb::Cancel { action: ActionId::from_bytes([of; 16]) }, ..command(id, 1) };
    let Outcome::Refused(refusal) = end(rig.submit(cancel(9, 1))) else { panic!("there is nothing to call off") };
    assert_eq!(refusal.guard, "not_under_way");
    let first = rig.submit(command(1, 1));
    wait_executing(&first);
    assert!(matches!(end(rig.submit(cancel(2, 1))), Outcome::Succeeded(_)));
    rig.gate.send(()).unwrap();
    assert_eq!(end(first), Outcome::Failed("called off".to_owned()));
    let restart = rig.submit(Command { verb: Verb::Restart { apply_pending: false }, ..command(3, 1) });
    wait_executing(&restart);
    let Outcome::Refused(refusal) = end(rig.submit(cancel(4, 3))) else { panic!("a restart was called off") };
    assert_eq!(refusal.guard, "cannot_cancel");
    rig.gate.send(()).unwrap();
    assert_eq!(end(restart), Outcome::Succeeded(Vec::new()));
}
