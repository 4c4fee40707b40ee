//! oVirt and its kin: `<ovirt-vm:vm>` by VDSM, and `<ovirt-tune:qos>`. They name no owner.

use roxmltree::Node;

use super::{Owner, child, text};

/// VDSM's own element.
pub(super) const VM: &str = "http://ovirt.org/vm/1";
/// Quality of service.
pub(super) const TUNE: &str = "http://ovirt.org/vm/tune/";
/// Any element of theirs marks the manager.
pub(super) const ANY: &str = "http://ovirt.org/vm/";

/// Everything that the engine passes on as custom properties becomes labels.
pub(super) fn read(vm: Node<'_, '_>, tune: Option<Node<'_, '_>>) -> Owner {
    let mut owner = Owner { managed_by: "ovirt".to_owned(), ..Owner::default() };
    owner.label("ovirt.cluster_version", text(vm, &["clusterVersion"]));
    owner.label("ovirt.guaranteed_memory_mib", text(vm, &["minGuaranteedMemoryMb"]));
    owner.label("ovirt.resume_behavior", text(vm, &["resumeBehavior"]));
    owner.label("ovirt.vcpu_limit_percent", tune.and_then(|tune| text(tune, &["vcpuLimit"])));
    for custom in child(vm, "custom").into_iter().flat_map(|custom| custom.children()).filter(Node::is_element) {
        let value = custom.text().map(|value| value.trim().to_owned());
        owner.label(&format!("ovirt.custom.{}", custom.tag_name().name()), value);
    }
    owner
}
