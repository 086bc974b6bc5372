"""How a database is made, brought up to date, and copied."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine
from sqlalchemy.schema import CreateIndex, CreateTable

from domain.errors import SchemaMismatch, StoreError
from domain.ports import Store
from storage import migrate, views
from storage.location import SCHEMA_VERSIONS, Location, NoRecord, demand_current, is_current, locate
from storage.migrate import backup
from storage.reader import open_reader
from storage.store import DatabaseStore, engine_for, open_store
from storage.tables import StoredRow
from tests.helpers.record_builders import BILL, INTRODUCED, NOW, after, alert, first, titled
from tests.helpers.stores import PostgreSQL
from tests.helpers.unprivileged import without_write_permission


@contextmanager
def connected(path: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        yield connection
    finally:
        connection.close()


def filled(store: Store) -> None:
    with store.begin() as tx:
        tx.save(first(timeline=(INTRODUCED,)))
        tx.save(after(first(timeline=(INTRODUCED,)).record, titled("B")))
        tx.enqueue(alert(), ["a"], NOW)


def scripts() -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", str(Path(migrate.__file__).with_name("migrations")))
    config.set_main_option("path_separator", "os")
    return ScriptDirectory.from_config(config)


def test_the_known_schemas_are_the_migrations() -> None:
    found = [script.revision for script in scripts().walk_revisions()]
    assert tuple(reversed(found)) == SCHEMA_VERSIONS


def test_migrations_end_at_the_tables_as_declared(sqlite: DatabaseStore, path: Path) -> None:
    dialect = create_engine("sqlite://").dialect
    declared = {}
    for table in StoredRow.metadata.sorted_tables:
        declared[table.name] = str(CreateTable(table).compile(dialect=dialect))
        declared |= {str(i.name): str(CreateIndex(i).compile(dialect=dialect)) for i in table.indexes}
    with connected(path) as connection:
        made = connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE type IN ('table', 'index') AND sql IS NOT NULL "
            "AND name <> 'alembic_version'"
        ).fetchall()
    assert {n: "".join(sql.split()) for n, sql in made} == {n: "".join(sql.split()) for n, sql in declared.items()}


def test_migrations_end_at_the_tables_as_declared_on_postgresql(postgresql_url: str) -> None:
    engine = engine_for(locate(postgresql_url), pooled=False)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, StoredRow.metadata) == []


def test_an_empty_database_of_a_server_becomes_a_record(postgresql: PostgreSQL) -> None:
    url = postgresql.new_database()
    with pytest.raises(NoRecord), open_reader(url):
        pass
    store = open_store(url, rehearsal=False, now=NOW)
    filled(store)
    store.close()
    with open_reader(url) as reader:
        assert [(s.title, s.status) for s in reader.status_rows()] == [("B", "INTRODUCED")]
    postgresql.drop(url)


def test_every_view_can_be_read(sqlite: DatabaseStore, path: Path) -> None:
    filled(sqlite)
    with connected(path) as connection:
        rows = {name: connection.execute(f"SELECT * FROM {name}").fetchall() for name in views.VIEWS}
    assert {name for name, found in rows.items() if found} >= {"v_status", "v_history", "v_alerts", "v_facets"}


def test_opening_again_changes_nothing(path: Path) -> None:
    open_store(path, rehearsal=False, now=NOW).close()
    before = path.read_bytes()
    open_store(path, rehearsal=False, now=NOW).close()
    assert path.read_bytes() == before
    assert [found.name for found in path.parent.iterdir()] == [path.name]


def test_other_views_are_made_anew(sqlite: DatabaseStore, path: Path) -> None:
    filled(sqlite)
    sqlite.close()
    with connected(path) as connection:
        connection.execute("DROP VIEW v_status")
        connection.execute("UPDATE meta SET value = 'older' WHERE name = 'views'")
    open_store(path, rehearsal=False, now=NOW).close()
    with connected(path) as connection:
        names = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'view'")}
    assert names == set(views.VIEWS)
    with open_reader(path) as reader:
        assert reader.status_rows()[0].title == "B"


class Cut(Exception):
    """The end of the process, for a test."""


@pytest.mark.parametrize("point", ["store.before_migrate", "store.before_migrate_commit"])
def test_a_migration_cut_off_leaves_nothing(path: Path, point: str) -> None:
    def trace(name: str) -> None:
        if name == point:
            raise Cut

    with pytest.raises(Cut):
        open_store(path, rehearsal=False, now=NOW, trace=trace)
    with connected(path) as connection:
        assert connection.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)
    open_store(path, rehearsal=True, now=NOW).close()


def test_an_older_schema_is_copied_and_brought_up_to_date(sqlite: DatabaseStore, path: Path) -> None:
    """The step is constructed: this is the first schema. What is held is the order of things, not the step."""
    filled(sqlite)
    sqlite.close()
    with connected(path) as connection:
        before = rows_of(connection)
        connection.execute("UPDATE alembic_version SET version_num = '0000'")
    with pytest.raises(SchemaMismatch), open_reader(path):
        pass
    location = Location(path)
    migrate.prepare(
        engine_for(location, foreign_keys=False, pooled=False),
        location,
        rehearsal=False,
        now=NOW,
        trace=lambda _: None,
        versions=("0000", *SCHEMA_VERSIONS),
        scripts=_scripts_with_a_step_before(path.parent),
    )
    with connected(path) as connection:
        assert rows_of(connection) == before
    (copy,) = [found for found in path.parent.iterdir() if found.suffix == ".backup"]
    assert copy.name == "lexwatch.db.schema-0000-20260106T100000Z.backup"
    with connected(copy) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchone() == ("0000",)
    open_store(path, rehearsal=False, now=NOW).close()


def test_reading_an_older_schema_says_what_to_do() -> None:
    versions = ("0000", *SCHEMA_VERSIONS)
    assert not is_current("lexwatch.db", "0000", versions)
    with pytest.raises(SchemaMismatch, match="start the service once"):
        demand_current("lexwatch.db", "0000", versions)


def rows_of(connection: sqlite3.Connection) -> list[str]:
    lines = (line for line in connection.iterdump() if line.startswith(("INSERT", "CREATE VIEW")))
    return sorted(line for line in lines if "alembic_version" not in line)


def _scripts_with_a_step_before(folder: Path) -> Path:
    """Write migrations that rebuild a table with children under a view: what is known to lose rows if done wrong."""
    made = folder / "migrations"
    (made / "versions").mkdir(parents=True)
    real = Path(migrate.__file__).with_name("migrations")
    (made / "env.py").write_text((real / "env.py").read_text())
    (made / "versions" / "v0000_before.py").write_text('revision = "0000"\ndown_revision = None\n')
    (made / "versions" / "v0_2_0_rebuild.py").write_text(
        "from alembic import op\n"
        "import sqlalchemy as sa\n"
        'revision = "0.2.0"\n'
        'down_revision = "0000"\n'
        "def upgrade():\n"
        '    with op.batch_alter_table("document", recreate="always") as batch:\n'
        '        batch.alter_column("identity", existing_type=sa.VARCHAR(), nullable=False)\n'
    )
    return made


# --- copies -------------------------------------------------------------------------------------------------------


def test_a_backup_is_the_record_in_one_file(sqlite: DatabaseStore, path: Path, open_folder: Path) -> None:
    filled(sqlite)
    copy = open_folder / "copy.db"
    with sqlite.begin() as tx:
        tx.save(after(after(first().record, titled("B")).record, titled("not committed yet")))
        backup(path, copy)
    assert [found.name for found in open_folder.iterdir()] == ["copy.db"]
    with open_reader(copy) as reader:
        assert [(s.title, s.status) for s in reader.status_rows()] == [("B", "INTRODUCED")]
    again = open_store(copy, rehearsal=False, now=NOW + timedelta(days=1))
    with again.read() as view:
        record = view.record(BILL)
    again.close()
    assert record is not None
    assert record.title == "B"


def test_a_backup_overwrites_nothing(sqlite: DatabaseStore, path: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    copy.write_text("precious")
    with pytest.raises(StoreError, match="never overwrites"):
        backup(path, copy)
    assert copy.read_text() == "precious"
    with pytest.raises(StoreError, match="never overwrites"):
        backup(path, path)


def test_a_backup_needs_a_source_and_a_place(sqlite: DatabaseStore, path: Path, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no database to copy"):
        backup(tmp_path / "none.db", tmp_path / "copy.db")
    with pytest.raises(StoreError, match="folder must exist"):
        backup(path, tmp_path / "none" / "copy.db")
    (tmp_path / "letter.db").write_bytes(b"no database at all\n" * 200)
    with pytest.raises(StoreError, match="not an SQLite database"):
        backup(tmp_path / "letter.db", tmp_path / "copy.db")
    assert not (tmp_path / "copy.db").exists()


def test_a_read_only_folder_takes_no_backup(sqlite: DatabaseStore, open_folder: Path, tmp_path: Path) -> None:
    source = open_folder.parent / f"{open_folder.name}.db"
    try:
        open_store(source, rehearsal=False, now=NOW).close()
        source.chmod(0o644)

        def ask() -> int:
            with pytest.raises(StoreError):
                backup(source, open_folder / "copy.db")
            return 7

        assert without_write_permission(ask, open_folder) == 7
        assert list(open_folder.iterdir()) == []
    finally:
        source.unlink()


def test_a_server_has_tools_of_its_own_for_backups(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="pg_dump") as refusal:
        backup("postgresql://user:secret@localhost/lexwatch", tmp_path / "copy.db")
    assert "secret" not in str(refusal.value)


def test_every_view_and_column_is_documented(sqlite: DatabaseStore, path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "reference" / "database.md").read_text(encoding="utf-8")
    with connected(path) as connection:
        for name in views.VIEWS:
            (row,) = (line for line in page.splitlines() if line.startswith(f"| `{name}` |"))
            columns = [column[0] for column in connection.execute(f"SELECT * FROM {name}").description]
            assert [f"`{column}`" for column in columns] == row.split(" | ")[2].removesuffix(" |").split(", ")
