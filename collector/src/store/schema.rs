//! Numbered schema steps. A step that was released is never edited; `PRAGMA user_version` counts those applied.
//! Times are ms since 1970, UUIDs are 16-byte blobs.

mod journal;

pub(super) use journal::JOURNAL;

/// Steps of `control.db`.
pub(super) const CONTROL: &[&str] = &[
    r"
CREATE TABLE meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID;
INSERT INTO meta VALUES ('collector_epoch', 1);

-- Join tokens; the secret is stored as its hash.
CREATE TABLE tokens (
    id TEXT PRIMARY KEY,
    secret_hash BLOB NOT NULL,
    host TEXT,                       -- bound to this host name; NULL: any, with approval
    needs_approval INTEGER NOT NULL,
    max_uses INTEGER NOT NULL,
    uses INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    revoked_at INTEGER
) WITHOUT ROWID;

-- Enrolled and pending agents; one per host.
CREATE TABLE agents (
    id BLOB PRIMARY KEY,
    name TEXT NOT NULL,
    machine_id TEXT NOT NULL,
    key_hash BLOB NOT NULL,          -- hash of the public key in its CSR: a pending agent asks again with it
    state TEXT NOT NULL,             -- pending | approved | revoked | retired
    token_id TEXT NOT NULL,
    agent_version TEXT NOT NULL,
    enrolled_at INTEGER NOT NULL,
    cert_expires_at INTEGER
) WITHOUT ROWID;
CREATE UNIQUE INDEX agents_name ON agents (name) WHERE state IN ('pending', 'approved');

-- What each host last said of itself.
CREATE TABLE hosts (
    agent BLOB PRIMARY KEY REFERENCES agents (id),
    last_seen INTEGER NOT NULL,
    clock_offset_ms INTEGER NOT NULL,
    boot_id BLOB NOT NULL,
    interval_ms INTEGER NOT NULL,
    facts TEXT NOT NULL              -- JSON of row.rs
) WITHOUT ROWID;

-- Domains by UUID. `agent` is the owner: the host where it is (or was last) active and not incoming.
CREATE TABLE vms (
    uuid BLOB PRIMARY KEY,
    name TEXT NOT NULL,
    agent BLOB NOT NULL,
    state INTEGER NOT NULL,
    state_at INTEGER NOT NULL,
    counter_epoch INTEGER NOT NULL,
    first_seen INTEGER NOT NULL,
    last_seen INTEGER NOT NULL,
    conflict INTEGER NOT NULL DEFAULT 0,
    rival BLOB,                      -- the other host where it is active too, during a conflict
    facts TEXT NOT NULL              -- JSON of row.rs
) WITHOUT ROWID;
CREATE INDEX vms_name ON vms (name);

-- Where a domain ran, from when; the end is the next row's start.
CREATE TABLE placements (
    uuid BLOB NOT NULL,
    from_ms INTEGER NOT NULL,
    agent BLOB NOT NULL,
    PRIMARY KEY (uuid, from_ms)
) WITHOUT ROWID;

-- The ledger of actions.
CREATE TABLE actions (
    id BLOB PRIMARY KEY,
    verb TEXT NOT NULL,
    arguments TEXT NOT NULL,         -- JSON
    uuid BLOB NOT NULL,
    name TEXT NOT NULL,
    agent BLOB NOT NULL,
    host TEXT NOT NULL,
    state TEXT NOT NULL,
    step TEXT NOT NULL DEFAULT '',
    refusal TEXT,                    -- JSON
    result TEXT NOT NULL DEFAULT '[]',
    requested_by TEXT NOT NULL,
    requested_at INTEGER NOT NULL,
    not_after INTEGER NOT NULL,
    finished_at INTEGER,
    dispatches INTEGER NOT NULL,     -- how often it was sent to its host
    news_at INTEGER NOT NULL         -- when it was last heard of or sent
) WITHOUT ROWID;
CREATE INDEX actions_open ON actions (uuid) WHERE state IN ('requested', 'dispatched', 'running');
CREATE INDEX actions_time ON actions (requested_at);

-- Everything that happens.
CREATE TABLE activity (
    id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    category TEXT NOT NULL,          -- informational | warning | exception
    kind TEXT NOT NULL,
    host TEXT NOT NULL DEFAULT '',
    vm TEXT NOT NULL DEFAULT '',
    message TEXT NOT NULL
);
",
    r"
-- Start of the first QEMU process of a VM's boot: a migration starts another process of the same boot.
ALTER TABLE vms ADD COLUMN boot_epoch INTEGER NOT NULL DEFAULT 0;
",
    r"
-- Events are shown in the order in which they happened, and one that an agent sends again is known by its origin:
-- agent, run, batch and place in the batch. NULL: the collector's own.
ALTER TABLE activity ADD COLUMN origin BLOB;
CREATE UNIQUE INDEX activity_origin ON activity (origin) WHERE origin IS NOT NULL;
CREATE INDEX activity_at ON activity (at);
",
    r"
-- Numbers of imported metrics outside of the catalogue; chunks hold them, so none is ever given twice.
CREATE TABLE foreign_metrics (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
-- Entities that only imports know.
CREATE TABLE imported_entities (
    entity BLOB PRIMARY KEY,
    name TEXT NOT NULL,
    is_host INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) WITHOUT ROWID;
",
    r"
-- What a VM was called, whose it was and what labels it had, from when; until the next row. JSON of attributes.rs.
CREATE TABLE attributes (
    uuid BLOB NOT NULL,
    from_ms INTEGER NOT NULL,
    attributes TEXT NOT NULL,
    PRIMARY KEY (uuid, from_ms)
) WITHOUT ROWID;
",
    r"
-- Windows of the calendar that people add; those of a service's own file are not here. Seconds since 1970.
CREATE TABLE calendar (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    service TEXT NOT NULL,           -- empty: all services
    rule TEXT NOT NULL,              -- recurring; empty: once
    zone TEXT NOT NULL,
    from_s INTEGER,
    to_s INTEGER,
    valid_from_s INTEGER NOT NULL,
    reason TEXT NOT NULL,
    added_by TEXT NOT NULL,
    removed_s INTEGER
);

-- What a check of a VM or host heard, as runs of seconds; between two rows nothing is known.
CREATE TABLE spells (
    target BLOB NOT NULL,
    check_name TEXT NOT NULL,
    from_s INTEGER NOT NULL,
    to_s INTEGER NOT NULL,
    state INTEGER NOT NULL,          -- 0 up, 1 down, 2 unknown
    why TEXT NOT NULL,
    readings INTEGER NOT NULL,
    last_s INTEGER NOT NULL,         -- second of its last observation
    PRIMARY KEY (target, check_name, from_s)
) WITHOUT ROWID;

-- Outages: as measured, and as a person corrected them.
CREATE TABLE outages (
    id INTEGER PRIMARY KEY,
    target BLOB NOT NULL,
    name TEXT NOT NULL,
    check_name TEXT NOT NULL,
    measured_from_s INTEGER NOT NULL,
    measured_to_s INTEGER,           -- NULL: not over
    down_s INTEGER NOT NULL,
    unknown_s INTEGER NOT NULL,
    cause TEXT NOT NULL,
    evidence TEXT NOT NULL,          -- JSON list
    corrected_from_s INTEGER,
    corrected_to_s INTEGER,
    corrected_cause TEXT,
    void INTEGER NOT NULL DEFAULT 0, -- a person says it was none
    correction TEXT NOT NULL DEFAULT ''
);
CREATE INDEX outages_target ON outages (target, check_name, measured_from_s);
",
    r"
-- Changes: what was done to VMs and hosts, and the windows in which its effect is looked for.
CREATE TABLE changes (
    id INTEGER PRIMARY KEY,
    began INTEGER NOT NULL,
    at INTEGER NOT NULL,             -- when it was done
    source TEXT NOT NULL,            -- person | action | agent
    kind TEXT NOT NULL,
    what TEXT NOT NULL,
    service TEXT NOT NULL,           -- empty: whoever it touches
    targets TEXT NOT NULL,           -- JSON of changes.rs; an empty list: all members of the service
    expected TEXT NOT NULL,
    recorded_by TEXT NOT NULL,
    recorded_at INTEGER NOT NULL,
    before_ms INTEGER NOT NULL,      -- windows, fixed when it was recorded
    after_ms INTEGER NOT NULL,
    origin TEXT,                     -- what makes a noticed one the same; NULL: recorded by a person
    final_look TEXT                  -- JSON, once it was taken
);
CREATE UNIQUE INDEX changes_origin ON changes (origin) WHERE origin IS NOT NULL;
CREATE INDEX changes_at ON changes (at);
INSERT OR REPLACE INTO meta VALUES ('change_before_ms', 604800000), ('change_after_ms', 604800000);

-- What VMs and hosts last said of themselves that only a change makes another one: JSON of seen.rs.
CREATE TABLE seen (entity BLOB NOT NULL UNIQUE, facts TEXT NOT NULL);

-- Service levels as they were reported: JSON of control/sla/reported.rs. A period keeps each version.
CREATE TABLE reported_levels (
    service TEXT NOT NULL,
    objective TEXT NOT NULL,
    from_s INTEGER NOT NULL,
    to_s INTEGER NOT NULL,
    version INTEGER NOT NULL,
    reported_at INTEGER NOT NULL,
    reported_by TEXT NOT NULL,
    level TEXT NOT NULL,
    PRIMARY KEY (service, objective, from_s, to_s, version)
) WITHOUT ROWID;

-- Outages are looked up by the time that they touch.
CREATE INDEX outages_open ON outages (measured_from_s) WHERE measured_to_s IS NULL;
CREATE INDEX outages_end ON outages (measured_to_s);
CREATE INDEX outages_corrected ON outages (corrected_to_s) WHERE corrected_to_s IS NOT NULL;
",
    r"
-- Passes of the seven steps over a period of a service. Seconds since 1970, but for moved_ms.
CREATE TABLE cycles (
    id INTEGER PRIMARY KEY,
    service TEXT NOT NULL,
    period TEXT NOT NULL,
    from_s INTEGER NOT NULL,
    to_s INTEGER NOT NULL,
    state TEXT NOT NULL,
    moved_ms INTEGER NOT NULL,       -- since when it is in that state
    version INTEGER NOT NULL DEFAULT 0,
    plan TEXT NOT NULL DEFAULT '{}', -- JSON: what the one before left
    learned TEXT NOT NULL DEFAULT '',
    UNIQUE (service, from_s, to_s)
);

-- What each step left behind, in every version of a cycle's review.
CREATE TABLE cycle_steps (
    cycle INTEGER NOT NULL REFERENCES cycles (id),
    version INTEGER NOT NULL,
    step TEXT NOT NULL,              -- gather | process | analyse | inform
    input_digest TEXT NOT NULL,
    output TEXT NOT NULL,            -- JSON
    at_ms INTEGER NOT NULL,
    PRIMARY KEY (cycle, version, step)
) WITHOUT ROWID;

CREATE TABLE findings (
    id INTEGER PRIMARY KEY,
    cycle INTEGER NOT NULL REFERENCES cycles (id),
    key TEXT NOT NULL,
    body TEXT NOT NULL,              -- JSON, as the last version of the review says it
    severity TEXT NOT NULL,
    status TEXT NOT NULL,            -- open | done | accepted | rejected | gone
    decided_by TEXT NOT NULL DEFAULT '',
    decided_ms INTEGER,
    reason TEXT NOT NULL DEFAULT '',
    UNIQUE (cycle, key)
);

-- The chain of whys of a finding, as people write it.
CREATE TABLE finding_whys (
    finding INTEGER NOT NULL REFERENCES findings (id),
    number INTEGER NOT NULL,
    at_ms INTEGER NOT NULL,
    who TEXT NOT NULL,
    why TEXT NOT NULL,
    PRIMARY KEY (finding, number)
) WITHOUT ROWID;
",
    r"
-- VMs of a host that comes back after it was forgotten.
CREATE INDEX vms_agent ON vms (agent);
CREATE INDEX vms_rival ON vms (rival) WHERE rival IS NOT NULL;
CREATE INDEX placements_agent ON placements (agent);
",
];
