//! `evenkeel host list|show|retire`.

mod show;

use clap::builder::NonEmptyStringValueParser;
use clap::{Args, Subcommand};

use super::client::segment;
use super::context::Context;
use super::fail::{Exit, Fail};
use super::table::{Cell, Table, Tabular};
use crate::api::{HostQuery, RetireRequest};
use crate::view::host::{HostDetail, HostSummary};

/// Verbs of `host`.
#[derive(Debug, Subcommand)]
pub enum HostVerb {
    /// List the hosts. A host is silent when it is not connected or was not heard for three intervals.
    List(ListArgs),
    /// Show one host, its VMs and what happened to it lately.
    Show(ShowArgs),
    /// Take a host out of service: its agent is no longer let in, its history stays.
    Retire(RetireArgs),
}

/// Options of `host list`.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// Also the retired ones.
    #[arg(long)]
    all: bool,
}

/// Options of `host show`.
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// Name, agent id or unique beginning.
    #[arg(value_parser = NonEmptyStringValueParser::new())]
    host: String,
}

/// Options of `host retire`.
#[derive(Debug, Args)]
pub struct RetireArgs {
    /// Name, agent id or unique beginning.
    #[arg(value_parser = NonEmptyStringValueParser::new())]
    host: String,
    /// Although it is connected and runs VMs.
    #[arg(long)]
    force: bool,
}

/// Runs a verb.
pub async fn run(verb: HostVerb, context: &Context) -> Result<Exit, Fail> {
    match verb {
        HostVerb::List(args) => {
            let rows: Vec<HostSummary> = context.client.get("/hosts", &HostQuery { all: args.all }).await?;
            context.output.show(&rows)?;
        }
        HostVerb::Show(args) => {
            let view: HostDetail = context.client.get(&format!("/hosts/{}", segment(&args.host)), &()).await?;
            context.output.show(&view)?;
        }
        HostVerb::Retire(args) => {
            let path = format!("/hosts/{}/retire", segment(&args.host));
            let view: HostSummary = context.client.post(&path, &RetireRequest { force: args.force }).await?;
            context.output.show(&view)?;
        }
    }
    Ok(Exit::Ok)
}

impl Tabular for Vec<HostSummary> {
    fn table(&self) -> Table {
        let columns = [
            ("name", "NAME"),
            ("agent_id", "AGENT"),
            ("state", "STATE"),
            ("last_seen", "SEEN"),
            ("clock_offset_ms", "CLOCK_MS"),
            ("domains", "DOMAINS"),
            ("libvirt_version", "LIBVIRT"),
            ("qemu_version", "QEMU"),
        ];
        let row = |host: &HostSummary| host_fields(host).into_iter().map(|(_, cell)| cell).collect();
        Table::new(&columns, self.iter().map(row))
    }
}

impl Tabular for HostSummary {
    fn table(&self) -> Table {
        Table::object(host_fields(self))
    }
}

fn host_fields(host: &HostSummary) -> Vec<(&'static str, Cell)> {
    vec![
        ("name", Cell::text(&host.name)),
        ("agent_id", Cell::text(&host.agent_id)),
        ("state", Cell::text(&host.state)),
        ("last_seen", Cell::maybe(host.last_seen, |at| Cell::Ago(at.0))),
        ("clock_offset_ms", Cell::maybe(host.clock_offset_ms, Cell::count)),
        ("domains", Cell::count(u64::try_from(host.domains).unwrap_or(u64::MAX))),
        ("libvirt_version", Cell::maybe(host.libvirt_version.as_ref(), Cell::text)),
        ("qemu_version", Cell::maybe(host.qemu_version.as_ref(), Cell::text)),
    ]
}
