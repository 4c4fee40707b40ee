//! Our own element, for domains that no manager knows and for labels beside a manager's:
//!
//! ```text
//! virsh metadata NAME --live --config --uri urn:evenkeel:domain:1 --key evenkeel \
//!   --set "<domain><owner>shop</owner><label name='tier'>web</label></domain>"
//! ```

use roxmltree::Node;

use super::{Owner, text};

/// Namespace of our element in `<metadata>`. libvirt keeps one element of each namespace.
pub const NAMESPACE: &str = "urn:evenkeel:domain:1";

/// `owner`, `project`, `user`, `flavour`, and `label` as often as wanted; anything else is others'.
pub(super) fn read(vm: Node<'_, '_>) -> Owner {
    let get = |name| text(vm, &[name]).unwrap_or_default();
    let mut owner = Owner {
        owner: get("owner"),
        project: get("project"),
        user: get("user"),
        flavour: get("flavour"),
        ..Owner::default()
    };
    for label in vm.children().filter(|node| node.is_element() && node.tag_name().name() == "label") {
        if let Some(name) = label.attribute("name").map(str::trim).filter(|name| !name.is_empty()) {
            owner.labels.insert(name.to_owned(), label.text().unwrap_or("").trim().to_owned());
        }
    }
    owner
}
