-- Who is logged in. Of what a cookie says only a hash is kept.
CREATE TABLE session (
    hash    TEXT    PRIMARY KEY,
    seen_ms INTEGER NOT NULL,
    body    TEXT    NOT NULL
) WITHOUT ROWID;

-- What scripts prove who they are with, hashed too.
CREATE TABLE token (
    name       TEXT    PRIMARY KEY,
    hash       TEXT    NOT NULL UNIQUE,
    role       TEXT    NOT NULL,
    created_ms INTEGER NOT NULL
) WITHOUT ROWID;

-- The contacts of one extension. The company's are part of the configuration.
CREATE TABLE contact (
    id    INTEGER PRIMARY KEY,
    owner TEXT    NOT NULL,
    body  TEXT    NOT NULL
);
CREATE INDEX contact_owner ON contact (owner);

-- How often a blacklisted caller was refused.
CREATE TABLE blacklist_hit (
    number TEXT    PRIMARY KEY,
    hits   INTEGER NOT NULL
) WITHOUT ROWID;
