//! `evenkeel action snapshot|restart|migrate|list|show|wait`.

use std::time::Duration;

use clap::builder::NonEmptyStringValueParser;
use clap::{Args, Subcommand};
use evenkeel_common::action::ActionState;
use evenkeel_common::clock;
use evenkeel_common::id::ActionId;
use evenkeel_common::time::DurationMs;
use evenkeel_common::units::parse_duration;

use super::client::segment;
use super::context::Context;
use super::fail::{Exit, Fail};
use super::say;
use super::table::{Cell, Table, Tabular};
use crate::api::ActionQuery;
use crate::view::action::{ActionPlan, ActionView, ActionWanted, CheckView};
use crate::view::error::ErrorKind;

/// Pause between two looks at an action that is waited for.
const LOOK_EVERY: Duration = Duration::from_millis(200);
/// How long a collector that restarts may be away while an action is waited for.
const AWAY_MAX: DurationMs = DurationMs::from_s(30);

const EXIT_CODES: &str = "Exit codes without --wait: 0 accepted, 5 refused. With it: 0 succeeded, 1 failed or expired, \
5 refused, 6 outcome unknown, 7 not ended within the time.";

/// Verbs of `action`.
#[derive(Debug, Subcommand)]
pub enum ActionVerb {
    /// Make a recovery point: a copy of the VM's disks outside the VM, which runs on.
    #[command(after_help = EXIT_CODES)]
    Snapshot(Act),
    /// Restart a VM: gracefully, else by reset, else by destroy and start where that is safe.
    #[command(after_help = EXIT_CODES)]
    Restart(RestartArgs),
    /// Move a running VM to another host.
    #[command(after_help = EXIT_CODES)]
    Migrate(MigrateArgs),
    /// List the actions, oldest first.
    List(ListArgs),
    /// Show an action.
    Show(Which),
    /// Wait for the end of an action.
    #[command(after_help = EXIT_CODES)]
    Wait(WaitArgs),
}

/// What every verb that acts takes.
#[derive(Debug, Args)]
pub struct Act {
    /// The VM: name, UUID or a unique beginning.
    #[arg(value_parser = NonEmptyStringValueParser::new())]
    vm: String,
    /// Wait for the end, at most so long (such as 90s) when a time is given.
    #[arg(long, value_name = "DURATION", num_args = 0..=1, default_missing_value = "3650d", value_parser = parse_duration)]
    wait: Option<DurationMs>,
    /// Only say what the guard would say.
    #[arg(long, conflicts_with = "wait")]
    dry_run: bool,
    /// Id of the action (a UUID): asking twice with the same id is one action.
    #[arg(long, value_name = "UUID")]
    id: Option<String>,
}

/// How to restart.
#[derive(Debug, Args)]
pub struct RestartArgs {
    #[command(flatten)]
    act: Act,
    /// Bring a changed stored definition into force, by destroy and start.
    #[arg(long)]
    apply_pending: bool,
}

/// Where to migrate.
#[derive(Debug, Args)]
pub struct MigrateArgs {
    #[command(flatten)]
    act: Act,
    /// The host to go to.
    #[arg(long, value_name = "HOST")]
    to: String,
}

/// Which actions.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// Only on this VM.
    #[arg(long)]
    vm: Option<String>,
    /// Only in this state.
    #[arg(long, value_parser = ActionState::ALL.map(ActionState::as_str))]
    state: Option<String>,
    /// At most so many, the newest.
    #[arg(long, default_value_t = 100, value_name = "N")]
    limit: usize,
}

/// Which action.
#[derive(Debug, Args)]
pub struct Which {
    /// Its id, or a unique beginning of it.
    #[arg(value_parser = NonEmptyStringValueParser::new())]
    id: String,
}

/// Which action, and how long.
#[derive(Debug, Args)]
pub struct WaitArgs {
    #[command(flatten)]
    which: Which,
    /// At most so long, such as 90s [default: until it ends].
    #[arg(value_name = "DURATION", value_parser = parse_duration, default_value = "3650d", hide_default_value = true)]
    limit: DurationMs,
}

/// Runs a verb.
pub async fn run(verb: ActionVerb, context: &Context) -> Result<Exit, Fail> {
    match verb {
        ActionVerb::Snapshot(act) => ask("snapshot", act, None, false, context).await,
        ActionVerb::Restart(args) => ask("restart", args.act, None, args.apply_pending, context).await,
        ActionVerb::Migrate(args) => ask("migrate", args.act, Some(args.to), false, context).await,
        ActionVerb::List(args) => {
            let query = ActionQuery { vm: args.vm, state: args.state, limit: Some(args.limit) };
            let rows: Vec<ActionView> = context.client.get("/actions", &query).await?;
            context.output.show(&rows)?;
            Ok(Exit::Ok)
        }
        ActionVerb::Show(which) => {
            context.output.show(&get(&which.id, context).await?)?;
            Ok(Exit::Ok)
        }
        ActionVerb::Wait(args) => {
            let action = get(&args.which.id, context).await?;
            wait(action, args.limit, context).await
        }
    }
}

async fn ask(
    verb: &str,
    act: Act,
    to_host: Option<String>,
    apply_pending: bool,
    context: &Context,
) -> Result<Exit, Fail> {
    let id = act.id.unwrap_or_else(|| ActionId::new(context.now, rand::random()).to_string());
    let wanted = ActionWanted { id, verb: verb.to_owned(), vm: act.vm, to_host, apply_pending };
    if act.dry_run {
        let plan: ActionPlan = context.client.post("/actions/plan", &wanted).await?;
        context.output.show(&plan)?;
        return match plan.refusal {
            None => Ok(Exit::Ok),
            Some(refusal) => Err(refused(&refusal.guard, &refusal.message)),
        };
    }
    let action: ActionView = context.client.post("/actions", &wanted).await?;
    match act.wait {
        Some(limit) => wait(action, limit, context).await,
        None => {
            context.output.show(&action)?;
            if action.state == ActionState::Refused.as_str() { end(&action) } else { Ok(Exit::Ok) }
        }
    }
}

