//! Which probes there are: those of `agent.toml` for the VMs that they name, and those that VMs' metadata asks for.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use core::net::IpAddr;

use super::definition::target::Target;
use super::definition::{Definition, Source};
use super::metadata::{Hints, Nic};
use super::settings::ProbeSettings;

/// Probes of one VM; further ones are reported and left out.
pub const PER_VM_MAX: usize = 16;
/// Probes of one host; further ones are reported and left out.
pub const PER_HOST_MAX: usize = 4096;

/// Whether a VM can be expected to answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Run {
    /// It runs.
    Running,
    /// Its CPUs are stopped: it answers nothing, and that is nobody's fault.
    Paused,
    /// It does not run here.
    Off,
}

/// A VM that may be probed.
#[derive(Clone, Debug)]
pub struct Vm {
    /// libvirt's UUID.
    pub uuid: [u8; 16],
    /// libvirt's name.
    pub name: String,
    /// Whether it can answer.
    pub run: Run,
    /// Labels of its metadata.
    pub labels: Vec<(String, String)>,
    /// What else its definition says.
    pub hints: Arc<Hints>,
}

/// A VM and the name of a probe of it.
pub type Key = ([u8; 16], String);

/// One probe of one VM.
#[derive(Clone, Debug, PartialEq)]
pub struct Spec {
    /// The VM's name.
    pub vm_name: String,
    /// The probe.
    pub definition: Definition,
    /// Whom it asks, or why that is not known.
    pub target: Result<Target, String>,
    /// The VM's interfaces.
    pub nics: Vec<Nic>,
}

/// A definition that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Invalid {
    /// The VM.
    pub uuid: [u8; 16],
    /// Its name.
    pub vm_name: String,
    /// What is wrong, in words.
    pub line: String,
}

/// All probes of a host.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    /// The probes.
    pub specs: BTreeMap<Key, Spec>,
    /// What is left out, and why.
    pub invalid: Vec<Invalid>,
    /// Whether addresses of VMs are to be looked for among the neighbours.
    pub needs_neighbours: bool,
}

/// The probes of these VMs. `neighbours` are addresses that are seen on the host's links, by MAC address.
#[must_use]
pub fn plan(settings: &ProbeSettings, vms: &[Vm], neighbours: &HashMap<String, IpAddr>) -> Plan {
    let mut plan = Plan::default();
    for vm in vms {
        let of_config = settings
            .probes
            .iter()
            .filter(|probe| probe.vms.iter().any(|selector| selector.matches(vm.uuid, &vm.name, &vm.labels)));
        let mut definitions: Vec<&Definition> = of_config.map(|probe| &probe.definition).collect();
        let invalid = |line: String| Invalid { uuid: vm.uuid, vm_name: vm.name.clone(), line };
        if settings.from_metadata {
            plan.invalid.extend(vm.hints.invalid.iter().cloned().map(invalid));
            for definition in &vm.hints.probes {
                if definitions.iter().any(|other| other.name == definition.name) {
                    let name = &definition.name;
                    plan.invalid.push(invalid(format!(
                        "probe {name:?} in the domain's metadata has the name of one in agent.toml"
                    )));
                } else {
                    definitions.push(definition);
                }
            }
        }
        if definitions.len() > PER_VM_MAX {
            plan.invalid.push(invalid(format!(
                "{} probes are left out: a VM may have {PER_VM_MAX}",
                definitions.len() - PER_VM_MAX
            )));
            definitions.truncate(PER_VM_MAX);
        }
        let room = PER_HOST_MAX - plan.specs.len();
        if definitions.len() > room {
            plan.invalid.push(invalid(format!(
                "{} probes are left out: a host may have {PER_HOST_MAX}",
                definitions.len() - room
            )));
            definitions.truncate(room);
        }
        for definition in definitions {
            let spec = spec(vm, definition, neighbours, &mut plan.needs_neighbours);
            plan.specs.insert((vm.uuid, definition.name.clone()), spec);
        }
    }
    plan
}

