//! `evenkeel order-key show|rotate`.

use clap::Subcommand;

use super::context::Context;
use super::fail::{Exit, Fail};
use super::table::{Cell, Table, Tabular};
use crate::view::order_key::OrderKeyView;

/// Verbs of `order-key`.
#[derive(Debug, Subcommand)]
pub enum OrderKeyVerb {
    /// Show the public half: what `evenkeel-agent trust` takes on a host.
    Show,
    /// Replace the key. The old one signs the new one, so that hosts follow by themselves with their next order.
    Rotate,
}

/// Runs a verb.
pub async fn run(verb: OrderKeyVerb, context: &Context) -> Result<Exit, Fail> {
    let view: OrderKeyView = match verb {
        OrderKeyVerb::Show => context.client.get("/order-key", &()).await?,
        OrderKeyVerb::Rotate => context.client.post("/order-key/rotate", &()).await?,
    };
    context.output.show(&view)?;
    Ok(Exit::Ok)
}

impl Tabular for OrderKeyView {
    fn table(&self) -> Table {
        Table::object(vec![("key", Cell::text(&self.key))])
    }
}
