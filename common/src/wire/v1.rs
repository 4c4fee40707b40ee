//! Version 1 of the messages. Frozen once released: a change makes a `v2`.

mod batch;
mod convert;
mod domain_info;
mod probe_info;
mod session;

pub use batch::{
    Activity, Batch, BatchKind, DomainSample, EventSample, Gap, HostInfo, HostSample, WireReading, WireValue,
};
pub use convert::ConvertError;
pub use domain_info::{BackingInfo, DiskInfo, DomainInfo, InterfaceInfo, LabelInfo};
pub use probe_info::{ProbeInfo, ProbeState};
pub use session::{
    EnrolReply, EnrolRequest, Goodbye, Hello, ToAgent, ToCollector, Welcome, WireCommand, WireOutcome, WireProgress,
    WireVerb,
};

#[cfg(test)]
mod tests;
