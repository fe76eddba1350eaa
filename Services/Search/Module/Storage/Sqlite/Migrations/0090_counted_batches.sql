-- Batches of counted searches that searchers sent: one that comes again, because its answer was lost, is not counted again. Kept for some days.
CREATE TABLE counted_batches (
    id BLOB NOT NULL PRIMARY KEY,
    taken_at INTEGER NOT NULL
) WITHOUT ROWID;
