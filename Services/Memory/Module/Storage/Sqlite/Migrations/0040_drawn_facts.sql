-- Whether facts are drawn from the text: it then stays as it was written, and is compared with no other memory.
ALTER TABLE memories ADD COLUMN extract INTEGER NOT NULL DEFAULT 0;
-- Set where message_id is not a message but an added memory, which is in no conversation.
ALTER TABLE memory_sources ADD COLUMN from_memory INTEGER NOT NULL DEFAULT 0;
