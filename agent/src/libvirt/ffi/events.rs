//! libvirt's domain events: a callback for each kind, all of which only copy what they are given into a channel.

use std::ffi::{c_char, c_int, c_uint, c_ulonglong, c_void};
use std::mem::transmute;
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use evenkeel_agent::events::protocol::{Heard, What};
use evenkeel_common::clock;
use virt::connect::Connect;
use virt_sys::{virConnectPtr, virDomainPtr, virTypedParameterPtr};

use super::{params, text};

/// Events between two looks at the channel. Full: further ones are counted and dropped.
const HEARD_MAX: usize = 4_096;

type Callback = unsafe extern "C" fn(virConnectPtr, virDomainPtr, *mut c_void);

/// What every callback is given as its `opaque`.
struct Sink {
    heard: SyncSender<Heard>,
    dropped: Arc<AtomicU64>,
}

/// Hears the events of all domains of a connection for as long as it lives. Whoever runs libvirt's event loop runs the
/// callbacks.
pub struct EventWatch {
    connect: Connect,
    callbacks: Vec<c_int>,
    heard: Receiver<Heard>,
    dropped: Arc<AtomicU64>,
    /// Numbers of the events that this libvirt does not offer.
    pub without: Vec<u32>,
}

impl EventWatch {
    /// Begins to hear everything that both sides know.
    pub fn new(connect: &Connect) -> Self {
        let (sender, heard) = sync_channel(HEARD_MAX);
        let dropped = Arc::new(AtomicU64::new(0));
        let mut watch = Self { connect: connect.clone(), callbacks: Vec::new(), heard, dropped, without: Vec::new() };
        for (event, callback) in callbacks() {
            let sink = Box::new(Sink { heard: sender.clone(), dropped: Arc::clone(&watch.dropped) });
            match register(connect, event, callback, sink) {
                Some(number) => watch.callbacks.push(number),
                None => watch.without.push(event),
            }
        }
        watch
    }

    /// The next event that came, without waiting.
    pub fn next(&self) -> Option<Heard> {
        self.heard.try_recv().ok()
    }

    /// How many were dropped since the last call.
    pub fn dropped(&self) -> u64 {
        self.dropped.swap(0, Ordering::Relaxed)
    }
}

impl Drop for EventWatch {
    fn drop(&mut self) {
        for callback in &self.callbacks {
            // SAFETY: the connection is held by this value and the callback was registered on it. Failure means that
            // the connection has broken: libvirt has forgotten the callback all the same.
            unsafe { virt_sys::virConnectDomainEventDeregisterAny(self.connect.as_ptr(), *callback) };
        }
    }
}

/// The callback's number; `None` when libvirt, this side or the other, does not know the event.
fn register(connect: &Connect, event: u32, callback: Callback, sink: Box<Sink>) -> Option<c_int> {
    let event = c_int::try_from(event).ok()?;
    let opaque = Box::into_raw(sink).cast::<c_void>();
    // SAFETY: the connection is valid while borrowed; no domain (null) means all of them. `callbacks` pairs every event
    // with a callback of its signature. `opaque` is a live box of the type that all callbacks expect; libvirt frees it
    // by `forget`.
    let number = unsafe {
        virt_sys::virConnectDomainEventRegisterAny(
            connect.as_ptr(),
            ptr::null_mut(),
            event,
            Some(callback),
            opaque,
            Some(forget),
        )
    };
    if number < 0 {
        // SAFETY: libvirt takes `opaque` over only when it succeeds, so it is still ours.
        unsafe { forget(opaque) };
        return None;
    }
    Some(number)
}

/// # Safety
/// `opaque` must be a box that `EventWatch::new` made; it is gone afterwards.
unsafe extern "C" fn forget(opaque: *mut c_void) {
    // SAFETY: the caller's promise; libvirt calls this once.
    drop(unsafe { Box::from_raw(opaque.cast::<Sink>()) });
}

