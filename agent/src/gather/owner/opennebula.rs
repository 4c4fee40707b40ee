//! OpenNebula: `<one:vm>`. It names user and group, but neither template nor labels.

use roxmltree::Node;

use super::{Owner, text};

pub(super) const SPACE: &str = "http://opennebula.org/xmlns/libvirt/";

/// The user is the owner, the group the project. The number of the VM is in the domain's name, `one-42`.
pub(super) fn read(vm: Node<'_, '_>, domain: Node<'_, '_>) -> Owner {
    let user = text(vm, &["uname"]).unwrap_or_default();
    let mut owner = Owner {
        managed_by: "opennebula".to_owned(),
        owner: user.clone(),
        project: text(vm, &["gname"]).unwrap_or_default(),
        user,
        ..Owner::default()
    };
    let number =
        text(domain, &["name"]).and_then(|name| Some(name.strip_prefix("one-")?.parse::<u64>().ok()?.to_string()));
    owner.label("one.vm_id", number);
    owner.label("one.name", text(vm, &["name"]));
    owner.label("one.user_id", text(vm, &["uid"]));
    owner.label("one.group_id", text(vm, &["gid"]));
    owner.label("one.version", text(vm, &["opennebula_version"]));
    owner
}
