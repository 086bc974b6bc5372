"""By which names can the record be read from any tool?

The views are defined here and nowhere else, and are the same on SQLite and PostgreSQL. Moments are UTC text, days
`YYYY-MM-DD`, lists JSON arrays; `id` is always the identity of a document. They are made anew by every migration, and
when their text has changed. `docs/reference/database.md` describes them.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping

_SAID = (
    "CASE m.text WHEN '' THEN e.text WHEN 'own' THEN replace(e.text, '{label}', e.label) "
    "ELSE replace(m.text, '{label}', e.label) END"
)
_LABEL = "CASE m.label WHEN '' THEN e.label ELSE replace(m.label, '{text}', e.text) END"
_ENTRY = f"""
    '{{' || substr(
        CASE m.members WHEN '{{}}' THEN '' ELSE ',' || substr(m.members, 2, length(m.members) - 2) END
        || coalesce(',' || substr(e.body, 2, length(e.body) - 2), '')
        || coalesce(',"on":' || nullif(QUOTED(CASE WHEN TRUE THEN e.day END), 'null'), '')
        || coalesce(',"text":' || nullif(QUOTED({_SAID}), 'null'), '')
        || coalesce(',"label":' || nullif(QUOTED({_LABEL}), 'null'), ''), 2) || '}}'
"""
"""The words of an entry `e` of the form `m`, and the whole of it as JSON: `storage.records._whole` in SQL."""

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
        SELECT d.identity AS id, r.number AS revision, r.known_from, r.source, r.reader, r.published_at, r.digest,
               r.evidence, r.other_evidence, r.context, r.baseline, r.late
        FROM revision r JOIN document d ON d.id = r.document
    """,
    "v_entries": f"""
        SELECT d.identity AS id, m.facet, e.subject, {_ENTRY} AS entry, e.from_revision, e.to_revision,
               e.day AS "on", {_SAID} AS text, {_LABEL} AS label
        FROM entry e JOIN entry_form m ON m.id = e.form JOIN document d ON d.id = e.document
    """,
    "v_facets": f"""
        SELECT d.identity AS id, r.number AS revision, f.name AS facet, f.owner,
               (SELECT OBJECT_OF(subject, entry) FROM (
                    SELECT e.subject, {_ENTRY} AS entry FROM entry e JOIN entry_form m ON m.id = e.form
                    WHERE e.document = f.document AND m.facet = f.name AND e.from_revision <= r.number
                      AND (e.to_revision IS NULL OR e.to_revision > r.number)) AS standing) AS body
        FROM revision r
        JOIN document d ON d.id = r.document
        JOIN facet f ON f.document = r.document AND f.revision = (
            SELECT max(revision) FROM facet g
            WHERE g.document = f.document AND g.name = f.name AND g.revision <= r.number)
    """,
    "v_headlines": """
        SELECT d.identity AS id, h.revision, h.title, h.introduced_on, h.law, h.doubt
        FROM headline h JOIN document d ON d.id = h.document
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
               h.law, d.revision, d.first_seen_at, d.known_from AS changed_at, h.doubt
        FROM document d
        LEFT JOIN headline h ON h.document = d.id
             AND h.revision = (SELECT max(revision) FROM headline WHERE document = d.id)
        LEFT JOIN status_interval s ON s.document = d.id AND s.to_revision IS NULL
             AND s.seq = (SELECT max(seq) FROM status_interval WHERE document = d.id AND to_revision IS NULL)
        WHERE d.revision > 0
    """,
    "v_history": f"""
        SELECT d.identity || '@' || c.revision || ':' || c.kind || ':' || c.subject AS change,
               d.identity AS id, c.document, c.revision, c.position, c.kind, c.subject, c.before,
               coalesce(c.after, nullif({_LABEL}, ''), {_SAID}) AS after, coalesce(c.text, {_SAID}) AS text,
               coalesce(c.happened_on, e.day) AS happened_on,
               CASE WHEN c.source IS NULL THEN r.evidence ELSE c.evidence END AS evidence,
               coalesce(c.seen_at, r.known_from) AS seen_at,
               coalesce(c.source, r.source) AS source,
               CASE WHEN c.source IS NULL THEN r.published_at ELSE c.published_at END AS published_at, c.corrects
        FROM change c
        JOIN document d ON d.id = c.document
        LEFT JOIN revision r ON c.source IS NULL AND r.document = c.document AND r.number = c.revision
        LEFT JOIN entry e ON e.id = c.entry LEFT JOIN entry_form m ON m.id = e.form
    """,
    "v_alerts": """
        SELECT y.seq AS number, y.id AS delivery,
               CASE WHEN y.digest_key IS NULL AND d.identity NOT LIKE '%/regime/%' THEN d.identity ELSE
                    (SELECT JOINED(identity) FROM (
                        SELECT d3.identity FROM delivery_alert m JOIN alert a ON a.seq = m.alert
                        JOIN document d3 ON d3.id = a.document
                        WHERE m.delivery = y.seq GROUP BY d3.id, d3.identity ORDER BY min(m.position)) AS named)
                    END AS id,
               (SELECT LIST_OF(id) FROM (
                    SELECT a.id FROM delivery_alert m JOIN alert a ON a.seq = m.alert
                    WHERE m.delivery = y.seq ORDER BY m.position) AS carried) AS alerts,
               (SELECT LIST_OF(key) FROM (
                    SELECT d2.identity || '@' || c.revision || ':' || c.kind || ':' || c.subject AS key
                    FROM delivery_alert m JOIN alert_change n ON n.alert = m.alert
                    JOIN change c ON c.document = n.document AND c.revision = n.revision AND c.position = n.place
                    JOIN document d2 ON d2.id = c.document
                    WHERE m.delivery = y.seq ORDER BY m.position, n.position) AS changed) AS changes,
               (SELECT LIST_OF(name) FROM (
                    SELECT w.name FROM delivery_alert m JOIN alert_watch w ON w.alert = m.alert
                    WHERE m.delivery = y.seq ORDER BY m.position, w.position) AS asking) AS watches,
               (SELECT LIST_OF(reasons) FROM (
                    SELECT a.reasons FROM delivery_alert m JOIN alert a ON a.seq = m.alert
                    WHERE m.delivery = y.seq ORDER BY m.position) AS because) AS reasons,
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
               lag, cursor, operator_knows, changes, checks, failed, gaps, waiting
        FROM source
    """,
    "v_coverage_reports": """
        SELECT channel, number, closed_at, counted FROM account
    """,
    "v_channels": """
        SELECT name AS channel, failures, since, rests_until, error, operator_knows, changes, refused FROM channel
    """,
    "v_watches": """
        SELECT id AS number, name AS watch, document AS id, note, tags, priority, position, owner, address, created_at,
               closed_at
        FROM watch
    """,
    "v_found": """
        SELECT m.watch, d.identity AS id, m.words, m.since, m.baseline
        FROM search_match m JOIN document d ON d.id = m.document
    """,
    "v_mutes": """
        SELECT kind, name, until, created_at FROM mute
    """,
    "v_scopes": """
        SELECT name AS scope, established_at FROM scope
    """,
    "v_imports": """
        SELECT digest, name FROM imported
    """,
    "v_evidence": """
        SELECT digest, url, fetched_at, content_type, etag, last_modified, body FROM evidence
    """,
}

