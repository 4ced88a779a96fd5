-- Everybody who came to a queue.
CREATE TABLE queue_call (
    ticket      INTEGER PRIMARY KEY,
    run         INTEGER NOT NULL,
    queue       TEXT    NOT NULL,
    -- The call's number in that run.
    call        INTEGER NOT NULL,
    -- Empty when he shows none.
    caller      TEXT    NOT NULL,
    caller_name TEXT    NOT NULL,
    entered_ms  INTEGER NOT NULL,
    -- What became of him: waiting, answered, or why he left.
    outcome     TEXT    NOT NULL,
    -- 1: he asked to be called back.
    callback    INTEGER NOT NULL DEFAULT 0,
    -- Until he was answered, or left. Empty while he waits.
    waited_ms   INTEGER,
    -- Who took the call.
    agent       TEXT,
    answered_ms INTEGER,
    -- Empty while they talk.
    talked_ms   INTEGER
);
-- A queue's days are read one after the other.
CREATE INDEX queue_call_of_queue ON queue_call (queue, entered_ms);
-- What a run left unfinished is ended by the next.
CREATE INDEX queue_call_unfinished ON queue_call (run)
    WHERE outcome = 'waiting' OR (outcome = 'answered' AND talked_ms IS NULL);

-- How often each agent was rung for him.
CREATE TABLE queue_offer (
    ticket  INTEGER NOT NULL REFERENCES queue_call (ticket) ON DELETE CASCADE,
    agent   TEXT    NOT NULL,
    offered INTEGER NOT NULL,
    -- How often he did not take the call.
    missed  INTEGER NOT NULL,
    PRIMARY KEY (ticket, agent)
) WITHOUT ROWID;