/// # Safety
/// The domain must be valid, and `opaque` a box that `EventWatch::new` made, still alive.
unsafe fn tell(domain: virDomainPtr, opaque: *mut c_void, what: What) {
    let mut uuid = [0_u8; 16];
    // SAFETY: the domain is valid; the buffer has the 16 bytes (VIR_UUID_BUFLEN) that libvirt writes.
    unsafe { virt_sys::virDomainGetUUID(domain, uuid.as_mut_ptr()) };
    // SAFETY: the domain is valid, and so is its name while the callback runs.
    let name = unsafe { text(virt_sys::virDomainGetName(domain)) };
    // SAFETY: the caller's promise.
    let sink = unsafe { &*opaque.cast::<Sink>() };
    if sink.heard.try_send(Heard { wall_ms: clock::wall().0, uuid, name, what }).is_err() {
        sink.dropped.fetch_add(1, Ordering::Relaxed);
    }
}

/// Callbacks, each for one event: its number, the arguments that libvirt-domain.h gives it between the domain and
/// `opaque`, and what is made of them.
macro_rules! callbacks {
    ($($name:ident, $event:ident, ($($field:ident: $kind:ty),*) => $what:expr;)*) => {
        $(
            /// # Safety
            /// To be called by libvirt only, for the event that it stands with.
            unsafe extern "C" fn $name(_: virConnectPtr, domain: virDomainPtr, $($field: $kind,)* opaque: *mut c_void) {
                // SAFETY: libvirt's promise for this event: the domain is valid, strings are NUL-terminated or null and
                // live as long as the call, `opaque` is the box that it was registered with.
                #[allow(unused_unsafe, reason = "not every event has strings")]
                unsafe {
                    tell(domain, opaque, $what);
                }
            }
        )*

        /// libvirt's event numbers, each with its callback.
        fn callbacks() -> Vec<(u32, Callback)> {
            vec![
                (virt_sys::VIR_DOMAIN_EVENT_ID_LIFECYCLE, {
                    type Own = unsafe extern "C" fn(virConnectPtr, virDomainPtr, c_int, c_int, *mut c_void) -> c_int;
                    // SAFETY: as below.
                    unsafe { transmute::<Own, Callback>(lifecycle) }
                }),
                $((virt_sys::$event, {
                    type Own = unsafe extern "C" fn(virConnectPtr, virDomainPtr, $($kind,)* *mut c_void);
                    // SAFETY: libvirt takes every callback as this one type and calls it with the event's own
                    // signature, which is the one it has; function pointers are of one size.
                    #[allow(clippy::useless_transmute, reason = "some events have the common signature")]
                    unsafe { transmute::<Own, Callback>($name) }
                }),)*
            ]
        }
    };
}

