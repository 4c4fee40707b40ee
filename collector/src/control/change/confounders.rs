//! What else may be behind a difference: it is listed beside the verdict, and never corrected for.

use evenkeel_common::sample::DomainState;
use evenkeel_common::time::UnixMs;

use super::super::services::has_vm;
use super::super::{Control, ControlError};
use super::Reach;
use super::series::Frame;
use crate::csi::service::Service;
use crate::sla::{Span, Window};
use crate::stats::verdict::{Remark, Verdict};
use crate::store::{CHANGES_MAX, ChangeRow, ChangesWanted};
use crate::view::change_verdict::ConfounderView;

/// Lines of one kind, at most.
const LINES_MAX: usize = 50;
/// Share of missing values that is worth a word.
const MISSING: f64 = 0.1;

fn line(kind: &str, what: String, change: Option<i64>) -> ConfounderView {
    ConfounderView { kind: kind.to_owned(), what, change }
}

/// Seconds of both windows.
fn spans(frame: &Frame) -> [Span; 2] {
    let second = |at: UnixMs| at.0.div_euclid(1_000);
    [frame.look.before, frame.look.after].map(|(from, to)| Span { from: second(from), to: second(to) })
}

/// Maintenance within the windows, by name.
pub(super) fn maintenance(windows: &[Window], frame: &Frame) -> Vec<ConfounderView> {
    let [before, after] = spans(frame);
    let of = |window: &Window| {
        let [before_s, after_s] = [before, after].map(|span| window.spans(span).total_s());
        let what = format!("maintenance '{}': {before_s} s before and {after_s} s after are left out", window.name);
        (before_s + after_s > 0).then(|| line("maintenance", what, None))
    };
    windows.iter().filter_map(of).take(LINES_MAX).collect()
}

/// What the windows themselves say: missing data, a cycle, other weekdays.
pub(super) fn of_verdict(metric: &str, verdict: &Verdict) -> Vec<ConfounderView> {
    let found = &verdict.findings;
    let mut lines = Vec::new();
    if found.compared && found.missing_share > MISSING {
        let percent = 100.0 * found.missing_share;
        lines.push(line("missing_data", format!("{metric}: {percent:.0} % of the values are missing"), None));
    }
    let season = found.remark.map(|remark| match remark {
        Remark::OtherWeekdays => "the days before and after are other weekdays",
        Remark::DayToDayNotMeasured => "how much one day differs from another was not measured",
        Remark::CycleNotLookedFor => "there is too little history to look for a daily cycle",
        Remark::OtherTimeOfDay => "there is a daily cycle, and nothing at the same time of day to compare with",
    });
    lines.extend(season.map(|what| line("season", format!("{metric}: {what}"), None)));
    lines
}

/// Members that were not one all the time.
pub(super) fn members(reach: &Reach, service: &Service, frame: &Frame) -> Vec<ConfounderView> {
    let within = |at: UnixMs| frame.look.before.0 <= at && at < frame.look.after.1;
    let vms = reach.vms.iter().filter(|vm| has_vm(service, vm));
    let of = |vm: &crate::store::VmRow| {
        let came = within(vm.first_seen).then(|| format!("{} is there only since {}", vm.name, vm.first_seen));
        let gone = vm.state == DomainState::NoState && within(vm.state_at);
        let gone = gone.then(|| format!("{} is gone since {}", vm.name, vm.state_at));
        came.into_iter().chain(gone).map(|what| line("members", what, None)).collect::<Vec<_>>()
    };
    vms.flat_map(of).take(LINES_MAX).collect()
}

impl Control {
    /// Other changes and outages within the windows.
    pub(super) async fn other_events(
        &self,
        row: &ChangeRow,
        service: &Service,
        reach: &Reach,
        frame: &Frame,
    ) -> Result<Vec<ConfounderView>, ControlError> {
        let (from, to) = (frame.look.before.0, frame.look.after.1);
        let others = self.store().changes(ChangesWanted { from, to, limit: CHANGES_MAX }).await?;
        let others = others.iter().filter(|other| other.id != row.id && !reach.touched(other, service).is_empty());
        let mut lines: Vec<ConfounderView> = others
            .take(LINES_MAX)
            .map(|other| {
                let side = if other.at < frame.look.before.1 { "before" } else { "after" };
                let what = format!("change {} at {} ({side}): {}", other.id, other.at, other.what);
                line("change", what, Some(other.id))
            })
            .collect();
        let second = |at: UnixMs| at.0.div_euclid(1_000);
        let outages = self.store().outages(second(from), second(to)).await?;
        let ours = outages
            .iter()
            .filter(|outage| frame.members.iter().any(|member| member.entity == outage.key.target))
            .filter(|outage| outage.correction.as_ref().is_none_or(|what| !what.void));
        lines.extend(ours.take(LINES_MAX).map(|outage| {
            let began = UnixMs(outage.from_s.saturating_mul(1_000));
            let what = format!("outage {} of {} since {began}, {} s down", outage.id, outage.name, outage.down_s);
            line("outage", what, None)
        }));
        Ok(lines)
    }
}
