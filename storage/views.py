"""By which names can the record be read from any tool?

The views are defined here and nowhere else. Moments are UTC text, days `YYYY-MM-DD`, lists JSON arrays; `id` is always
the identity of a document. Where `statement` is not NULL, the words of a change are packed in it (`lexwatch history`
reads them). They are made anew by every migration, and when their text has changed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping

VIEWS: Mapping[str, str] = {
    "v_documents": """
        SELECT identity AS id, url, revision, first_seen_at, known_from AS changed_at
        FROM document WHERE revision > 0
    """,
    "v_aliases": """
        SELECT d.identity AS id, a.position, a.scheme, a.value
        FROM alias a JOIN document d ON d.id = a.document
    """,
    "v_revisions": """
        SELECT d.identity AS id, r.number AS revision, r.known_from, r.source, r.reader, r.published_at
        FROM revision r JOIN document d ON d.id = r.document
    """,
    "v_headlines": """
        SELECT d.identity AS id, h.revision, h.title, h.introduced_on, h.law
        FROM headline h JOIN document d ON d.id = h.document
    """,
    "v_statements": """
        SELECT d.identity AS id, r.number AS revision, r.source, lower(hex(s.digest)) AS digest, s.body
        FROM revision r JOIN document d ON d.id = r.document JOIN statement s ON s.id = r.statement
    """,
    "v_statuses": """
        SELECT d.identity AS id, s.seq, s.status, s.status_on, s.text AS status_text,
               f.known_from, t.known_from AS known_to, s.from_revision, s.to_revision
        FROM status_interval s JOIN document d ON d.id = s.document
        JOIN revision f ON f.document = s.document AND f.number = s.from_revision
        LEFT JOIN revision t ON t.document = s.document AND t.number = s.to_revision
    """,
    "v_status": """
        SELECT d.identity AS id, h.title, d.url, s.status, s.status_on, s.text AS status_text, h.introduced_on,
               h.law, d.revision, d.first_seen_at, d.known_from AS changed_at
        FROM document d
        LEFT JOIN headline h ON h.document = d.id
             AND h.revision = (SELECT max(revision) FROM headline WHERE document = d.id)
        LEFT JOIN status_interval s ON s.document = d.id AND s.to_revision IS NULL
             AND s.seq = (SELECT max(seq) FROM status_interval WHERE document = d.id AND to_revision IS NULL)
        WHERE d.revision > 0
    """,
    "v_history": """
        SELECT c.document, c.position, d.identity || '@' || c.revision || ':' || c.kind || ':' || c.subject AS change,
               d.identity AS id, c.revision, c.kind, c.subject, c.said ->> 0 AS "before", c.said ->> 1 AS "after",
               c.said ->> 2 AS text, c.said ->> 3 AS happened_on, c.said ->> 4 AS evidence,
               coalesce(c.said ->> 5, r.known_from) AS seen_at, coalesce(c.said ->> 6, r.source) AS source,
               CASE WHEN c.said IS NULL THEN r.published_at ELSE c.said ->> 7 END AS published_at,
               c.corrects, s.body AS statement
        FROM change c
        JOIN document d ON d.id = c.document
        LEFT JOIN revision r ON c.said IS NULL AND r.document = c.document AND r.number = c.revision
        LEFT JOIN statement s ON s.id = r.statement
    """,
    "v_alerts": """
        SELECT y.seq AS number, y.id AS delivery,
               CASE WHEN y.tray IS NULL AND d.identity NOT LIKE '%/regime/%' THEN d.identity ELSE
                    (SELECT group_concat(identity, ' ') FROM (
                        SELECT d3.identity FROM delivery_alert m JOIN alert a ON a.seq = m.alert
                        JOIN document d3 ON d3.id = a.document
                        WHERE m.delivery = y.seq GROUP BY d3.id ORDER BY min(m.position))) END AS id,
               (SELECT json_group_array(id) FROM (
                    SELECT a.id FROM delivery_alert m JOIN alert a ON a.seq = m.alert
                    WHERE m.delivery = y.seq ORDER BY m.position)) AS alerts,
               (SELECT json_group_array(key) FROM (
                    SELECT d2.identity || '@' || c.revision || ':' || c.kind || ':' || c.subject AS key
                    FROM delivery_alert m JOIN alert_change n ON n.alert = m.alert
                    JOIN change c ON c.document = n.document AND c.revision = n.revision AND c.position = n.place
                    JOIN document d2 ON d2.id = c.document
                    WHERE m.delivery = y.seq ORDER BY m.position, n.position)) AS changes,
               (SELECT json_group_array(name) FROM (
                    SELECT w.value AS name
                    FROM delivery_alert m JOIN alert a ON a.seq = m.alert, json_each(a.watches) w
                    WHERE m.delivery = y.seq ORDER BY m.position, w.key)) AS watches,
               (SELECT group_concat(reason, char(10)) FROM (
                    SELECT a.reason FROM delivery_alert m JOIN alert a ON a.seq = m.alert
                    WHERE m.delivery = y.seq ORDER BY m.position)) AS reason,
               (SELECT c.corrects FROM delivery_alert m JOIN alert_change n ON n.alert = m.alert
                    JOIN change c ON c.document = n.document AND c.revision = n.revision AND c.position = n.place
                    WHERE m.delivery = y.seq AND c.corrects IS NOT NULL
                    ORDER BY m.position, n.position LIMIT 1) AS corrects,
               y.channel, y.recipient AS "to", y.state, y.attempts, y.created_at, y.due_at, y.sent_at,
               y.possible_repeat, y.subject, y.error
        FROM delivery y JOIN document d ON d.id = y.document
    """,
    "v_sources": """
        SELECT name AS source, state, last_good_at, last_poll_at, due_at AS next_poll_at, failures, error, requests,
               lag, cursor, told, changes, checks, failed, gaps
        FROM source
    """,
    "v_accounts": """
        SELECT channel, number, closed_at, counted FROM account
    """,
    "v_channels": """
        SELECT name AS channel, quiet, zone, urgent, failures, since, rests_until, error, told, changes, refused
        FROM channel
    """,
    "v_watches": """
        SELECT id AS number, name AS watch, document AS id, note, created_at, closed_at FROM watch
    """,
    "v_mutes": """
        SELECT kind, name, until, created_at FROM mute
    """,
    "v_scopes": """
        SELECT name AS scope, established_at FROM scope
    """,
    "v_imports": """
        SELECT lower(hex(digest)) AS digest, name FROM imported
    """,
    "v_evidence": """
        SELECT digest, url, fetched_at, content_type, etag, last_modified, body FROM evidence
    """,
}


def digest() -> str:
    """Return a name for the present text of all views: the database remembers which one it carries."""
    return hashlib.sha256("\n".join(creations()).encode()).hexdigest()[:16]


def creations() -> Iterator[str]:
    """Yield the statements that make every view."""
    for name, select in VIEWS.items():
        yield f"CREATE VIEW {name} AS {' '.join(select.split())}"