callbacks! {
    reboot, VIR_DOMAIN_EVENT_ID_REBOOT, () => What::Reboot;
    control_error, VIR_DOMAIN_EVENT_ID_CONTROL_ERROR, () => What::ControlError;
    watchdog, VIR_DOMAIN_EVENT_ID_WATCHDOG, (action: c_int) => What::Watchdog { action };
    io_error, VIR_DOMAIN_EVENT_ID_IO_ERROR_REASON,
        (path: *const c_char, alias: *const c_char, action: c_int, reason: *const c_char)
        => What::IoError { path: text(path), alias: text(alias), action, reason: text(reason) };
    block_job, VIR_DOMAIN_EVENT_ID_BLOCK_JOB_2, (disk: *const c_char, kind: c_int, status: c_int)
        => What::BlockJob { disk: text(disk), kind, status };
    disk_change, VIR_DOMAIN_EVENT_ID_DISK_CHANGE,
        (old: *const c_char, new: *const c_char, alias: *const c_char, reason: c_int)
        => What::DiskChange { old: text(old), new: text(new), alias: text(alias), reason };
    tray_change, VIR_DOMAIN_EVENT_ID_TRAY_CHANGE, (alias: *const c_char, reason: c_int)
        => What::TrayChange { alias: text(alias), reason };
    device_added, VIR_DOMAIN_EVENT_ID_DEVICE_ADDED, (alias: *const c_char)
        => What::DeviceAdded { alias: text(alias) };
    device_removed, VIR_DOMAIN_EVENT_ID_DEVICE_REMOVED, (alias: *const c_char)
        => What::DeviceRemoved { alias: text(alias) };
    device_removal_failed, VIR_DOMAIN_EVENT_ID_DEVICE_REMOVAL_FAILED, (alias: *const c_char)
        => What::DeviceRemovalFailed { alias: text(alias) };
    agent_lifecycle, VIR_DOMAIN_EVENT_ID_AGENT_LIFECYCLE, (state: c_int, reason: c_int)
        => What::AgentLifecycle { state, reason };
    migration_iteration, VIR_DOMAIN_EVENT_ID_MIGRATION_ITERATION, (iteration: c_int)
        => What::MigrationIteration { iteration };
    job_completed, VIR_DOMAIN_EVENT_ID_JOB_COMPLETED, (values: virTypedParameterPtr, count: c_int)
        => What::JobCompleted { params: params(values, count) };
    metadata_change, VIR_DOMAIN_EVENT_ID_METADATA_CHANGE, (kind: c_int, uri: *const c_char)
        => What::MetadataChange { kind, uri: text(uri) };
    block_threshold, VIR_DOMAIN_EVENT_ID_BLOCK_THRESHOLD,
        (device: *const c_char, path: *const c_char, threshold_bytes: c_ulonglong, excess_bytes: c_ulonglong)
        => What::BlockThreshold { device: text(device), path: text(path), threshold_bytes, excess_bytes };
    memory_failure, VIR_DOMAIN_EVENT_ID_MEMORY_FAILURE, (recipient: c_int, action: c_int, flags: c_uint)
        => What::MemoryFailure { recipient, action, flags };
    mac_change, VIR_DOMAIN_EVENT_ID_NIC_MAC_CHANGE, (alias: *const c_char, old: *const c_char, new: *const c_char)
        => What::MacChange { alias: text(alias), old: text(old), new: text(new) };
}

/// # Safety
/// To be called by libvirt only, for life cycle events; what it returns is not looked at.
unsafe extern "C" fn lifecycle(
    _: virConnectPtr,
    domain: virDomainPtr,
    event: c_int,
    detail: c_int,
    opaque: *mut c_void,
) -> c_int {
    // SAFETY: libvirt calls it with a valid domain and the box it was registered with.
    unsafe { tell(domain, opaque, What::Lifecycle { event, detail }) };
    0
}

#[cfg(test)]
mod tests {
    use virt::event::{event_register_default_impl, event_run_default_impl};

    use super::*;

    /// libvirt's test driver lives in this process and has events of its own.
    #[test]
    fn hears_the_life_cycle_of_a_domain_of_the_test_driver() {
        event_register_default_impl().unwrap();
        let connect = Connect::open(Some("test:///default")).unwrap();
        let watch = EventWatch::new(&connect);
        assert!(watch.without.is_empty() || watch.without.iter().all(|event| *event > 0), "{:?}", watch.without);
        let domain = connect.lookup_domain_by_name("test").unwrap();
        domain.suspend().unwrap();
        domain.destroy().unwrap();
        let mut heard = Vec::new();
        while heard.len() < 2 {
            event_run_default_impl().unwrap();
            heard.extend(std::iter::from_fn(|| watch.next()));
        }
        let what: Vec<&What> = heard.iter().map(|heard| &heard.what).collect();
        assert_eq!(what, [&What::Lifecycle { event: 3, detail: 0 }, &What::Lifecycle { event: 5, detail: 1 }]);
        assert_eq!((heard[0].name.as_str(), heard[0].uuid), ("test", domain.uuid().unwrap().into_bytes()));
        assert_eq!(watch.dropped(), 0);
    }
}
