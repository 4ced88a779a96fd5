-- How the legs of a call sounded, as JSON.
ALTER TABLE call_record ADD COLUMN quality TEXT NOT NULL DEFAULT '[]';
