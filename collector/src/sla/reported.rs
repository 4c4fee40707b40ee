//! A service level as it was told to somebody, with what it rested on, and why another one is told now.

use serde::{Deserialize, Serialize};

use super::Seconds;

/// An outage as it counted then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToldOutage {
    /// Its number.
    pub id: i64,
    /// First second.
    pub from_s: i64,
    /// First second after it; none while it goes on.
    pub to_s: Option<i64>,
    /// A person says it was none.
    pub void: bool,
}

/// See the module.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Told {
    /// The target then.
    pub target: f64,
    /// What unknown time counted as.
    pub unknown_is: String,
    /// Good, bad, unknown and excluded seconds.
    pub seconds: [i64; 4],
    /// Good share, as the objective said.
    pub availability: Option<f64>,
    /// Members, by name.
    pub members: Vec<String>,
    /// Outages of members, by number.
    pub outages: Vec<ToldOutage>,
    /// Maintenance windows with the seconds that they excluded.
    pub windows: Vec<(String, i64)>,
}

impl Told {
    /// The four as an array.
    #[must_use]
    pub fn seconds(spent: Seconds) -> [i64; 4] {
        [spent.good_s, spent.bad_s, spent.unknown_s, spent.excluded_s]
    }

    /// Whether the same is told.
    #[must_use]
    pub fn says_the_same(&self, now: &Self) -> bool {
        (self.seconds, self.target, &self.unknown_is) == (now.seconds, now.target, &now.unknown_is)
    }

    /// Why `now` is another one: what it rests on that was something else then.
    #[must_use]
    pub fn because(&self, now: &Self) -> Vec<String> {
        let mut why = Vec::new();
        if (self.target - now.target).abs() > f64::EPSILON {
            why.push(format!("the target was {} and is {}", self.target, now.target));
        }
        if self.unknown_is != now.unknown_is {
            why.push(format!("unknown time counted as {} and counts as {}", self.unknown_is, now.unknown_is));
        }
        let missing = |from: &[String], of: &[String]| -> Vec<String> {
            from.iter().filter(|name| !of.contains(name)).cloned().collect()
        };
        let (new, gone) = (missing(&now.members, &self.members), missing(&self.members, &now.members));
        if !new.is_empty() {
            why.push(format!("{} counted as no member then", new.join(", ")));
        }
        if !gone.is_empty() {
            why.push(format!("{} counted as a member then", gone.join(", ")));
        }
        why.extend(self.of_outages(now));
        for (name, seconds) in &now.windows {
            let then = self.windows.iter().find(|(known, _)| known == name).map_or(0, |(_, seconds)| *seconds);
            if then != *seconds {
                why.push(format!("maintenance '{name}' excludes {seconds} s, then {then} s"));
            }
        }
        let ended = self.windows.iter().filter(|(name, _)| !now.windows.iter().any(|(known, _)| known == name));
        why.extend(ended.map(|(name, seconds)| format!("maintenance '{name}' excluded {seconds} s then")));
        let known = self.seconds[2] - now.seconds[2];
        if known > 0 {
            why.push(format!("{known} s that were unknown are known by what came late"));
        }
        if why.is_empty() {
            why.push("what came late says something else".to_owned());
        }
        why
    }

    fn of_outages(&self, now: &Self) -> Vec<String> {
        let then = |id: i64| self.outages.iter().find(|one| one.id == id);
        let changed = now.outages.iter().filter_map(|one| match then(one.id) {
            None => Some(format!("outage {} was not known then", one.id)),
            Some(was) if was == one => None,
            Some(was) if one.void && !was.void => Some(format!("outage {} was found to be none", one.id)),
            Some(was) if was.void && !one.void => Some(format!("outage {} was found to be one after all", one.id)),
            Some(_) => Some(format!("outage {} was corrected", one.id)),
        });
        let gone = self.outages.iter().filter(|one| !now.outages.iter().any(|known| known.id == one.id));
        changed.chain(gone.map(|one| format!("outage {} was shown to be none", one.id))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told() -> Told {
        Told {
            target: 0.99,
            unknown_is: "excluded".to_owned(),
            seconds: [900, 50, 50, 0],
            availability: Some(0.9),
            members: vec!["a".to_owned()],
            outages: vec![ToldOutage { id: 3, from_s: 10, to_s: Some(60), void: false }],
            windows: vec![("w".to_owned(), 0)],
        }
    }

    #[test]
    fn what_is_another_one_is_named() {
        let was = told();
        assert!(was.says_the_same(&told()));
        let mut now = told();
        now.seconds = [1_000, 0, 0, 0];
        assert_eq!(was.because(&now), ["50 s that were unknown are known by what came late"]);
        now.outages[0].void = true;
        now.outages.push(ToldOutage { id: 4, from_s: 70, to_s: None, void: false });
        now.windows = vec![("v".to_owned(), 30)];
        now.members = vec!["b".to_owned()];
        now.target = 0.999;
        assert_eq!(
            was.because(&now),
            [
                "the target was 0.99 and is 0.999",
                "b counted as no member then",
                "a counted as a member then",
                "outage 3 was found to be none",
                "outage 4 was not known then",
                "maintenance 'v' excludes 30 s, then 0 s",
                "maintenance 'w' excluded 0 s then",
                "50 s that were unknown are known by what came late",
            ]
        );
        let mut other = told();
        other.seconds = [890, 60, 50, 0];
        assert!(!was.says_the_same(&other));
        assert_eq!(was.because(&other), ["what came late says something else"]);
    }
}
