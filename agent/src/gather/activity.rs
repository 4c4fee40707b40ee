//! Whether a domain on this host is the running VM, a copy on its way in or out, or only a definition.

use evenkeel_common::sample::DomainState;
use evenkeel_common::wire::v1::Activity;

/// virDomainPausedReason: paused for a migration. On the source shortly before its end, on the destination until it.
const PAUSED_MIGRATION: i64 = 2;
/// virDomainPausedReason: QEMU is being started; a destination begins so.
const PAUSED_STARTING_UP: i64 = 11;
/// virDomainPausedReason: the guest goes on at the destination and fetches its memory from here.
const PAUSED_POSTCOPY: i64 = 12;
/// virDomainRunningReason: it came by migration, or is coming by a post-copy one.
const RUNNING_MIGRATED: i64 = 2;
const RUNNING_POSTCOPY: i64 = 10;

/// Whether a state says that this QEMU process took the guest over from another host. A state that says nothing of it
/// (the guest was paused and resumed since) says no.
#[must_use]
pub fn has_arrived(state: DomainState, reason: i64, was_active: bool) -> bool {
    match state {
        DomainState::Running => matches!(reason, RUNNING_MIGRATED | RUNNING_POSTCOPY),
        DomainState::Paused => reason == PAUSED_MIGRATION && !was_active,
        _ => false,
    }
}

/// `was_active`: this QEMU process (the same libvirt id) was seen active on this host before. A paused domain that was
/// never seen active here is arriving; the same state on a domain that ran here is the end of its leaving.
#[must_use]
pub fn activity(has_process: bool, state: DomainState, reason: i64, was_active: bool) -> Activity {
    if !has_process {
        return Activity::Inactive;
    }
    match (state, reason) {
        (DomainState::Paused, PAUSED_POSTCOPY) => Activity::Inactive,
        (DomainState::Paused, PAUSED_MIGRATION | PAUSED_STARTING_UP) if !was_active => Activity::Incoming,
        _ => Activity::Active,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_definition_is_inactive_whatever_its_last_state() {
        assert_eq!(activity(false, DomainState::Running, 1, true), Activity::Inactive);
        assert_eq!(activity(false, DomainState::Shutoff, 0, false), Activity::Inactive);
    }

    #[test]
    fn the_two_sides_of_a_migration_differ_by_their_past() {
        assert_eq!(activity(true, DomainState::Paused, PAUSED_MIGRATION, true), Activity::Active);
        assert_eq!(activity(true, DomainState::Paused, PAUSED_MIGRATION, false), Activity::Incoming);
        assert_eq!(activity(true, DomainState::Paused, PAUSED_STARTING_UP, false), Activity::Incoming);
        assert_eq!(activity(true, DomainState::Running, 1, false), Activity::Active);
    }

    #[test]
    fn a_guest_that_was_taken_over_has_arrived() {
        assert!(has_arrived(DomainState::Running, RUNNING_MIGRATED, true));
        assert!(has_arrived(DomainState::Paused, PAUSED_MIGRATION, false));
        assert!(!has_arrived(DomainState::Paused, PAUSED_MIGRATION, true));
        assert!(!has_arrived(DomainState::Running, 1, false));
        assert!(!has_arrived(DomainState::Paused, PAUSED_STARTING_UP, false));
    }

    #[test]
    fn a_guest_paused_by_its_user_is_active_and_one_gone_by_postcopy_is_not() {
        assert_eq!(activity(true, DomainState::Paused, 1, false), Activity::Active);
        assert_eq!(activity(true, DomainState::Paused, PAUSED_POSTCOPY, true), Activity::Inactive);
    }
}
