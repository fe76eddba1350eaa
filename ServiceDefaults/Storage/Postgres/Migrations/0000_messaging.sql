-- How far this service's consumers have come in the outbox of each service; and, as `outbox`, the place of the last event ever in its own.
CREATE TABLE event_positions (
    subscription text NOT NULL,
    source text NOT NULL,
    position bigint NOT NULL,
    PRIMARY KEY (subscription, source)
);

-- A sequence would leave gaps when a write is undone, and listeners wait for every place.
CREATE FUNCTION next_outbox_place() RETURNS bigint LANGUAGE sql VOLATILE AS $$
    INSERT INTO event_positions (subscription, source, position) VALUES ('outbox', '', 1)
    ON CONFLICT (subscription, source) DO UPDATE SET position = event_positions.position + 1 RETURNING position
$$;

-- The durable log of the service's events. A row is deleted when every consumer is past it, or the broker confirmed it.
CREATE TABLE outbox (
    seq bigint PRIMARY KEY DEFAULT next_outbox_place(),
    id uuid NOT NULL,
    type text NOT NULL,
    body text NOT NULL,
    occurred_at bigint NOT NULL,
    -- The span that the change was made in (W3C traceparent).
    trace text
);

-- Events that a consumer could not take after all its tries: kept with the reason until an operator drives them again.
CREATE TABLE parked_events (
    id uuid NOT NULL,
    subscription text COLLATE "C" NOT NULL,
    source text NOT NULL,
    type text NOT NULL,
    body text NOT NULL,
    reason text NOT NULL,
    attempts bigint NOT NULL DEFAULT 0,
    parked_at bigint NOT NULL,
    retry_at bigint,
    PRIMARY KEY (id, subscription)
);

-- Answers to requests that carried an Idempotency-Key, sealed; kept for 24 hours.
CREATE TABLE idempotency_keys (
    tenant_id uuid NOT NULL,
    key_hash bytea NOT NULL,
    request_hash bytea NOT NULL,
    response bytea NOT NULL,
    expires_at bigint NOT NULL,
    PRIMARY KEY (tenant_id, key_hash)
);
CREATE INDEX idempotency_keys_expiry ON idempotency_keys (expires_at);

-- Subjects that the request of an idempotency key was about, so that erasing one takes the answers about it along.
CREATE TABLE idempotency_subjects (
    tenant_id uuid NOT NULL,
    subject_key uuid NOT NULL,
    key_hash bytea NOT NULL,
    PRIMARY KEY (subject_key, tenant_id, key_hash)
);
CREATE INDEX idempotency_subjects_key ON idempotency_subjects (tenant_id, key_hash);

-- Erasures that this service carried out: an order that comes twice must not erase what was written since.
CREATE TABLE erasures (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL,
    subject_key uuid NOT NULL,
    -- Rows that went and rows that stay, by table, as JSON.
    rows text NOT NULL,
    -- When the last row went; null while it is under way.
    erased_at bigint,
    -- When the service said so.
    confirmed_at bigint
);
