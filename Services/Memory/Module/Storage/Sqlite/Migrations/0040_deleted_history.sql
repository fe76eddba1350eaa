-- Whose a deleted memory was, by keyed hash, so that those who could read it are told that it was deleted; nothing of what it said.
ALTER TABLE memory_tombstones ADD COLUMN scope INTEGER;
ALTER TABLE memory_tombstones ADD COLUMN owner_key BLOB;
ALTER TABLE memory_tombstones ADD COLUMN version INTEGER;
CREATE INDEX memory_tombstones_memory ON memory_tombstones (memory_id);
