//! Who gets in.

use evenkeel_agent::uplink::diagnose::{Diagnosis, diagnose};
use evenkeel_agent::uplink::join::JoinError;
use evenkeel_collector::net::NetEvent;
use evenkeel_collector::view::token::TokenWanted;
use evenkeel_common::clock;
use evenkeel_common::limits::{AGENT_CERT_LIFE, RENEW_GRACE};
use evenkeel_common::pki::{self, write_cert};
use evenkeel_common::time::{DurationMs, UnixMs};

use super::rig::{Collector, Host, clone_files, join_quietly, until};

fn refused(result: Result<impl Sized, JoinError>) -> String {
    match result {
        Err(JoinError::Refused(message)) => message,
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it joined"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_works_once_for_its_host() {
    let collector = Collector::start().await;
    let token = collector.token("hosta").await;
    let other = refused(join_quietly(&collector.wish("hostb", token.clone())).await);
    assert!(other.contains("is for host 'hosta'"), "{other}");
    let wish = collector.wish("hosta", token.clone());
    let identity = join_quietly(&wish).await.unwrap();
    let again = refused(join_quietly(&wish).await);
    assert!(again.contains("used already"), "{again}");
    // Joined again with a token of its own it is the same agent, and its old key is worth nothing.
    let old = Host {
        agent: identity.agent,
        name: "hosta".into(),
        data_dir: wish.data_dir.join("old"),
        machine_id: wish.machine_id.clone(),
    };
    clone_files(&wish.data_dir, &old.data_dir);
    let fresh = collector.wish("hosta", collector.token("hosta").await);
    assert_eq!(join_quietly(&fresh).await.unwrap().agent, identity.agent);
    old.agent(&collector, 1).away("this key was replaced").await;
    let mut unknown = collector.token("hostc").await;
    unknown.secret.0[0] ^= 1;
    let unknown = refused(join_quietly(&collector.wish("hostc", unknown)).await);
    assert!(unknown.contains("does not know the token"), "{unknown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unbound_token_waits_for_a_person() {
    let collector = Collector::start().await;
    let wanted = TokenWanted { needs_approval: true, ..TokenWanted::default() };
    let token = collector.control.token_create(wanted, clock::wall()).await.unwrap()[0].token.parse().unwrap();
    let wish = collector.wish("hosta", token);
    let asking = tokio::spawn(async move { join_quietly(&wish).await });
    let approved = async {
        while collector.control.agent_approve("hosta", clock::wall()).await.is_err() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(super::rig::DEADLINE, approved).await.unwrap();
    let identity = asking.await.unwrap().unwrap();
    assert_eq!(collector.control.agent_list().await.unwrap()[0].agent_id, identity.agent.to_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_agent_is_cut_at_once_and_stays_out() {
    let collector = Collector::start().await;
    let host = collector.host("hosta").await;
    let agent = host.agent(&collector, 1);
    agent.connected().await;
    collector.control.agent_revoke("hosta", clock::wall()).await.unwrap();
    assert!(collector.sessions.connected().is_empty());
    agent.away("revoked").await;
    let found = diagnose(&collector.address.to_string(), &host.identity()).await;
    assert!(matches!(found, Diagnosis::Fine { .. }), "its certificate is good, only its session is refused: {found:?}");
    host.agent(&collector, 2).away("revoked").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_collector_is_not_trusted_on_either_side() {
    let (ours, other) = (Collector::start().await, Collector::start().await);
    let mut wish = ours.wish("hosta", ours.token("hosta").await);
    wish.address = Some(other.address.to_string());
    assert!(matches!(join_quietly(&wish).await, Err(JoinError::Untrusted { .. })));
    let host = ours.host("hostb").await;
    host.agent_at(other.address, 1).away("no trust").await;
    let found = diagnose(&other.address.to_string(), &host.identity()).await;
    assert!(matches!(found, Diagnosis::Tls(_)), "{found:?}");
    // The other way round: a certificate of another CA with the right CA to trust.
    let stranger = other.host("hostc").await;
    std::fs::copy(host.data_dir.join("ca.crt"), stranger.data_dir.join("ca.crt")).unwrap();
    stranger.agent_at(ours.address, 1).away("does not trust this agent's certificate").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_on_another_machine_is_refused_and_the_original_stays() {
    let collector = Collector::start().await;
    let host = collector.host("hosta").await;
    let agent = host.agent(&collector, 1);
    agent.connected().await;
    let copy = Host { machine_id: "another".into(), data_dir: host.data_dir.join("copy"), ..host.clone() };
    clone_files(&host.data_dir, &copy.data_dir);
    copy.agent(&collector, 2).away("belongs to another machine").await;
    assert!(collector.heard.has_event(|event| matches!(event, NetEvent::NotAdmitted(_))));
    agent.offer(1..=2).await;
    agent.stored(&collector, 1..=2).await;
}

/// Puts a certificate of another time into the host's files.
async fn backdate(collector: &Collector, host: &Host, made_at: UnixMs) {
    let csr = host.identity().signing_request().unwrap();
    let issued = collector.identity.authority.issue_agent(&csr, host.agent, made_at).unwrap();
    write_cert(&host.data_dir.join("agent.crt"), &issued.cert).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_certificate_is_renewed_by_its_key_unless_revoked() {
    let collector = Collector::start().await;
    let host = collector.host("hosta").await;
    let long_ago = clock::wall().minus(AGENT_CERT_LIFE).minus(DurationMs::from_s(86_400));
    backdate(&collector, &host, long_ago).await;
    let found = diagnose(&collector.address.to_string(), &host.identity()).await;
    assert!(matches!(&found, Diagnosis::Tls(why) if why.contains("expired")), "{found:?}");
    let agent = host.agent(&collector, 1);
    agent.connected().await;
    assert!(host.identity().life.not_after > clock::wall());
    collector.control.agent_revoke("hosta", clock::wall()).await.unwrap();
    backdate(&collector, &host, long_ago.minus(RENEW_GRACE)).await;
    host.agent(&collector, 2).away("cannot be renewed").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_is_renewed_after_two_thirds_of_its_life() {
    let collector = Collector::start().await;
    let host = collector.host("hosta").await;
    backdate(&collector, &host, clock::wall().minus(DurationMs(AGENT_CERT_LIFE.0 / 10 * 8))).await;
    let before = host.identity().tls.cert;
    let agent = host.agent(&collector, 1);
    agent.connected().await;
    let file = host.data_dir.join("agent.crt");
    until("the renewal", || pki::read_cert(&file).is_ok_and(|cert| cert != before)).await;
    assert!(host.identity().life.renew_at > clock::wall());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_where_nobody_listens_is_told_from_silence() {
    let collector = Collector::start().await;
    let host = collector.host("hosta").await;
    let mute = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let silent = diagnose(&mute.local_addr().unwrap().to_string(), &host.identity()).await;
    assert!(matches!(silent, Diagnosis::NoAnswer(_)), "{silent:?}");
    let closed = mute.local_addr().unwrap();
    drop(mute);
    assert_eq!(diagnose(&closed.to_string(), &host.identity()).await, Diagnosis::NobodyListens(closed));
    let fine = diagnose(&collector.address.to_string(), &host.identity()).await;
    assert!(matches!(fine, Diagnosis::Fine { .. }), "{fine:?}");
}
