//! `evenkeel agent list|approve|revoke`.

use clap::builder::NonEmptyStringValueParser;
use clap::{Args, Subcommand};

use super::client::segment;
use super::context::Context;
use super::fail::{Exit, Fail};
use super::table::{Cell, Table, Tabular};
use crate::view::agent::AgentView;

/// Verbs of `agent`.
#[derive(Debug, Subcommand)]
pub enum AgentVerb {
    /// List the agents and who waits for approval.
    List,
    /// Let a pending agent join.
    Approve(AgentArgs),
    /// Take an agent's rights away and cut its connection at once.
    Revoke(AgentArgs),
}

/// Which agent.
#[derive(Debug, Args)]
pub struct AgentArgs {
    /// Name of its host, its id, or a unique beginning.
    #[arg(value_parser = NonEmptyStringValueParser::new())]
    name: String,
}

/// Runs a verb.
pub async fn run(verb: AgentVerb, context: &Context) -> Result<Exit, Fail> {
    let (name, what) = match verb {
        AgentVerb::List => {
            let rows: Vec<AgentView> = context.client.get("/agents", &()).await?;
            context.output.show(&rows)?;
            return Ok(Exit::Ok);
        }
        AgentVerb::Approve(args) => (args.name, "approve"),
        AgentVerb::Revoke(args) => (args.name, "revoke"),
    };
    let row: AgentView = context.client.post(&format!("/agents/{}/{what}", segment(&name)), &()).await?;
    context.output.show(&row)?;
    Ok(Exit::Ok)
}

impl Tabular for AgentView {
    fn table(&self) -> Table {
        agent_table(std::slice::from_ref(self))
    }
}

impl Tabular for Vec<AgentView> {
    fn table(&self) -> Table {
        agent_table(self)
    }
}

fn agent_table(rows: &[AgentView]) -> Table {
    Table::new(
        &[
            ("name", "NAME"),
            ("agent_id", "AGENT ID"),
            ("state", "STATE"),
            ("connected", "CONNECTED"),
            ("address", "ADDRESS"),
            ("agent_version", "VERSION"),
            ("enrolled_at", "ENROLLED"),
            ("cert_expires_at", "CERTIFICATE UNTIL"),
        ],
        rows.iter().map(|row| {
            vec![
                Cell::text(&row.name),
                Cell::text(&row.agent_id),
                Cell::text(&row.state),
                Cell::text(if row.connected { "yes" } else { "no" }),
                Cell::maybe(row.address.as_ref(), Cell::text),
                Cell::text(&row.agent_version),
                Cell::Time(row.enrolled_at.0),
                Cell::maybe(row.cert_expires_at, |at| Cell::Time(at.0)),
            ]
        }),
    )
}
