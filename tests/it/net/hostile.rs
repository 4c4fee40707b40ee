//! Peers that break the protocol are closed with a reason, and the others do not notice.

use evenkeel_agent::uplink::connect;
use evenkeel_collector::net::NetEvent;
use evenkeel_common::limits::{ALPN_SESSION, FRAME_MAX_BYTES};
use evenkeel_common::tls;
use evenkeel_common::wire::v1::{Hello, ToAgent, ToCollector};
use evenkeel_common::wire::v2::PackedBatch;
use evenkeel_common::wire::{CloseCode, encode};
use quinn::{Connection, ConnectionError, Endpoint};
use tokio::time::timeout;

use super::rig::{Collector, DEADLINE, Host, batch};

fn hello(host: &Host) -> ToCollector {
    ToCollector::Hello(Hello {
        version_min: 1,
        version_max: 1,
        agent_version: "0.1.0".into(),
        machine_id: host.machine_id.clone(),
        run: 1,
        streams: vec![1],
        wall_ms: 0,
    })
}

async fn open(collector: &Collector, host: &Host) -> (Endpoint, Connection) {
    let identity = host.identity();
    let tls = tls::agent_session(identity.tls, &identity.ca).unwrap();
    connect(&collector.address.to_string(), tls).await.unwrap()
}

/// How the collector closes a connection.
async fn closed(connection: &Connection) -> (Option<CloseCode>, String) {
    match timeout(DEADLINE, connection.closed()).await.unwrap() {
        ConnectionError::ApplicationClosed(close) => {
            (CloseCode::of(close.error_code.into_inner()), String::from_utf8_lossy(&close.reason).into_owned())
        }
        other => panic!("{other}"),
    }
}

/// Sends bytes and says how the collector closes the connection.
async fn send(collector: &Collector, host: &Host, bytes: &[u8]) -> (Option<CloseCode>, String) {
    let (_endpoint, connection) = open(collector, host).await;
    let (mut stream, _receive) = connection.open_bi().await.unwrap();
    // A collector that has seen enough may close before all of it is written.
    stream.write_all(bytes).await.ok();
    closed(&connection).await
}

#[tokio::test(flavor = "multi_thread")]
async fn nonsense_is_closed_with_a_reason_and_noted() {
    let collector = Collector::start().await;
    let host = collector.host("hosta").await;
    let neighbour = collector.host("hostb").await.agent(&collector, 1);
    neighbour.connected().await;
    let greeting = encode(&hello(&host)).unwrap();
    let after_hello = |bytes: Vec<u8>| [greeting.clone(), bytes].concat();
    let too_long = (u32::try_from(FRAME_MAX_BYTES).unwrap() + 1).to_le_bytes().to_vec();
    let number_zero = ToCollector::Batch { sent_wall_ms: 0, sent_mono_ms: 0, age_ms: 0, batch: batch(1) };
    let packed = |lane, packed| {
        let (sent_wall_ms, sent_mono_ms, age_ms) = (0, 0, 0);
        after_hello(
            encode(&ToCollector::Packed(PackedBatch { sent_wall_ms, sent_mono_ms, age_ms, lane, packed })).unwrap(),
        )
    };
    let cases: Vec<(Vec<u8>, &str)> = vec![
        (b"GET / HTTP/1.1\r\n\r\n".to_vec(), "over the limit"),
        (too_long.clone(), "over the limit"),
        (vec![0; 4], "empty"),
        (vec![1, 0, 0, 0, 9], "version 9"),
        (vec![3, 0, 0, 0, 1, 200, 200], "cannot be decoded"),
        (encode(&ToAgent::Ack { epoch: 1, seq: 1 }).unwrap(), "decoded"),
        (encode(&number_zero).unwrap(), "not hello"),
        (after_hello(too_long), "over the limit"),
        (after_hello(greeting.clone()), "a second hello"),
        (after_hello(encode(&number_zero).unwrap()), "batch number 0"),
        (packed(9, vec![]), "2 lanes"),
        (packed(0, vec![0; 9]), "builds on one that is not known"),
        (packed(0, vec![1, 1, 1, 0, 0, 0xff]), "ends too early"),
    ];
    for (bytes, reason) in cases {
        let (code, said) = send(&collector, &host, &bytes).await;
        assert_eq!(code, Some(CloseCode::Protocol), "{reason}: {said}");
        assert!(said.contains(reason), "'{said}' instead of '{reason}'");
    }
    assert!(collector.heard.has_event(|event| matches!(event, NetEvent::Protocol { .. })));
    neighbour.offer(1..=3).await;
    neighbour.stored(&collector, 1..=3).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_version_is_told_what_to_upgrade() {
    let collector = Collector::start().await;
    let host = collector.host("hosta").await;
    let ToCollector::Hello(hello) = hello(&host) else { panic!("a hello") };
    let newer = ToCollector::Hello(Hello { version_min: 7, version_max: 9, ..hello });
    let (code, said) = send(&collector, &host, &encode(&newer).unwrap()).await;
    assert_eq!(code, Some(CloseCode::Protocol));
    assert!(said.contains("7 to 9, this collector 1 to 3; upgrade"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_says_nothing_is_closed() {
    let collector = Collector::start().await;
    let host = collector.host("hosta").await;
    let (_endpoint, connection) = open(&collector, &host).await;
    assert_eq!(closed(&connection).await.0, Some(CloseCode::Silent));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_needs_a_certificate() {
    let collector = Collector::start().await;
    let mut tls = tls::enrolment(collector.identity.authority.pin()).unwrap();
    tls.alpn_protocols = vec![ALPN_SESSION.to_vec()];
    let (_endpoint, connection) = connect(&collector.address.to_string(), tls).await.unwrap();
    let (code, said) = closed(&connection).await;
    assert_eq!(code, Some(CloseCode::NotAdmitted));
    assert!(said.contains("join"), "{said}");
}
