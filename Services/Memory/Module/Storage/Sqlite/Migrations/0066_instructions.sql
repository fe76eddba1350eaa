-- What a language model should mind when it reads an added text, sealed; null when it was read.
ALTER TABLE memories ADD COLUMN instructions BLOB;
