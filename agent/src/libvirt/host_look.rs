//! What libvirt knows of its host: storage pools, and whether it offers KVM. A pool on dead storage can hold its caller
//! up for ever, so a thread with a connection of its own asks, one question at a time, and nobody waits for it.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use evenkeel_agent::gather::host::kvm;
use evenkeel_agent::scrape::protocol::{HostLook, RawPool};
use evenkeel_common::clock;
use evenkeel_common::time::{DurationMs, MonoMs};
use virt::connect::Connect;
use virt::error::Error;

use crate::connect::reason;

/// What a new look is given before its answer is left to the next question: a healthy libvirtd needs a tenth of it.
const PATIENCE: DurationMs = DurationMs(100);
/// Answers of one look: the pools, KVM, the end.
const ANSWERS: usize = 3;
/// Capabilities change when QEMU or the kernel's modules do, and cost libvirtd more than all pools together.
const KVM_REFRESH: DurationMs = DurationMs::from_s(3600);
/// Pools read in one look; a host has a handful.
const POOLS_MAX: usize = 256;

/// A part of a look's answer.
#[derive(Debug)]
pub enum Answer {
    /// The pools, or libvirt's words.
    Pools(Result<Vec<RawPool>, String>),
    /// Whether libvirt offers KVM.
    Kvm(bool),
    /// The look is over.
    End,
}

/// Asks at most one thing at a time.
#[derive(Debug)]
pub struct HostLooker {
    questions: SyncSender<()>,
    answers: Receiver<Answer>,
    begun: Option<MonoMs>,
}

impl HostLooker {
    /// A looker at a libvirt; its thread ends with the process.
    pub fn new(uri: &str) -> Self {
        let mut asker = Asker { uri: uri.to_owned(), connection: None, kvm_at: None };
        Self::with(move |tell| asker.look(tell))
    }

    /// `look` answers one question.
    fn with(mut look: impl FnMut(&dyn Fn(Answer)) + Send + 'static) -> Self {
        // The next look begins after the end of the last was taken: neither channel is ever full.
        let (questions, asked) = sync_channel::<()>(1);
        let (teller, answers) = sync_channel(ANSWERS);
        // Not joined: it may hang in libvirt for ever, and the process does not wait for it.
        thread::spawn(move || {
            let tell = |answer| {
                // Nobody listens any more: the process is ending.
                let _ = teller.send(answer);
            };
            while asked.recv().is_ok() {
                look(&tell);
                tell(Answer::End);
            }
        });
        Self { questions, answers, begun: None }
    }

    /// What was learnt since the last call. With `begin` a look is begun when none is under way.
    pub fn look(&mut self, begin: bool) -> HostLook {
        let mut look = HostLook::default();
        self.take(&mut look);
        if begin && self.begun.is_none() && self.questions.send(()).is_ok() {
            self.begun = Some(clock::mono());
            let begun = clock::mono();
            while self.begun.is_some() {
                let left = DurationMs((PATIENCE.0 - clock::mono().since(begun).0).max(0));
                let Ok(answer) = self.answers.recv_timeout(left.to_std()) else { break };
                self.put(answer, &mut look);
            }
        }
        look.pending_ms = self.begun.map(|begun| u64::try_from(clock::mono().since(begun).0).unwrap_or(0));
        look
    }

    fn take(&mut self, look: &mut HostLook) {
        while let Ok(answer) = self.answers.try_recv() {
            self.put(answer, look);
        }
    }

    fn put(&mut self, answer: Answer, look: &mut HostLook) {
        match answer {
            Answer::Pools(pools) => look.pools = Some(pools),
            Answer::Kvm(offered) => look.kvm_offered = Some(offered),
            Answer::End => self.begun = None,
        }
    }
}

struct Asker {
    uri: String,
    connection: Option<Connect>,
    kvm_at: Option<MonoMs>,
}

impl Asker {
    fn look(&mut self, tell: &dyn Fn(Answer)) {
        let pools = self.pools();
        tell(Answer::Pools(pools.map_err(|error| reason(&error))));
        let due = self.kvm_at.is_none_or(|at| clock::mono().since(at) >= KVM_REFRESH);
        let Some(connection) = self.connection.as_ref().filter(|_| due) else { return };
        match connection.capabilities() {
            Ok(xml) => {
                self.kvm_at = Some(clock::mono());
                tell(Answer::Kvm(kvm::is_offered(&xml)));
            }
            Err(error) => tracing::debug!(%error, "libvirt does not say what it can"),
        }
    }

    /// A connection that died since the last look (libvirtd was restarted) is replaced and asked once more.
    fn pools(&mut self) -> Result<Vec<RawPool>, Error> {
        if let Some(connection) = self.connection.take()
            && let Ok(pools) = pools(&connection)
        {
            self.connection = Some(connection);
            return Ok(pools);
        }
        // Another libvirtd may offer something else.
        self.kvm_at = None;
        let connection = self.connection.insert(Connect::open_read_only(Some(&self.uri))?);
        pools(connection)
    }
}

/// Every pool. One that goes while it is asked about is left out.
fn pools(connection: &Connect) -> Result<Vec<RawPool>, Error> {
    let pools = connection.list_all_storage_pools(0)?;
    let read = |pool: &virt::storage_pool::StoragePool| {
        let (name, info) = (pool.name().ok()?, pool.info().ok()?);
        let virt::storage_pool::StoragePoolInfo { state, capacity, allocation, available } = info;
        Some(RawPool { name, state, capacity, allocation, available })
    };
    Ok(pools.iter().take(POOLS_MAX).filter_map(read).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pool(name: &str) -> RawPool {
        RawPool { name: name.to_owned(), state: 2, capacity: 3, allocation: 1, available: 2 }
    }

    #[test]
    fn a_look_that_answers_is_over_at_once() {
        let mut looker = HostLooker::with(|tell| {
            tell(Answer::Pools(Ok(vec![pool("a")])));
            tell(Answer::Kvm(true));
        });
        assert_eq!(looker.look(false), HostLook::default());
        let look = looker.look(true);
        assert_eq!((look.pools, look.kvm_offered), (Some(Ok(vec![pool("a")])), Some(true)));
        assert_eq!(look.pending_ms, None);
    }

    #[test]
    fn a_look_that_hangs_is_the_only_one_and_holds_nobody_up() {
        let (go, held) = sync_channel::<()>(1);
        let (count, looks) = sync_channel(9);
        let mut looker = HostLooker::with(move |tell| {
            count.send(()).unwrap();
            held.recv().unwrap();
            tell(Answer::Pools(Err("late".to_owned())));
        });
        for _ in 0..3 {
            let look = looker.look(true);
            assert!(look.pending_ms.is_some() && look.pools.is_none());
        }
        assert_eq!(looks.try_iter().count(), 1);
        go.send(()).unwrap();
        let deadline = clock::mono().plus(DurationMs::from_s(20));
        let answer = std::iter::repeat_with(|| looker.look(false))
            .inspect(|_| thread::yield_now())
            .take_while(|_| clock::mono() < deadline)
            .find_map(|look| look.pools);
        assert_eq!(answer, Some(Err("late".to_owned())));
    }
}
