//! `evenkeel token create|list|revoke`.

use std::path::{Path, PathBuf};

use clap::builder::NonEmptyStringValueParser;
use clap::{Args, Subcommand};
use evenkeel_common::units::parse_duration;

use super::client::segment;
use super::context::Context;
use super::fail::{Exit, Fail};
use super::table::{Cell, Table, Tabular};
use crate::view::token::{TokenCreated, TokenRow, TokenWanted};

/// Verbs of `token`.
#[derive(Debug, Subcommand)]
pub enum TokenVerb {
    /// Make a token with which a host joins.
    Create(CreateArgs),
    /// List the tokens, oldest first.
    List,
    /// Revoke a token: nobody joins with it any more. Hosts that have joined stay.
    Revoke(RevokeArgs),
}

/// What kind of token.
#[derive(Debug, Args)]
#[group(id = "whom")]
pub struct CreateArgs {
    /// Bind the token to this host name: the host joins at once.
    #[arg(long, value_name = "NAME", conflicts_with = "hosts")]
    host: Option<String>,
    /// Make a token for each host name in this file, one a line; '#' starts a comment.
    #[arg(long, value_name = "FILE")]
    hosts: Option<PathBuf>,
    /// How long the token is valid, such as 30m or 7d [default: 30m].
    #[arg(long, value_name = "DURATION", value_parser = ttl)]
    ttl: Option<i64>,
    /// How many hosts may join with the token [default: 1].
    #[arg(long, value_name = "N")]
    max_uses: Option<u32>,
    /// Whoever joins waits for `evenkeel agent approve`; needed for a token that is bound to no host.
    #[arg(long)]
    needs_approval: bool,
}

/// Which token.
#[derive(Debug, Args)]
pub struct RevokeArgs {
    /// Its id (see `token list`), a unique beginning of it, or the token itself.
    #[arg(value_parser = NonEmptyStringValueParser::new())]
    id: String,
}

fn ttl(text: &str) -> Result<i64, String> {
    parse_duration(text).map(|duration| duration.0 / 1000).map_err(|error| error.to_string())
}

/// Runs a verb.
pub async fn run(verb: TokenVerb, context: &Context) -> Result<Exit, Fail> {
    match verb {
        TokenVerb::Create(args) => return create(args, context).await,
        TokenVerb::List => {
            let rows: Vec<TokenRow> = context.client.get("/tokens", &()).await?;
            context.output.show(&rows)?;
        }
        TokenVerb::Revoke(args) => {
            let path = format!("/tokens/{}/revoke", segment(&args.id));
            let row: TokenRow = context.client.post(&path, &()).await?;
            context.output.show(&row)?;
        }
    }
    Ok(Exit::Ok)
}

async fn create(args: CreateArgs, context: &Context) -> Result<Exit, Fail> {
    let many = args.hosts.is_some();
    let hosts = match (&args.hosts, args.host) {
        (Some(path), _) => names(path)?,
        (None, host) => host.into_iter().collect(),
    };
    let wanted = TokenWanted { hosts, ttl_s: args.ttl, max_uses: args.max_uses, needs_approval: args.needs_approval };
    let mut created: Vec<TokenCreated> = context.client.post("/tokens", &wanted).await?;
    match created.pop() {
        Some(only) if !many && created.is_empty() => context.output.show(&only)?,
        last => {
            created.extend(last);
            context.output.show(&created)?;
        }
    }
    Ok(Exit::Ok)
}

fn names(path: &Path) -> Result<Vec<String>, Fail> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| Fail::usage(format!("{} cannot be read: {error}", path.display())))?;
    let names: Vec<String> = text
        .lines()
        .map(|line| line.split('#').next().unwrap_or_default().trim().to_owned())
        .filter(|name| !name.is_empty())
        .collect();
    let mut seen = std::collections::BTreeSet::new();
    if let Some(twice) = names.iter().find(|name| !seen.insert(name.as_str())) {
        return Err(Fail::usage(format!("{} names {twice} twice; each host gets one token", path.display())));
    }
    if names.is_empty() { Err(Fail::usage(format!("{} names no host", path.display()))) } else { Ok(names) }
}

impl Tabular for TokenCreated {
    fn table(&self) -> Table {
        Table::object([
            ("token", Cell::text(&self.token)),
            ("join_command", Cell::text(&self.join_command)),
            ("expires_at", Cell::Time(self.expires_at.0)),
            ("host", Cell::maybe(self.host.as_ref(), Cell::text)),
            ("needs_approval", Cell::text(if self.needs_approval { "yes" } else { "no" })),
        ])
    }
}

impl Tabular for Vec<TokenCreated> {
    fn table(&self) -> Table {
        Table::new(
            &[("host", "HOST"), ("expires_at", "EXPIRES"), ("join_command", "JOIN COMMAND"), ("token", "TOKEN")],
            self.iter().map(|token| {
                vec![
                    Cell::maybe(token.host.as_ref(), Cell::text),
                    Cell::Time(token.expires_at.0),
                    Cell::text(&token.join_command),
                    Cell::text(&token.token),
                ]
            }),
        )
    }
}

impl Tabular for TokenRow {
    fn table(&self) -> Table {
        token_table(std::slice::from_ref(self))
    }
}

impl Tabular for Vec<TokenRow> {
    fn table(&self) -> Table {
        token_table(self)
    }
}

fn token_table(rows: &[TokenRow]) -> Table {
    Table::new(
        &[
            ("id", "ID"),
            ("state", "STATE"),
            ("host", "HOST"),
            ("needs_approval", "APPROVAL"),
            ("uses", "USES"),
            ("max_uses", "MAX"),
            ("created_at", "CREATED"),
            ("expires_at", "EXPIRES"),
        ],
        rows.iter().map(|row| {
            vec![
                Cell::text(&row.id),
                Cell::text(&row.state),
                Cell::maybe(row.host.as_ref(), Cell::text),
                Cell::text(if row.needs_approval { "yes" } else { "no" }),
                Cell::count(row.uses),
                Cell::count(row.max_uses),
                Cell::Time(row.created_at.0),
                Cell::Time(row.expires_at.0),
            ]
        }),
    )
}
