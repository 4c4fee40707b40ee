//! Calls that the virt crate does not wrap, or wraps without freeing what libvirt allocated.
#![expect(unsafe_code, reason = "the one module of evenkeel that calls C; every block says why it is sound")]

mod checkpoints;
mod events;

use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::io;
use std::os::fd::FromRawFd as _;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::ptr;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use evenkeel_agent::scrape::protocol::{Look, Param, RawDomain};
use virt::connect::Connect;
use virt::domain::Domain;
use virt::error::Error;

pub use checkpoints::{checkpoint_changes, checkpoint_names, delete_checkpoint, redefine_checkpoint};
pub use events::EventWatch;

/// Every domain's statistics of the given groups (0: all that this libvirt has), by one call.
///
/// # Errors
/// libvirt's.
pub fn all_domain_stats(connect: &Connect, groups: u32, flags: u32) -> Result<Vec<RawDomain>, Error> {
    let mut records: *mut virt_sys::virDomainStatsRecordPtr = ptr::null_mut();
    // SAFETY: the connection is open for as long as it is borrowed, and `records` outlives the call.
    let count = unsafe { virt_sys::virConnectGetAllDomainStats(connect.as_ptr(), groups, &mut records, flags) };
    // SAFETY: the call above filled `records`, or set a libvirt error and returned -1.
    unsafe { taken(records, count) }
}

/// The statistics of these domains, which are all of one connection, by one call.
///
/// # Errors
/// libvirt's.
pub fn some_domain_stats(domains: &[Domain], groups: u32, flags: u32) -> Result<Vec<RawDomain>, Error> {
    let mut list: Vec<virt_sys::virDomainPtr> = domains
        .iter()
        // SAFETY: the pointer is used within this function, while the domain is borrowed.
        .map(|domain| unsafe { domain.as_ptr() })
        .collect();
    list.push(ptr::null_mut());
    let mut records: *mut virt_sys::virDomainStatsRecordPtr = ptr::null_mut();
    // SAFETY: the list ends with a null and its domains are valid while they are borrowed; `records` outlives the call.
    let count = unsafe { virt_sys::virDomainListGetStats(list.as_mut_ptr(), groups, &mut records, flags) };
    // SAFETY: the call above filled `records`, or set a libvirt error and returned -1.
    unsafe { taken(records, count) }
}

/// Copies and frees what libvirt returned.
///
/// # Safety
/// `records` must be the list of `count` records that a libvirt call just filled, or `count` its negative result.
unsafe fn taken(records: *mut virt_sys::virDomainStatsRecordPtr, count: c_int) -> Result<Vec<RawDomain>, Error> {
    let Ok(count) = usize::try_from(count) else {
        return Err(Error::last_error());
    };
    let mut domains = Vec::with_capacity(count);
    for at in 0..count {
        // SAFETY: libvirt returned `count` valid record pointers, which live until the list is freed below.
        domains.push(unsafe { domain(&**records.add(at)) });
    }
    // SAFETY: the list came from libvirt, is freed once, and no pointer into it is kept.
    unsafe { virt_sys::virDomainStatsRecordListFree(records) };
    Ok(domains)
}

/// # Safety
/// The record must be one that libvirt filled and has not freed.
unsafe fn domain(record: &virt_sys::_virDomainStatsRecord) -> RawDomain {
    let mut uuid = [0_u8; 16];
    // SAFETY: the record's domain is valid; the buffer has the 16 bytes (VIR_UUID_BUFLEN) that libvirt writes.
    unsafe { virt_sys::virDomainGetUUID(record.dom, uuid.as_mut_ptr()) };
    // SAFETY: the record's domain is valid, and so is its name while the record lives.
    let name = unsafe { text(virt_sys::virDomainGetName(record.dom)) };
    // SAFETY: the record's domain is valid. An inactive domain's id is (unsigned int) -1.
    let id = unsafe { virt_sys::virDomainGetID(record.dom) };
    // SAFETY: libvirt filled `nparams` parameters, which live as long as the record.
    let params = unsafe { params(record.params, record.nparams) };
    RawDomain { uuid, name, id: (id != u32::MAX).then_some(id), params, look: Look::default() }
}

/// # Safety
/// The parameter must be one that libvirt filled: its type says which field of the union is set.
unsafe fn value(param: &virt_sys::virTypedParameter) -> Option<Param> {
    let kind = u32::try_from(param.type_).ok()?;
    // SAFETY: only the field of the union that the type names is read; a string is valid while the record lives.
    unsafe {
        match kind {
            virt_sys::VIR_TYPED_PARAM_INT => Some(Param::I64(param.value.i.into())),
            virt_sys::VIR_TYPED_PARAM_UINT => Some(Param::U64(param.value.ui.into())),
            virt_sys::VIR_TYPED_PARAM_LLONG => Some(Param::I64(param.value.l)),
            virt_sys::VIR_TYPED_PARAM_ULLONG => Some(Param::U64(param.value.ul)),
            virt_sys::VIR_TYPED_PARAM_DOUBLE => Some(Param::F64(param.value.d)),
            virt_sys::VIR_TYPED_PARAM_BOOLEAN => Some(Param::Bool(param.value.b != 0)),
            virt_sys::VIR_TYPED_PARAM_STRING => Some(Param::Text(text(param.value.s))),
            _ => None,
        }
    }
}

