use std::path::Path;
use std::sync::atomic::AtomicUsize;
use std::sync::mpsc;
use std::time::Duration;

use evenkeel_common::id::AgentId;
use evenkeel_common::time::DurationMs;

use super::super::domain::tests::facts;
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
}

fn rig(dir: &Path) -> Rig {
    let policy = Arc::new(Policy::load(Path::new("/nonexistent"), |_| None).unwrap());
    let executed = Arc::new(AtomicUsize::new(0));
    let (gate, wait) = mpsc::sync_channel(8);
    let fake = Fake { executed: Arc::clone(&executed), gate: Mutex::new(wait) };
    let engine = Engine::start(policy, Journal::open(dir).unwrap(), fake).unwrap();
    Rig { engine, executed, gate }
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
    let Rig { engine, executed, gate } = rig(dir.path());
    let first = engine.submit(command(1, 1));
    wait_executing(&first);
    let joined = engine.submit(command(1, 1));
    gate.send(()).unwrap();
    assert_eq!(end(first), Outcome::Succeeded(Vec::new()));
    assert_eq!(end(joined), Outcome::Succeeded(Vec::new()));
    assert_eq!(end(engine.submit(command(1, 1))), Outcome::Succeeded(Vec::new()));
    assert_eq!(executed.load(Ordering::SeqCst), 1);
    let Outcome::Refused(refusal) = end(engine.submit(command(1, 2))) else { panic!("another domain under one id") };
    assert_eq!(refusal.guard, "id_reused");
}

#[test]
fn one_action_per_domain_and_a_refusal_stays_one() {
    let dir = tempfile::tempdir().unwrap();
    let Rig { engine, executed, gate } = rig(dir.path());
    let first = engine.submit(command(1, 1));
    wait_executing(&first);
    let Outcome::Refused(refusal) = end(engine.submit(command(2, 1))) else { panic!("two at once") };
    assert_eq!(refusal.guard, "busy");
    gate.send(()).unwrap();
    end(first);
    assert!(matches!(end(engine.submit(command(2, 1))), Outcome::Refused(_)), "a late copy of a refused command ran");
    assert_eq!(executed.load(Ordering::SeqCst), 1);
}

#[test]
fn an_intent_without_a_result_is_unknown_and_never_run() {
    let dir = tempfile::tempdir().unwrap();
    Journal::open(dir.path()).unwrap().begin(&command(1, 1), clock::wall()).unwrap();
    let Rig { engine, executed, .. } = rig(dir.path());
    let Outcome::Unknown(evidence) = end(engine.submit(command(1, 1))) else { panic!("not unknown") };
    assert!(evidence.contains("it runs"), "{evidence}");
    assert_eq!(executed.load(Ordering::SeqCst), 0);
}

/// The result could not be written while the actor went on: the command that comes again finds only the intent.
#[test]
fn an_intent_whose_result_was_not_written_is_unknown_and_never_run() {
    let dir = tempfile::tempdir().unwrap();
    let Rig { engine, executed, .. } = rig(dir.path());
    engine.journal.begin(&command(1, 1), clock::wall()).unwrap();
    assert!(matches!(end(engine.submit(command(1, 1))), Outcome::Unknown(_)));
    assert_eq!(executed.load(Ordering::SeqCst), 0);
}

#[test]
fn an_older_generation_and_a_late_command_are_turned_away() {
    let dir = tempfile::tempdir().unwrap();
    let Rig { engine, executed, gate } = rig(dir.path());
    gate.send(()).unwrap();
    end(engine.submit(Command { collector_epoch: 5, ..command(1, 1) }));
    let Outcome::Refused(refusal) = end(engine.submit(command(2, 1))) else { panic!("an older generation ran") };
    assert_eq!(refusal.guard, "wrong_epoch");
    let late = Command { collector_epoch: 5, not_after: UnixMs(1), ..command(3, 1) };
    assert_eq!(end(engine.submit(late)), Outcome::Expired);
    assert_eq!(executed.load(Ordering::SeqCst), 1);
}
