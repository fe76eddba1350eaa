-- The durable log of the service's events. A row is deleted when every consumer is past it, or the broker confirmed it.
CREATE TABLE outbox (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id BLOB NOT NULL,
    type TEXT NOT NULL,
    body TEXT NOT NULL,
    occurred_at INTEGER NOT NULL
);

-- How far this service's consumers have come in the outbox of each service, and the relay in its own.
CREATE TABLE event_positions (
    subscription TEXT NOT NULL,
    source TEXT NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (subscription, source)
) WITHOUT ROWID;

-- Events that a consumer could not take after all its tries: kept with the reason until an operator drives them again.
CREATE TABLE parked_events (
    id BLOB NOT NULL,
    subscription TEXT NOT NULL,
    source TEXT NOT NULL,
    type TEXT NOT NULL,
    body TEXT NOT NULL,
    reason TEXT NOT NULL,
    parked_at INTEGER NOT NULL,
    PRIMARY KEY (id, subscription)
) WITHOUT ROWID;

-- Answers to requests that carried an Idempotency-Key, sealed; kept for 24 hours.
CREATE TABLE idempotency_keys (
    tenant_id BLOB NOT NULL,
    key_hash BLOB NOT NULL,
    request_hash BLOB NOT NULL,
    response BLOB NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, key_hash)
) WITHOUT ROWID;
CREATE INDEX idempotency_keys_expiry ON idempotency_keys (expires_at);
