//! `evenkeel review --service`: asks for the review of a period and waits for it, with a bar on a terminal.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use super::tables::tables;
use crate::cli::context::Context;
use crate::cli::fail::Fail;
use crate::cli::table::{Cell, Table, Tabular};
use crate::view::cycle::{ReviewLine, ServiceReviewRequest, ServiceReviewView};

/// A part of a review takes no longer than this.
const DEADLINE: Duration = Duration::from_secs(600);
/// Tables that are not worth the room on a terminal.
const NOT_SHOWN: [&str; 3] = ["days", "members", "steps"];

/// Asks for a review.
pub async fn ask(request: &ServiceReviewRequest, context: &Context) -> Result<ServiceReviewView, Fail> {
    let mut lines = context.client.within(DEADLINE).lines("/review/service", request).await?;
    let bar = bar();
    loop {
        match lines.next::<ReviewLine>().await? {
            Some(ReviewLine::Progress { done, of }) => {
                bar.set_length(of);
                bar.set_position(done);
            }
            Some(ReviewLine::Review(review)) => {
                bar.finish_and_clear();
                return Ok(*review);
            }
            Some(ReviewLine::Failed(error)) => {
                bar.finish_and_clear();
                return Err(error.into());
            }
            None => return Err(lines.cut_off()),
        }
    }
}

/// On standard error, and only where that is a terminal.
fn bar() -> ProgressBar {
    let bar = ProgressBar::no_length();
    match ProgressStyle::with_template("{bar:30} {pos} of {len} members read, {eta} to go") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

impl Tabular for ServiceReviewView {
    fn table(&self) -> Table {
        let mut lines = self.summary.clone();
        lines.extend(self.differences.clone());
        Table::new(&[("summary", "SUMMARY")], lines.into_iter().map(|line| vec![Cell::Text(line)]))
    }

    fn more(&self) -> Vec<(&'static str, Table)> {
        let some = tables(self).into_iter().filter(|one| !NOT_SHOWN.contains(&one.name));
        some.map(|one| (one.title, one.table)).collect()
    }
}
