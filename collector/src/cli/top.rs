//! `evenkeel vm top`: a refreshing screen, or one table where there is no terminal.

mod screen;
mod terminal;

use std::io::IsTerminal as _;

use clap::{Args, ValueEnum};
use evenkeel_common::clock;
use evenkeel_common::time::DurationMs;
use evenkeel_common::units::parse_duration;

use super::args::Format;
use super::context::Context;
use super::fail::Fail;
use super::table::{Cell, Table, Tabular};
use crate::api::VmQuery;
use crate::view::vm::VmTop;

use screen::Screen;
use terminal::{Key, Terminal};

/// Options of `vm top`. Keys: q quits; c, m, d, n and s sort by CPU, memory, disk, network and steal.
#[derive(Clone, Debug, Args)]
pub struct TopArgs {
    /// Sort by this, the largest first.
    #[arg(long, value_enum, default_value_t)]
    sort: Sort,
    /// Time between two refreshes.
    #[arg(long, value_name = "DURATION", default_value = "3s", value_parser = parse_duration)]
    interval: DurationMs,
    /// Only on this host.
    #[arg(long)]
    host: Option<String>,
    /// Print one table and end; so it is also without a terminal.
    #[arg(long)]
    once: bool,
}

/// What is sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Sort {
    /// CPU time.
    #[default]
    Cpu,
    /// Resident memory.
    Memory,
    /// Disk bytes.
    Disk,
    /// Network bytes.
    Network,
    /// Time waited for a host CPU.
    Steal,
}

impl Sort {
    fn of_key(key: char) -> Option<Self> {
        match key.to_ascii_lowercase() {
            'c' => Some(Self::Cpu),
            'm' => Some(Self::Memory),
            'd' => Some(Self::Disk),
            'n' => Some(Self::Network),
            's' => Some(Self::Steal),
            _ => None,
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Cpu => "CPU",
            Self::Memory => "memory",
            Self::Disk => "disk",
            Self::Network => "network",
            Self::Steal => "steal",
        }
    }

    /// Orders rows, the largest first, those without a value last, then by name.
    fn apply(self, rows: &mut [VmTop]) {
        #[expect(clippy::cast_precision_loss, reason = "only compared")]
        let value = |row: &VmTop| match self {
            Self::Cpu => row.cpu_ratio,
            Self::Memory => row.memory_rss_bytes.map(|bytes| bytes as f64),
            Self::Disk => row.disk_bytes_per_s,
            Self::Network => row.network_bytes_per_s,
            Self::Steal => row.steal_ratio,
        };
        rows.sort_by(|a, b| {
            let by_value = value(b).unwrap_or(-1.0).total_cmp(&value(a).unwrap_or(-1.0));
            by_value.then_with(|| a.name.cmp(&b.name)).then_with(|| a.uuid.cmp(&b.uuid))
        });
    }
}

/// Runs the verb.
pub async fn run(args: &TopArgs, context: &Context) -> Result<(), Fail> {
    let output = &context.output;
    let interactive = std::io::stdout().is_terminal() && std::io::stdin().is_terminal();
    if args.once || !interactive || output.format() != Format::Table || !output.to_stdout() {
        let mut rows = fetch(args, context).await?;
        args.sort.apply(&mut rows);
        return output.show(&rows);
    }
    refresh(args, context).await
}

async fn fetch(args: &TopArgs, context: &Context) -> Result<Vec<VmTop>, Fail> {
    context.client.get("/top", &VmQuery { host: args.host.clone(), ..VmQuery::default() }).await
}

async fn refresh(args: &TopArgs, context: &Context) -> Result<(), Fail> {
    // The first answer comes before the screen is taken, so that an error is a plain one.
    let mut screen = Screen::new(fetch(args, context).await?, args.sort, clock::wall(), context.zone());
    let mut terminal = Terminal::take().map_err(|error| Fail::failed(format!("the terminal: {error}")))?;
    let mut every = tokio::time::interval(args.interval.to_std().max(terminal::SHORTEST_REFRESH));
    every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    every.tick().await;
    loop {
        terminal.draw(&screen).map_err(|error| Fail::failed(format!("the terminal: {error}")))?;
        tokio::select! {
            key = terminal.key() => match key {
                Key::Quit => return Ok(()),
                Key::Redraw => {}
                Key::Char(key) => {
                    if let Some(sort) = Sort::of_key(key) {
                        screen.sort_by(sort);
                    }
                }
            },
            _ = every.tick() => match fetch(args, context).await {
                Ok(rows) => screen.renew(rows, clock::wall()),
                Err(fail) => screen.say(fail.message()),
            },
        }
    }
}

impl Tabular for Vec<VmTop> {
    fn table(&self) -> Table {
        let columns = [
            ("uuid", "UUID"),
            ("name", "NAME"),
            ("host", "HOST"),
            ("state", "STATE"),
            ("cpu_ratio", "CPU"),
            ("memory_rss_bytes", "RSS"),
            ("disk_bytes_per_s", "DISK/s"),
            ("network_bytes_per_s", "NET/s"),
            ("steal_ratio", "STEAL"),
            ("missing", "MISSING"),
        ];
        Table::new(&columns, self.iter().map(cells))
    }
}

fn cells(row: &VmTop) -> Vec<Cell> {
    vec![
        Cell::text(&row.uuid),
        Cell::text(&row.name),
        Cell::text(&row.host),
        Cell::text(&row.state),
        Cell::maybe(row.cpu_ratio, Cell::Ratio),
        Cell::maybe(row.memory_rss_bytes, Cell::Bytes),
        Cell::maybe(row.disk_bytes_per_s, Cell::ByteRate),
        Cell::maybe(row.network_bytes_per_s, Cell::ByteRate),
        Cell::maybe(row.steal_ratio, Cell::Ratio),
        Cell::maybe(row.missing.as_ref(), Cell::text),
    ]
}
