-- What to mind when memories are drawn from a message, sealed under its subject's key like its text: a JSON object, null for most messages.
ALTER TABLE messages ADD COLUMN extraction BLOB;
