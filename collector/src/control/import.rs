//! `import`: readings from elsewhere, one piece at a time. What is there already stays; every line that is not taken has a
//! reason.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use evenkeel_common::limits::{INTERVAL_DEFAULT, NAME_MAX_BYTES};
use evenkeel_common::metric::{FOREIGN_MAX, Metric, by_name};
use evenkeel_common::sample::{Missing, Reading, Value};
use evenkeel_common::time::{DurationMs, UnixMs};

use super::naming::{Known, Naming, Nobody};
use super::{Control, ControlError};
use crate::series::decimal;
use crate::store::{Entity, ImportHour, Imported, ImportedRow};
use crate::view::import::{ImportRequest, ImportRow, ImportView, RejectedView};

const DAY: DurationMs = DurationMs::from_s(86_400);
const HOUR: DurationMs = DurationMs::from_s(3_600);
/// A day that is removed within this time takes nothing more: it would be sealed when its file is gone.
const BEFORE_IT_GOES: DurationMs = DurationMs::from_s(2 * 3_600);

/// What a line says, or why it is not taken.
type Line = Result<(Entity, UnixMs, Reading), String>;

/// Everything a line is checked against.
#[derive(Debug)]
struct Checks {
    naming: Naming,
    foreign: BTreeMap<String, &'static Metric>,
    create: bool,
    oldest: UnixMs,
    now: UnixMs,
}

impl Control {
    /// Takes a piece. After an error a part of it may be there; the same piece again finds it there.
    ///
    /// # Errors
    /// When the store fails or its disk is full.
    pub async fn import(&self, request: ImportRequest, now: UnixMs) -> Result<ImportView, ControlError> {
        let checks = self.checks(&request, now).await?;
        let mut view = ImportView::default();
        let mut hours: BTreeMap<(Entity, i64), (Vec<u64>, ImportHour)> = BTreeMap::new();
        for row in &request.rows {
            match checks.line(row) {
                Ok((entity, at, reading)) => {
                    let new = || (Vec::new(), ImportHour { entity, readings: Vec::new() });
                    let hour = hours.entry((entity, at.0.div_euclid(HOUR.0))).or_insert_with(new);
                    hour.0.push(row.0);
                    hour.1.readings.push((at, reading));
                }
                Err(reason) => view.rejected.push(RejectedView { line: row.0, reason }),
            }
        }
        let (lines, hours): (Vec<Vec<u64>>, Vec<ImportHour>) = hours.into_values().unzip();
        let metrics = shown_metrics(&hours, &checks.foreign);
        let answers = self.store().import(hours.clone()).await?;
        for ((lines, hour), answers) in lines.iter().zip(&hours).zip(answers) {
            for ((line, (_, reading)), answer) in lines.iter().zip(&hour.readings).zip(answers) {
                match answer {
                    Imported::New => view.accepted += 1,
                    Imported::Duplicate => view.duplicates += 1,
                    Imported::Conflict(known) => {
                        let reason = conflict(metrics.get(&reading.metric.0).copied(), known);
                        view.rejected.push(RejectedView { line: *line, reason });
                    }
                }
            }
        }
        view.rejected.sort_by_key(|rejected| rejected.line);
        Ok(view)
    }