async fn get(id: &str, context: &Context) -> Result<ActionView, Fail> {
    context.client.get(&format!("/actions/{}", segment(id)), &()).await
}

/// Waits for the end, shows the action and ends with what came of it. A collector that restarts is waited for.
async fn wait(mut action: ActionView, limit: DurationMs, context: &Context) -> Result<Exit, Fail> {
    let started = clock::mono();
    let mut heard = started;
    let mut told = String::new();
    loop {
        if is_final(&action) {
            context.output.show(&action)?;
            return end(&action);
        }
        let step = action.step.clone().unwrap_or_else(|| action.state.clone());
        if step != told {
            say(&format!("{} {}: {step}", action.verb, action.target.name));
            told = step;
        }
        if clock::mono().since(started) >= limit {
            context.output.show(&action)?;
            let text = format!("action {} has not ended within {} s; it goes on", action.id, limit.as_s());
            return Err(
                Fail::new(ErrorKind::Deadline, text).hint(format!("`evenkeel action wait {}` waits on", action.id))
            );
        }
        tokio::time::sleep(LOOK_EVERY).await;
        match get(&action.id, context).await {
            Ok(newer) => {
                action = newer;
                heard = clock::mono();
            }
            Err(fail) if fail.kind() == ErrorKind::Unreachable && clock::mono().since(heard) < AWAY_MAX => {}
            Err(fail) => return Err(fail),
        }
    }
}

fn is_final(action: &ActionView) -> bool {
    // A state that is not known is of a newer collector: it is not waited for.
    ActionState::parse(&action.state).is_none_or(ActionState::is_final)
}

fn end(action: &ActionView) -> Result<Exit, Fail> {
    let text = |key: &str| action.result.get(key).and_then(|value| value.as_str()).unwrap_or_default().to_owned();
    let (verb, name) = (&action.verb, &action.target.name);
    match ActionState::parse(&action.state) {
        Some(ActionState::Succeeded) => Ok(Exit::Ok),
        Some(ActionState::Failed) => Err(Fail::failed(format!("{verb} {name} failed: {}", text("error")))),
        Some(ActionState::Expired) => Err(Fail::failed(format!("{verb} {name} expired before its host was there"))),
        Some(ActionState::Refused) => {
            let refusal = action.refusal.as_ref();
            let (guard, message) = refusal.map_or(("", ""), |refusal| (&refusal.guard, &refusal.message));
            Err(refused(guard, message))
        }
        _ => Err(Fail::new(ErrorKind::Unknown, format!("what came of {verb} {name} is unknown: {}", text("evidence")))
            .hint("look at the VM before doing anything else; it is never tried again by itself")),
    }
}

fn refused(guard: &str, message: &str) -> Fail {
    Fail::new(ErrorKind::Refused, format!("refused by {guard}: {message}"))
}

impl Tabular for ActionView {
    fn table(&self) -> Table {
        let mut fields = vec![
            ("id", Cell::text(&self.id)),
            ("verb", Cell::text(&self.verb)),
            ("vm", Cell::text(&self.target.name)),
            ("host", Cell::text(&self.target.host)),
            ("state", Cell::text(&self.state)),
            ("requested_by", Cell::text(&self.requested_by)),
            ("requested_at", Cell::Time(self.requested_at.0)),
            ("finished_at", Cell::maybe(self.finished_at, |at| Cell::Time(at.0))),
        ];
        if let Some(step) = &self.step {
            fields.push(("step", Cell::text(step)));
        }
        if let Some(refusal) = &self.refusal {
            fields.push(("refusal", Cell::text(format!("{}: {}", refusal.guard, refusal.message))));
        }
        if !self.result.is_empty() {
            fields.push(("result", Cell::text(summary(self))));
        }
        Table::object(fields)
    }
}

fn summary(action: &ActionView) -> String {
    let one = |(key, value): (&String, &serde_json::Value)| {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        format!("{key}={text}")
    };
    action.result.iter().map(one).collect::<Vec<_>>().join(" ")
}

impl Tabular for Vec<ActionView> {
    fn table(&self) -> Table {
        Table::new(
            &[
                ("id", "ID"),
                ("verb", "VERB"),
                ("vm", "VM"),
                ("host", "HOST"),
                ("state", "STATE"),
                ("requested_by", "BY"),
                ("requested_at", "REQUESTED"),
                ("finished_at", "FINISHED"),
            ],
            self.iter().map(|action| {
                vec![
                    Cell::text(&action.id),
                    Cell::text(&action.verb),
                    Cell::text(&action.target.name),
                    Cell::text(&action.target.host),
                    Cell::text(&action.state),
                    Cell::text(&action.requested_by),
                    Cell::Time(action.requested_at.0),
                    Cell::maybe(action.finished_at, |at| Cell::Time(at.0)),
                ]
            }),
        )
    }
}

impl Tabular for ActionPlan {
    fn table(&self) -> Table {
        let row = |check: &CheckView| {
            let said = check.message.clone().unwrap_or_default();
            vec![Cell::text(&check.guard), Cell::text(if check.passed { "pass" } else { "refuse" }), Cell::text(said)]
        };
        Table::new(&[("guard", "GUARD"), ("verdict", "VERDICT"), ("message", "MESSAGE")], self.checks.iter().map(row))
    }
}
