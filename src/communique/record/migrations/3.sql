-- Version 2 to 3: dates' precision, places, evidence and tolls have columns, statements corrections. The texts are those of schema.sql.
ALTER TABLE main.events ADD COLUMN date_precision VARCHAR
;;
ALTER TABLE main.events ADD COLUMN province VARCHAR
;;
ALTER TABLE main.events ADD COLUMN place_country VARCHAR
;;
ALTER TABLE main.events ADD COLUMN latitude DOUBLE
;;
ALTER TABLE main.events ADD COLUMN longitude DOUBLE
;;
ALTER TABLE main.events ADD COLUMN geonameid INTEGER
;;
ALTER TABLE main.events ADD COLUMN place_resolution VARCHAR
;;
ALTER TABLE main.events ADD COLUMN place_told VARCHAR
;;
ALTER TABLE main.events ADD COLUMN evidence STRUCT("start" INTEGER, "end" INTEGER)[]
;;
ALTER TABLE main.events ADD COLUMN killed INTEGER
;;
ALTER TABLE main.events ADD COLUMN injured INTEGER
;;
ALTER TABLE main.events ADD COLUMN arrested INTEGER
;;
ALTER TABLE past.events ADD COLUMN date_precision VARCHAR
;;
ALTER TABLE past.events ADD COLUMN province VARCHAR
;;
ALTER TABLE past.events ADD COLUMN place_country VARCHAR
;;
ALTER TABLE past.events ADD COLUMN latitude DOUBLE
;;
ALTER TABLE past.events ADD COLUMN longitude DOUBLE
;;
ALTER TABLE past.events ADD COLUMN geonameid INTEGER
;;
ALTER TABLE past.events ADD COLUMN place_resolution VARCHAR
;;
ALTER TABLE past.events ADD COLUMN place_told VARCHAR
;;
ALTER TABLE past.events ADD COLUMN evidence STRUCT("start" INTEGER, "end" INTEGER)[]
;;
ALTER TABLE past.events ADD COLUMN killed INTEGER
;;
ALTER TABLE past.events ADD COLUMN injured INTEGER
;;
ALTER TABLE past.events ADD COLUMN arrested INTEGER
;;
ALTER TABLE corrections ADD COLUMN date_precision VARCHAR
;;
ALTER TABLE corrections ADD COLUMN province VARCHAR
;;
ALTER TABLE corrections ADD COLUMN place_country VARCHAR
;;
ALTER TABLE corrections ADD COLUMN latitude DOUBLE
;;
ALTER TABLE corrections ADD COLUMN longitude DOUBLE
;;
ALTER TABLE corrections ADD COLUMN geonameid INTEGER
;;
ALTER TABLE corrections ADD COLUMN place_resolution VARCHAR
;;
ALTER TABLE corrections ADD COLUMN place_told VARCHAR
;;
ALTER TABLE corrections ADD COLUMN evidence STRUCT("start" INTEGER, "end" INTEGER)[]
;;
ALTER TABLE corrections ADD COLUMN killed INTEGER
;;
ALTER TABLE corrections ADD COLUMN injured INTEGER
;;
ALTER TABLE corrections ADD COLUMN arrested INTEGER
;;
UPDATE main.events SET
    date_precision = more ->> '$.date_precision',
    province = more ->> '$.place.province',
    place_country = more ->> '$.place.country',
    latitude = (more ->> '$.place.latitude')::DOUBLE,
    longitude = (more ->> '$.place.longitude')::DOUBLE,
    geonameid = (more ->> '$.place.geonameid')::INTEGER,
    place_resolution = CASE WHEN place IS NOT NULL THEN coalesce(more ->> '$.place.resolution', 'none') END,
    place_told = CASE WHEN place IS NOT NULL THEN coalesce(more ->> '$.place.told', 'clause') END
WHERE more IS NOT NULL
;;
UPDATE main.events SET more = nullif(json_merge_patch(more, '{"place": null, "date_precision": null}'), '{}')
WHERE more IS NOT NULL
;;
UPDATE past.events SET
    date_precision = more ->> '$.date_precision',
    province = more ->> '$.place.province',
    place_country = more ->> '$.place.country',
    latitude = (more ->> '$.place.latitude')::DOUBLE,
    longitude = (more ->> '$.place.longitude')::DOUBLE,
    geonameid = (more ->> '$.place.geonameid')::INTEGER,
    place_resolution = CASE WHEN place IS NOT NULL THEN coalesce(more ->> '$.place.resolution', 'none') END,
    place_told = CASE WHEN place IS NOT NULL THEN coalesce(more ->> '$.place.told', 'clause') END
WHERE more IS NOT NULL
;;
UPDATE past.events SET more = nullif(json_merge_patch(more, '{"place": null, "date_precision": null}'), '{}')
WHERE more IS NOT NULL
;;
UPDATE corrections SET
    date_precision = more ->> '$.date_precision',
    province = more ->> '$.place.province',
    place_country = more ->> '$.place.country',
    latitude = (more ->> '$.place.latitude')::DOUBLE,
    longitude = (more ->> '$.place.longitude')::DOUBLE,
    geonameid = (more ->> '$.place.geonameid')::INTEGER,
    place_resolution = CASE WHEN place IS NOT NULL THEN coalesce(more ->> '$.place.resolution', 'none') END,
    place_told = CASE WHEN place IS NOT NULL THEN coalesce(more ->> '$.place.told', 'clause') END
WHERE more IS NOT NULL
;;
UPDATE corrections SET more = nullif(json_merge_patch(more, '{"place": null, "date_precision": null}'), '{}')
WHERE more IS NOT NULL
;;
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
    e.place, e.province, e.place_country, e.latitude, e.longitude, e.geonameid, e.date_precision,
    e.killed, e.injured, e.arrested, e.trigger_words, e.sentence_text, e.why, e.statement_id, e.sentence,
    e.article_id, articles.title, articles.published, articles.publisher, articles.url, e.run
FROM pairs e
JOIN articles ON articles.id = e.article_id
LEFT JOIN entities actor ON actor.article_id = e.article_id AND actor.id = e.actors[e.a]
LEFT JOIN entities recipient ON recipient.article_id = e.article_id AND recipient.id = e.recipients[e.r]
;;
CREATE TABLE statement_corrections AS
SELECT
    *,
    NULL::VARCHAR AS verdict,        -- right, wrong, changed
    NULL::VARCHAR AS coder,
    NULL::DATE AS coded_on,
    NULL::VARCHAR AS comment
FROM main.statements WHERE false
;;
CREATE OR REPLACE VIEW statements_now AS
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
CREATE OR REPLACE VIEW statements_flat AS
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
