//! Groups by what a VM was at the time.

use evenkeel_common::sample::DomainState;

use super::*;
use crate::store::{InventoryUpdate, LabelFacts, VmFacts, VmUpdate};

/// What web-1 says of itself from a time on.
async fn owned(control: &Control, at: i64, owner: &str, team: &str) {
    let facts = VmFacts {
        owner: owner.to_owned(),
        labels: vec![LabelFacts { name: "team".to_owned(), value: team.to_owned() }],
        ..VmFacts::default()
    };
    let vm = VmUpdate {
        uuid: DomainUuid::from_bytes([1; 16]),
        name: "web-1".to_owned(),
        agent: HOST,
        state: DomainState::Running,
        counter_epoch: 1,
        arrived: false,
        at: UnixMs(at),
        rival: None,
        facts,
    };
    let update = InventoryUpdate { vms: vec![vm], ..InventoryUpdate::default() };
    control.store().update_inventory(update).await.unwrap();
}

#[tokio::test]
async fn groups_are_by_the_label_as_it_was_at_that_time() {
    let dir = tempfile::tempdir().unwrap();
    let control = control(dir.path()).await;
    let steps: Vec<(u8, u16)> = (0..1_440).map(|_| (100, 10)).collect();
    let (batches, _) = story(&steps);
    control.store().append(Arc::new(batches)).await.unwrap();
    // Half an hour into the second hour it is another's, and an hour later the first one's again.
    let change = FROM + 3 * HOUR / 2;
    owned(&control, FROM - HOUR, "ann", "red").await;
    owned(&control, change, "bob", "blue").await;
    owned(&control, change + HOUR, "ann", "green").await;
    for sealed in [false, true] {
        if sealed {
            while control.store().seal(Due::Before(UnixMs(FROM + 3 * HOUR))).await.unwrap().more {}
        }
        for (by, of_bob) in [("owner", "bob"), ("team", "blue"), ("label:team", "blue")] {
            let asked = QueryRequest {
                by: Some(by.to_owned()),
                ..request(COUNTER, "increase", Some(HOUR), FROM, FROM + 4 * HOUR)
            };
            let whole = points(&control, QueryRequest { by: None, ..asked.clone() }).await;
            let view = control.query(asked).await.unwrap().view;
            let bob = view.series.iter().find(|series| series.entity == of_bob).unwrap();
            assert_eq!(view.series.len(), if by == "owner" { 2 } else { 3 });
            let grown: Vec<f64> = bob.points.iter().map(|point| number(point).unwrap_or(0.0)).collect();
            let expected = [0.0, 1_800.0, 1_800.0, 0.0];
            assert!(grown.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-6), "{by} {sealed}: {grown:?}");
            for (step, all) in whole.iter().enumerate() {
                let sum: f64 = view.series.iter().filter_map(|series| number(&series.points[step])).sum();
                assert!((sum - number(all).unwrap_or(0.0)).abs() < 1e-6, "{by}: {sum} {all:?}");
            }
        }
        let asked =
            QueryRequest { by: Some("owner".to_owned()), ..request(GAUGE, "count", Some(HOUR), FROM, FROM + 4 * HOUR) };
        let view = control.query(asked).await.unwrap().view;
        let counts = |owner: &str| {
            let series = view.series.iter().find(|series| series.entity == owner).unwrap();
            series.points.iter().map(|point| number(point).unwrap_or(0.0)).sum::<f64>()
        };
        assert!((counts("bob") - 360.0).abs() < 1e-9 && (counts("ann") - 1_079.0).abs() < 1e-9);
    }
    let asked =
        QueryRequest { by: Some("colour".to_owned()), ..request(COUNTER, "rate", Some(HOUR), FROM, FROM + HOUR) };
    let error = control.query(asked).await.unwrap_err();
    assert!(error.to_string().contains("'colour'"), "{error}");
}
