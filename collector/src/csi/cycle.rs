//! One pass of the seven steps over a period of a service: where it stands and what may come next. `handle` says what is
//! to be stored; the shell stores it.
//!
//! planned (1, 2) → running (3) → processed (4) → analysed (5) → presented (6) → acted (7) → closed with the plan of the
//! next. A review that is done again after that leaves the state: it is a new version of the steps, and only when it
//! says something else than the last one.

use serde::{Deserialize, Serialize};

/// Where a cycle stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// What is to be measured is agreed.
    Planned,
    /// Its review has begun.
    Running,
    /// Readings have become figures.
    Processed,
    /// Figures have become results.
    Analysed,
    /// Results have become findings.
    Presented,
    /// Every finding is decided.
    Acted,
    /// It is over, and the next one is planned.
    Closed,
}

impl State {
    /// All of them, in order.
    pub const ALL: [Self; 7] =
        [Self::Planned, Self::Running, Self::Processed, Self::Analysed, Self::Presented, Self::Acted, Self::Closed];

    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Running => "running",
            Self::Processed => "processed",
            Self::Analysed => "analysed",
            Self::Presented => "presented",
            Self::Acted => "acted",
            Self::Closed => "closed",
        }
    }

    /// The state of a word.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }
}

/// Steps that leave an output on record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// 3.
    Gather,
    /// 4.
    Process,
    /// 5.
    Analyse,
    /// 6.
    Inform,
}

impl Step {
    /// All of them, in order.
    pub const ALL: [Self; 4] = [Self::Gather, Self::Process, Self::Analyse, Self::Inform];

    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Gather => "gather",
            Self::Process => "process",
            Self::Analyse => "analyse",
            Self::Inform => "inform",
        }
    }

    /// Where the cycle stands when the step is done.
    fn leads_to(self) -> State {
        match self {
            Self::Gather => State::Running,
            Self::Process => State::Processed,
            Self::Analyse => State::Analysed,
            Self::Inform => State::Presented,
        }
    }
}

/// What a step left behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    /// Which one.
    pub step: Step,
    /// blake3 of what it was given.
    pub input_digest: String,
    /// What came of it: one JSON document.
    pub output: String,
}

/// What happens to a cycle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Its period was reviewed: all four steps, in order.
    Reviewed(Vec<Done>),
    /// A finding was decided; so many are open still.
    Decided {
        /// How many.
        open: usize,
    },
    /// A person ends it.
    Close {
        /// Who.
        by: String,
        /// What was learned.
        learned: String,
        /// Findings that are open.
        open: Vec<String>,
        /// Whether they go on into the next cycle.
        carry: bool,
    },
}

/// What is to be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// A step's output under a version.
    Record {
        /// The version of the review.
        version: i64,
        /// The step's output.
        done: Done,
    },
    /// The cycle stands somewhere else now.
    Move {
        /// Where.
        to: State,
        /// Since when, ms since 1970.
        at_ms: i64,
    },
    /// The next cycle is planned.
    Plan(Plan),
}

/// What a cycle begins with: what the one before left.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// What was learned.
    pub learned: String,
    /// Who closed the one before.
    pub by: String,
    /// Findings that were not decided.
    pub carried: Vec<String>,
}

/// Why something cannot be done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// A review is all four steps in order.
    #[error("a review has the steps gather, process, analyse, inform, in this order")]
    StepsOutOfOrder,
    /// Nothing was reviewed.
    #[error("the cycle is {0}; it has to be reviewed before it can be closed")]
    NotReviewed(&'static str),
    /// It is over.
    #[error("the cycle is closed")]
    Closed,
    /// There is something to decide.
    #[error("{} are not decided: {}", count(.0.len()), .0.join(", "))]
    Undecided(Vec<String>),
    /// Nothing was learned.
    #[error("a cycle is closed with what was learned")]
    NothingLearned,
}

fn count(findings: usize) -> String {
    if findings == 1 { "1 finding is open, and findings".to_owned() } else { format!("{findings} findings") }
}

/// See the module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cycle {
    /// Where it stands.
    pub state: State,
    /// Version of the last review; 0 when there was none.
    pub version: i64,
    /// The outputs of the last review, in the order of the steps.
    pub outputs: Vec<String>,
}

impl Cycle {
    /// One that was not reviewed.
    #[must_use]
    pub fn planned() -> Self {
        Self { state: State::Planned, version: 0, outputs: Vec::new() }
    }

    /// Takes an event in.
    ///
    /// # Errors
    /// See [`Refusal`]; then nothing has changed.
    pub fn handle(&mut self, event: Event, now_ms: i64) -> Result<Vec<Effect>, Refusal> {
        match event {
            Event::Reviewed(steps) => self.reviewed(steps, now_ms),
            Event::Decided { open } => Ok(if open == 0 && self.state == State::Presented {
                self.move_to(State::Acted, now_ms)
            } else {
                Vec::new()
            }),
            Event::Close { by, learned, open, carry } => self.close(by, learned, open, carry, now_ms),
        }
    }

