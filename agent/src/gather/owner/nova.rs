//! OpenStack: `<nova:instance>`, versions 1.0 and 1.1 alike.

use roxmltree::Node;

use super::{Owner, attribute, text};

pub(super) const SPACE: &str = "http://openstack.org/xmlns/libvirt/nova/";

/// The project is the owner. Names may repeat between domains of Keystone, so the ids are labels beside them.
pub(super) fn read(instance: Node<'_, '_>) -> Owner {
    let who = |kind: &str| text(instance, &["owner", kind]).or_else(|| attribute(instance, &["owner", kind], "uuid"));
    let (project, user) = (who("project").unwrap_or_default(), who("user").unwrap_or_default());
    let mut owner = Owner {
        managed_by: "nova".to_owned(),
        owner: if project.is_empty() { user.clone() } else { project.clone() },
        project,
        user,
        flavour: attribute(instance, &["flavor"], "name").unwrap_or_default(),
        ..Owner::default()
    };
    owner.label("nova.name", text(instance, &["name"]));
    owner.label("nova.project_id", attribute(instance, &["owner", "project"], "uuid"));
    owner.label("nova.user_id", attribute(instance, &["owner", "user"], "uuid"));
    owner.label("nova.flavor_id", attribute(instance, &["flavor"], "id"));
    owner.label("nova.vcpus", text(instance, &["flavor", "vcpus"]));
    owner.label("nova.memory_mib", text(instance, &["flavor", "memory"]));
    owner.label("nova.created", text(instance, &["creationTime"]));
    owner.label("nova.package", attribute(instance, &["package"], "version"));
    owner.label(&format!("nova.{}", root(instance)), attribute(instance, &["root"], "uuid"));
    owner
}

/// Whether it was made from an image or a volume; only those two words.
fn root(instance: Node<'_, '_>) -> &'static str {
    match attribute(instance, &["root"], "type").as_deref() {
        Some("volume") => "volume",
        _ => "image",
    }
}
