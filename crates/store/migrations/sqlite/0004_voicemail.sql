-- What callers left in mailboxes. Its sound is voicemail/<id>.wav in the files folder.
CREATE TABLE message (
    id        INTEGER PRIMARY KEY,
    mailbox   TEXT    NOT NULL,
    at_ms     INTEGER NOT NULL,
    -- Empty when nobody knows who left it.
    number    TEXT    NOT NULL,
    name      TEXT    NOT NULL,
    length_ms INTEGER NOT NULL,
    heard     TEXT    NOT NULL,
    -- 1: it is being left, or was when the server was killed.
    draft     INTEGER NOT NULL
);
-- The order in which a mailbox is listed.
CREATE INDEX message_of_mailbox ON message (mailbox, at_ms, id);

-- What callers hear first.
CREATE TABLE greeting (
    mailbox   TEXT    NOT NULL,
    kind      TEXT    NOT NULL,
    recording INTEGER NOT NULL,
    PRIMARY KEY (mailbox, kind)
) WITHOUT ROWID;

-- Mail that is to be sent: of a message, or that the mailbox is full.
CREATE TABLE mail (
    id         INTEGER PRIMARY KEY,
    mailbox    TEXT    NOT NULL,
    message    INTEGER,
    created_ms INTEGER NOT NULL,
    due_ms     INTEGER NOT NULL,
    tries      INTEGER NOT NULL
);
CREATE INDEX mail_due ON mail (due_ms);

-- When somebody was last told that his mailbox is full.
CREATE TABLE told_full (
    mailbox TEXT    PRIMARY KEY,
    at_ms   INTEGER NOT NULL
) WITHOUT ROWID;
