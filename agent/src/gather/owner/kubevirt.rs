//! KubeVirt: `<kubevirt xmlns="http://kubevirt.io">`. Labels of the object do not reach the domain; its namespace and
//! name do.

use roxmltree::Node;

use super::{Owner, text};

pub(super) const SPACE: &str = "http://kubevirt.io";

/// A domain is called `NAMESPACE_NAME`; neither part can hold an underscore. The namespace is owner and project.
pub(super) fn read(kubevirt: Node<'_, '_>, domain: Node<'_, '_>) -> Owner {
    let name = text(domain, &["name"]).unwrap_or_default();
    let (namespace, vm) = name.split_once('_').unwrap_or(("", &name));
    let mut owner = Owner {
        managed_by: "kubevirt".to_owned(),
        owner: namespace.to_owned(),
        project: namespace.to_owned(),
        ..Owner::default()
    };
    owner.label("kubevirt.name", Some(vm.to_owned()));
    owner.label("kubevirt.uid", text(kubevirt, &["uid"]));
    owner
}
