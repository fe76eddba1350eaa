-- The span that the change was made in (W3C traceparent): what consumers do goes on with its trace.
ALTER TABLE outbox ADD COLUMN trace TEXT;

-- How often the consumer failed on the event before it was parked.
ALTER TABLE parked_events ADD COLUMN attempts INTEGER NOT NULL DEFAULT 0;

-- When an operator had the event driven again; null while it just lies there.
ALTER TABLE parked_events ADD COLUMN retry_at INTEGER;
