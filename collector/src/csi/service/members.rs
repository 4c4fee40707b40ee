//! Which VMs and hosts a service consists of, and how many of them it needs.

/// How many members have to be up.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Needed {
    /// Every one.
    All,
    /// One of them.
    Any,
    /// So many; all, when there are fewer.
    Count(usize),
    /// This share, rounded up.
    Share(f64),
}

impl Needed {
    /// Reads `all`, `any`, `2` or `50%`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "all" => Some(Self::All),
            "any" => Some(Self::Any),
            other => match other.strip_suffix('%') {
                Some(percent) => {
                    let percent: f64 = percent.parse().ok()?;
                    (percent > 0.0 && percent <= 100.0).then_some(Self::Share(percent / 100.0))
                }
                None => other.parse().ok().filter(|count| *count > 0).map(Self::Count),
            },
        }
    }

    /// How many of `present` members, at least one and at most all.
    #[must_use]
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "few members"
    )]
    pub fn of(self, present: usize) -> usize {
        let wanted = match self {
            Self::All => present,
            Self::Any => 1,
            Self::Count(count) => count,
            // A share such as 2/3 is not exact: what is a whole number but for that is one.
            Self::Share(share) => (present as f64 * share - 1e-9).ceil() as usize,
        };
        wanted.clamp(1, present.max(1))
    }
}

impl std::fmt::Display for Needed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::All => f.write_str("all"),
            Self::Any => f.write_str("any"),
            Self::Count(count) => write!(f, "{count}"),
            Self::Share(share) => write!(f, "{}%", share * 100.0),
        }
    }
}

/// What is looked at of a VM.
#[derive(Clone, Copy, Debug)]
pub struct VmLabels<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its owner.
    pub owner: &'a str,
    /// Its project.
    pub project: &'a str,
    /// Its labels.
    pub labels: &'a [(&'a str, &'a str)],
}

/// A VM is a member when it fits each kind that is given: all labels, one of the owners, one of the projects, one of the
/// names. Hosts are members by name.
#[derive(Clone, Debug, PartialEq)]
pub struct Members {
    /// `NAME=VALUE` or `NAME`.
    pub labels: Vec<String>,
    /// Owners.
    pub owners: Vec<String>,
    /// Projects.
    pub projects: Vec<String>,
    /// Names of VMs; `*` stands for anything.
    pub names: Vec<String>,
    /// Names of hosts; `*` stands for anything.
    pub hosts: Vec<String>,
    /// How many of them have to be up.
    pub needed: Needed,
}

impl Members {
    /// Whether a VM is one.
    #[must_use]
    pub fn has_vm(&self, vm: &VmLabels<'_>) -> bool {
        let Self { labels, owners, projects, names, .. } = self;
        if labels.is_empty() && owners.is_empty() && projects.is_empty() && names.is_empty() {
            return false;
        }
        let label = |wanted: &String| match wanted.split_once('=') {
            Some(pair) => vm.labels.contains(&pair),
            None => vm.labels.iter().any(|(name, _)| name == wanted),
        };
        labels.iter().all(label)
            && (owners.is_empty() || owners.iter().any(|owner| owner == vm.owner))
            && (projects.is_empty() || projects.iter().any(|project| project == vm.project))
            && (names.is_empty() || names.iter().any(|name| fits(name, vm.name)))
    }

    /// Whether a host is one.
    #[must_use]
    pub fn has_host(&self, name: &str) -> bool {
        self.hosts.iter().any(|pattern| fits(pattern, name))
    }
}

/// Whether a name fits a pattern in which `*` stands for anything.
#[must_use]
pub fn fits(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| name.strip_prefix(first)) else { return false };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else { return rest.is_empty() };
    for part in parts {
        match rest.split_once(part) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn members(labels: &[&str], owners: &[&str], names: &[&str]) -> Members {
        let texts = |all: &[&str]| all.iter().map(|text| (*text).to_owned()).collect();
        Members {
            labels: texts(labels),
            owners: texts(owners),
            projects: vec![],
            names: texts(names),
            hosts: vec!["host*".to_owned()],
            needed: Needed::All,
        }
    }

    #[test]
    fn a_vm_has_to_fit_each_kind_that_is_given() {
        let vm = VmLabels { name: "web-1", owner: "shop", project: "p", labels: &[("app", "shop"), ("tier", "front")] };
        for (labels, owners, names, is) in [
            (&["app=shop", "tier"][..], &[][..], &[][..], true),
            (&["app=shop", "tier=back"], &[], &[], false),
            (&[], &["post", "shop"], &[], true),
            (&[], &["shop"], &["db-*"], false),
            (&["app"], &["shop"], &["web-*"], true),
            (&[], &[], &[], false),
        ] {
            assert_eq!(members(labels, owners, names).has_vm(&vm), is, "{labels:?} {owners:?} {names:?}");
        }
        let some = members(&[], &[], &[]);
        assert!(some.has_host("hosta") && !some.has_host("node-1"));
    }

    #[test]
    fn at_least_one_and_at_most_all_are_needed() {
        for (text, of_none, of_one, of_three, of_four) in
            [("all", 1, 1, 3, 4), ("any", 1, 1, 1, 1), ("2", 1, 1, 2, 2), ("50%", 1, 1, 2, 2), ("66.7%", 1, 1, 3, 3)]
        {
            let needed = Needed::parse(text).unwrap();
            assert_eq!([0, 1, 3, 4].map(|n| needed.of(n)), [of_none, of_one, of_three, of_four], "{text}");
        }
        for text in ["", "0", "-1", "0%", "101%", "some", "1.5"] {
            assert_eq!(Needed::parse(text), None, "{text}");
        }
    }
}