    fn reviewed(&mut self, steps: Vec<Done>, now_ms: i64) -> Result<Vec<Effect>, Refusal> {
        if !steps.iter().map(|done| done.step).eq(Step::ALL) {
            return Err(Refusal::StepsOutOfOrder);
        }
        let outputs: Vec<String> = steps.iter().map(|done| done.output.clone()).collect();
        if self.version > 0 && outputs == self.outputs {
            return Ok(Vec::new());
        }
        self.version += 1;
        self.outputs = outputs;
        let mut effects = Vec::new();
        for done in steps {
            let to = done.step.leads_to();
            effects.push(Effect::Record { version: self.version, done });
            if self.state < to {
                effects.extend(self.move_to(to, now_ms));
            }
        }
        Ok(effects)
    }

    fn close(
        &mut self,
        by: String,
        learned: String,
        open: Vec<String>,
        carry: bool,
        now_ms: i64,
    ) -> Result<Vec<Effect>, Refusal> {
        match self.state {
            State::Closed => return Err(Refusal::Closed),
            State::Presented | State::Acted => {}
            state => return Err(Refusal::NotReviewed(state.as_str())),
        }
        if learned.trim().is_empty() {
            return Err(Refusal::NothingLearned);
        }
        if !open.is_empty() && !carry {
            return Err(Refusal::Undecided(open));
        }
        let mut effects = Vec::new();
        if self.state == State::Presented {
            effects.extend(self.move_to(State::Acted, now_ms));
        }
        effects.extend(self.move_to(State::Closed, now_ms));
        effects.push(Effect::Plan(Plan { learned: learned.trim().to_owned(), by, carried: open }));
        Ok(effects)
    }

    fn move_to(&mut self, to: State, at_ms: i64) -> Vec<Effect> {
        self.state = to;
        vec![Effect::Move { to, at_ms }]
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn review(text: &str) -> Event {
        let done = |step| Done { step, input_digest: String::new(), output: text.to_owned() };
        Event::Reviewed(Step::ALL.map(done).to_vec())
    }

    fn close(learned: &str, open: &[&str], carry: bool) -> Event {
        let open = open.iter().map(|key| (*key).to_owned()).collect();
        Event::Close { by: "ann".to_owned(), learned: learned.to_owned(), open, carry }
    }

    #[test]
    fn a_pass_goes_through_all_states_and_plans_the_next() {
        let mut cycle = Cycle::planned();
        let effects = cycle.handle(review("a"), 1).unwrap();
        let moves: Vec<State> = effects
            .iter()
            .filter_map(|effect| if let Effect::Move { to, .. } = effect { Some(*to) } else { None })
            .collect();
        assert_eq!(moves, [State::Running, State::Processed, State::Analysed, State::Presented]);
        assert_eq!(cycle.handle(Event::Decided { open: 1 }, 2), Ok(vec![]));
        assert_eq!(cycle.handle(Event::Decided { open: 0 }, 2), Ok(vec![Effect::Move { to: State::Acted, at_ms: 2 }]));
        let effects = cycle.handle(close(" more memory ", &[], false), 3).unwrap();
        let plan = Plan { learned: "more memory".to_owned(), by: "ann".to_owned(), carried: vec![] };
        assert_eq!(effects, [Effect::Move { to: State::Closed, at_ms: 3 }, Effect::Plan(plan)]);
    }

    #[test]
    fn what_cannot_be_done_has_a_reason_and_changes_nothing() {
        let mut cycle = Cycle::planned();
        assert_eq!(cycle.handle(close("x", &[], false), 1), Err(Refusal::NotReviewed("planned")));
        assert_eq!(cycle.handle(Event::Reviewed(vec![]), 1), Err(Refusal::StepsOutOfOrder));
        assert_eq!(cycle, Cycle::planned());
        cycle.handle(review("a"), 1).unwrap();
        let before = cycle.clone();
        assert_eq!(cycle.handle(close(" ", &[], false), 1), Err(Refusal::NothingLearned));
        let open = Err(Refusal::Undecided(vec!["slow".to_owned()]));
        assert_eq!(cycle.handle(close("x", &["slow"], false), 1), open);
        assert_eq!(cycle, before);
        assert!(cycle.handle(close("x", &["slow"], true), 1).is_ok());
        assert_eq!(cycle.handle(close("x", &[], false), 1), Err(Refusal::Closed));
    }

    #[test]
    fn a_review_that_says_the_same_is_no_new_version_and_one_after_the_end_does_not_open_it() {
        let mut cycle = Cycle::planned();
        cycle.handle(review("a"), 1).unwrap();
        assert_eq!(cycle.handle(review("a"), 2), Ok(vec![]));
        cycle.handle(close("x", &[], false), 3).unwrap();
        let effects = cycle.handle(review("b"), 4).unwrap();
        assert!(effects.iter().all(|effect| matches!(effect, Effect::Record { version: 2, .. })), "{effects:?}");
        assert_eq!((cycle.state, effects.len()), (State::Closed, 4));
    }

    proptest! {
        #[test]
        fn it_never_goes_back(events in prop::collection::vec((0_u8..4, "[ab]?", prop::bool::ANY), 0..20)) {
            let mut cycle = Cycle::planned();
            for (kind, text, carry) in events {
                let before = cycle.clone();
                let event = match kind {
                    0 => review(&text),
                    1 => Event::Decided { open: usize::from(carry) },
                    2 => close(&text, &["f"], carry),
                    _ => Event::Reviewed(vec![]),
                };
                let result = cycle.handle(event, 1);
                prop_assert!(cycle.state >= before.state && cycle.version >= before.version);
                prop_assert!(result.is_ok() || cycle == before);
            }
        }
    }
}