_FORMS = {
    "sqlite": (
        (r"OBJECT_OF\(([\w.]+), ([\w.]+)\)", r"json_group_object(\1, json(\2))"),
        (r"QUOTED\((.+?END)\)", r"json_quote(\1)"),
        (r"LIST_OF\((\w+)\)", r"json_group_array(\1)"),
        (r"JOINED\((\w+)\)", r"group_concat(\1, ' ')"),
    ),
    "postgresql": (
        (r"OBJECT_OF\(([\w.]+), ([\w.]+)\)", r"CAST(coalesce(json_object_agg(\1, CAST(\2 AS json)), '{}') AS text)"),
        (r"QUOTED\((.+?END)\)", r"CAST(to_json(\1) AS text)"),
        (r"LIST_OF\((\w+)\)", r"CAST(coalesce(json_agg(\1), '[]') AS text)"),
        (r"JOINED\((\w+)\)", r"string_agg(\1, ' ')"),
    ),
}
"""What the two databases call the same: gathering rows into a JSON object, a JSON array, or words."""


def digest() -> str:
    """Return a name for the present text of all views: the database remembers which one it carries."""
    return hashlib.sha256(repr((VIEWS, _FORMS)).encode()).hexdigest()[:16]


def creations(dialect: str) -> Iterator[str]:
    """Yield the statements that make every view, for `sqlite` or `postgresql`."""
    for name, select in VIEWS.items():
        written = " ".join(select.split())
        for macro, form in _FORMS[dialect]:
            written = re.sub(macro, form, written)
        yield f"CREATE VIEW {name} AS {written}"