fn spec(vm: &Vm, definition: &Definition, neighbours: &HashMap<String, IpAddr>, look: &mut bool) -> Spec {
    let named = vm.hints.addresses.first().copied();
    *look |= named.is_none() && definition.template.needs_ip();
    let seen = || vm.hints.nics.iter().find_map(|nic| neighbours.get(&nic.mac)).copied();
    let target = definition.target(&vm.name, named.or_else(seen)).and_then(|target| {
        // Names would make this host ask the resolver for whatever metadata says.
        let by_name = target.host.parse::<IpAddr>().is_err();
        if by_name && definition.source == Source::Metadata {
            return Err(format!("{:?} is a name; a probe from metadata takes an address", target.host));
        }
        Ok(target)
    });
    Spec { vm_name: vm.name.clone(), definition: definition.clone(), target, nics: vm.hints.nics.clone() }
}

#[cfg(test)]
mod tests {
    use super::super::metadata::hints;
    use super::super::settings::Configured;
    use super::*;
    use crate::filter::select::Selector;
    use crate::probe::definition::Fields;

    fn configured(name: &str, vms: &str) -> Configured {
        let fields = Fields::from([("kind", "icmp".to_owned())]);
        let definition = Definition::parse(name, Source::Config, &fields).unwrap();
        Configured { definition, vms: vec![Selector::parse(vms).unwrap()] }
    }

    fn vm(n: u8, run: Run, hints: Hints) -> Vm {
        Vm { uuid: [n; 16], name: format!("g{n}"), run, labels: Vec::new(), hints: Arc::new(hints) }
    }

    #[test]
    fn probes_of_both_sources_for_vms_that_are_here() {
        let settings = ProbeSettings {
            probes: vec![configured("ping", "g*"), configured("icmp", "g1")],
            from_metadata: true,
            ..ProbeSettings::default()
        };
        let wishes = hints(include_str!("fixtures/probes.xml"));
        let vms =
            [vm(1, Run::Running, wishes), vm(2, Run::Paused, Hints::default()), vm(3, Run::Off, Hints::default())];
        let found = plan(&settings, &vms, &HashMap::new());
        let keys: Vec<(u8, &str)> = found.specs.keys().map(|(uuid, name)| (uuid[0], name.as_str())).collect();
        assert_eq!(keys, [(1, "http"), (1, "icmp"), (1, "ping"), (1, "ssh"), (2, "ping"), (3, "ping")]);
        assert_eq!(found.invalid.len(), 3, "two of the metadata and a name that is taken: {:?}", found.invalid);
        let of_g2 = &found.specs[&([2; 16], "ping".to_owned())];
        assert!(of_g2.target.as_ref().unwrap_err().contains("address is not known") && found.needs_neighbours);
        let off = plan(&ProbeSettings { from_metadata: false, ..settings }, &vms, &HashMap::new());
        assert_eq!((off.specs.len(), off.invalid.len()), (4, 0));
    }

    #[test]
    fn an_address_is_found_among_the_neighbours() {
        let settings = ProbeSettings { probes: vec![configured("ping", "g*")], ..ProbeSettings::default() };
        let nic = Nic { mac: "52:54:00:09:00:0b".into(), ..Nic::default() };
        let vms = [vm(1, Run::Running, Hints { nics: vec![nic], ..Hints::default() })];
        let neighbours = HashMap::from([("52:54:00:09:00:0b".to_owned(), "10.9.0.11".parse().unwrap())]);
        let found = plan(&settings, &vms, &neighbours);
        assert_eq!(found.specs.values().next().unwrap().target.as_ref().unwrap().host, "10.9.0.11");
    }

    #[test]
    fn there_are_bounds_and_metadata_names_no_names() {
        let many = (0..40).map(|n| configured(&format!("p{n}"), "*")).collect();
        let settings = ProbeSettings { probes: many, from_metadata: true, ..ProbeSettings::default() };
        let found = plan(&settings, &[vm(1, Run::Running, Hints::default())], &HashMap::new());
        assert_eq!((found.specs.len(), found.invalid.len()), (PER_VM_MAX, 1));
        let named = "<domain><metadata><e:probe xmlns:e='urn:evenkeel:domain:1' url='http://db.internal/'/></metadata></domain>";
        let settings = ProbeSettings { from_metadata: true, ..ProbeSettings::default() };
        let found = plan(&settings, &[vm(1, Run::Running, hints(named))], &HashMap::new());
        assert!(found.specs.values().next().unwrap().target.as_ref().unwrap_err().contains("takes an address"));
    }
}