/// # Safety
/// The pointer must be to `count` parameters that libvirt filled and that live during the call; null when there is none.
unsafe fn params(params: virt_sys::virTypedParameterPtr, count: c_int) -> Vec<(String, Param)> {
    let count = if params.is_null() { 0 } else { usize::try_from(count).unwrap_or(0) };
    let mut read = Vec::with_capacity(count);
    for at in 0..count {
        // SAFETY: there are `count` parameters by the caller's promise.
        let param = unsafe { &*params.add(at) };
        // SAFETY: `field` is a NUL-terminated array inside the parameter.
        let field = unsafe { text(param.field.as_ptr()) };
        // SAFETY: the parameter is one that libvirt filled.
        if let Some(value) = unsafe { value(param) } {
            read.push((field, value));
        }
    }
    read
}

/// # Safety
/// The pointer must be null or point to a NUL-terminated string that lives during the call.
unsafe fn text(chars: *const c_char) -> String {
    if chars.is_null() {
        return String::new();
    }
    // SAFETY: not null, and NUL-terminated by the caller's promise.
    unsafe { CStr::from_ptr(chars) }.to_string_lossy().into_owned()
}

/// What a background job of a domain is or was doing.
#[derive(Debug, Default)]
pub struct Job {
    /// A `virDomainJobType`; 0 when there is none.
    pub kind: c_int,
    /// libvirt's typed parameters.
    pub params: Vec<(String, Param)>,
}

impl Job {
    /// A number among the parameters.
    pub fn number(&self, name: &CStr) -> Option<u64> {
        match self.param(name)? {
            Param::U64(value) => Some(*value),
            Param::I64(value) => u64::try_from(*value).ok(),
            _ => None,
        }
    }

