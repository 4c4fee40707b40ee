//! Bytes of `control.db` that flip on disk.

use std::path::Path;

use evenkeel_common::id::{AgentId, DomainUuid};
use evenkeel_common::sample::DomainState;
use evenkeel_common::time::UnixMs;

use super::super::activity::{Activity, ActivityFilter, Category};
use super::super::{HostFacts, HostUpdate, InventoryUpdate, LabelFacts, PlacementRow, VmFacts, VmUpdate};
use super::*;

const START: i64 = 1_800_000_000_000;

fn agent(number: u8) -> AgentId {
    AgentId::from_bytes([number; 16])
}

fn vm(number: u8) -> VmUpdate {
    let label = |name: &str, value: String| LabelFacts { name: name.to_owned(), value };
    VmUpdate {
        uuid: DomainUuid::from_bytes([number; 16]),
        name: format!("guest{number}"),
        agent: agent(1 + number % 3),
        state: DomainState::Running,
        counter_epoch: 1_700_000_000_000 + u64::from(number),
        arrived: false,
        at: UnixMs(START + i64::from(number)),
        rival: None,
        facts: VmFacts {
            vcpus: 4,
            memory_max_bytes: 4 << 30,
            owner: format!("owner{}", number % 5),
            labels: vec![label("tier", format!("t{number}")), label("site", "north".to_owned())],
            ..VmFacts::default()
        },
    }
}

async fn fill(dir: &Path) {
    let store = Store::open(dir).unwrap();
    let db = rusqlite::Connection::open(dir.join(CONTROL_FILE)).unwrap();
    for number in 1..4 {
        let values = (agent(number).to_bytes(), format!("host{number}"));
        db.execute("INSERT INTO agents VALUES (?, ?, '', x'', 'approved', '', '', 0, NULL)", values).unwrap();
    }
    let host = |number: u8| HostUpdate {
        agent: agent(number),
        last_seen: UnixMs(START),
        clock_offset_ms: 3,
        boot_id: [number; 16],
        interval_ms: 10_000,
        facts: Some(HostFacts { kernel: "6.1.0".to_owned(), cpus: 32, ..HostFacts::default() }),
    };
    let place = |number: u8| PlacementRow {
        uuid: DomainUuid::from_bytes([number; 16]),
        from: UnixMs(START),
        agent: agent(1 + number % 3),
    };
    let update = InventoryUpdate {
        hosts: (1..4).map(host).collect(),
        vms: (10..110).map(vm).collect(),
        placements: (10..110).map(place).collect(),
        ..InventoryUpdate::default()
    };
    store.update_inventory(update).await.unwrap();
    for number in 0..60 {
        let message = format!("something happened for the {number}th time");
        let (kind, host) = ("kind".to_owned(), "host1".to_owned());
        let activity =
            Activity { at: UnixMs(START), category: Category::Warning, kind, host, vm: String::new(), message };
        store.record_activity(activity).await.unwrap();
    }
}

/// Everything that is read of it; nothing when something is refused.
async fn read(store: &Store) -> Result<Vec<String>, StoreError> {
    let mut all = Vec::new();
    all.extend(store.vms().await?.iter().map(|row| format!("{row:?}")));
    all.extend(store.fleet().await?.iter().map(|row| format!("{row:?}")));
    all.extend(store.all_placements().await?.iter().map(|row| format!("{row:?}")));
    let mut attributes: Vec<_> = store.attributes().await?.iter().map(|row| format!("{row:?}")).collect();
    attributes.sort();
    all.extend(attributes);
    let filter = ActivityFilter { limit: 999, ..ActivityFilter::default() };
    all.extend(store.activities(filter).await?.iter().map(|row| format!("{row:?}")));
    Ok(all)
}

/// What flips came to.
#[derive(Debug, Default)]
struct Flips {
    harmless: u32,
    refused: u32,
    told: u32,
    /// Another value that no check can tell from a right one.
    untold: u32,
}

#[tokio::test]
async fn flipped_bytes_are_refused_told_or_another_text_or_number_and_never_more() {
    let memory = Path::new("/dev/shm");
    let dir = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap();
    fill(dir.path()).await;
    let path = dir.path().join(CONTROL_FILE);
    let truth = read(&Store::open(dir.path()).unwrap()).await.unwrap();
    assert!(Store::open(dir.path()).unwrap().check().await.unwrap().is_empty(), "nothing is wrong with it");
    let db = rusqlite::Connection::open(&path).unwrap();
    db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
    drop(db);
    let whole = std::fs::read(&path).unwrap();
    let seeds = std::env::var("EVENKEEL_SEEDS").ok().and_then(|text| text.parse::<u32>().ok());
    let times = if seeds.is_some_and(|seeds| seeds >= 1_000) { 1_000 } else { 60 };
    let (mut random, mut flips) = (7_u64, Flips::default());
    for _ in 0..times {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let mut bytes = whole.clone();
        bytes[usize::try_from(random >> 20).unwrap() % whole.len()] ^= 1 << (random >> 8 & 7);
        for end in ["-wal", "-shm"] {
            let _ = std::fs::remove_file(dir.path().join(format!("{CONTROL_FILE}{end}")));
        }
        std::fs::write(&path, &bytes).unwrap();
        let Ok(store) = Store::open(dir.path()) else {
            flips.refused += 1;
            continue;
        };
        let (found, damage) = (read(&store).await, store.check().await);
        let is_told = damage.is_err() || damage.is_ok_and(|damage| !damage.is_empty());
        match found {
            Ok(found) if found == truth => flips.harmless += 1,
            Ok(_) if is_told => flips.told += 1,
            Ok(found) => {
                // One row at most says something else; of the others none is lost or there twice.
                let others = found.iter().filter(|row| !truth.contains(row)).count();
                assert!(found.len() == truth.len() && others <= 4, "{others} of {} rows differ", found.len());
                flips.untold += 1;
            }
            Err(_) if is_told => flips.told += 1,
            Err(_) => flips.refused += 1,
        }
    }
    println!("{CONTROL_FILE}: {flips:?}");
    assert!(flips.told + flips.refused > times / 20, "{flips:?}");
}
