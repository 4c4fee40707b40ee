//! What each manager really writes.

use super::*;

fn of(xml: &str) -> Owner {
    owner(roxmltree::Document::parse(xml).unwrap().root_element())
}

/// Manager, owner, project, user, flavour.
fn who(owner: &Owner) -> [&str; 5] {
    [&owner.managed_by, &owner.owner, &owner.project, &owner.user, &owner.flavour].map(|text| text.as_str())
}

fn label<'a>(owner: &'a Owner, name: &str) -> &'a str {
    owner.labels.get(name).map_or("", String::as_str)
}

#[test]
fn nova() {
    let owner = of(include_str!("../fixtures/nova.xml"));
    assert_eq!(who(&owner), ["nova", "demo", "demo", "carol", "m1.small"]);
    assert_eq!(label(&owner, "nova.name"), "web-1");
    assert_eq!(label(&owner, "nova.project_id"), "a1b2c3d4e5f60718293a4b5c6d7e8f90");
    assert_eq!(label(&owner, "nova.user_id"), "5f0c7d7b0e3c4c5f8a5c1b6a7d8e9f00");
    assert_eq!((label(&owner, "nova.vcpus"), label(&owner, "nova.memory_mib")), ("1", "2048"));
    assert_eq!(label(&owner, "nova.package"), "26.1.0");
    assert_eq!(label(&owner, "nova.image"), "7b1c2f0e-4a4d-4d65-9a3e-0c5d1e2f3a4b");
}

#[test]
fn nova_without_names_has_ids() {
    let owner = of("<domain><metadata><n:instance xmlns:n='http://openstack.org/xmlns/libvirt/nova/1.0'><n:owner>\
         <n:user uuid='u1'/><n:project uuid='p1'/></n:owner></n:instance></metadata></domain>");
    assert_eq!(who(&owner), ["nova", "p1", "p1", "u1", ""]);
}

#[test]
fn opennebula() {
    let owner = of(include_str!("../fixtures/opennebula.xml"));
    assert_eq!(who(&owner), ["opennebula", "alice", "users", "alice", ""]);
    assert_eq!((label(&owner, "one.vm_id"), label(&owner, "one.name")), ("42", "web"));
    assert_eq!((label(&owner, "one.user_id"), label(&owner, "one.group_id")), ("2", "1"));
    assert_eq!(label(&owner, "one.version"), "6.6.0");
}

#[test]
fn ovirt() {
    let owner = of(include_str!("../fixtures/ovirt.xml"));
    assert_eq!(who(&owner), ["ovirt", "", "", "", ""]);
    assert_eq!(label(&owner, "ovirt.cluster_version"), "4.7");
    assert_eq!(label(&owner, "ovirt.guaranteed_memory_mib"), "1024");
    assert_eq!(label(&owner, "ovirt.vcpu_limit_percent"), "50");
    assert_eq!(label(&owner, "ovirt.custom.cost_centre"), "4711");
}

#[test]
fn kubevirt() {
    let owner = of(include_str!("../fixtures/kubevirt.xml"));
    assert_eq!(who(&owner), ["kubevirt", "shop", "shop", "", ""]);
    assert_eq!(label(&owner, "kubevirt.name"), "checkout");
    assert_eq!(label(&owner, "kubevirt.uid"), "2f5a2a4e-5a7d-4f8e-9a61-0d6f3f1f4a10");
}

#[test]
fn our_own_namespace() {
    let owner = of(include_str!("../fixtures/own.xml"));
    assert_eq!(who(&owner), ["", "shop", "webshop", "dora", "small"]);
    assert_eq!((label(&owner, "tier"), label(&owner, "env")), ("web", "production"));
    assert_eq!(owner.labels.len(), 2);
}

#[test]
fn our_own_namespace_fills_what_a_manager_does_not_say() {
    let own = "<e:vm xmlns:e='urn:evenkeel:domain:1'><owner>x</owner><flavour>big</flavour>\
               <label name='tier'>db</label></e:vm></metadata>";
    let both = |fixture: &str| of(&fixture.replace("</metadata>", own));
    let nova = both(include_str!("../fixtures/nova.xml"));
    assert_eq!(who(&nova), ["nova", "demo", "demo", "carol", "m1.small"]);
    assert_eq!((label(&nova, "tier"), label(&nova, "nova.name")), ("db", "web-1"));
    let ovirt = both(include_str!("../fixtures/ovirt.xml"));
    assert_eq!(who(&ovirt), ["ovirt", "x", "", "", "big"]);
}

#[test]
fn other_metadata_is_nobody() {
    let libosinfo = "<domain><name>a_b</name><metadata><libosinfo:libosinfo \
         xmlns:libosinfo='http://libosinfo.org/xmlns/libvirt/domain/1.0'/></metadata></domain>";
    assert_eq!(of(libosinfo), Owner::default());
    assert_eq!(of("<domain><metadata/></domain>"), Owner::default());
}