    /// A yes or no among the parameters.
    pub fn flag(&self, name: &CStr) -> Option<bool> {
        match self.param(name)? {
            Param::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// A text among the parameters.
    pub fn text(&self, name: &CStr) -> Option<&str> {
        match self.param(name)? {
            Param::Text(value) => Some(value),
            _ => None,
        }
    }

    fn param(&self, name: &CStr) -> Option<&Param> {
        let name = name.to_str().ok()?;
        self.params.iter().find(|(field, _)| field == name).map(|(_, value)| value)
    }
}

/// The running job of a domain, or with `VIR_DOMAIN_JOB_STATS_COMPLETED` in `flags` the last one that ended.
///
/// # Errors
/// libvirt's.
pub fn job_stats(domain: &Domain, flags: u32) -> Result<Job, Error> {
    let (mut kind, mut count) = (0, 0);
    let mut params: virt_sys::virTypedParameterPtr = ptr::null_mut();
    // SAFETY: the domain is valid while it is borrowed, and the three outputs outlive the call.
    let status = unsafe { virt_sys::virDomainGetJobStats(domain.as_ptr(), &mut kind, &mut params, &mut count, flags) };
    if status < 0 {
        return Err(Error::last_error());
    }
    // SAFETY: libvirt filled `count` parameters, which live until they are freed below.
    let job = Job { kind, params: unsafe { self::params(params, count) } };
    // SAFETY: the array came from virDomainGetJobStats, is freed once, and no pointer into it is kept.
    unsafe { virt_sys::virTypedParamsFree(params, count) };
    Ok(job)
}

/// `virDomainState` of a domain and the reason, whose meaning depends on the state.
///
/// # Errors
/// libvirt's.
pub fn state(domain: &Domain) -> Result<(u32, u32), Error> {
    let (mut state, mut reason) = (0, 0);
    // SAFETY: the domain is valid while it is borrowed, and the outputs outlive the call.
    let status = unsafe { virt_sys::virDomainGetState(domain.as_ptr(), &mut state, &mut reason, 0) };
    if status < 0 {
        return Err(Error::last_error());
    }
    Ok((u32::try_from(state).unwrap_or(0), u32::try_from(reason).unwrap_or(0)))
}

/// Starts a backup job, and makes a checkpoint of the same moment if one is given; it runs on after the call.
///
/// # Errors
/// libvirt's; also for text with a NUL.
pub fn backup_begin(domain: &Domain, xml: &str, checkpoint: Option<&str>) -> Result<(), Error> {
    let xml = CString::new(xml)?;
    let checkpoint = checkpoint.map(CString::new).transpose()?;
    let checkpoint = checkpoint.as_ref().map_or(ptr::null(), |text| text.as_ptr());
    // SAFETY: the domain is valid while it is borrowed, both texts are NUL-terminated and outlive the call; null means
    // that no checkpoint is wanted.
    let status = unsafe { virt_sys::virDomainBackupBegin(domain.as_ptr(), xml.as_ptr(), checkpoint, 0) };
    if status < 0 { Err(Error::last_error()) } else { Ok(()) }
}

/// Asks the guest agent to freeze all file systems; how many were.
///
/// # Errors
/// libvirt's.
pub fn freeze(domain: &Domain) -> Result<u32, Error> {
    // SAFETY: the domain is valid while it is borrowed; no list of mount points (null, 0) means all of them.
    let count = unsafe { virt_sys::virDomainFSFreeze(domain.as_ptr(), ptr::null_mut(), 0, 0) };
    u32::try_from(count).map_err(|_| Error::last_error())
}

/// Asks the guest agent to thaw what it has frozen; how many were.
///
/// # Errors
/// libvirt's.
pub fn thaw(domain: &Domain) -> Result<u32, Error> {
    // SAFETY: as for the freeze.
    let count = unsafe { virt_sys::virDomainFSThaw(domain.as_ptr(), ptr::null_mut(), 0, 0) };
    u32::try_from(count).map_err(|_| Error::last_error())
}

/// Asks the running job of a domain to end.
///
/// # Errors
/// libvirt's.
pub fn abort_job(domain: &Domain) -> Result<(), Error> {
    // SAFETY: the domain is valid while it is borrowed.
    let status = unsafe { virt_sys::virDomainAbortJob(domain.as_ptr()) };
    if status < 0 { Err(Error::last_error()) } else { Ok(()) }
}

/// Tells when a domain reboots, for as long as it lives. Needs the thread that runs libvirt's event loop.
#[derive(Debug)]
pub struct RebootWatch {
    connect: Connect,
    callback: c_int,
    /// One message a reboot; those that nobody takes are dropped.
    pub reboots: Receiver<()>,
}

impl RebootWatch {
    /// Begins to watch.
    ///
    /// # Errors
    /// libvirt's.
    pub fn new(connect: &Connect, domain: &Domain) -> Result<Self, Error> {
        let (told, reboots) = sync_channel::<()>(16);
        let opaque = Box::into_raw(Box::new(told)).cast::<c_void>();
        let event = c_int::try_from(virt_sys::VIR_DOMAIN_EVENT_ID_REBOOT).expect("libvirt's event numbers are small");
        // SAFETY: connection and domain are valid while borrowed. The reboot event's callback has exactly the generic
        // signature. `opaque` is a live box of the type that both callbacks expect; libvirt frees it by `forget`.
        let callback = unsafe {
            virt_sys::virConnectDomainEventRegisterAny(
                connect.as_ptr(),
                domain.as_ptr(),
                event,
                Some(rebooted),
                opaque,
                Some(forget),
            )
        };
        if callback < 0 {
            let error = Error::last_error();
            // SAFETY: libvirt takes `opaque` over only when it succeeds, so it is still ours.
            unsafe { forget(opaque) };
            return Err(error);
        }
        Ok(Self { connect: connect.clone(), callback, reboots })
    }
}

impl Drop for RebootWatch {
    fn drop(&mut self) {
        // SAFETY: the connection is held by this value and the callback was registered on it. Failure means that the
        // connection has broken, and then nothing is called back.
        unsafe { virt_sys::virConnectDomainEventDeregisterAny(self.connect.as_ptr(), self.callback) };
    }
}

/// # Safety
/// `opaque` must be the box that `RebootWatch::new` made, still alive.
unsafe extern "C" fn rebooted(_: virt_sys::virConnectPtr, _: virt_sys::virDomainPtr, opaque: *mut c_void) {
    // SAFETY: the caller's promise.
    let told = unsafe { &*opaque.cast::<SyncSender<()>>() };
    // Full or nobody listening: one message is enough.
    let _ = told.try_send(());
}

/// # Safety
/// `opaque` must be the box that `RebootWatch::new` made; it is gone afterwards.
unsafe extern "C" fn forget(opaque: *mut c_void) {
    // SAFETY: the caller's promise; libvirt calls this once.
    drop(unsafe { Box::from_raw(opaque.cast::<SyncSender<()>>()) });
}

/// Bytes that an unprivileged writer may still use in the file system of `path`.
///
/// # Errors
/// The system's.
pub fn free_bytes(path: &Path) -> io::Result<u64> {
    let path = CString::new(path.as_os_str().as_bytes())?;
    let mut stats = std::mem::MaybeUninit::<libc::statvfs>::uninit();
    // SAFETY: the path is NUL-terminated and the output has the size that the call fills.
    if unsafe { libc::statvfs(path.as_ptr(), stats.as_mut_ptr()) } != 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the call succeeded and so filled the whole struct.
    let stats = unsafe { stats.assume_init() };
    Ok(stats.f_bavail.saturating_mul(stats.f_frsize))
}

/// The first file descriptor that systemd passes (`sd_listen_fds(3)`).
const LISTEN_FD: c_int = 3;

/// The socket that systemd made for this process. Call it once, before anything else opens files.
pub fn activation_socket() -> Option<UnixListener> {
    let number = |name: &str| std::env::var(name).ok()?.parse::<u32>().ok();
    if number("LISTEN_PID")? != std::process::id() || number("LISTEN_FDS")? != 1 {
        return None;
    }
    // SAFETY: systemd says that descriptor 3 is open and ours; it is taken over here and nowhere else.
    Some(unsafe { UnixListener::from_raw_fd(LISTEN_FD) })
}
