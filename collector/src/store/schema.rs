//! Numbered schema steps. A step that was released is never edited; `PRAGMA user_version` counts those applied.
//! Times are ms since 1970, UUIDs are 16-byte blobs.

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
-- VMs of a host that comes back after it was forgotten.
CREATE INDEX vms_agent ON vms (agent);
CREATE INDEX vms_rival ON vms (rival) WHERE rival IS NOT NULL;
CREATE INDEX placements_agent ON placements (agent);
",
];

/// Steps of `journal.db`.
pub(super) const JOURNAL: &[&str] = &[
    r"
-- How far each run of each agent is on disk: written in the transaction of the readings themselves.
CREATE TABLE last_seq (
    agent BLOB NOT NULL,
    epoch INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    PRIMARY KEY (agent, epoch)
) WITHOUT ROWID;

-- A series: entity (domain UUID or agent id), metric, device. `placement` is empty but for a conflict of owners.
CREATE TABLE series (
    id INTEGER PRIMARY KEY,
    entity BLOB NOT NULL,
    metric INTEGER NOT NULL,
    device TEXT NOT NULL,
    placement BLOB NOT NULL,
    UNIQUE (entity, metric, device, placement)
);

-- One value. `epoch` is a counter's life. `missing` is a reason code; then `value` is NULL.
CREATE TABLE samples (
    series INTEGER NOT NULL,
    at INTEGER NOT NULL,
    value,
    epoch INTEGER,
    missing INTEGER,
    PRIMARY KEY (series, at)
) WITHOUT ROWID;

-- How many samples there are, kept with each commit: counting them takes longer than anyone asking would wait.
CREATE TABLE totals (samples INTEGER NOT NULL);
INSERT INTO totals VALUES (0);

-- Polls of an entity: which ticks were heard, from which agent, at what interval. What lies between is unknown.
-- A host is polled by its own agent, so there entity = agent.
CREATE TABLE polls (
    entity BLOB NOT NULL,
    at INTEGER NOT NULL,
    agent BLOB NOT NULL,
    interval_ms INTEGER NOT NULL,
    state INTEGER,                   -- virDomainState of a domain
    missing INTEGER,                 -- reason when the poll could not tell
    corrected INTEGER NOT NULL,      -- the agent's clock was off by more than a minute
    PRIMARY KEY (entity, at)
) WITHOUT ROWID;

-- Readings that an agent had to drop.
CREATE TABLE gaps (
    agent BLOB NOT NULL,
    from_ms INTEGER NOT NULL,
    to_ms INTEGER NOT NULL,
    batches INTEGER NOT NULL,
    PRIMARY KEY (agent, from_ms)
) WITHOUT ROWID;
",
    r"
-- Readings wait here until their hour is sealed into chunks (sqlite/convert.rs does that to those of the version before).
ALTER TABLE samples RENAME TO old_samples;
ALTER TABLE polls RENAME TO old_polls;
ALTER TABLE series RENAME TO old_series;
UPDATE totals SET samples = 0;

-- Domains and hosts. `placement` is empty but for a conflict of owners.
CREATE TABLE entities (
    id INTEGER PRIMARY KEY,
    entity BLOB NOT NULL,
    placement BLOB NOT NULL,
    UNIQUE (entity, placement)
);

-- Lists of series that entities of one shape share, and which entity had which one, until when (0: not sealed yet).
CREATE TABLE layouts (id INTEGER PRIMARY KEY, keys BLOB NOT NULL UNIQUE);
CREATE TABLE entity_layouts (
    entity INTEGER NOT NULL,
    layout INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    PRIMARY KEY (entity, layout)
) WITHOUT ROWID;

-- One entity at one time, in the order of arrival: what came first counts. `layout` is -1 where polls are taken back.
CREATE TABLE entries (
    id INTEGER PRIMARY KEY,
    entity INTEGER NOT NULL,
    at INTEGER NOT NULL,
    layout INTEGER NOT NULL,
    body BLOB NOT NULL
);
CREATE INDEX entries_at ON entries (entity, at);
CREATE INDEX entries_withdrawn ON entries (entity) WHERE layout < 0;

-- The newest poll of each entity that was sealed, and the newest one in which it was active.
CREATE TABLE last_polls (
    entity INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    agent BLOB NOT NULL,
    interval_ms INTEGER NOT NULL,
    state INTEGER,
    missing INTEGER
);
CREATE TABLE last_active_polls (
    entity INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    agent BLOB NOT NULL,
    interval_ms INTEGER NOT NULL,
    state INTEGER,
    missing INTEGER
);

-- Damaged rows, put aside.
CREATE TABLE quarantine (entity INTEGER NOT NULL, at INTEGER NOT NULL, why TEXT NOT NULL, body BLOB NOT NULL);
",
    r"
-- One batch of a host, with all that it said of its entities, in the order of arrival: what came first counts. Their
-- numbers and those of the entries, which hold what an older version wrote and polls that are taken back, are from one
-- count (totals.next_id).
CREATE TABLE batches (id INTEGER PRIMARY KEY, agent BLOB NOT NULL, at INTEGER NOT NULL, body BLOB NOT NULL);
CREATE INDEX batches_at ON batches (agent, at);

-- Which hosts said something of an entity in an hour (its begin), and up to which batch that is sealed.
CREATE TABLE sources (
    entity INTEGER NOT NULL,
    hour INTEGER NOT NULL,
    agent BLOB NOT NULL,
    done INTEGER NOT NULL,
    PRIMARY KEY (entity, hour, agent)
) WITHOUT ROWID;

ALTER TABLE totals ADD COLUMN next_id INTEGER NOT NULL DEFAULT 1;
-- The newest hour of which sources were removed.
ALTER TABLE totals ADD COLUMN sources_gone INTEGER NOT NULL DEFAULT -9223372036854775808;
UPDATE totals SET next_id = (SELECT coalesce(max(id), 0) + 1 FROM entries);
",
    r"
-- The newest time of a stream: it is forgotten when nothing that it sent is kept any more.
ALTER TABLE last_seq ADD COLUMN at INTEGER NOT NULL DEFAULT 0;
UPDATE last_seq SET at = CAST(strftime('%s', 'now') AS INTEGER) * 1000;

-- How many rows wait, and from when to when, without a look at each.
ALTER TABLE totals ADD COLUMN waiting INTEGER NOT NULL DEFAULT 0;
UPDATE totals SET waiting = (SELECT count(*) FROM batches) + (SELECT count(*) FROM entries);
CREATE TRIGGER batches_come AFTER INSERT ON batches BEGIN UPDATE totals SET waiting = waiting + 1; END;
CREATE TRIGGER batches_go AFTER DELETE ON batches BEGIN UPDATE totals SET waiting = waiting - 1; END;
CREATE TRIGGER entries_come AFTER INSERT ON entries BEGIN UPDATE totals SET waiting = waiting + 1; END;
CREATE TRIGGER entries_go AFTER DELETE ON entries BEGIN UPDATE totals SET waiting = waiting - 1; END;
CREATE INDEX batches_time ON batches (at);
CREATE INDEX entries_time ON entries (at);
",
];
