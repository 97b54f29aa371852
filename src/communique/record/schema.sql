-- The record: one DuckDB file. Version 3 (1 had no corrections and vectors, 2 no tolls, evidence, coordinates and corrections of statements). Statements are split at the lines that say ";;".
--
-- Keys are hashes of content (model.py); nothing is counted, so rows from two machines can be laid together. There are no
-- PRIMARY KEYs: their indexes cost more than the rows, and DuckDB refuses to delete and insert one key in one
-- transaction, which is what replacing an article means. The one writer keeps the keys unique instead (store.py).
--
-- Spans are [start, end) in code points of articles.text; DuckDB's substr(text, start + 1, end - start) gives the words.
-- "more" (JSON) holds fields of a type that have no column here, so that a newer model loses nothing.
-- An article's rows always come from one run, the one that coded it last; what --keep-runs keeps lies in schema "past".

-- What this file is: schema (the version of this schema).
CREATE TABLE about (key VARCHAR NOT NULL, value VARCHAR NOT NULL)
;;
-- A way of coding: the same code, model, atlas and settings are the same run on every machine and every day.
CREATE TABLE runs (
    id VARCHAR NOT NULL,
    version VARCHAR NOT NULL,       -- of the package
    code VARCHAR NOT NULL,          -- SHA-256 of the code that reads and codes
    model VARCHAR NOT NULL,         -- SHA-256 of the language model's files
    atlas VARCHAR NOT NULL,         -- SHA-256 of the atlas, with actors of the user's own
    settings JSON NOT NULL,         -- those that change what is coded
    first_used TIMESTAMPTZ NOT NULL
)
;;
-- Which source gave which article: several, where copies are word for word the same.
CREATE TABLE sources (source VARCHAR NOT NULL, article_id VARCHAR NOT NULL, run VARCHAR NOT NULL)
;;
CREATE TABLE articles (
    id VARCHAR NOT NULL,
    run VARCHAR NOT NULL,
    article_digest VARCHAR NOT NULL, -- of the article as read; with run it says whether there is anything to code
    report_digest VARCHAR NOT NULL,  -- of all that was coded; with run it says whether there is anything to write
    title VARCHAR,
    published VARCHAR,               -- ISO 8601, as the source has it
    day DATE,                        -- of published
    url VARCHAR,
    publisher VARCHAR,
    author VARCHAR,
    language VARCHAR,
    fetched VARCHAR,
    raw_sha256 VARCHAR,
    reader VARCHAR NOT NULL,
    text VARCHAR NOT NULL,
    more JSON
)
;;
CREATE TABLE sentences (
    article_id VARCHAR NOT NULL,
    run VARCHAR NOT NULL,
    number INTEGER NOT NULL,         -- from 0
    span_start INTEGER NOT NULL,
    span_end INTEGER NOT NULL,
    token_first INTEGER NOT NULL,
    token_last INTEGER NOT NULL,
    more JSON
)
;;
-- Who is in an article, as at its date: sectors and country may differ from one article to the next.
CREATE TABLE entities (
    id VARCHAR NOT NULL,             -- a state's code, per:..., org:...; nom:... are known in their article only
    article_id VARCHAR NOT NULL,
    run VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,           -- state, person, organisation, group, population
    country VARCHAR,                 -- ISO 3166 alpha-3
    sectors VARCHAR[] NOT NULL,      -- PLOVER's
    more JSON
)
;;
CREATE TABLE mentions (
    id VARCHAR NOT NULL,
    article_id VARCHAR NOT NULL,
    run VARCHAR NOT NULL,
    span_start INTEGER NOT NULL,
    span_end INTEGER NOT NULL,
    head_start INTEGER NOT NULL,
    head_end INTEGER NOT NULL,
    kind VARCHAR NOT NULL,           -- name, nominal, pronoun
    entity_id VARCHAR,
    antecedent VARCHAR,              -- a mention's id
    more JSON
)
;;
-- Who said what, to whom. *_names and *_countries stand beside the ids, one for one, so that a question needs no join.
CREATE TABLE statements (
    id VARCHAR NOT NULL,
    article_id VARCHAR NOT NULL,
    run VARCHAR NOT NULL,
    day DATE,                        -- the article's
    sentence INTEGER NOT NULL,
    sentence_start INTEGER,
    sentence_end INTEGER,
    kind VARCHAR NOT NULL,           -- direct, indirect, mixed
    speakers VARCHAR[] NOT NULL,
    speaker_names VARCHAR[] NOT NULL,
    speaker_countries VARCHAR[] NOT NULL,
    speaker_spans STRUCT("start" INTEGER, "end" INTEGER)[] NOT NULL,
    speaker_words VARCHAR NOT NULL,
    addressees VARCHAR[] NOT NULL,
    addressee_names VARCHAR[] NOT NULL,
    addressee_countries VARCHAR[] NOT NULL,
    cue_start INTEGER,
    cue_end INTEGER,
    cue_words VARCHAR,
    content STRUCT("start" INTEGER, "end" INTEGER)[] NOT NULL,
    quote VARCHAR NOT NULL,          -- the pieces of content, with " … " where something stands between them
    about VARCHAR[] NOT NULL,
    about_names VARCHAR[] NOT NULL,
    about_countries VARCHAR[] NOT NULL,
    channel VARCHAR,
    more JSON
)
;;
-- Who did what to whom.
CREATE TABLE events (
    id VARCHAR NOT NULL,
    article_id VARCHAR NOT NULL,
    run VARCHAR NOT NULL,
    sentence INTEGER NOT NULL,
    sentence_start INTEGER,
    sentence_end INTEGER,
    event VARCHAR NOT NULL,          -- one of PLOVER's sixteen types
    modes VARCHAR[] NOT NULL,
    contexts VARCHAR[] NOT NULL,
    cameo VARCHAR NOT NULL,          -- text, never a number
    score DOUBLE NOT NULL,           -- PLOVER's, -10 to 10
    quad VARCHAR NOT NULL,
    actors VARCHAR[] NOT NULL,
    actor_names VARCHAR[] NOT NULL,
    actor_countries VARCHAR[] NOT NULL,
    recipients VARCHAR[] NOT NULL,
    recipient_names VARCHAR[] NOT NULL,
    recipient_countries VARCHAR[] NOT NULL,
    trigger_start INTEGER NOT NULL,
    trigger_end INTEGER NOT NULL,
    trigger_words VARCHAR NOT NULL,
    sentence_text VARCHAR,           -- of sentence_start to sentence_end: questions need no article's text
    status VARCHAR NOT NULL,         -- asserted, negated, future, hypothetical, historical
    statement_id VARCHAR,            -- set where the event stands only in what somebody said
    date VARCHAR,                    -- ISO 8601, as coded
    day DATE,                        -- of date
    place VARCHAR,                   -- its name
    confidence DOUBLE NOT NULL,      -- 0 to 1
    why VARCHAR NOT NULL,
    more JSON,
    date_precision VARCHAR,          -- day, week, month, year, decade; article: the article's own date, none is told
    province VARCHAR,                -- of the place: what the gazetteer has, NULL where it may be several places
    place_country VARCHAR,           -- ISO 3166 alpha-3
    latitude DOUBLE,
    longitude DOUBLE,
    geonameid INTEGER,
    place_resolution VARCHAR,        -- city, division, country, none
    place_told VARCHAR,              -- clause, paragraph, dateline
    evidence STRUCT("start" INTEGER, "end" INTEGER)[], -- the words of other sentences that tell the same act
    killed INTEGER,                  -- numbers of people, as told
    injured INTEGER,
    arrested INTEGER
)
;;
-- What went wrong: with a source (article_id is null), or in an article.
CREATE TABLE problems (
    id VARCHAR NOT NULL,
    article_id VARCHAR,
    run VARCHAR NOT NULL,
    source VARCHAR,
    line VARCHAR NOT NULL            -- one line, for a person
)
;;
-- The same tables, for rows that a later run has replaced (--keep-runs).
CREATE SCHEMA past
;;
CREATE TABLE past.sources AS FROM main.sources
;;
CREATE TABLE past.articles AS FROM main.articles
;;
CREATE TABLE past.sentences AS FROM main.sentences
;;
CREATE TABLE past.entities AS FROM main.entities
;;
CREATE TABLE past.mentions AS FROM main.mentions
;;
CREATE TABLE past.statements AS FROM main.statements
;;
CREATE TABLE past.events AS FROM main.events
;;
CREATE TABLE past.problems AS FROM main.problems
;;
-- What people say of sentences that they looked at. A sentence that a coder has judged is judged whole: every event in it
-- has a row, one that the machine missed too; a sentence without any has one row with the verdict "none". The columns of
-- events hold the person's coding, for "wrong" and "none" only where the sentence is. Corrections outlast the machine's
-- rows: they are tied to the article's characters, not to a run.
CREATE TABLE corrections AS
SELECT
    * EXCLUDE (date_precision, province, place_country, latitude, longitude, geonameid,
        place_resolution, place_told, evidence, killed, injured, arrested),
    NULL::VARCHAR AS verdict,        -- right, wrong, changed, missing, none
    NULL::VARCHAR AS coder,
    NULL::DATE AS coded_on,
    NULL::VARCHAR AS comment,
    date_precision, province, place_country, latitude, longitude, geonameid,
    place_resolution, place_told, evidence, killed, injured, arrested
