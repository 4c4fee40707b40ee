//! The calibration: false alarms, power, false discoveries and the action that does nothing, with fixed seeds.

use super::families::discoveries;
use super::levels::{false_points, found};
use super::noop::helped;
use super::rates::{Design, Rates, Scene, rates};
use super::report::{Cell, Report};
use super::series::Noise;

/// Runs of a case in the full calibration.
pub const RUNS_FULL: usize = 2_400;
/// Runs of a case unless asked otherwise: minutes become seconds.
pub const RUNS_SHORT: usize = 300;
/// Windows, in hours.
const WINDOWS: [usize; 3] = [1, 6, 24];
/// Largest share of false alarms, of false discoveries and of actions that come out as helped.
const FALSE_MAX: f64 = 0.06;
const DISCOVERY_MAX: f64 = 0.05;
/// Largest mean number of false change points of a series.
const POINTS_MAX: f64 = 0.2;
/// Power that the plan's procedure had in a family. The plan does not say how large its shifts were; here one deviation is
/// held to it, and half a deviation is shown.
const POWER_MIN: f64 = 0.70;
const SHIFT_SD: f64 = 0.5;

/// Stationary noises, with the names of the plan.
const STATIONARY: [(&str, Noise); 6] = [
    ("white noise", Noise::White),
    ("AR(1) 0.5", Noise::Ar(0.5)),
    ("AR(1) 0.9", Noise::Ar(0.9)),
    ("AR(1) 0.99", Noise::Ar(0.99)),
    ("0.99 + white noise", Noise::ArAndWhite),
    ("lognormal AR(1) 0.9", Noise::Lognormal),
];

/// Everything, with so many runs a case.
#[must_use]
pub fn calibrate(runs: usize, say: &dyn Fn(&str)) -> Report {
    let mut report = Report::new(runs, if runs < RUNS_FULL { "short" } else { "full" });
    say("false alarms");
    false_alarms(&mut report, runs);
    say("cases that need days or a past");
    beyond(&mut report, runs);
    say("power");
    power(&mut report, runs);
    say("families, actions that do nothing and change points");
    whole(&mut report, runs);
    report
}

fn cell(report: &mut Report, table: &'static str, name: &str, scene: &Scene, hours: usize, runs: usize, held: bool) {
    let rates = rates(name, scene, hours, runs);
    report.cells.push(Cell { table, name: name.to_owned(), hours, rates, limit: held.then_some(FALSE_MAX) });
}

/// The cases that are held to the limit.
fn false_alarms(report: &mut Report, runs: usize) {
    for hours in WINDOWS {
        for (name, noise) in STATIONARY {
            cell(report, "stationary, windows side by side", name, &Scene::stationary(noise), hours, runs, true);
        }
        for (name, noise) in [("AR(1) 0.9 + daily wave", Noise::Ar(0.9)), ("AR(1) 0.99 + daily wave", Noise::Ar(0.99))]
        {
            let scene = Scene { wave: 3.0, design: Design::SameTime(1), ..Scene::stationary(noise) };
            cell(report, "same time of day, a day apart", name, &scene, hours, runs, true);
        }
        let scene = Scene { wave: 3.0, design: Design::SameTime(7), ..Scene::stationary(Noise::Ar(0.9)) };
        cell(report, "same time of day, a day apart", "AR(1) 0.9 + daily wave, 7 days", &scene, hours, runs, true);
    }
    for hours in WINDOWS {
        let scene = Scene { wave: 3.0, day_sd: 1.0, design: Design::SameTime(7), ..Scene::stationary(Noise::Ar(0.9)) };
        let table = "same time of day, days differ, seven of them before";
        cell(report, table, "random day effects, 7 before", &scene, hours, runs, true);
    }
    for days in [3, 7] {
        let scene = Scene { wave: 3.0, day_sd: 1.0, design: Design::Days(days), ..Scene::stationary(Noise::Ar(0.9)) };
        let name = format!("random day effects, {days} + {days} days");
        cell(report, "whole days", &name, &scene, 24 * days, runs, true);
    }
}

/// The cases in which no method that looks at two windows alone keeps its rate: shown, with what is said about them.
fn beyond(report: &mut Report, runs: usize) {
    let table = "not held: a longer past has to speak";
    for hours in WINDOWS {
        for d in [0.3, 0.45] {
            let scene = Scene::stationary(Noise::Long(d));
            cell(report, table, &format!("ARFIMA d {d}"), &scene, hours, runs, false);
        }
        let scene = Scene { day_sd: 1.0, design: Design::SameTime(1), ..Scene::stationary(Noise::Ar(0.9)) };
        cell(report, table, "random day effects, 1 before", &scene, hours, runs, false);
        let scene = Scene { wave: 3.0, ..Scene::stationary(Noise::Ar(0.9)) };
        cell(report, table, "daily wave side by side, past unknown", &scene, hours, runs, false);
        let known = Scene { cycle: Some(true), ..scene };
        cell(report, table, "daily wave side by side, past known", &known, hours, runs, hours > 1);
    }
}

fn power(report: &mut Report, runs: usize) {
    for hours in WINDOWS {
        for (name, noise) in STATIONARY {
            let scene = Scene { shift: SHIFT_SD * noise.sd(), ..Scene::stationary(noise) };
            let name = format!("{name}, shifted");
            let rates: Rates = rates(&name, &scene, hours, runs);
            report.cells.push(Cell { table: "power: a shift of half a deviation", name, hours, rates, limit: None });
        }
    }
}

fn whole(report: &mut Report, runs: usize) {
    // One family is 2 000 pairs; more of them make the share surer.
    let families = if runs < RUNS_FULL { 1 } else { 10 };
    for (shift_sd, held) in [(SHIFT_SD, false), (1.0, true)] {
        let (ours, naive) = discoveries(families, shift_sd);
        let what = format!("false discoveries, {families} x 2 000 pairs, {shift_sd} sd");
        report.target(&what, ours.false_share, naive.false_share, "<=", DISCOVERY_MAX);
        let what = format!("power in them, {shift_sd} sd");
        if held {
            report.target(&what, ours.power, naive.power, ">=", POWER_MIN);
        } else {
            report.say(&what, ours.power, naive.power);
        }
    }
    for hours in [1, 6] {
        let found = helped(hours, runs);
        report.target(&format!("action that does nothing, {hours} h"), found.ours, found.naive, "<=", FALSE_MAX);
        report.say(&format!("the same by Welch over ten minutes, {hours} h"), f64::NAN, found.naive_short);
    }
    for (phi, n) in [(0.9, 360), (0.9, 720), (0.99, 360), (0.99, 720)] {
        let what = format!("false change points a series, AR(1) {phi}, {n} values");
        report.target(&what, false_points(phi, n, runs), f64::NAN, "<=", POINTS_MAX);
        let what = format!("a shift of 3 sd found in them, AR(1) {phi}, {n}");
        report.say(&what, found(phi, n, 3.0, runs), f64::NAN);
    }
}
