//! The objectives of a file.

use evenkeel_common::config::Loaded;

use super::super::s1_indicators::{Kpi, Objective, ObjectiveWindow, ShareOf, UnknownAs};
use super::super::s2_metrics::{Limit, MetricDefinition, Source};
use super::check::Complaints;
use super::schema::{number, share};

pub(super) fn read(
    loaded: &Loaded,
    kpis: &[Kpi],
    metrics: &[MetricDefinition],
    complaints: &mut Complaints,
) -> Vec<Objective> {
    let all = loaded.named("objectives");
    all.filter_map(|(name, one)| objective(name, one, kpis, metrics, complaints)).collect()
}

fn objective(
    name: &str,
    one: &Loaded,
    kpis: &[Kpi],
    metrics: &[MetricDefinition],
    complaints: &mut Complaints,
) -> Option<Objective> {
    let table = format!("objectives.{name}");
    let target = share(&complaints.needed(one, &table, "target"));
    let kpi_name = complaints.needed(one, &table, "kpi");
    let kpi_names: Vec<&str> = kpis.iter().map(|kpi| kpi.name.as_str()).collect();
    if !complaints.known(format!("{table}.kpi"), "kpi", &kpi_name, &kpi_names) {
        return None;
    }
    let kpi = kpis.iter().find(|kpi| kpi.name == kpi_name)?;
    let own: Vec<&str> = kpi.metrics.iter().map(String::as_str).collect();
    let metric_name = one.text("metric").or(own.first().copied()).unwrap_or_default().to_owned();
    if !complaints.known(format!("{table}.metric"), "metric of this kpi", &metric_name, &own) {
        return None;
    }
    let metric = metrics.iter().find(|metric| metric.name == metric_name)?;
    let limit = limit(&table, one, metric, complaints);
    Some(Objective {
        name: name.to_owned(),
        kpi: kpi_name,
        metric: metric_name,
        window: one.text("window").and_then(ObjectiveWindow::parse).unwrap_or(ObjectiveWindow::Month),
        target: target?,
        unknown: UnknownAs::of(one.text("unknown").unwrap_or("excluded")),
        limit,
        share_of: if one.text("share_of") == Some("samples") { ShareOf::Samples } else { ShareOf::Time },
    })
}

fn limit(table: &str, one: &Loaded, metric: &MetricDefinition, complaints: &mut Complaints) -> Option<Limit> {
    let is_series = matches!(metric.source, Source::Series(..));
    let key = format!("{table}.limit");
    match (one.text("limit"), is_series) {
        (Some(_), false) => {
            complaints.add(key, format!("{} is up or down and has no readings to limit; leave it out", metric.source));
            None
        }
        (None, true) => {
            complaints.add(key, format!("is missing; say up to where a reading of {} is good", metric.source));
            None
        }
        (None, false) => {
            if one.text("share_of") == Some("samples") {
                complaints.add(format!("{table}.share_of"), "availability is a share of time; leave it out");
            }
            None
        }
        (Some(text), true) => {
            if text.parse::<f64>().is_err() && metric.source.unit() != "seconds" {
                let unit = metric.source.unit();
                complaints.add(key.clone(), format!("'{text}' is a duration, and the unit is {unit}; give a number"));
            }
            let Some(better) = metric.better else {
                complaints.add(key, format!("nobody knows which way is better; give metrics.{}.better", metric.name));
                return None;
            };
            Some(Limit { value: number(text)?, better })
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::parse;

    const HEAD: &str = "members.names = ['*']\n[factors.f]\ngoal = 'g'\n\
        [kpis.k]\nfactor = 'f'\nkind = 'performance'\nmetrics = ['up', 'response', 'size']\n\
        [metrics.up]\nsource = 'probe:http'\n[metrics.response]\nsource = 'series:vm_probe_response_seconds:http'\n\
        [metrics.size]\nsource = 'series:vm_memory_rss_bytes'\n";

    fn said(objective: &str) -> String {
        let text = format!("{HEAD}[objectives.o]\nkpi = 'k'\ntarget = '99.9%'\n{objective}");
        parse(Path::new("a.toml"), &text).map_or_else(|error| error.to_string(), |_| String::new())
    }

    #[test]
    fn a_limit_is_there_where_there_are_readings_and_in_their_unit() {
        for (objective, words) in [
            ("", ""),
            ("metric = 'response'\nlimit = '500ms'\nshare_of = 'samples'", ""),
            ("metric = 'response'\nlimit = '0.5'", ""),
            ("limit = '1'", "objectives.o.limit: probe:http is up or down and has no readings to limit"),
            ("share_of = 'samples'", "objectives.o.share_of: availability is a share of time"),
            ("metric = 'response'", "objectives.o.limit: is missing"),
            ("metric = 'size'\nlimit = '1s'", "objectives.o.limit: '1s' is a duration, and the unit is bytes"),
            ("metric = 'respose'\nlimit = '1s'", "there is no metric of this kpi 'respose'; did you mean 'response'?"),
        ] {
            let said = said(objective);
            assert!(said.contains(words) && said.is_empty() == words.is_empty(), "{objective}: {said}");
        }
        let said = said("metric = 'size'\nlimit = '1000'");
        assert!(said.is_empty() || said.contains("better"), "{said}");
    }
}
