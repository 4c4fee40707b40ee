//! What series are grouped by, as it was at each time.

use std::collections::HashMap;

use evenkeel_common::id::{AgentId, DomainUuid};
use evenkeel_common::time::UnixMs;

use super::Span;
use crate::control::select::Target;
use crate::control::{Control, ControlError};
use crate::store::{Attributes, Entity, SeriesRow};

/// A label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Label {
    Vm,
    Host,
    Device,
    Owner,
    ManagedBy,
    Project,
    User,
    Flavour,
    /// One of its own, by name.
    Named(String),
}

/// How labels changed, by entity, oldest first.
#[derive(Debug, Default)]
pub(super) struct Timelines(HashMap<Entity, Vec<(UnixMs, String)>>);

/// A part of the range in which a label had one value.
pub(super) type Piece = (String, UnixMs, UnixMs);

impl Label {
    pub(super) fn parse(word: &str) -> Self {
        match word {
            "vm" | "entity" => Self::Vm,
            "host" => Self::Host,
            "device" => Self::Device,
            "owner" => Self::Owner,
            "managed_by" => Self::ManagedBy,
            "project" => Self::Project,
            "user" => Self::User,
            "flavour" => Self::Flavour,
            word => Self::Named(word.strip_prefix("label:").unwrap_or(word).to_owned()),
        }
    }

    fn of(&self, is: &Attributes) -> String {
        match self {
            Self::Owner => is.owner.clone(),
            Self::ManagedBy => is.managed_by.clone(),
            Self::Project => is.project.clone(),
            Self::User => is.user.clone(),
            Self::Flavour => is.flavour.clone(),
            Self::Named(name) => is.labels.get(name).cloned().unwrap_or_default(),
            Self::Vm | Self::Host | Self::Device => String::new(),
        }
    }
}

impl Control {
    /// How a label changed.
    pub(super) async fn timelines(&self, label: &Label) -> Result<Timelines, ControlError> {
        let mut timelines = Timelines::default();
        match label {
            Label::Vm | Label::Device => {}
            Label::Host => {
                let fleet = self.store().fleet().await?;
                let names: HashMap<AgentId, String> = fleet.into_iter().map(|row| (row.agent, row.name)).collect();
                for row in self.store().all_placements().await? {
                    let name = names.get(&row.agent).cloned().unwrap_or_default();
                    timelines.0.entry(row.uuid.into()).or_default().push((row.from, name));
                }
            }
            _ => {
                let mut attributes = self.store().attributes().await?;
                for vm in self.store().vms().await? {
                    // Of a VM that was not heard since before there were timelines its last facts are known.
                    let last = || vec![(vm.first_seen, Attributes::of(&vm.name, &vm.facts))];
                    let changes = attributes.remove(&vm.uuid).unwrap_or_else(last);
                    let values = changes.iter().map(|(from, is)| (*from, label.of(is)));
                    timelines.0.insert(DomainUuid::into(vm.uuid), values.collect());
                }
                if let Label::Named(name) = label
                    && timelines.0.values().flatten().all(|(_, value)| value.is_empty())
                {
                    return Err(ControlError::Usage {
                        message: format!("no VM ever had a label '{name}'"),
                        hint: Some(
                            "labels are vm, host, device, owner, managed_by, project, user, flavour, and those that \
                             `evenkeel vm show` lists"
                                .to_owned(),
                        ),
                    });
                }
            }
        }
        Ok(timelines)
    }
}

impl Timelines {
    /// The values of a label in the range, each with its part of it.
    pub(super) fn pieces(&self, label: &Label, target: &Target, row: &SeriesRow, span: Span) -> Vec<Piece> {
        let whole = |value: String| vec![(value, span.from, span.to)];
        match label {
            Label::Vm => whole(target.name.clone()),
            Label::Device => whole(row.device.clone()),
            label => match self.0.get(&target.entity) {
                Some(changes) => pieces(changes, span.from, span.to),
                None if *label == Label::Host => whole(target.host.clone()),
                None => whole(String::new()),
            },
        }
    }
}

/// What was before the first change that is known is taken to be as after it.
fn pieces(changes: &[(UnixMs, String)], from: UnixMs, to: UnixMs) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    for (index, (begin, value)) in changes.iter().enumerate() {
        let begin = if index == 0 { from } else { (*begin).max(from) };
        let end = changes.get(index + 1).map_or(to, |(next, _)| *next).min(to);
        if begin >= end {
            continue;
        }
        match pieces.last_mut() {
            Some(last) if last.0 == *value => last.2 = end,
            _ => pieces.push((value.clone(), begin, end)),
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_cut_where_a_label_changed() {
        let changes: Vec<(UnixMs, String)> =
            [(10, "a"), (20, "b"), (30, "b"), (40, "a")].map(|(at, value)| (UnixMs(at), value.to_owned())).to_vec();
        let cut = |from, to| {
            let pieces = pieces(&changes, UnixMs(from), UnixMs(to));
            pieces.into_iter().map(|(value, from, to)| (value, from.0, to.0)).collect::<Vec<_>>()
        };
        let piece = |value: &str, from, to| (value.to_owned(), from, to);
        assert_eq!(cut(0, 100), [piece("a", 0, 20), piece("b", 20, 40), piece("a", 40, 100)]);
        assert_eq!(cut(25, 35), [piece("b", 25, 35)]);
        assert_eq!(cut(0, 5), [piece("a", 0, 5)]);
        assert_eq!(cut(40, 41), [piece("a", 40, 41)]);
    }
}
