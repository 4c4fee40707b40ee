//! Between orders and commands, news and progress.

use super::{
    News, NewsProgress, Order, OrderKeep, OrderMigrate, OrderMode, OrderQuiesce, OrderVerb, SignedOrder, StepNews,
};
use crate::action::{BackupMode, Command, Keep, MigrateLimits, Progress, Quiesce, RestoreInto, Step, Verb};
use crate::id::{ActionId, AgentId, DomainUuid, PointId};
use crate::limits::NAME_MAX_BYTES;
use crate::time::{DurationMs, UnixMs};
use crate::wire::codec::{CodecError, put_part, read_part};

/// Why the bytes of an order are no command.
#[derive(Debug, thiserror::Error)]
pub enum OrderError {
    /// They are of a newer version, or damaged.
    #[error("it says what this version does not know; upgrade evenkeel-agent on this host")]
    Unknown(#[source] CodecError),
    /// Bytes follow the order.
    #[error("bytes are left after it")]
    Trailing,
    /// It is filed under another id.
    #[error("it is of another action than it says")]
    OtherId,
    /// A name over the limit.
    #[error("a name of {0} bytes in it is over the limit")]
    Name(usize),
}

impl Order {
    /// The bytes that are signed.
    ///
    /// # Errors
    /// When it does not fit a frame.
    pub fn to_bytes(&self) -> Result<Vec<u8>, CodecError> {
        let mut bytes = Vec::new();
        put_part(self, &mut bytes)?;
        Ok(bytes)
    }
}

impl SignedOrder {
    /// The command in it. Says nothing about the signature.
    ///
    /// # Errors
    /// When the bytes are no order of this version.
    pub fn command(&self) -> Result<Command, OrderError> {
        let (order, used): (Order, usize) = read_part(&self.order).map_err(OrderError::Unknown)?;
        if used != self.order.len() {
            return Err(OrderError::Trailing);
        }
        if order.id != self.id {
            return Err(OrderError::OtherId);
        }
        match &order.verb {
            OrderVerb::Backup { target: name, .. }
            | OrderVerb::Prune { target: name, .. }
            | OrderVerb::RestoreAsNew { name, .. }
            | OrderVerb::Migrate { to_host: name, .. }
                if name.len() > NAME_MAX_BYTES =>
            {
                Err(OrderError::Name(name.len()))
            }
            _ => Ok(order.into()),
        }
    }
}

impl From<&Command> for Order {
    fn from(command: &Command) -> Self {
        Self {
            id: command.id.to_bytes(),
            collector_epoch: command.collector_epoch,
            issued_ms: command.issued.0,
            not_after_ms: command.not_after.0,
            host: command.host.to_bytes(),
            domain: command.domain.to_bytes(),
            verb: (&command.verb).into(),
        }
    }
}

impl From<Order> for Command {
    fn from(order: Order) -> Self {
        Self {
            id: ActionId::from_bytes(order.id),
            collector_epoch: order.collector_epoch,
            host: AgentId::from_bytes(order.host),
            verb: order.verb.into(),
            domain: DomainUuid::from_bytes(order.domain),
            issued: UnixMs(order.issued_ms),
            not_after: UnixMs(order.not_after_ms),
        }
    }
}

impl From<&Verb> for OrderVerb {
    fn from(verb: &Verb) -> Self {
        match verb {
            Verb::Snapshot { internal, quiesce } => Self::Snapshot { internal: *internal, quiesce: (*quiesce).into() },
            Verb::Backup { mode, target, quiesce } => Self::Backup {
                mode: match mode {
                    BackupMode::Full => OrderMode::Full,
                    BackupMode::Incremental => OrderMode::Incremental,
                    BackupMode::Auto => OrderMode::Auto,
                },
                target: target.clone(),
                quiesce: (*quiesce).into(),
            },
            Verb::Restore { point, into: RestoreInto::InPlace } => Self::RestoreInPlace { point: point.to_bytes() },
            Verb::Restore { point, into: RestoreInto::New { name } } => {
                Self::RestoreAsNew { point: point.to_bytes(), name: name.clone() }
            }
            Verb::ConfirmRestore { restore } => Self::ConfirmRestore { restore: restore.to_bytes() },
            Verb::Rehearse { point } => Self::Rehearse { point: point.to_bytes() },
            Verb::Verify { point } => Self::Verify { point: point.to_bytes() },
            Verb::Prune { target, keep: Keep { last, daily, weekly, monthly } } => Self::Prune {
                target: target.clone(),
                keep: OrderKeep { last: *last, daily: *daily, weekly: *weekly, monthly: *monthly },
            },
            Verb::Restart { apply_pending } => Self::Restart { apply_pending: *apply_pending },
            Verb::Migrate { to_host, limits } => Self::Migrate {
                to_host: to_host.clone(),
                limits: OrderMigrate {
                    storage_copy: limits.storage_copy,
                    bandwidth_bytes_per_s: limits.bandwidth_bytes_per_s,
                    downtime_ms: limits.downtime.map(|span| span.0),
                    auto_converge: limits.auto_converge,
                    deadline_ms: limits.deadline.map(|span| span.0),
                },
            },
            Verb::Cancel { action } => Self::Cancel { action: action.to_bytes() },
        }
    }
}

impl From<OrderVerb> for Verb {
    fn from(verb: OrderVerb) -> Self {
        match verb {
            OrderVerb::Snapshot { internal, quiesce } => Self::Snapshot { internal, quiesce: quiesce.into() },
            OrderVerb::Backup { mode, target, quiesce } => Self::Backup {
                mode: match mode {
                    OrderMode::Full => BackupMode::Full,
                    OrderMode::Incremental => BackupMode::Incremental,
                    OrderMode::Auto => BackupMode::Auto,
                },
                target,
                quiesce: quiesce.into(),
            },
            OrderVerb::RestoreInPlace { point } => {
                Self::Restore { point: PointId::from_bytes(point), into: RestoreInto::InPlace }
            }
            OrderVerb::RestoreAsNew { point, name } => {
                Self::Restore { point: PointId::from_bytes(point), into: RestoreInto::New { name } }
            }
            OrderVerb::ConfirmRestore { restore } => Self::ConfirmRestore { restore: ActionId::from_bytes(restore) },
            OrderVerb::Rehearse { point } => Self::Rehearse { point: PointId::from_bytes(point) },
            OrderVerb::Verify { point } => Self::Verify { point: PointId::from_bytes(point) },
            OrderVerb::Prune { target, keep: OrderKeep { last, daily, weekly, monthly } } => {
                Self::Prune { target, keep: Keep { last, daily, weekly, monthly } }
            }
            OrderVerb::Restart { apply_pending } => Self::Restart { apply_pending },
            OrderVerb::Migrate { to_host, limits } => Self::Migrate {
                to_host,
                limits: MigrateLimits {
                    storage_copy: limits.storage_copy,
                    bandwidth_bytes_per_s: limits.bandwidth_bytes_per_s,
                    downtime: limits.downtime_ms.map(DurationMs),
                    auto_converge: limits.auto_converge,
                    deadline: limits.deadline_ms.map(DurationMs),
                },
            },
            OrderVerb::Cancel { action } => Self::Cancel { action: ActionId::from_bytes(action) },
        }
    }
}

impl From<Quiesce> for OrderQuiesce {
    fn from(quiesce: Quiesce) -> Self {
        match quiesce {
            Quiesce::IfPossible => Self::IfPossible,
            Quiesce::Required => Self::Required,
            Quiesce::Never => Self::Never,
        }
    }
}

impl From<OrderQuiesce> for Quiesce {
    fn from(quiesce: OrderQuiesce) -> Self {
        match quiesce {
            OrderQuiesce::IfPossible => Self::IfPossible,
            OrderQuiesce::Required => Self::Required,
            OrderQuiesce::Never => Self::Never,
        }
    }
}

impl News {
    /// The wire's form of an action's news.
    #[must_use]
    pub fn of(id: ActionId, progress: Progress) -> Self {
        let progress = match progress {
            Progress::Running(Step { words, permille, remaining_bytes, estimated_end }) => {
                let estimated_end_ms = estimated_end.map(|at| at.0);
                NewsProgress::Running(StepNews { words, permille, remaining_bytes, estimated_end_ms })
            }
            Progress::Finished(outcome) => NewsProgress::Finished(outcome.into()),
        };
        Self { id: id.to_bytes(), progress }
    }
}

impl From<NewsProgress> for Progress {
    fn from(news: NewsProgress) -> Self {
        match news {
            NewsProgress::Running(StepNews { words, permille, remaining_bytes, estimated_end_ms }) => {
                let permille = permille.map(|share| share.min(1_000));
                Self::Running(Step { words, permille, remaining_bytes, estimated_end: estimated_end_ms.map(UnixMs) })
            }
            NewsProgress::Finished(outcome) => Self::Finished(outcome.into()),
        }
    }
}
