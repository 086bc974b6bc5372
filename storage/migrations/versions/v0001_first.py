"""What was there at first?"""

from alembic import op

revision = "0001"
down_revision = None

STATEMENTS = (
    """
    CREATE TABLE account (
        channel VARCHAR NOT NULL,
        number INTEGER NOT NULL,
        closed_at VARCHAR NOT NULL,
        counted VARCHAR NOT NULL,
        PRIMARY KEY (channel)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE channel (
        name VARCHAR NOT NULL,
        quiet VARCHAR,
        zone VARCHAR,
        urgent VARCHAR,
        failures INTEGER DEFAULT 0 NOT NULL,
        since VARCHAR,
        rests_until VARCHAR,
        error VARCHAR,
        told BOOLEAN DEFAULT 0 NOT NULL,
        changes INTEGER DEFAULT 0 NOT NULL,
        refused BOOLEAN DEFAULT 0 NOT NULL,
        PRIMARY KEY (name)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE document (
        id INTEGER NOT NULL,
        identity VARCHAR NOT NULL,
        revision INTEGER NOT NULL,
        url VARCHAR,
        first_seen_at VARCHAR,
        known_from VARCHAR,
        PRIMARY KEY (id),
        UNIQUE (identity)
    )
    """,
    """
    CREATE TABLE evidence (
        id INTEGER NOT NULL,
        digest VARCHAR NOT NULL,
        url VARCHAR,
        fetched_at VARCHAR,
        content_type VARCHAR,
        etag VARCHAR,
        last_modified VARCHAR,
        body BLOB,
        PRIMARY KEY (id),
        UNIQUE (digest)
    )
    """,
    """
    CREATE TABLE imported (
        digest BLOB NOT NULL,
        name VARCHAR NOT NULL,
        PRIMARY KEY (digest)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE meta (
        name VARCHAR NOT NULL,
        value VARCHAR NOT NULL,
        PRIMARY KEY (name)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE mute (
        kind VARCHAR NOT NULL,
        name VARCHAR NOT NULL,
        until VARCHAR NOT NULL,
        created_at VARCHAR NOT NULL,
        PRIMARY KEY (kind, name)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE scope (
        name VARCHAR NOT NULL,
        established_at VARCHAR NOT NULL,
        PRIMARY KEY (name)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE source (
        name VARCHAR NOT NULL,
        state VARCHAR NOT NULL,
        due_at VARCHAR,
        last_poll_at VARCHAR,
        last_good_at VARCHAR,
        failures INTEGER NOT NULL,
        error VARCHAR,
        cursor VARCHAR,
        requests INTEGER NOT NULL,
        lag FLOAT,
        told BOOLEAN NOT NULL,
        changes INTEGER NOT NULL,
        checks INTEGER DEFAULT 0 NOT NULL,
        failed INTEGER DEFAULT 0 NOT NULL,
        gaps VARCHAR,
        PRIMARY KEY (name)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE statement (
        id INTEGER NOT NULL,
        digest BLOB NOT NULL,
        body BLOB NOT NULL,
        PRIMARY KEY (id)
    )
    """,
    """
    CREATE TABLE watch (
        id INTEGER NOT NULL,
        name VARCHAR NOT NULL,
        document VARCHAR,
        note VARCHAR,
        created_at VARCHAR NOT NULL,
        closed_at VARCHAR,
        PRIMARY KEY (id)
    )
    """,
    """CREATE INDEX watch_document ON watch (document)""",
    """CREATE UNIQUE INDEX watch_open ON watch (name) WHERE closed_at IS NULL""",
    """
    CREATE TABLE alert (
        seq INTEGER NOT NULL,
        id VARCHAR NOT NULL,
        document INTEGER NOT NULL,
        revision INTEGER NOT NULL,
        channel VARCHAR NOT NULL,
        watches VARCHAR NOT NULL,
        reason VARCHAR NOT NULL,
        created_at VARCHAR NOT NULL,
        rhythm VARCHAR,
        seal VARCHAR,
        PRIMARY KEY (seq),
        UNIQUE (id),
        FOREIGN KEY(document) REFERENCES document (id)
    )
    """,
    """CREATE INDEX ix_alert_document ON alert (document)""",
    """
    CREATE TABLE alias (
        document INTEGER NOT NULL,
        position INTEGER NOT NULL,
        scheme VARCHAR NOT NULL,
        value VARCHAR NOT NULL,
        PRIMARY KEY (document, position),
        FOREIGN KEY(document) REFERENCES document (id)
    ) WITHOUT ROWID
    """,
    """CREATE INDEX alias_value ON alias (value, scheme)""",
    """
    CREATE TABLE change (
        document INTEGER NOT NULL,
        revision INTEGER NOT NULL,
        position INTEGER NOT NULL,
        kind VARCHAR NOT NULL,
        subject VARCHAR NOT NULL,
        said VARCHAR,
        corrects VARCHAR,
        PRIMARY KEY (document, revision, position),
        FOREIGN KEY(document) REFERENCES document (id)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE delivery (
        seq INTEGER NOT NULL,
        id VARCHAR NOT NULL,
        document INTEGER NOT NULL,
        channel VARCHAR NOT NULL,
        recipient VARCHAR NOT NULL,
        state VARCHAR NOT NULL,
        attempts INTEGER NOT NULL,
        due_at VARCHAR NOT NULL,
        created_at VARCHAR NOT NULL,
        leased_until VARCHAR,
        sent_at VARCHAR,
        error VARCHAR,
        maybe_sent BOOLEAN NOT NULL,
        possible_repeat BOOLEAN NOT NULL,
        subject VARCHAR,
        body BLOB,
        content_type VARCHAR,
        held_until VARCHAR,
        tray VARCHAR,
        not_before VARCHAR,
        seal VARCHAR,
        PRIMARY KEY (seq),
        UNIQUE (id),
        FOREIGN KEY(document) REFERENCES document (id)
    )
    """,
    """CREATE INDEX delivery_document ON delivery (document, channel, recipient)""",
    """CREATE INDEX delivery_held ON delivery (due_at) WHERE state = 'held'""",
    """CREATE INDEX delivery_leased ON delivery (leased_until) WHERE leased_until IS NOT NULL""",
    """CREATE INDEX delivery_waiting ON delivery (channel, due_at) WHERE state IN ('pending', 'ambiguous')""",
    """
    CREATE TABLE headline (
        document INTEGER NOT NULL,
        revision INTEGER NOT NULL,
        title VARCHAR,
        introduced_on VARCHAR,
        law VARCHAR,
        PRIMARY KEY (document, revision),
        FOREIGN KEY(document) REFERENCES document (id)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE revision (
        document INTEGER NOT NULL,
        number INTEGER NOT NULL,
        known_from VARCHAR NOT NULL,
        source VARCHAR NOT NULL,
        reader VARCHAR NOT NULL,
        published_at VARCHAR,
        statement INTEGER NOT NULL,
        PRIMARY KEY (document, number),
        FOREIGN KEY(document) REFERENCES document (id),
        FOREIGN KEY(statement) REFERENCES statement (id)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE status_interval (
        document INTEGER NOT NULL,
        from_revision INTEGER NOT NULL,
        seq INTEGER NOT NULL,
        status VARCHAR NOT NULL,
        status_on VARCHAR NOT NULL,
        text VARCHAR NOT NULL,
        to_revision INTEGER,
        PRIMARY KEY (document, from_revision, seq),
        FOREIGN KEY(document) REFERENCES document (id)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE alert_change (
        alert INTEGER NOT NULL,
        position INTEGER NOT NULL,
        document INTEGER NOT NULL,
        revision INTEGER NOT NULL,
        place INTEGER NOT NULL,
        PRIMARY KEY (alert, position),
        FOREIGN KEY(document, revision, place) REFERENCES change (document, revision, position),
        FOREIGN KEY(alert) REFERENCES alert (seq)
    ) WITHOUT ROWID
    """,
    """CREATE INDEX alert_change_change ON alert_change (document, revision, place)""",
    """
    CREATE TABLE delivery_alert (
        delivery INTEGER NOT NULL,
        position INTEGER NOT NULL,
        alert INTEGER NOT NULL,
        PRIMARY KEY (delivery, position),
        FOREIGN KEY(delivery) REFERENCES delivery (seq),
        FOREIGN KEY(alert) REFERENCES alert (seq)
    ) WITHOUT ROWID
    """,
    """CREATE INDEX delivery_alert_alert ON delivery_alert (alert)""",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    raise RuntimeError("there is nothing before the first schema: restore the backup instead")
