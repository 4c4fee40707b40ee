//! What version 3 of the messages adds: signed orders with every verb, news with figures, the recovery points that a
//! host has, and heads of audit chains. Frozen once released.

mod audit;
mod convert;
mod order;
mod points;

pub use audit::AuditHead;
pub use convert::OrderError;
pub use order::{
    KeyReply, KeyRequest, News, NewsProgress, Order, OrderKeep, OrderMigrate, OrderMode, OrderQuiesce, OrderVerb,
    Rotation, SignedOrder, StepNews,
};
pub use points::{POINTS_MAX, PointInfo, PointKind, PointQuiesce, PointsQuery, PointsReport};

#[cfg(test)]
mod tests;
