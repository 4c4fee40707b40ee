//! Who manages a domain and whose it is, from the `<metadata>` that managers and people write. A domain of another
//! manager is hands off for actions unless policy names the verb; measuring works always.

mod kubevirt;
mod nova;
mod opennebula;
mod ovirt;
mod own;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use roxmltree::Node;

pub use own::NAMESPACE;

/// What the metadata says. Texts are empty when it does not say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Owner {
    /// `nova`, `ovirt`, `kubevirt`, `opennebula`; empty when nobody known.
    pub managed_by: String,
    /// Project, user or namespace: whom the manager names first.
    pub owner: String,
    /// Project, tenant or group: its name, else its id.
    pub project: String,
    /// The person or account that made it: name, else id.
    pub user: String,
    /// Flavour or instance type.
    pub flavour: String,
    /// Labels by name. A manager's begin with its word (`nova.`, `one.`, `ovirt.`, `kubevirt.`); our own namespace's
    /// are as written.
    pub labels: BTreeMap<String, String>,
}

impl Owner {
    /// Our own namespace beside a manager's: what the manager says stays, gaps are filled, labels are joined.
    fn and(mut self, own: Self) -> Self {
        let fill = |text: &mut String, other: String| {
            if text.is_empty() {
                *text = other;
            }
        };
        fill(&mut self.owner, own.owner);
        fill(&mut self.project, own.project);
        fill(&mut self.user, own.user);
        fill(&mut self.flavour, own.flavour);
        self.labels.extend(own.labels);
        self
    }

    fn label(&mut self, name: &str, value: Option<String>) {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            self.labels.insert(name.to_owned(), value);
        }
    }
}

/// The owner of a `<domain>`.
#[must_use]
pub fn owner(domain: Node<'_, '_>) -> Owner {
    let metadata = domain.children().find(|node| node.has_tag_name("metadata"));
    let elements: Vec<_> = metadata.into_iter().flat_map(|node| node.children()).filter(Node::is_element).collect();
    let within = |start: &str| elements.iter().copied().find(|element| space(*element).starts_with(start));
    let ovirt =
        || within(ovirt::VM).or_else(|| within(ovirt::ANY)).map(|element| ovirt::read(element, within(ovirt::TUNE)));
    let manager = within(nova::SPACE)
        .map(nova::read)
        .or_else(ovirt)
        .or_else(|| within(opennebula::SPACE).map(|element| opennebula::read(element, domain)))
        .or_else(|| within(kubevirt::SPACE).map(|element| kubevirt::read(element, domain)));
    let own = elements.iter().copied().find(|element| space(*element) == NAMESPACE).map(own::read);
    manager.unwrap_or_default().and(own.unwrap_or_default())
}

fn space<'a>(element: Node<'a, '_>) -> &'a str {
    element.tag_name().namespace().unwrap_or("")
}

/// A child by its local name, whatever its namespace: managers differ in whether they prefix them.
fn child<'a, 'input>(element: Node<'a, 'input>, name: &str) -> Option<Node<'a, 'input>> {
    element.children().find(|node| node.is_element() && node.tag_name().name() == name)
}

/// The text of a child's child …
fn text(element: Node<'_, '_>, path: &[&str]) -> Option<String> {
    let at = path.iter().try_fold(element, |at, name| child(at, name))?;
    at.text().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
}

fn attribute(element: Node<'_, '_>, path: &[&str], name: &str) -> Option<String> {
    let at = path.iter().try_fold(element, |at, name| child(at, name))?;
    at.attribute(name).filter(|text| !text.is_empty()).map(str::to_owned)
}
