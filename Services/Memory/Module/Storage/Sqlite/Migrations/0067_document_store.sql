-- What ties this file to the documents that the service has in MongoDB: the id that both know, and the last event that was taken over from there. One row, or none.
CREATE TABLE document_store (
    place INTEGER PRIMARY KEY CHECK (place = 1),
    id BLOB NOT NULL,
    taken INTEGER NOT NULL
);
