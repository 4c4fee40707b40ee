//! Every way an enrolment can go.

use evenkeel_common::time::DurationMs;

use super::*;

const NOW: UnixMs = UnixMs(1_000_000);
const OLD: AgentId = AgentId::from_bytes([1; 16]);
const NEW: AgentId = AgentId::from_bytes([2; 16]);
const SECRET: TokenSecret = TokenSecret([9; 16]);

fn asked() -> Asked {
    Asked {
        token_id: "t".into(),
        secret: SECRET,
        name: "hosta".into(),
        machine_id: "m1".into(),
        key_hash: [1; 32],
        agent_version: "0.1.0".into(),
        new_id: NEW,
    }
}

fn token() -> TokenRow {
    TokenRow {
        id: "t".into(),
        secret_hash: SECRET.hash(),
        host: Some("hosta".into()),
        needs_approval: false,
        max_uses: 1,
        uses: 0,
        created_at: UnixMs(900_000),
        expires_at: UnixMs(1_100_000),
        revoked_at: None,
    }
}

fn agent(state: AgentState, enrolled_at: i64) -> AgentRow {
    AgentRow {
        id: OLD,
        name: "hosta".into(),
        machine_id: "m1".into(),
        key_hash: [7; 32],
        state,
        token_id: "older".into(),
        agent_version: "0.1.0".into(),
        enrolled_at: UnixMs(enrolled_at),
        cert_expires_at: Some(UnixMs(2_000_000)),
    }
}

/// The identity and state that come out, or the refusal.
fn check(asked: &Asked, situation: &Situation) -> Result<(AgentId, AgentState, bool), Refusal> {
    decide(asked, situation, NOW).map(|enrolled| (enrolled.agent.id, enrolled.agent.state, enrolled.count_use))
}

fn with_token(token: TokenRow) -> Situation {
    Situation { token: Some(token), ..Situation::default() }
}

#[test]
fn a_token_lets_its_host_in_once() {
    assert_eq!(check(&asked(), &with_token(token())), Ok((NEW, AgentState::Approved, true)));
    let name = || "hosta".to_owned();
    let cases = [
        (Situation::default(), Refusal::UnknownToken { name: name() }),
        (with_token(TokenRow { secret_hash: [0; 32], ..token() }), Refusal::UnknownToken { name: name() }),
        (with_token(TokenRow { revoked_at: Some(NOW), ..token() }), Refusal::RevokedToken { name: name() }),
        (with_token(TokenRow { expires_at: NOW, ..token() }), Refusal::ExpiredToken { at: NOW, name: name() }),
        (with_token(TokenRow { uses: 1, ..token() }), Refusal::UsedToken { name: name() }),
        (
            with_token(TokenRow { host: Some("hostb".into()), ..token() }),
            Refusal::OtherHost { bound: "hostb".into(), name: name() },
        ),
    ];
    for (situation, refusal) in cases {
        assert_eq!(check(&asked(), &situation), Err(refusal));
    }
}

#[test]
fn an_unbound_or_cautious_token_waits_for_approval() {
    for token in [TokenRow { host: None, max_uses: 5, ..token() }, TokenRow { needs_approval: true, ..token() }] {
        assert_eq!(check(&asked(), &with_token(token)), Ok((NEW, AgentState::Pending, true)));
    }
}

#[test]
fn asking_again_costs_nothing_and_gives_the_same() {
    let mine = |state| AgentRow { key_hash: [1; 32], token_id: "t".into(), ..agent(state, 950_000) };
    let spent = TokenRow { uses: 1, expires_at: NOW, ..token() };
    let again =
        |state| Situation { token: Some(spent.clone()), same_key: Some(mine(state)), same_name: Some(mine(state)) };
    assert_eq!(check(&asked(), &again(AgentState::Approved)), Ok((OLD, AgentState::Approved, false)));
    assert_eq!(check(&asked(), &again(AgentState::Pending)), Ok((OLD, AgentState::Pending, false)));
    assert!(matches!(check(&asked(), &again(AgentState::Revoked)), Err(Refusal::Revoked { .. })));
    // The same key on another machine is a copy and gets nothing.
    let copy = Asked { machine_id: "m2".into(), ..asked() };
    assert!(matches!(check(&copy, &again(AgentState::Approved)), Err(Refusal::ExpiredToken { .. })));
}

#[test]
fn a_host_keeps_its_identity_when_it_joins_again() {
    let with =
        |token: TokenRow, agent: AgentRow| Situation { token: Some(token), same_name: Some(agent), same_key: None };
    let unbound = TokenRow { host: None, ..token() };
    let earlier = TokenRow { created_at: UnixMs(100), ..token() };
    let before = |state| agent(state, 800_000);
    let other = |state| AgentRow { machine_id: "m2".into(), ..before(state) };
    let approved = Ok((OLD, AgentState::Approved, true));
    assert_eq!(check(&asked(), &with(token(), before(AgentState::Approved))), approved);
    assert_eq!(check(&asked(), &with(token(), before(AgentState::Revoked))), approved);
    assert_eq!(check(&asked(), &with(token(), before(AgentState::Pending))), approved);
    let new = Ok((NEW, AgentState::Approved, true));
    assert_eq!(check(&asked(), &with(token(), other(AgentState::Revoked))), new);
    let name = || "hosta".to_owned();
    let refused = [
        (unbound.clone(), before(AgentState::Approved), Refusal::Enrolled { name: name() }),
        (earlier, before(AgentState::Approved), Refusal::Enrolled { name: name() }),
        (token(), other(AgentState::Approved), Refusal::NameTaken { name: name() }),
        (token(), other(AgentState::Pending), Refusal::NameTaken { name: name() }),
        (unbound, before(AgentState::Revoked), Refusal::Revoked { name: name() }),
        (token(), AgentRow { key_hash: [1; 32], ..before(AgentState::Revoked) }, Refusal::Revoked { name: name() }),
    ];
    for (token, agent, refusal) in refused {
        assert_eq!(check(&asked(), &with(token, agent)), Err(refusal));
    }
}

#[test]
fn a_key_alone_renews_for_a_while() {
    let asked = Asked { token_id: String::new(), ..asked() };
    let with = |agent: AgentRow| Situation { same_key: Some(agent), ..Situation::default() };
    let approved = agent(AgentState::Approved, 0);
    assert_eq!(check(&asked, &with(approved.clone())), Ok((OLD, AgentState::Approved, false)));
    let late = AgentRow { cert_expires_at: Some(NOW.minus(RENEW_GRACE).minus(DurationMs(1))), ..approved.clone() };
    for agent in [late, AgentRow { machine_id: "m2".into(), ..approved }, agent(AgentState::Revoked, 0)] {
        assert!(matches!(check(&asked, &with(agent)), Err(Refusal::NoRenewal { .. })));
    }
    assert!(matches!(check(&asked, &Situation::default()), Err(Refusal::NoRenewal { .. })));
}

#[test]
fn strange_names_are_refused() {
    for name in ["", "a b", "a/b", "a\nb", "ü", &"x".repeat(300)] {
        let asked = Asked { name: name.into(), ..asked() };
        assert!(matches!(check(&asked, &with_token(token())), Err(Refusal::Name(_))), "{name}");
    }
    for machine_id in ["", "m 1", &"m".repeat(65)] {
        let asked = Asked { machine_id: machine_id.into(), ..asked() };
        assert_eq!(check(&asked, &with_token(token())), Err(Refusal::MachineId));
    }
}
