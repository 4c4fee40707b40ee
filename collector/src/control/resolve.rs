//! [P] Which object a person means by a name, a UUID or the beginning of one.

use evenkeel_common::time::UnixMs;
use uuid::Uuid;

/// How alike a name has to be to be suggested (Jaro–Winkler): `g3` still suggests `g1`.
const NEAR: f64 = 0.68;
/// Suggestions and candidates shown at most.
const SHOWN_MAX: usize = 5;

/// One object that could be meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Its id.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// Whether it is there now.
    pub live: bool,
    /// From when it was known.
    pub first_seen: UnixMs,
    /// Until when it was known.
    pub last_seen: UnixMs,
}

/// Why an object was chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// The only one of this name.
    Name,
    /// The name was reused by so many others; this one is the newest that is live.
    Newest {
        /// How many others.
        others: usize,
    },
    /// The name was reused by so many others; this one had it at the time asked for.
    AtTime {
        /// How many others.
        others: usize,
    },
    /// Its id.
    Id,
    /// The only one whose name or id begins so.
    Prefix,
}

/// What became of a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resolved {
    /// This one, by its index.
    One(usize, Why),
    /// Several begin so; these, as `name (id)`.
    Several(Vec<String>),
    /// None; these names are near.
    None(Vec<String>),
}

/// Resolves `text`: an exact name, then an id, then the only beginning of a name or id. Of objects with the same name
/// the newest live one is meant, or with `at` the one that had it then.
#[must_use]
pub fn resolve(text: &str, candidates: &[Candidate], at: Option<UnixMs>) -> Resolved {
    let named = matching(candidates, |candidate| candidate.name == text);
    if !named.is_empty() {
        return of_one_name(candidates, &named, at);
    }
    if let Ok(id) = Uuid::parse_str(text) {
        return match candidates.iter().position(|candidate| candidate.id == id) {
            Some(index) => Resolved::One(index, Why::Id),
            None => Resolved::None(Vec::new()),
        };
    }
    let lower = text.to_lowercase();
    let begins = matching(candidates, |candidate| {
        !text.is_empty() && (candidate.name.starts_with(text) || candidate.id.to_string().starts_with(&lower))
    });
    let Some((&first, rest)) = begins.split_first() else {
        return Resolved::None(near(text, candidates));
    };
    if rest.is_empty() {
        return Resolved::One(first, Why::Prefix);
    }
    let by_name = rest.iter().all(|&other| candidates[other].name == candidates[first].name);
    if by_name && candidates[first].name.starts_with(text) {
        return of_one_name(candidates, &begins, at);
    }
    Resolved::Several(several(candidates, &begins))
}

fn matching(candidates: &[Candidate], wanted: impl Fn(&Candidate) -> bool) -> Vec<usize> {
    candidates.iter().enumerate().filter(|(_, candidate)| wanted(candidate)).map(|(index, _)| index).collect()
}

fn of_one_name(candidates: &[Candidate], same: &[usize], at: Option<UnixMs>) -> Resolved {
    let newest = |of: &mut dyn Iterator<Item = usize>| {
        of.max_by_key(|&index| (candidates[index].live, candidates[index].first_seen, candidates[index].last_seen))
    };
    let others = same.len().saturating_sub(1);
    if let Some(at) = at {
        let then =
            |index: &usize| candidates[*index].first_seen <= at && (candidates[*index].last_seen >= at || others == 0);
        if let Some(index) = newest(&mut same.iter().copied().filter(then)) {
            return Resolved::One(index, if others == 0 { Why::Name } else { Why::AtTime { others } });
        }
    }
    match newest(&mut same.iter().copied()) {
        Some(index) if others == 0 => Resolved::One(index, Why::Name),
        Some(index) => Resolved::One(index, Why::Newest { others }),
        None => Resolved::None(Vec::new()),
    }
}