FROM main.events WHERE false
;;
-- What people say of statements: each by itself, by its characters (content and cue), so that it outlasts runs. The columns
-- hold the coding that was judged, for "changed" the person's. The id is the machine's.
CREATE TABLE statement_corrections AS
SELECT
    *,
    NULL::VARCHAR AS verdict,        -- right, wrong, changed
    NULL::VARCHAR AS coder,
    NULL::DATE AS coded_on,
    NULL::VARCHAR AS comment
FROM main.statements WHERE false
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
CREATE VIEW events_now AS
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
-- Statements as they stand: the machine's, except those that somebody has judged; there the last judge's.
CREATE VIEW statements_now AS
WITH judged AS (
    SELECT article_id, content, cue_start, cue_end, max_by(coder, (coded_on, coder)) AS coder
    FROM statement_corrections GROUP BY article_id, content, cue_start, cue_end
)
SELECT s.* FROM statements s WHERE NOT EXISTS (
    FROM judged j WHERE j.article_id = s.article_id AND j.content = s.content
    AND j.cue_start IS NOT DISTINCT FROM s.cue_start AND j.cue_end IS NOT DISTINCT FROM s.cue_end
)
UNION ALL BY NAME
SELECT c.* EXCLUDE (verdict, coder, coded_on, comment) FROM statement_corrections c
JOIN judged j ON j.article_id = c.article_id AND j.content = c.content AND j.coder = c.coder
    AND j.cue_start IS NOT DISTINCT FROM c.cue_start AND j.cue_end IS NOT DISTINCT FROM c.cue_end
