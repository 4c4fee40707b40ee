//! The two answers of a tick become one: what libvirt knows by itself, and what it asked QEMU.

use crate::scrape::Monitors;
use crate::scrape::groups::Groups;
use crate::scrape::isolation::Outcome;
use crate::scrape::protocol::{Look, RawDomain};

/// Adds what QEMU was asked for to the domains of the first answer. `plain` and `wanted` are the groups that the two
/// questions were about.
pub fn merge(domains: &mut [RawDomain], plain: Groups, wanted: Groups, mut monitors: Monitors) {
    let of_qemu = Groups::asking_qemu(true);
    // A domain that libvirt holds was not asked a second time.
    for domain in domains.iter_mut().filter(|domain| domain.look.outcome.is_none()) {
        let outcome = monitors.outcomes.get(&domain.uuid).copied();
        let said = monitors.said.remove(&domain.uuid);
        let asked = match (&said, outcome) {
            // What it says is missing of all that it may be asked for, not only of what is due.
            (_, Some(Outcome::Hung)) => of_qemu,
            (Some((groups, _)), _) => *groups,
            (None, Some(Outcome::NotAsked)) => wanted.and(of_qemu),
            (None, _) => Groups::NONE,
        };
        domain.look = Look { asked: plain.or(asked), outcome };
        match said {
            Some((Groups::ALL, params)) => domain.params = params,
            Some((_, params)) => domain.params.extend(params),
            None => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;
    use crate::scrape::groups::StatsGroup;
    use crate::scrape::protocol::Param;

    fn params(names: &[&str]) -> Vec<(String, Param)> {
        names.iter().map(|name| ((*name).to_owned(), Param::U64(1))).collect()
    }

    fn names(domain: &RawDomain) -> Vec<&str> {
        domain.params.iter().map(|(name, _)| name.as_str()).collect()
    }

    #[test]
    fn what_qemu_said_is_added_and_what_it_did_not_say_is_asked_for_all_the_same() {
        let domain =
            |n| RawDomain { uuid: [n; 16], id: Some(1), params: params(&["state.state"]), ..RawDomain::default() };
        let mut domains: Vec<RawDomain> = (1..=4).map(domain).collect();
        let block = Groups::NONE.with(StatsGroup::Block);
        let plain = Groups::asking_qemu(false);
        let monitors = Monitors {
            said: HashMap::from([
                ([1; 16], (block, params(&["block.count"]))),
                ([4; 16], (Groups::ALL, params(&["state.state", "block.count"]))),
            ]),
            outcomes: HashMap::from([
                ([1; 16], Outcome::Answered),
                ([2; 16], Outcome::Hung),
                ([3; 16], Outcome::NotAsked),
                ([4; 16], Outcome::Answered),
            ]),
            happened: Vec::new(),
        };
        merge(&mut domains, plain, block, monitors);
        assert_eq!(names(&domains[0]), ["state.state", "block.count"]);
        assert_eq!(names(&domains[3]), ["state.state", "block.count"]);
        let asked: Vec<Groups> = domains.iter().map(|domain| domain.look.asked).collect();
        assert_eq!(asked, [plain.or(block), Groups::ALL, plain.or(block), Groups::ALL]);
        assert_eq!(domains[2].look.outcome, Some(Outcome::NotAsked));
    }
}
