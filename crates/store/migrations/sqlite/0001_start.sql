-- Each run of the server. Call and leg numbers begin anew with each run.
CREATE TABLE run (
    id         INTEGER PRIMARY KEY,
    began_ms   INTEGER NOT NULL,
    -- The last moment of which is known that the server was alive.
    alive_ms   INTEGER NOT NULL,
    -- Empty while it runs, and for ever if it was killed.
    ended_ms   INTEGER
);

-- What the site file sets up, one row an object: memory holds the configuration, this is its durable copy.
CREATE TABLE object (
    kind       TEXT    NOT NULL,
    name       TEXT    NOT NULL,
    position   INTEGER NOT NULL,
    body       TEXT    NOT NULL,
    -- Its secrets, encrypted with the key file.
    sealed     BLOB,
    PRIMARY KEY (kind, name)
);

-- Registered phones.
CREATE TABLE binding (
    extension  TEXT    NOT NULL,
    contact    TEXT    NOT NULL,
    expires_ms INTEGER NOT NULL,
    body       TEXT    NOT NULL,
    PRIMARY KEY (extension, contact)
);

-- Calls in progress; what is left of an earlier run was ended by its crash.
CREATE TABLE open_call (
    run         INTEGER NOT NULL,
    call        INTEGER NOT NULL,
    start_ms    INTEGER NOT NULL,
    answered_ms INTEGER,
    body        TEXT    NOT NULL,
    PRIMARY KEY (run, call)
);

CREATE TABLE call_record (
    id           INTEGER PRIMARY KEY,
    run          INTEGER NOT NULL,
    call         INTEGER NOT NULL,
    start_ms     INTEGER NOT NULL,
    end_ms       INTEGER NOT NULL,
    caller       TEXT    NOT NULL,
    caller_name  TEXT    NOT NULL,
    callee       TEXT    NOT NULL,
    final_callee TEXT    NOT NULL,
    talked_ms    INTEGER NOT NULL,
    call_type    TEXT    NOT NULL,
    status       TEXT    NOT NULL,
    cause        TEXT    NOT NULL,
    extensions   TEXT    NOT NULL,
    legs         TEXT    NOT NULL,
    recordings   TEXT    NOT NULL,
    -- A record is written once, however often its writing is tried.
    UNIQUE (run, call, start_ms, callee)
);
-- The order in which records are listed.
CREATE INDEX call_record_newest ON call_record (start_ms DESC, id DESC);
CREATE INDEX call_record_newest_of_type ON call_record (call_type, start_ms DESC, id DESC);

-- Every number that a record names.
CREATE TABLE call_number (
    number     TEXT    NOT NULL,
    -- 1: the extension took part in the call and may see its record.
    took_part  INTEGER NOT NULL,
    start_ms   INTEGER NOT NULL,
    record     INTEGER NOT NULL REFERENCES call_record (id) ON DELETE CASCADE,
    PRIMARY KEY (number, start_ms, record)
) WITHOUT ROWID;
CREATE INDEX call_number_record ON call_number (record);
