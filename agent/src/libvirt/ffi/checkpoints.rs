//! Checkpoints, which the virt crate does not know.

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
