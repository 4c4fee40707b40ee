//! What a host is made of: what stays until its next boot.

use std::collections::BTreeSet;

/// The processors.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Processors {
    /// Model; empty when unknown.
    pub model: String,
    /// Sockets; 0 when unknown.
    pub sockets: u32,
    /// Cores of all sockets; 0 when unknown.
    pub cores: u32,
}

/// Lines that name the model, by architecture: x86, POWER, some ARM boards, s390.
const MODEL: &[&str] = &["model name", "cpu", "Model", "Hardware", "vendor_id"];

/// From `/proc/cpuinfo`. `topology` (socket and core of each CPU by `/sys/devices/system/cpu`) counts where cpuinfo does
/// not say.
#[must_use]
pub fn processors(cpuinfo: &str, topology: &[(u32, u32)]) -> Processors {
    let fields =
        || cpuinfo.lines().filter_map(|line| line.split_once(':')).map(|(key, value)| (key.trim(), value.trim()));
    let first = |wanted: &str| fields().find(|(key, _)| *key == wanted).map(|(_, value)| value);
    let named = MODEL.iter().find_map(|key| first(key).filter(|value| !value.is_empty()));
    let model = named.map(str::to_owned).or_else(|| {
        // ARM servers say only numbers.
        Some(format!("CPU implementer {} part {}", first("CPU implementer")?, first("CPU part")?))
    });
    let mut cores: BTreeSet<(u32, u32)> = BTreeSet::new();
    let mut socket = None;
    for (key, value) in fields() {
        match (key, value.parse()) {
            ("physical id", Ok(id)) => socket = Some(id),
            ("core id", Ok(core)) => {
                if let Some(socket) = socket {
                    cores.insert((socket, core));
                }
            }
            _ => {}
        }
    }
    if cores.is_empty() {
        cores.extend(topology);
    }
    let sockets: BTreeSet<u32> = cores.iter().map(|(socket, _)| *socket).collect();
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    Processors { model: model.unwrap_or_default(), sockets: count(sockets.len()), cores: count(cores.len()) }
}

/// The name in `/etc/os-release`; empty when there is none.
#[must_use]
pub fn os(release: &str) -> String {
    let name = release.lines().find_map(|line| line.strip_prefix("PRETTY_NAME="));
    name.map(|name| name.trim().trim_matches(['"', '\'']).to_owned()).unwrap_or_default()
}

/// What firmware says of a machine, without the words of those who left it blank.
#[must_use]
pub fn machine(text: Option<String>) -> String {
    const BLANK: &[&str] =
        &["To Be Filled By O.E.M.", "System manufacturer", "System Product Name", "Default string", "Not Specified"];
    text.map(|text| text.trim().to_owned()).filter(|text| !BLANK.contains(&text.as_str())).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_sockets_and_cores_of_x86() {
        let cpu = |n: u32, socket: u32, core: u32| {
            format!(
                "processor\t: {n}\nmodel name\t: AMD EPYC\nphysical id\t: {socket}\ncore id\t\t: {core}\ncpu cores\t: 2\n\n"
            )
        };
        // Two sockets of two cores of two threads.
        let text: String = (0..8).map(|n| cpu(n, n / 4, n % 2)).collect();
        let expected = Processors { model: "AMD EPYC".to_owned(), sockets: 2, cores: 4 };
        assert_eq!(processors(&text, &[]), expected);
    }

    #[test]
    fn other_architectures_say_less() {
        let arm = "processor\t: 0\nBogoMIPS\t: 50.00\nCPU implementer\t: 0x41\nCPU part\t: 0xd0c\n";
        let found = processors(arm, &[(0, 0), (0, 1), (1, 0), (1, 1)]);
        assert_eq!((found.model.as_str(), found.sockets, found.cores), ("CPU implementer 0x41 part 0xd0c", 2, 4));
        let power = "processor\t: 0\ncpu\t\t: POWER9, altivec supported\nclock\t\t: 3800.0MHz\n";
        assert_eq!(processors(power, &[]).model, "POWER9, altivec supported");
        assert_eq!(processors("", &[]), Processors::default());
    }

    #[test]
    fn firmware_that_says_nothing_says_nothing() {
        assert_eq!(machine(Some(" Dell Inc. \n".to_owned())), "Dell Inc.");
        assert_eq!(machine(Some("Default string".to_owned())), "");
        assert_eq!(os("ID=debian\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n"), "Debian GNU/Linux 12 (bookworm)");
    }
}
