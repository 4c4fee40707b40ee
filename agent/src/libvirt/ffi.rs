//! Calls that the virt crate does not wrap, or wraps without freeing what libvirt allocated.
#![expect(unsafe_code, reason = "the one module of evenkeel that calls C; every block says why it is sound")]

use std::ffi::{CStr, c_char};
use std::ptr;

use evenkeel_agent::scrape::protocol::{Param, RawDomain};
use virt::connect::Connect;
use virt::error::Error;

/// Every domain's statistics of the given groups (0: all that this libvirt has), by one call.
///
/// # Errors
/// libvirt's.
pub fn all_domain_stats(connect: &Connect, groups: u32, flags: u32) -> Result<Vec<RawDomain>, Error> {
    let mut records: *mut virt_sys::virDomainStatsRecordPtr = ptr::null_mut();
    // SAFETY: the connection is open for as long as it is borrowed, and `records` outlives the call.
    let count = unsafe { virt_sys::virConnectGetAllDomainStats(connect.as_ptr(), groups, &mut records, flags) };
    let Ok(count) = usize::try_from(count) else {
        return Err(Error::last_error());
    };
    let mut domains = Vec::with_capacity(count);
    for at in 0..count {
        // SAFETY: libvirt returned `count` valid record pointers, which live until the list is freed below.
        domains.push(unsafe { domain(&**records.add(at)) });
    }
    // SAFETY: the list came from virConnectGetAllDomainStats, is freed once, and no pointer into it is kept.
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
    let count = usize::try_from(record.nparams).unwrap_or(0);
    let mut params = Vec::with_capacity(count);
    for at in 0..count {
        // SAFETY: libvirt filled `nparams` parameters.
        let param = unsafe { &*record.params.add(at) };
        // SAFETY: `field` is a NUL-terminated array inside the parameter.
        let field = unsafe { text(param.field.as_ptr()) };
        // SAFETY: the parameter is one that libvirt filled.
        if let Some(value) = unsafe { value(param) } {
            params.push((field, value));
        }
    }
    RawDomain { uuid, name, id: (id != u32::MAX).then_some(id), params }
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
/// The pointer must be null or point to a NUL-terminated string that lives during the call.
unsafe fn text(chars: *const c_char) -> String {
    if chars.is_null() {
        return String::new();
    }
    // SAFETY: not null, and NUL-terminated by the caller's promise.
    unsafe { CStr::from_ptr(chars) }.to_string_lossy().into_owned()
}