fn several(candidates: &[Candidate], which: &[usize]) -> Vec<String> {
    let show = |&index: &usize| format!("{} ({})", candidates[index].name, candidates[index].id);
    let mut shown: Vec<String> = which.iter().take(SHOWN_MAX).map(show).collect();
    if which.len() > SHOWN_MAX {
        shown.push(format!("{} more", which.len() - SHOWN_MAX));
    }
    shown
}

fn near(text: &str, candidates: &[Candidate]) -> Vec<String> {
    let lower = text.to_lowercase();
    let mut scored: Vec<(f64, &str)> = candidates
        .iter()
        .map(|candidate| (likeness(&lower, &candidate.name.to_lowercase()), candidate.name.as_str()))
        .filter(|(score, _)| *score >= NEAR)
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
    scored.dedup_by_key(|(_, name)| *name);
    scored.into_iter().take(SHOWN_MAX).map(|(_, name)| name.to_owned()).collect()
}

/// Jaro–Winkler, which sees no letter out of its place in the shortest names: one edit is always near.
fn likeness(a: &str, b: &str) -> f64 {
    let likeness = strsim::jaro_winkler(a, b);
    if strsim::osa_distance(a, b) <= 1 { likeness.max(NEAR) } else { likeness }
}

#[cfg(test)]
mod tests {
    use super::*;

    const IDS: [&str; 5] = [
        "11111111-0000-4000-8000-000000000001",
        "11111111-0000-4000-8000-000000000002",
        "22222222-0000-4000-8000-000000000003",
        "22222222-0000-4000-8000-000000000004",
        "abcdef00-0000-4000-8000-000000000005",
    ];

    fn fleet() -> Vec<Candidate> {
        // `db` was reused: the middle one is newer but gone.
        [("web-1", true, 0), ("web-2", true, 0), ("db", true, 10), ("db", false, 20), ("mail", true, 0)]
            .into_iter()
            .zip(IDS)
            .map(|((name, live, first_seen), id)| Candidate {
                id: id.parse().unwrap(),
                name: name.to_owned(),
                live,
                first_seen: UnixMs(first_seen),
                last_seen: UnixMs(first_seen + 9),
            })
            .collect()
    }

    fn check(text: &str, at: Option<i64>, expected: &Resolved) {
        assert_eq!(&resolve(text, &fleet(), at.map(UnixMs)), expected, "{text}");
    }

    #[test]
    fn finds_by_name_id_and_beginning() {
        check("web-1", None, &Resolved::One(0, Why::Name));
        check(IDS[1], None, &Resolved::One(1, Why::Id));
        check(&IDS[4].to_uppercase(), None, &Resolved::One(4, Why::Id));
        check("ma", None, &Resolved::One(4, Why::Prefix));
        check("abc", None, &Resolved::One(4, Why::Prefix));
        check("ABCDEF", None, &Resolved::One(4, Why::Prefix));
    }

    #[test]
    fn a_reused_name_is_the_newest_live_one_or_the_one_of_that_time() {
        check("db", None, &Resolved::One(2, Why::Newest { others: 1 }));
        check("d", None, &Resolved::One(2, Why::Newest { others: 1 }));
        check("db", Some(25), &Resolved::One(3, Why::AtTime { others: 1 }));
        check("db", Some(12), &Resolved::One(2, Why::AtTime { others: 1 }));
        check("db", Some(99), &Resolved::One(2, Why::Newest { others: 1 }));
    }

    #[test]
    fn lists_candidates_and_near_names() {
        let several = Resolved::Several(vec![format!("web-1 ({})", IDS[0]), format!("web-2 ({})", IDS[1])]);
        check("web", None, &several);
        check("11111111", None, &several);
        check("mial", None, &Resolved::None(vec!["mail".to_owned()]));
        check("dbb", None, &Resolved::None(vec!["db".to_owned()]));
        check("ddb", None, &Resolved::None(vec!["db".to_owned()]));
        check("mai2", None, &Resolved::None(vec!["mail".to_owned()]));
        check("zzz", None, &Resolved::None(Vec::new()));
        check("99999999-0000-4000-8000-000000000001", None, &Resolved::None(Vec::new()));
        check("", None, &Resolved::None(Vec::new()));
    }
}
