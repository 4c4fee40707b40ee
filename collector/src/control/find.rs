//! Finding VMs and hosts by what a person writes.

use evenkeel_common::id::DomainUuid;
use evenkeel_common::sample::DomainState;
use evenkeel_common::time::UnixMs;

use super::resolve::{Candidate, Resolved, Why, resolve};
use super::{Answer, Control, ControlError};
use crate::store::{AgentState, FleetRow, VmRow};

impl Control {
    /// The VM that is meant by a name, UUID or unique beginning; the notes say which one where that is not plain.
    /// With `at` a reused name means the VM that had it then.
    ///
    /// # Errors
    /// [`ControlError::NotFound`], [`ControlError::Ambiguous`], or the store's.
    pub async fn find_vm(&self, text: &str, at: Option<UnixMs>) -> Result<Answer<VmRow>, ControlError> {
        pick_vm(text, self.store().vms().await?, at)
    }

    /// The host that is meant by a name, agent id or unique beginning.
    ///
    /// # Errors
    /// [`ControlError::NotFound`], [`ControlError::Ambiguous`], or the store's.
    pub async fn find_host(&self, text: &str) -> Result<Answer<FleetRow>, ControlError> {
        let mut fleet = self.store().fleet().await?;
        let candidates: Vec<Candidate> = fleet.iter().map(host_candidate).collect();
        let (index, notes) = one("host", text, &candidates, None)?;
        Ok(Answer { view: fleet.swap_remove(index), notes })
    }
}

/// [`Control::find_vm`] on a list at hand, for who needs several.
///
/// # Errors
/// [`ControlError::NotFound`] and [`ControlError::Ambiguous`].
pub fn pick_vm(text: &str, mut vms: Vec<VmRow>, at: Option<UnixMs>) -> Result<Answer<VmRow>, ControlError> {
    let candidates: Vec<Candidate> = vms.iter().map(vm_candidate).collect();
    let (index, notes) = one("VM", text, &candidates, at)?;
    Ok(Answer { view: vms.swap_remove(index), notes })
}

fn vm_candidate(vm: &VmRow) -> Candidate {
    let DomainUuid(id) = vm.uuid;
    Candidate {
        id,
        name: vm.name.clone(),
        live: vm.state != DomainState::NoState,
        first_seen: vm.first_seen,
        last_seen: vm.last_seen,
    }
}

fn host_candidate(row: &FleetRow) -> Candidate {
    let last_seen = row.heard.as_ref().map_or(row.enrolled_at, |heard| heard.last_seen);
    let live = matches!(row.agent_state, AgentState::Approved | AgentState::Pending);
    Candidate { id: row.agent.0, name: row.name.clone(), live, first_seen: row.enrolled_at, last_seen }
}

fn one(
    what: &'static str,
    text: &str,
    candidates: &[Candidate],
    at: Option<UnixMs>,
) -> Result<(usize, Vec<String>), ControlError> {
    let name = text.to_owned();
    match resolve(text, candidates, at) {
        Resolved::One(index, why) => Ok((index, note(what, text, &candidates[index], why))),
        Resolved::Several(candidates) => Err(ControlError::Ambiguous { what, name, candidates }),
        Resolved::None(near) => Err(ControlError::NotFound { what, name, near }),
    }
}

fn note(what: &str, text: &str, chosen: &Candidate, why: Why) -> Vec<String> {
    let Candidate { id, name, .. } = chosen;
    match why {
        Why::Name | Why::Id => Vec::new(),
        Why::Prefix => vec![format!("'{text}' is {what} {name} ({id})")],
        Why::Newest { others } => {
            vec![format!("{name} is {id}, the newest live one of {} {what}s of this name", others + 1)]
        }
        Why::AtTime { others } => {
            vec![format!("{name} is {id}, which had the name then, one of {} {what}s", others + 1)]
        }
    }
}