    /// Loads what lines are checked against, and makes what is to be made.
    async fn checks(&self, request: &ImportRequest, now: UnixMs) -> Result<Checks, ControlError> {
        let keep = self.settings().retentions[0];
        let oldest_day = now.minus(keep).plus(BEFORE_IT_GOES).0.div_euclid(DAY.0);
        let mut checks = Checks {
            naming: self.naming().await?,
            foreign: BTreeMap::new(),
            create: request.create,
            oldest: UnixMs(oldest_day.saturating_mul(DAY.0)),
            now,
        };
        // Only for lines that are sound otherwise, so that a bad file leaves no names behind.
        let sound: Vec<&ImportRow> = request.rows.iter().filter(|row| checks.is_sound(row)).collect();
        let unknown = |row: &&ImportRow| match checks.naming.find(&row.2) {
            Err(Nobody::Unknown(new)) if request.create => Some((new.entity, new)),
            _ => None,
        };
        let new: BTreeMap<Entity, ImportedRow> = sound.iter().filter_map(unknown).collect();
        let known = |row: &&&ImportRow| request.create || checks.naming.find(&row.2).is_ok();
        let names: BTreeSet<&str> = sound.iter().filter(known).map(|row| row.3.as_str()).collect();
        let names = names.into_iter().filter(|name| by_name(name).is_none()).map(str::to_owned).collect();
        checks.foreign = self.store().add_foreign(names).await?;
        if !new.is_empty() {
            let new: Vec<ImportedRow> = new.into_values().collect();
            self.store().add_imported(new.clone(), now).await?;
            for row in new {
                checks.naming.add(Known { entity: row.entity, is_host: row.is_host }, row.name);
            }
        }
        Ok(checks)
    }
}

impl Checks {
    /// Whether everything but the names of a line is right.
    fn is_sound(&self, row: &ImportRow) -> bool {
        let metric = by_name(&row.3).copied();
        let value = metric.unwrap_or_else(|| likely(&row.3));
        self.time(row.1).is_ok()
            && is_metric_name(&row.3)
            && device(&row.4).is_ok()
            && decimal::parse(&value, &row.5).is_ok()
    }

    fn line(&self, ImportRow(_, at, entity, metric, on, value): &ImportRow) -> Line {
        let at = self.time(*at)?;
        if !is_metric_name(metric) {
            return Err(format!("'{metric}' is not a name of a metric: letters, digits, _ and : only"));
        }
        let device = device(on)?;
        let known = self.entity(entity)?;
        let catalogue = by_name(metric);
        let of_other = catalogue.is_some_and(|metric| metric.name.starts_with("host_") != known.is_host);
        if of_other {
            let (is, of) = if known.is_host { ("a host", "a VM") } else { ("a VM", "a host") };
            return Err(format!("{entity} is {is} and {metric} is a metric of {of}"));
        }
        let full = || format!("there are {FOREIGN_MAX} metrics outside of the catalogue already, which is the limit");
        let metric = catalogue.or_else(|| self.foreign.get(metric).copied()).ok_or_else(full)?;
        let value = decimal::parse(metric, value).map_err(|error| format!("'{value}': {error}"))?;
        Ok((known.entity, at, Reading { metric: metric.id, device, value }))
    }

    fn time(&self, at: i64) -> Result<UnixMs, String> {
        let (time, oldest) = (UnixMs(at), self.oldest);
        if time > self.now.plus(INTERVAL_DEFAULT) {
            let in_seconds = UnixMs(at / 1_000);
            let is_ms = in_seconds >= oldest && in_seconds <= self.now;
            let hint = if is_ms { "; these are milliseconds, and seconds are expected" } else { "" };
            return Err(format!("the time {time} lies in the future{hint}"));
        }
        if time < oldest {
            return Err(format!("{time} is before {oldest}: older days are not kept (store.retention)"));
        }
        Ok(time)
    }

    fn entity(&self, text: &str) -> Result<Known, String> {
        self.naming.find(text).map_err(|nobody| match nobody {
            Nobody::Unknown(ImportedRow { name, is_host, .. }) => {
                let what = if is_host { "host" } else { "VM" };
                let hint = if self.create { "" } else { "; --create makes it" };
                format!("no {what} '{name}' is known{hint}")
            }
            Nobody::Several(count) => format!("'{text}' is the name of {count} VMs or hosts; write the UUID"),
            Nobody::Bad(why) => why.to_owned(),
        })
    }
}

