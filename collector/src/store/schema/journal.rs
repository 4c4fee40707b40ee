//! Steps of `journal.db`.

/// Steps of `journal.db`.
pub(in super::super) const JOURNAL: &[&str] = &[
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
