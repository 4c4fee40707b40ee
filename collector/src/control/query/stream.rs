//! An answer that is sent while it is made: of readings never more than a slice is in memory, of steps one line.

use evenkeel_common::sample::Missing;
use tokio::sync::mpsc;

use super::shape::point;
use super::{Query, Span, Used};
use crate::control::{Control, ControlError};
use crate::series::{Shown, Sink};
use crate::view::error::{ErrorKind, ErrorView};
use crate::view::query::{QueryLine, SeriesView};

/// Points in one line of the answer: some 60 KiB.
const POINTS_MAX: usize = 1_000;
/// Points without a value that wait for one: a series that has none is left out.
const WAITING_MAX: usize = 20_000;

/// Where points go.
#[derive(Debug)]
pub(super) struct Stream {
    lines: mpsc::Sender<QueryLine>,
    /// The series, until it is sent with its first value.
    head: Option<SeriesView>,
    /// Points from before that.
    waiting: Vec<Shown>,
    series: u64,
}

impl Control {
    /// Answers a query line by line, until it is through or nobody takes them any more.
    pub async fn run_query(&self, query: Query, lines: mpsc::Sender<QueryLine>) {
        let stream = Stream { lines: lines.clone(), head: None, waiting: Vec::new(), series: 0 };
        let end = match self.send_lines(query, stream).await {
            Ok(end) => end,
            Err(error) => {
                let kind = match &error {
                    ControlError::Usage { .. } => ErrorKind::Usage,
                    _ => ErrorKind::Failed,
                };
                let message = evenkeel_common::error::chain(&error);
                QueryLine::Failed(ErrorView { kind, message, hint: error.hint() })
            }
        };
        // Nobody may be there to hear it.
        let _ = lines.send(end).await;
    }

    async fn send_lines(&self, query: Query, mut stream: Stream) -> Result<QueryLine, ControlError> {
        let Span { from, to, step } = query.span;
        let step_s = step.map(crate::control::review::seconds);
        stream.send(QueryLine::Head { from: from.into(), to: to.into(), step_s }).await;
        if query.top.is_some() {
            // Which ones they are is known at the end.
            for mut view in self.whole(&query).await? {
                let points = std::mem::take(&mut view.points);
                stream.series += 1;
                stream.send(QueryLine::Series(view)).await;
                for part in points.chunks(POINTS_MAX) {
                    stream.send(QueryLine::Points(part.to_vec())).await;
                }
            }
            return Ok(QueryLine::End { series: stream.series });
        }
        let mut used = Used { stream: Some(stream), ..Used::default() };
        self.walk(&query, &mut used).await?;
        Ok(QueryLine::End { series: used.stream.map_or(0, |stream| stream.series) })
    }
}

impl Used {
    /// Sends what readings have become so far.
    pub(super) async fn pass_on(&mut self, sink: &mut Sink<'_>) -> Result<(), ControlError> {
        match (&mut self.stream, sink) {
            (Some(stream), Sink::Points { points, .. }) => stream.points(std::mem::take(points), false).await,
            _ => Ok(()),
        }
    }
}

impl Stream {
    pub(super) fn begin(&mut self, head: SeriesView) {
        self.head = Some(head);
        self.waiting.clear();
    }

    /// Sends points; of a series that is `complete` and has no value nothing is sent.
    pub(super) async fn points(&mut self, mut points: Vec<Shown>, complete: bool) -> Result<(), ControlError> {
        if self.lines.is_closed() {
            return Err(ControlError::Failed { message: "nobody takes the answer any more".to_owned(), hint: None });
        }
        if self.head.is_some() {
            let has_value = points.iter().any(|(_, number)| *number != Err(Missing::NoData));
            self.waiting.append(&mut points);
            if !has_value && (complete || self.waiting.len() < WAITING_MAX) {
                return Ok(());
            }
            points = std::mem::take(&mut self.waiting);
            if let Some(head) = self.head.take() {
                self.series += 1;
                self.send(QueryLine::Series(head)).await;
            }
        }
        for part in points.chunks(POINTS_MAX) {
            self.send(QueryLine::Points(part.iter().copied().map(point).collect())).await;
        }
        Ok(())
    }

    /// That nobody takes it is seen before the next points.
    async fn send(&self, line: QueryLine) {
        let _ = self.lines.send(line).await;
    }
}

#[cfg(test)]
mod tests {
    use evenkeel_common::time::UnixMs;

    use super::*;
    use crate::series::Number;

    fn stream() -> (Stream, mpsc::Receiver<QueryLine>) {
        let (lines, sent) = mpsc::channel(1_000);
        let mut stream = Stream { lines, head: None, waiting: Vec::new(), series: 0 };
        stream.begin(SeriesView {
            entity: "g1".to_owned(),
            uuid: None,
            metric: "vm_cpu_seconds_total".to_owned(),
            device: String::new(),
            unit: "seconds".to_owned(),
            kind: "counter".to_owned(),
            function: "rate".to_owned(),
            placement: None,
            points: Vec::new(),
        });
        (stream, sent)
    }

    fn empty(count: usize) -> Vec<Shown> {
        (0..count).map(|at| (UnixMs(i64::try_from(at).unwrap()), Err(Missing::NoData))).collect()
    }

    fn points(sent: &mut mpsc::Receiver<QueryLine>) -> (usize, usize) {
        let (mut heads, mut points) = (0, 0);
        while let Ok(line) = sent.try_recv() {
            match line {
                QueryLine::Series(_) => heads += 1,
                QueryLine::Points(part) => points += part.len(),
                _ => {}
            }
        }
        (heads, points)
    }

    #[tokio::test]
    async fn points_without_a_value_wait_for_one_and_are_sent_all_the_same_when_they_are_too_many() {
        // None ever comes: nothing is sent of the series.
        let (mut own, mut sent) = stream();
        own.points(empty(WAITING_MAX - 1), false).await.unwrap();
        own.points(Vec::new(), true).await.unwrap();
        assert_eq!((points(&mut sent), own.series), ((0, 0), 0));
        // One comes: all before it are sent too.
        let (mut own, mut sent) = stream();
        own.points(empty(WAITING_MAX - 1), false).await.unwrap();
        assert_eq!(points(&mut sent), (0, 0));
        own.points(vec![(UnixMs(1), Ok(Number::Float(1.0)))], true).await.unwrap();
        assert_eq!((points(&mut sent), own.series), ((1, WAITING_MAX), 1));
        // Too many: they are not kept in memory for ever.
        let (mut own, mut sent) = stream();
        own.points(empty(WAITING_MAX - 1), false).await.unwrap();
        own.points(empty(1), false).await.unwrap();
        assert_eq!((points(&mut sent), own.series, own.waiting.len()), ((1, WAITING_MAX), 1, 0));
        own.points(empty(5), true).await.unwrap();
        assert_eq!(points(&mut sent), (0, 5));
    }
}
