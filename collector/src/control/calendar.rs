//! The calendar: windows that people add, list and remove.

use evenkeel_common::limits::{LIST_MAX_ROWS, NAME_MAX_BYTES};
use evenkeel_common::time::UnixMs;
use jiff::tz::TimeZone;

use super::{Answer, Control, ControlError};
use crate::csi::service::Service;
use crate::sla::{Rule, Span, When, Window};
use crate::store::CalendarRow;
use crate::store::activity::Category;
use crate::view::calendar::{WindowRow, WindowWanted};

impl Control {
    /// Adds a window.
    ///
    /// # Errors
    /// [`ControlError::Usage`] when it makes no sense, [`ControlError::NotFound`] for an unknown service, or the store's.
    pub async fn calendar_add(
        &self,
        wanted: WindowWanted,
        by: String,
        now: UnixMs,
    ) -> Result<Answer<WindowRow>, ControlError> {
        let row = self.check(wanted, by, second(now))?;
        let mut notes = Vec::new();
        if row.from_s.is_some_and(|from| from < second(now)) {
            notes.push("the window begins in the past: time that was counted already is excluded now".to_owned());
        }
        let id = self.store().add_window(row.clone()).await?;
        let Some(id) = id else {
            let message = format!("there are {LIST_MAX_ROWS} windows already; remove some first");
            return Err(ControlError::Usage { message, hint: Some("`evenkeel calendar list` shows them".to_owned()) });
        };
        let row = CalendarRow { id, ..row };
        self.tell("calendar_added", &row, &row.added_by, now).await;
        Ok(Answer { view: view(&row), notes })
    }

    fn check(&self, wanted: WindowWanted, by: String, now_s: i64) -> Result<CalendarRow, ControlError> {
        let WindowWanted { name, service, rule, zone, from_ms, to_ms, reason } = wanted;
        if name.trim().is_empty() || name.len() > NAME_MAX_BYTES || name.chars().any(char::is_control) {
            return Err(ControlError::usage(format!(
                "a name has 1 to {NAME_MAX_BYTES} bytes and no control characters"
            )));
        }
        if !service.is_empty() {
            self.service(&service)?;
        }
        if TimeZone::get(&zone).is_err() {
            return Err(ControlError::usage(format!("'{zone}' is not a time zone")));
        }
        let (from_s, to_s) = (from_ms.map(|ms| second(UnixMs(ms))), to_ms.map(|ms| second(UnixMs(ms))));
        match (rule.is_empty(), from_s, to_s) {
            (false, None, None) => {
                rule.parse::<Rule>().map_err(|error| ControlError::usage(error.to_string()))?;
            }
            (true, Some(from), Some(to)) if from < to => {}
            (true, Some(_), Some(_)) => return Err(ControlError::usage("the window ends before it begins")),
            _ => return Err(ControlError::usage("a window is either recurring (--rule) or once (--from and --to)")),
        }
        let valid_from_s = from_s.unwrap_or(now_s);
        Ok(CalendarRow {
            id: 0,
            name,
            service,
            rule,
            zone,
            from_s,
            to_s,
            valid_from_s,
            reason,
            added_by: by,
            removed_s: None,
        })
    }

    /// The windows that people added and those of the services' own files; removed ones with `all`.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn calendar_list(&self, all: bool) -> Result<Vec<WindowRow>, ControlError> {
        let rows = self.store().calendar().await?;
        let mut views: Vec<WindowRow> = rows.iter().filter(|row| all || row.removed_s.is_none()).map(view).collect();
        for service in self.services().iter() {
            views.extend(service.windows.iter().map(|window| of_file(service, window)));
        }
        Ok(views)
    }

    /// Removes a window: from now on it counts no more.
    ///
    /// # Errors
    /// [`ControlError::NotFound`], or the store's.
    pub async fn calendar_remove(&self, id: i64, by: String, now: UnixMs) -> Result<WindowRow, ControlError> {
        let removed = self.store().remove_window(id, second(now)).await?;
        let not_found = || ControlError::NotFound { what: "calendar", name: id.to_string(), near: Vec::new() };
        let row = removed.ok_or_else(not_found)?;
        self.tell("calendar_removed", &row, &by, now).await;
        Ok(view(&row))
    }

    async fn tell(&self, kind: &str, row: &CalendarRow, by: &str, now: UnixMs) {
        let shown = view(row);
        let whose = if row.service.is_empty() { "all services".to_owned() } else { format!("service {}", row.service) };
        let reason = if row.reason.is_empty() { String::new() } else { format!(": {}", row.reason) };
        let message = format!("window {} '{}' ({}) of {whose}, by {by}{reason}", row.id, row.name, shown.when);
        self.note(now, Category::Informational, kind, String::new(), message).await;
    }

    /// The windows that count for a service: its own, and those of the calendar that are for it or for all.
    pub(super) fn windows_of(service: Option<&Service>, rows: &[CalendarRow]) -> Vec<Window> {
        let name = service.map_or("", |service| service.name.as_str());
        let own = service.into_iter().flat_map(|service| service.windows.iter().cloned());
        own.chain(rows.iter().filter(|row| row.service.is_empty() || row.service == name).filter_map(window)).collect()
    }
}

fn second(at: UnixMs) -> i64 {
    at.0.div_euclid(1_000)
}

/// As a window of the calendar; none when a newer program wrote what this one does not know.
fn window(row: &CalendarRow) -> Option<Window> {
    let when = match (row.from_s, row.to_s) {
        (Some(from), Some(to)) => When::Once(Span { from, to }),
        _ => When::Recurring(row.rule.parse().ok()?, TimeZone::get(&row.zone).ok()?),
    };
    let valid_to = row.removed_s.unwrap_or(i64::MAX);
    Some(Window { name: row.name.clone(), when, valid_from: row.valid_from_s, valid_to })
}

fn time(second: i64) -> UnixMs {
    UnixMs(second.saturating_mul(1_000))
}

fn view(row: &CalendarRow) -> WindowRow {
    let when = match (row.from_s, row.to_s) {
        (Some(from), Some(to)) => format!("{} to {}", time(from), time(to)),
        _ => format!("{} {}", row.rule, row.zone),
    };
    WindowRow {
        id: Some(row.id),
        name: row.name.clone(),
        service: row.service.clone(),
        when,
        from: row.from_s.map(|at| time(at).into()),
        to: row.to_s.map(|at| time(at).into()),
        valid_from: Some(time(row.valid_from_s).into()),
        removed_at: row.removed_s.map(|at| time(at).into()),
        reason: row.reason.clone(),
        added_by: row.added_by.clone(),
    }
}

fn of_file(service: &Service, window: &Window) -> WindowRow {
    let (when, once) = match &window.when {
        When::Recurring(rule, zone) => (format!("{rule} {}", zone.iana_name().unwrap_or("UTC")), None),
        When::Once(span) => (format!("{} to {}", time(span.from), time(span.to)), Some(*span)),
    };
    WindowRow {
        id: None,
        name: window.name.clone(),
        service: service.name.clone(),
        when,
        from: once.map(|span| time(span.from).into()),
        to: once.map(|span| time(span.to).into()),
        valid_from: None,
        removed_at: None,
        reason: String::new(),
        added_by: format!("services/{}.toml", service.name),
    }
}
