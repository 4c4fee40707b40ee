//! Checkpoints, which the virt crate does not know.

use std::ffi::CString;
use std::ptr;

use virt::domain::Domain;
use virt::error::Error;

use super::text;

/// Names of a domain's checkpoints, in libvirt's order.
///
/// # Errors
/// libvirt's.
pub fn checkpoint_names(domain: &Domain) -> Result<Vec<String>, Error> {
    let mut list: *mut virt_sys::virDomainCheckpointPtr = ptr::null_mut();
    // SAFETY: the domain is valid while it is borrowed, and `list` outlives the call.
    let count = unsafe { virt_sys::virDomainListAllCheckpoints(domain.as_ptr(), &mut list, 0) };
    let Ok(count) = usize::try_from(count) else {
        return Err(Error::last_error());
    };
    let mut names = Vec::with_capacity(count);
    for at in 0..count {
        // SAFETY: libvirt returned `count` checkpoints, each of which is freed here, once, after its name was copied.
        unsafe {
            let checkpoint = *list.add(at);
            names.push(text(virt_sys::virDomainCheckpointGetName(checkpoint)));
            virt_sys::virDomainCheckpointFree(checkpoint);
        }
    }
    // SAFETY: libvirt allocates the array with malloc and leaves it to the caller; nothing points into it.
    unsafe { libc::free(list.cast()) };
    Ok(names)
}

/// Removes a checkpoint: with its bitmap, or only libvirt's knowledge of it.
///
/// # Errors
/// libvirt's; also when there is none of this name.
pub fn delete_checkpoint(domain: &Domain, name: &str, knowledge_only: bool) -> Result<(), Error> {
    let name = CString::new(name)?;
    // SAFETY: the domain is valid while it is borrowed and the name is NUL-terminated.
    let checkpoint = unsafe { virt_sys::virDomainCheckpointLookupByName(domain.as_ptr(), name.as_ptr(), 0) };
    if checkpoint.is_null() {
        return Err(Error::last_error());
    }
    let flags = if knowledge_only { virt_sys::VIR_DOMAIN_CHECKPOINT_DELETE_METADATA_ONLY } else { 0 };
    // SAFETY: the checkpoint was just looked up and is freed below, once.
    let status = unsafe { virt_sys::virDomainCheckpointDelete(checkpoint, flags) };
    let result = if status < 0 { Err(Error::last_error()) } else { Ok(()) };
    // SAFETY: ours, and not used afterwards.
    unsafe { virt_sys::virDomainCheckpointFree(checkpoint) };
    result
}

/// Tells libvirt again of a checkpoint whose bitmaps are in the images, as after a migration. libvirt looks whether they
/// are.
///
/// # Errors
/// libvirt's, such as when a bitmap is missing.
pub fn redefine_checkpoint(domain: &Domain, xml: &str) -> Result<(), Error> {
    let xml = CString::new(xml)?;
    let flags =
        virt_sys::VIR_DOMAIN_CHECKPOINT_CREATE_REDEFINE | virt_sys::VIR_DOMAIN_CHECKPOINT_CREATE_REDEFINE_VALIDATE;
    // SAFETY: the domain is valid while it is borrowed and the XML is NUL-terminated.
    let checkpoint = unsafe { virt_sys::virDomainCheckpointCreateXML(domain.as_ptr(), xml.as_ptr(), flags) };
    if checkpoint.is_null() {
        return Err(Error::last_error());
    }
    // SAFETY: ours, and not used afterwards.
    unsafe { virt_sys::virDomainCheckpointFree(checkpoint) };
    Ok(())
}

/// libvirt's description of a checkpoint with the bytes of each disk that have changed since.
///
/// # Errors
/// libvirt's; also when there is none of this name.
pub fn checkpoint_changes(domain: &Domain, name: &str) -> Result<String, Error> {
    let name = CString::new(name)?;
    // SAFETY: the domain is valid while it is borrowed and the name is NUL-terminated.
    let checkpoint = unsafe { virt_sys::virDomainCheckpointLookupByName(domain.as_ptr(), name.as_ptr(), 0) };
    if checkpoint.is_null() {
        return Err(Error::last_error());
    }
    let flags = virt_sys::VIR_DOMAIN_CHECKPOINT_XML_SIZE | virt_sys::VIR_DOMAIN_CHECKPOINT_XML_NO_DOMAIN;
    // SAFETY: the checkpoint was just looked up and is freed below, once.
    let xml = unsafe { virt_sys::virDomainCheckpointGetXMLDesc(checkpoint, flags) };
    let result = if xml.is_null() {
        Err(Error::last_error())
    } else {
        // SAFETY: libvirt returned a NUL-terminated string.
        Ok(unsafe { text(xml) })
    };
    // SAFETY: the string was made by libvirt with malloc for the caller (freeing null does nothing), and the checkpoint
    // is ours; neither is used afterwards.
    unsafe {
        libc::free(xml.cast());
        virt_sys::virDomainCheckpointFree(checkpoint);
    }
    result
}
