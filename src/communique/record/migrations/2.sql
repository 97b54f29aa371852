-- Version 1 to 2: corrections and vectors. The texts are those of schema.sql.
-- What people say of sentences that they looked at. A sentence that a coder has judged is judged whole: every event in it
-- has a row, one that the machine missed too; a sentence without any has one row with the verdict "none". The columns of
-- events hold the person's coding, for "wrong" and "none" only where the sentence is. Corrections outlast the machine's
-- rows: they are tied to the article's characters, not to a run.
CREATE TABLE corrections AS
SELECT
    *,
    NULL::VARCHAR AS verdict,        -- right, wrong, changed, missing, none
    NULL::VARCHAR AS coder,
    NULL::DATE AS coded_on,
    NULL::VARCHAR AS comment
FROM main.events WHERE false
;;
-- The meaning of sentences, for communique search: a vector of the language model's encoder, in bytes of -127 to 127. They are of the article's characters, so they outlast runs; "model" says whose they are.
CREATE TABLE vectors (
    article_id VARCHAR NOT NULL,
    sentence_start INTEGER NOT NULL,
    sentence_end INTEGER NOT NULL,
    model VARCHAR NOT NULL,          -- SHA-256, as in runs
    vector BLOB NOT NULL,
    length FLOAT NOT NULL            -- of the vector: only its direction counts
)
;;
-- Events as they stand: the machine's, except in sentences that somebody has judged; there the last judge's.
CREATE OR REPLACE VIEW events_now AS
WITH judged AS (
    SELECT article_id, sentence_start, sentence_end, max_by(coder, (coded_on, coder)) AS coder
    FROM corrections GROUP BY article_id, sentence_start, sentence_end
)
SELECT e.* FROM events e WHERE NOT EXISTS (
    FROM judged j WHERE j.article_id = e.article_id
    AND e.trigger_start >= j.sentence_start AND e.trigger_start < j.sentence_end
)
UNION ALL BY NAME
SELECT c.* EXCLUDE (verdict, coder, coded_on, comment) FROM corrections c
JOIN judged USING (article_id, sentence_start, sentence_end, coder)
WHERE c.verdict IN ('right', 'changed', 'missing')
;;
-- One row for each actor and recipient of each event; a side that nobody is on gives one row with NULL.
CREATE OR REPLACE VIEW events_flat AS
WITH sides AS (
    SELECT *, unnest(CASE WHEN len(actors) = 0 THEN [0] ELSE range(1, len(actors) + 1) END) AS a FROM events_now
), pairs AS (
    SELECT *, unnest(CASE WHEN len(recipients) = 0 THEN [0] ELSE range(1, len(recipients) + 1) END) AS r FROM sides
)
SELECT
    e.id AS event_id, e.day, e.date, e.event, e.modes, e.contexts, e.cameo, e.score, e.quad, e.status, e.confidence,
    e.actors[e.a] AS actor, e.actor_names[e.a] AS actor_name, actor.kind AS actor_kind,
    e.actor_countries[e.a] AS actor_country, actor.sectors AS actor_sectors,
    e.recipients[e.r] AS recipient, e.recipient_names[e.r] AS recipient_name, recipient.kind AS recipient_kind,
    e.recipient_countries[e.r] AS recipient_country, recipient.sectors AS recipient_sectors,
    e.place, e.trigger_words, e.sentence_text, e.why, e.statement_id, e.sentence,
    e.article_id, articles.title, articles.published, articles.publisher, articles.url, e.run
FROM pairs e
JOIN articles ON articles.id = e.article_id
LEFT JOIN entities actor ON actor.article_id = e.article_id AND actor.id = e.actors[e.a]
LEFT JOIN entities recipient ON recipient.article_id = e.article_id AND recipient.id = e.recipients[e.r]
;;
-- What each state did to each other on each day, of asserted events. An event counts once for a dyad, however many of the
-- two states' people take part; where nobody is recipient (a meeting), each of the actors' states did it to each other.
CREATE OR REPLACE VIEW dyads_daily AS
WITH sides AS (
    SELECT id, day, score, quad, list_distinct(actor_countries) AS froms,
        list_distinct(CASE WHEN len(recipients) = 0 THEN actor_countries ELSE recipient_countries END) AS tos
    FROM events_now WHERE status = 'asserted' AND day IS NOT NULL
), ones AS (SELECT * EXCLUDE froms, unnest(froms) AS actor FROM sides),
pairs AS (SELECT * EXCLUDE tos, unnest(tos) AS recipient FROM ones)
SELECT
    day, actor, recipient, count(*) AS events, avg(score) AS mean_score, sum(score) AS net_score,
    count(*) FILTER (quad = 'verbal cooperation') AS verbal_cooperation,
    count(*) FILTER (quad = 'material cooperation') AS material_cooperation,
    count(*) FILTER (quad = 'verbal conflict') AS verbal_conflict,
    count(*) FILTER (quad = 'material conflict') AS material_conflict
FROM pairs WHERE actor IS NOT NULL AND recipient IS NOT NULL AND actor != recipient
GROUP BY day, actor, recipient