WHERE c.verdict IN ('right', 'changed')
;;
-- One row for each actor and recipient of each event; a side that nobody is on gives one row with NULL.
CREATE VIEW events_flat AS
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
    e.place, e.province, e.place_country, e.latitude, e.longitude, e.geonameid, e.date_precision,
    e.killed, e.injured, e.arrested, e.trigger_words, e.sentence_text, e.why, e.statement_id, e.sentence,
    e.article_id, articles.title, articles.published, articles.publisher, articles.url, e.run
FROM pairs e
JOIN articles ON articles.id = e.article_id
LEFT JOIN entities actor ON actor.article_id = e.article_id AND actor.id = e.actors[e.a]
LEFT JOIN entities recipient ON recipient.article_id = e.article_id AND recipient.id = e.recipients[e.r]
;;
-- One row for each speaker of each statement; a statement whose speaker is nobody known gives one row with NULL.
CREATE VIEW statements_flat AS
WITH voices AS (
    SELECT *, unnest(CASE WHEN len(speakers) = 0 THEN [0] ELSE range(1, len(speakers) + 1) END) AS s FROM statements_now
)
SELECT
    s.id AS statement_id, s.day, s.kind, s.quote, s.cue_words AS cue, s.channel,
    speaker.id AS speaker, coalesce(speaker.name, s.speaker_words) AS speaker_name, speaker.kind AS speaker_kind,
    speaker.country AS speaker_country, speaker.sectors AS speaker_sectors,
    s.addressees, s.addressee_names, s.addressee_countries, s.about, s.about_names, s.about_countries, s.sentence,
    s.article_id, articles.title, articles.published, articles.publisher, articles.url, s.run
FROM voices s
JOIN articles ON articles.id = s.article_id
LEFT JOIN entities speaker ON speaker.article_id = s.article_id AND speaker.id = s.speakers[s.s]
;;
-- What each state did to each other on each day, of asserted events. An event counts once for a dyad, however many of the
-- two states' people take part; where nobody is recipient (a meeting), each of the actors' states did it to each other.
CREATE VIEW dyads_daily AS
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