/// A foreign metric of this name, for a look at a value before it has a number.
fn likely(name: &str) -> Metric {
    let id = evenkeel_common::metric::MetricId(evenkeel_common::metric::FOREIGN_FIRST);
    // Only how the name ends matters.
    let ends = ["_seconds_total", "_bytes_total", "_total", "x"];
    let end = ends.into_iter().find(|end| name.ends_with(end)).unwrap_or("x");
    Metric::foreign(id, end)
}

fn is_metric_name(name: &str) -> bool {
    let first = name.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic() || b"_:".contains(&byte));
    first && name.len() <= NAME_MAX_BYTES && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_:".contains(&b))
}

fn device(text: &str) -> Result<String, String> {
    if text.len() > NAME_MAX_BYTES || text.chars().any(char::is_control) {
        return Err(format!("the device is longer than {NAME_MAX_BYTES} bytes or has control characters"));
    }
    Ok(text.to_owned())
}

/// Metrics by number, for what is said of conflicts.
fn shown_metrics(hours: &[ImportHour], foreign: &BTreeMap<String, &'static Metric>) -> HashMap<u16, &'static Metric> {
    let readings = hours.iter().flat_map(|hour| &hour.readings);
    let known = readings.filter_map(|(_, reading)| evenkeel_common::metric::by_id(reading.metric));
    known.chain(foreign.values().copied()).map(|metric| (metric.id.0, metric)).collect()
}

fn conflict(metric: Option<&'static Metric>, known: Value) -> String {
    let value = metric.and_then(|metric| decimal::show(metric, known));
    match (value, known) {
        (Some(value), _) => format!("there is another value at this time, {value}, which stays"),
        (None, Value::Missing(why)) => no_value(why),
        (None, _) => "there is another value at this time, which stays".to_owned(),
    }
}

fn no_value(why: Missing) -> String {
    format!("there is a reading without a value at this time ({why}), which stays")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checks() -> Checks {
        let mut naming = Naming::default();
        naming.add(Known { entity: Entity([1; 16]), is_host: false }, "web".to_owned());
        naming.add(Known { entity: Entity([2; 16]), is_host: true }, "h1".to_owned());
        Checks {
            naming,
            foreign: BTreeMap::new(),
            create: false,
            oldest: UnixMs(1_700_000_000_000),
            now: UnixMs(1_800_000_000_000),
        }
    }

    #[test]
    fn every_line_that_is_not_taken_has_a_reason() {
        let good = ("1790000000000", "web", "vm_memory_rss_bytes", "", "5");
        let cases = [
            (good, ""),
            (("1790000000000", "host:h1", "host_cpu_user_seconds_total", "cpu0", "5"), ""),
            (("1900000000000", "web", good.2, "", "5"), "future"),
            (("1790000000000000", "web", good.2, "", "5"), "milliseconds"),
            (("1600000000000", "web", good.2, "", "5"), "store.retention"),
            (("1790000000000", "mail", good.2, "", "5"), "--create"),
            (("1790000000000", "host:h1", good.2, "", "5"), "metric of a VM"),
            (("1790000000000", "web", "host_cpu_user_seconds_total", "", "5"), "metric of a host"),
            (("1790000000000", "web", "1x", "", "5"), "not a name of a metric"),
            (("1790000000000", "web", good.2, "a\nb", "5"), "control"),
            (("1790000000000", "web", good.2, "", "NaN"), "NaN"),
            (("1790000000000", "web", good.2, "", ""), "no value"),
            (("1790000000000", "web", "vm_cpu_seconds_total", "", "-5"), "below zero"),
            (("1790000000000", "web", "other", "", "5"), "limit"),
        ];
        for ((at, entity, metric, device, value), reason) in cases {
            let text = str::to_owned;
            let row = ImportRow(1, at.parse().unwrap(), text(entity), text(metric), text(device), text(value));
            match checks().line(&row) {
                Ok(_) => assert_eq!(reason, "", "{row:?} was taken"),
                Err(said) => assert!(!reason.is_empty() && said.contains(reason), "{row:?}: {said}"),
            }
        }
    }
}
