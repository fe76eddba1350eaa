-- When all memories of the owner were deleted last: what was said until then is not learned any more, also when its event comes late.
ALTER TABLE memory_owners ADD COLUMN forgotten_at INTEGER;
