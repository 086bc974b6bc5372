"""What was there at first?"""

import re

from alembic import op

revision = "0.2.0"
down_revision = None

STATEMENTS = (
    """
    CREATE TABLE account (channel VARCHAR NOT NULL, number INTEGER NOT NULL, closed_at VARCHAR NOT NULL, counted
        VARCHAR NOT NULL, PRIMARY KEY (channel)) WITHOUT ROWID
    """,
    """
    CREATE TABLE channel (name VARCHAR NOT NULL, failures INTEGER NOT NULL, since VARCHAR, rests_until VARCHAR,
        error VARCHAR, operator_knows BOOLEAN NOT NULL, changes INTEGER NOT NULL, refused BOOLEAN NOT NULL,
        PRIMARY KEY (name)) WITHOUT ROWID
    """,
    """
    CREATE TABLE document (id INTEGER NOT NULL, identity VARCHAR NOT NULL, revision INTEGER NOT NULL, url
        VARCHAR, first_seen_at VARCHAR, known_from VARCHAR, PRIMARY KEY (id), UNIQUE (identity))
    """,
    """
    CREATE TABLE evidence (id INTEGER NOT NULL, digest VARCHAR NOT NULL, url VARCHAR, fetched_at VARCHAR,
        content_type VARCHAR, etag VARCHAR, last_modified VARCHAR, body BLOB NOT NULL, PRIMARY KEY (id), UNIQUE
        (digest))
    """,
    """
    CREATE TABLE imported (digest VARCHAR NOT NULL, name VARCHAR NOT NULL, PRIMARY KEY (digest)) WITHOUT ROWID
    """,
    """
    CREATE TABLE meta (name VARCHAR NOT NULL, value VARCHAR NOT NULL, PRIMARY KEY (name)) WITHOUT ROWID
    """,
    """
    CREATE TABLE mute (kind VARCHAR NOT NULL, name VARCHAR NOT NULL, until VARCHAR NOT NULL, created_at VARCHAR
        NOT NULL, PRIMARY KEY (kind, name)) WITHOUT ROWID
    """,
    """
    CREATE TABLE scope (name VARCHAR NOT NULL, established_at VARCHAR NOT NULL, PRIMARY KEY (name)) WITHOUT
        ROWID
    """,
    """
    CREATE TABLE source (name VARCHAR NOT NULL, state VARCHAR NOT NULL, due_at VARCHAR, last_poll_at VARCHAR,
        last_good_at VARCHAR, failures INTEGER NOT NULL, error VARCHAR, cursor VARCHAR, requests INTEGER NOT
        NULL, lag FLOAT, operator_knows BOOLEAN NOT NULL, changes INTEGER NOT NULL, checks INTEGER NOT NULL,
        failed INTEGER NOT NULL, gaps VARCHAR, waiting VARCHAR, PRIMARY KEY (name)) WITHOUT ROWID
    """,
    """
    CREATE TABLE watch (id INTEGER NOT NULL, name VARCHAR NOT NULL, document VARCHAR, note VARCHAR, tags
        VARCHAR, priority VARCHAR, position VARCHAR, owner VARCHAR, address VARCHAR, created_at VARCHAR NOT NULL,
        closed_at VARCHAR, PRIMARY KEY (id))
    """,
    """
    CREATE INDEX watch_document ON watch (document)
    """,
    """
    CREATE INDEX source_due ON source (due_at)
    """,
    """
    CREATE TABLE worker (name VARCHAR NOT NULL, seen_at VARCHAR NOT NULL, configured_at VARCHAR NOT NULL,
        configuration VARCHAR NOT NULL, version VARCHAR NOT NULL, queues VARCHAR NOT NULL, PRIMARY KEY (name))
        WITHOUT ROWID
    """,
    """
    CREATE UNIQUE INDEX watch_open ON watch (name) WHERE closed_at IS NULL
    """,
    """
    CREATE TABLE alert (seq INTEGER NOT NULL, id VARCHAR NOT NULL, document INTEGER NOT NULL, revision INTEGER
        NOT NULL, channel VARCHAR NOT NULL, reasons VARCHAR NOT NULL, created_at VARCHAR NOT NULL, schedule
        VARCHAR, epoch VARCHAR NOT NULL, seal VARCHAR, PRIMARY KEY (seq), UNIQUE (id), FOREIGN KEY(document)
        REFERENCES document (id))
    """,
    """
    CREATE INDEX ix_alert_document ON alert (document)
    """,
    """
    CREATE TABLE alias (document INTEGER NOT NULL, position INTEGER NOT NULL, scheme VARCHAR NOT NULL, value
        VARCHAR NOT NULL, PRIMARY KEY (document, position), FOREIGN KEY(document) REFERENCES document (id))
        WITHOUT ROWID
    """,
    """
    CREATE INDEX alias_value ON alias (value, scheme)
    """,
    """
    CREATE TABLE entry_form (id INTEGER NOT NULL, facet VARCHAR NOT NULL, label VARCHAR NOT NULL, text VARCHAR NOT
        NULL, members VARCHAR NOT NULL, PRIMARY KEY (id), UNIQUE (facet, label, text, members))
    """,
    """
    CREATE TABLE entry (id INTEGER NOT NULL, document INTEGER NOT NULL, form INTEGER NOT NULL, subject VARCHAR
        NOT NULL, from_revision INTEGER NOT NULL, to_revision INTEGER, day VARCHAR, text VARCHAR, label VARCHAR,
        body VARCHAR, PRIMARY KEY (id), FOREIGN KEY(document) REFERENCES document (id), FOREIGN KEY(form)
        REFERENCES entry_form (id))
    """,
    """
    CREATE INDEX ix_entry_document ON entry (document)
    """,
    """
    CREATE TABLE change (document INTEGER NOT NULL, revision INTEGER NOT NULL, position INTEGER NOT NULL, kind
        VARCHAR NOT NULL, subject VARCHAR NOT NULL, "before" VARCHAR, "after" VARCHAR, text VARCHAR, entry INTEGER,
        happened_on VARCHAR, evidence VARCHAR, seen_at VARCHAR, source VARCHAR, published_at VARCHAR, corrects
        VARCHAR, PRIMARY KEY (document, revision, position), FOREIGN KEY(document) REFERENCES document (id),
        FOREIGN KEY(entry) REFERENCES entry (id)) WITHOUT ROWID
    """,
    """
    CREATE INDEX change_corrects ON change (corrects) WHERE corrects IS NOT NULL
    """,
    """
    CREATE TABLE delivery (seq INTEGER NOT NULL, id VARCHAR NOT NULL, document INTEGER NOT NULL, channel VARCHAR
        NOT NULL, recipient VARCHAR NOT NULL, state VARCHAR NOT NULL, attempts INTEGER NOT NULL, due_at VARCHAR
        NOT NULL, created_at VARCHAR NOT NULL, leased_until VARCHAR, sent_at VARCHAR, error VARCHAR, maybe_sent
        BOOLEAN NOT NULL, possible_repeat BOOLEAN NOT NULL, subject VARCHAR, body BLOB, content_type VARCHAR,
        counted_only VARCHAR, held_until VARCHAR, digest_key VARCHAR, not_before VARCHAR, seal VARCHAR, PRIMARY
        KEY (seq), UNIQUE (id), FOREIGN KEY(document) REFERENCES document (id))
    """,
    """
    CREATE INDEX delivery_document ON delivery (document, channel, recipient)
    """,
    """
    CREATE INDEX delivery_held ON delivery (due_at) WHERE state = 'held'
    """,
    """
    CREATE INDEX delivery_leased ON delivery (leased_until) WHERE leased_until IS NOT NULL
    """,
    """
    CREATE INDEX delivery_waiting ON delivery (channel, due_at) WHERE state IN ('pending', 'ambiguous')
    """,
    """
    CREATE TABLE facet (document INTEGER NOT NULL, name VARCHAR NOT NULL, revision INTEGER NOT NULL, owner
        VARCHAR NOT NULL, PRIMARY KEY (document, name, revision), FOREIGN KEY(document) REFERENCES document
        (id)) WITHOUT ROWID
    """,
    """
    CREATE TABLE headline (document INTEGER NOT NULL, revision INTEGER NOT NULL, title VARCHAR, introduced_on
        VARCHAR, law VARCHAR, doubt VARCHAR, PRIMARY KEY (document, revision), FOREIGN KEY(document) REFERENCES
        document (id)) WITHOUT ROWID
    """,
    """
    CREATE TABLE reread (document INTEGER NOT NULL, source VARCHAR NOT NULL, PRIMARY KEY (document, source),
        FOREIGN KEY(document) REFERENCES document (id)) WITHOUT ROWID
    """,
    """
    CREATE TABLE revision (document INTEGER NOT NULL, number INTEGER NOT NULL, known_from VARCHAR NOT NULL,
        source VARCHAR NOT NULL, reader VARCHAR NOT NULL, published_at VARCHAR, digest VARCHAR NOT NULL,
        evidence VARCHAR, other_evidence VARCHAR, context VARCHAR, baseline BOOLEAN NOT NULL, late BOOLEAN NOT
        NULL, PRIMARY KEY (document, number), FOREIGN KEY(document) REFERENCES document (id)) WITHOUT ROWID
    """,
    """
    CREATE TABLE search_match (watch VARCHAR NOT NULL, document INTEGER NOT NULL, words VARCHAR NOT NULL, since
        VARCHAR NOT NULL, baseline BOOLEAN NOT NULL, PRIMARY KEY (watch, document), FOREIGN KEY(document)
        REFERENCES document (id)) WITHOUT ROWID
    """,
    """
    CREATE INDEX search_match_document ON search_match (document)
    """,
    """
    CREATE TABLE status_interval (document INTEGER NOT NULL, from_revision INTEGER NOT NULL, seq INTEGER NOT
        NULL, status VARCHAR NOT NULL, status_on VARCHAR NOT NULL, text VARCHAR NOT NULL, to_revision INTEGER,
        PRIMARY KEY (document, from_revision, seq), FOREIGN KEY(document) REFERENCES document (id)) WITHOUT
        ROWID
    """,
    """
    CREATE TABLE alert_change (alert INTEGER NOT NULL, position INTEGER NOT NULL, document INTEGER NOT NULL,
        revision INTEGER NOT NULL, place INTEGER NOT NULL, PRIMARY KEY (alert, position), FOREIGN KEY(document,
        revision, place) REFERENCES change (document, revision, position), FOREIGN KEY(alert) REFERENCES alert
        (seq)) WITHOUT ROWID
    """,
    """
    CREATE INDEX alert_change_change ON alert_change (document, revision, place)
    """,
    """
    CREATE TABLE alert_watch (alert INTEGER NOT NULL, position INTEGER NOT NULL, name VARCHAR NOT NULL, PRIMARY
        KEY (alert, position), FOREIGN KEY(alert) REFERENCES alert (seq)) WITHOUT ROWID
    """,
    """
    CREATE TABLE delivery_alert (delivery INTEGER NOT NULL, position INTEGER NOT NULL, alert INTEGER NOT NULL,
        PRIMARY KEY (delivery, position), FOREIGN KEY(delivery) REFERENCES delivery (seq), FOREIGN KEY(alert)
        REFERENCES alert (seq)) WITHOUT ROWID
    """,
    """
    CREATE INDEX delivery_alert_alert ON delivery_alert (alert)
    """,
)
"""As SQLite has them."""


def upgrade() -> None:
    foreign = op.get_bind().dialect.name == "postgresql"
    for statement in STATEMENTS:
        op.execute(for_postgresql(statement) if foreign else statement)


def for_postgresql(statement: str) -> str:
    """Text sorts by code point; a row number counts by itself; numbers are 64 bits wide, as they are in SQLite."""
    statement = " ".join(statement.split())
    for ours, theirs in (
        (" WITHOUT ROWID", ""),
        ("VARCHAR", 'VARCHAR COLLATE "C"'),
        ("BLOB", "BYTEA"),
        ("FLOAT", "DOUBLE PRECISION"),
        ("INTEGER", "BIGINT"),
    ):
        statement = statement.replace(ours, theirs)
    numbered = re.search(r"PRIMARY KEY \((id|seq)\)", statement)
    return statement.replace(f"({numbered[1]} BIGINT", f"({numbered[1]} BIGSERIAL") if numbered else statement
