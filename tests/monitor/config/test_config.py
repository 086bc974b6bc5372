"""A configuration either means something definite or every fault in it is named on a line of its own."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.alerts.routing import Route, Watch
from domain.documents import DocumentId
from domain.errors import ConfigError
from domain.jurisdictions.us.names import us_bill
from domain.names import resolve
from domain.options import duration
from domain.records.facets import DEFAULT_KINDS, Kind
from monitor.config.loader import MAX_CONFIG_BYTES, SHIPPED_CONFIG, find_config, load_config
from monitor.config.schema import ConfigErrors, ParseContext
from monitor.config.settings import Settings, WatchSettings
from monitor.config.watch_tables import pin_watches
from tests.crash.fixture import curfew_file
from tests.monitor.config.config_files import CANARY, CHANNEL, EMAIL, NOW, SERVER, config_errors_of, read

TOP = Path(__file__).parents[3] / "config.toml"

WHOLE = """
[service]
database  = "record/lexwatch.db"
timezone  = "Europe/Kyiv"
contact   = "desk@example.org"
operator  = ["desk"]
heartbeat = { env = "HEARTBEAT_URL" }

[http]
allow_hosts = ["127.0.0.1", "Mail.Internal."]

[source.congress]
every    = "5s"
base_url = "http://127.0.0.1:8080/v3/"
api_key  = { env = "CONGRESS_API_KEY" }

[source.govinfo]
base_url = "https://www.govinfo.gov"

[source.rada]
every    = "30m"
base_url = "https://data.rada.gov.ua"

[[watch]]
bill = "us/bill/119/hr/6508"
note = "US withdrawal from NATO"

[[watch]]
regime = "ua/regime/martial-law"

[[watch]]
feed  = "https://www.whitehouse.gov/presidential-actions/feed/"
name  = "White House actions"
words = ["NATO", "North Atlantic"]

[[channel]]
name   = "desk"
kind   = "email"
to     = ["desk@example.org", "second@example.org"]
sender = "lexwatch@example.org"
server = "smtp://mail.internal:25"
password = { file = "smtp-password" }

[[channel]]
name    = "policy-room"
kind    = "slack"
webhook = { env = "SLACK_WEBHOOK_URL" }

[[channel]]
name    = "hook"
kind    = "webhook"
webhook = { env = "SLACK_WEBHOOK_URL" }
secret  = { env = "WEBHOOK_SECRET" }

[[route]]
watch    = ["*"]
kinds    = ["status", "text"]
channels = ["desk", "policy-room"]
"""

ENV = {
    "HEARTBEAT_URL": "https://beat.example.org/1",
    "CONGRESS_API_KEY": CANARY,
    "SLACK_WEBHOOK_URL": f"https://hooks.example.org/{CANARY}",
    "WEBHOOK_SECRET": "whsec_" + "QUJD" * 8,
}


def test_the_whole_configuration_of_the_contract_is_understood(tmp_path: Path) -> None:
    (tmp_path / "smtp-password").write_text("s3cret\n")
    (tmp_path / "smtp-password").chmod(0o600)
    found = read(tmp_path, WHOLE, ENV)
    assert found.path == tmp_path / "config.toml"
    assert found.database == str(tmp_path / "record" / "lexwatch.db")
    assert (found.timezone, found.contact, found.operator) == ("Europe/Kyiv", "desk@example.org", ("desk",))
    assert found.allow_hosts == ("127.0.0.1", "mail.internal")
    congress = found.sources["congress"]
    assert (congress.every, congress.base_url) == (timedelta(seconds=5), "http://127.0.0.1:8080/v3")
    assert found.sources["rada"].every == timedelta(minutes=30)
    assert [watch.name for watch in found.watches] == [
        "us/bill/119/hr/6508",
        "ua/regime/martial-law",
        "White House actions",
    ]
    assert found.watches[0].document == us_bill(119, "hr", 6508)
    assert found.watches[0].note == "US withdrawal from NATO"
    assert found.watches[2].words == ("NATO", "North Atlantic")
    desk = found.channels[0]
    assert desk.to == ("desk@example.org", "second@example.org")
    assert desk.options.password is not None
    assert desk.options.password.reveal() == "s3cret"
    assert found.routes == (
        Route(watches=("*",), kinds=frozenset({Kind.STATUS, Kind.TEXT}), channels=("desk", "policy-room")),
    )
    assert CANARY not in repr(found)
    assert {secret.reveal() for secret in found.secrets()} == {*ENV.values(), "s3cret"}


def test_a_search_is_a_watch_on_a_congress(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        """
[source.congress]
whole = true

[[watch]]
search = 'NATO  AND "North Atlantic"'

[[watch]]
search = "budget"
congress = 118
in = ["subject", "title"]
name = "money"
note = "constructed"
""",
        ENV,
    )
    assert found.sources["congress"].options.whole
    first, second = found.watches
    assert (first.name, str(first.document), first.assumed) == ('NATO AND "North Atlantic"', "us/bill/119", True)
    assert (second.name, str(second.document), second.assumed) == ("money", "us/bill/118", False)
    assert second.search is not None
    assert second.search.places == ("title", "subject")


def test_what_this_version_cannot_do_yet_is_a_warning(tmp_path: Path) -> None:
    (tmp_path / "smtp-password").write_text("s3cret")
    (tmp_path / "smtp-password").chmod(0o600)
    warnings = read(tmp_path, WHOLE, ENV).warnings
    assert all("this version does not" in warning for warning in warnings)


def test_a_watch_that_nothing_reads_is_a_warning(tmp_path: Path) -> None:
    warnings = read(tmp_path, '[[watch]]\nregime = "ua/regime/martial-law"\n', ENV).warnings
    assert any("there is no [source.rada]" in warning for warning in warnings)


@pytest.mark.parametrize(
    ("section", "warned"),
    [("", True), ("[source.congress]", False), ("[source.govinfo]", False), ("[source.rada]", True)],
)
def test_either_source_of_bills_reads_a_bill(tmp_path: Path, section: str, warned: bool) -> None:
    warnings = read(tmp_path, f'{section}\n[[watch]]\nbill = "us/bill/119/hr/6508"\n', ENV).warnings
    said = 'nothing reads "us/bill/119/hr/6508": there is no [source.congress] or [source.govinfo]'
    assert any(said in warning for warning in warnings) == warned


def test_a_regime_nobody_knows_is_a_fault_that_names_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as raised:
        read(tmp_path, '[[watch]]\nregime = "ua/regime/curfew"\n', ENV)
    assert "ua/regime/martial-law" in str(raised.value)


def test_the_shipped_default_equals_the_file_at_the_top_and_works() -> None:
    assert TOP.read_bytes() == SHIPPED_CONFIG.read_bytes()
    found = load_config(SHIPPED_CONFIG, now=NOW, env={"HOME": "/home/reader"}, shipped=True)
    assert [str(watch.document) for watch in found.watches] == ["us/bill/119/hr/6508", "ua/regime/martial-law"]
    assert [channel.kind for channel in found.channels] == ["console"]
    assert found.database == "/home/reader/.local/state/lexwatch/lexwatch.db"
    assert found.sources["congress"].options.api_key is not None
    assert found.sources["congress"].options.api_key.reveal() == "DEMO_KEY"
    assert [w for w in found.warnings if "CONGRESS_API_KEY is not set" in w]


def test_the_commented_examples_of_the_default_are_right(tmp_path: Path) -> None:
    lines = TOP.read_text().splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith("# [[channel]]"))
    examples = [line[2:] for line in lines[start:] if line.startswith("# ") and line[2:3] in "[abcdefghijklmnopqrstuvw"]
    live = [line for line in examples if line.startswith("[") or "=" in line]
    env = {"SMTP_PASSWORD": "x", "SLACK_WEBHOOK_URL": "https://hooks.example.org/x", "CONGRESS_API_KEY": "k"}
    found = read(tmp_path, "\n".join([*lines[:start], *live]), env)
    assert [channel.kind for channel in found.channels] == ["console", "email", "slack"]
    assert found.routes[0].kinds == DEFAULT_KINDS
    assert not found.warnings


def test_a_file_that_is_too_large_is_refused_quickly(tmp_path: Path) -> None:
    assert config_errors_of(tmp_path, b"#" * (MAX_CONFIG_BYTES + 1)) == (
        f"config.toml: expected at most {MAX_CONFIG_BYTES} bytes: this is no configuration",
    )


@pytest.mark.parametrize(
    "dressed",
    [lambda b: b"\xef\xbb\xbf" + b, lambda b: b.replace(b"\n", b"\r\n"), lambda b: b + b"\n\n\t\n"],
    ids=["with a byte order mark", "with Windows line ends", "with blank lines"],
)
def test_reads_the_file_as_editors_leave_it(dressed: Callable[[bytes], bytes], tmp_path: Path) -> None:
    plain = read(tmp_path, TOP.read_bytes())
    assert msgspec.structs.replace(read(tmp_path, dressed(TOP.read_bytes())), digest=plain.digest) == plain


def test_the_least_pause_is_lifted_for_allowed_hosts(tmp_path: Path) -> None:
    text = '[http]\nallow_hosts = ["127.0.0.1"]\n[source.congress]\nevery = "1s"\nbase_url = "http://127.0.0.1:1/v3"\n'
    found = read(tmp_path, text)
    assert found.sources["congress"].every == timedelta(seconds=1)
    assert not [w for w in found.warnings if "DEMO_KEY" in w]


def test_a_bill_without_its_congress_warns_and_stays_where_it_was_first_resolved(tmp_path: Path) -> None:
    found = read(tmp_path, '[[watch]]\nbill = "HR 6508"\n')
    assert found.watches[0].document == us_bill(119, "hr", 6508)
    assert found.watches[0].name == "HR 6508"
    assert [w for w in found.warnings if "watch[1].bill: no Congress given" in w and '"us/bill/119/hr/6508"' in w]
    later = load_config(tmp_path / "config.toml", now=datetime(2027, 2, 1, tzinfo=UTC), env={})
    assert later.watches[0].document == us_bill(120, "hr", 6508)
    kept = pin_watches(later, [Watch("HR 6508", us_bill(119, "hr", 6508))])
    assert kept.watches[0].document == us_bill(119, "hr", 6508)


def test_commands_that_only_read_miss_no_secret(tmp_path: Path) -> None:
    found = read(tmp_path, EMAIL + SERVER + 'password = { env = "NOWHERE" }\n', secrets=False)
    assert found.channels[0].options.password is not None
    assert found.channels[0].options.password.reveal() == ""


def test_a_secret_file_that_everybody_can_read_is_a_warning(tmp_path: Path) -> None:
    (tmp_path / "pass").write_text(CANARY)
    (tmp_path / "pass").chmod(0o644)
    found = read(tmp_path, EMAIL + SERVER + 'password = { file = "pass" }\n')
    assert [w for w in found.warnings if "channel[1].password: every user of this machine can read" in w]
    assert CANARY not in "".join(found.warnings)
    (tmp_path / "pass").chmod(0o600)
    assert not [w for w in read(tmp_path, EMAIL + SERVER + 'password = { file = "pass" }\n').warnings if "pass" in w]


def test_a_private_mail_server_that_is_not_allowed_is_a_warning(tmp_path: Path) -> None:
    local = EMAIL + 'server = "smtp://localhost:25"\n'
    assert [w for w in read(tmp_path, local).warnings if 'allow_hosts = ["localhost"]' in w]
    allowed = '[http]\nallow_hosts = ["localhost"]\n' + local
    assert not [w for w in read(tmp_path, allowed).warnings if "allow_hosts" in w]


@pytest.mark.parametrize(
    ("other", "same"),
    [
        pytest.param('[service]\ncontact = "desk@example.org"  # ours', True, id="a comment"),
        pytest.param(
            '[service]\ncontact = "desk@example.org"\ndatabase = "other.db"', True, id="where the database is"
        ),
        pytest.param('[service]\ncontact = "other@example.org"', False, id="another value"),
        pytest.param('[service]\ncontact = "desk@example.org"\n[http]\nallow_hosts = []', False, id="another key"),
    ],
)
def test_the_digest_tells_configurations_apart(tmp_path: Path, other: str, same: bool) -> None:
    plain = read(tmp_path, '[service]\ncontact = "desk@example.org"\n').digest
    assert (read(tmp_path, other).digest == plain) is same


def test_a_regime_file_is_part_of_the_configuration(tmp_path: Path) -> None:
    plain = read(tmp_path, "[service]\n").digest
    (tmp_path / "regimes").mkdir()
    assert read(tmp_path, "[service]\n").digest == plain
    (tmp_path / "regimes" / "xx-curfew.toml").write_text(curfew_file())
    assert read(tmp_path, "[service]\n").digest != plain


def touch(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    return path


def test_the_file_is_found_where_the_contract_says(tmp_path: Path) -> None:
    home, here = tmp_path / "home", tmp_path / "here"
    here.mkdir()
    env = {"HOME": str(home)}
    assert find_config(None, env, here).shipped
    user = touch(home / ".config" / "lexwatch" / "config.toml")
    assert find_config(None, env, here).path == user
    elsewhere = touch(tmp_path / "xdg" / "lexwatch" / "config.toml")
    assert find_config(None, {**env, "XDG_CONFIG_HOME": str(tmp_path / "xdg")}, here).path == elsewhere
    assert find_config(None, {**env, "XDG_CONFIG_HOME": "relative"}, here).path == user
    assert find_config(None, env, here).path == user
    local = touch(here / "config.toml")
    assert find_config(None, env, here).path == local
    by_variable = touch(tmp_path / "v.toml")
    assert find_config(None, {**env, "LEXWATCH_CONFIG": str(by_variable)}, here).path == by_variable
    named = touch(here / "n.toml")
    assert find_config("n.toml", {**env, "LEXWATCH_CONFIG": str(by_variable)}, here).path == named


@pytest.mark.parametrize(
    ("named", "env", "words"),
    [
        ("nowhere.toml", {}, "named by --config, cannot be read: it does not exist"),
        (None, {"LEXWATCH_CONFIG": "nowhere.toml"}, r"named by \$LEXWATCH_CONFIG, cannot be read"),
        (".", {}, "it is not a file"),
    ],
    ids=["a missing --config", "a missing $LEXWATCH_CONFIG", "a folder"],
)
def test_a_named_file_that_is_not_there_is_a_fault(
    named: str | None, env: dict[str, str], words: str, tmp_path: Path
) -> None:
    with pytest.raises(ConfigError, match=words):
        find_config(named, {**env, "HOME": os.fspath(tmp_path)}, tmp_path)


@given(st.one_of(st.text(max_size=12), st.integers(), st.booleans(), st.floats(), st.lists(st.integers(), max_size=2)))
@settings(deadline=None)
def test_anything_is_a_sane_duration_or_a_fault(raw: object) -> None:
    context = ParseContext(ConfigErrors("config.toml", ""), Path(), None, NOW.date())
    with contextlib.suppress(ValueError):
        assert timedelta(seconds=60) <= duration()(raw, context) <= timedelta(days=30)


def test_a_watch_carries_what_a_person_says_of_it(tmp_path: Path) -> None:
    text = '[[watch]]\nbill = "hr6508-119"\ntags = ["nato", "client-a"]\npriority = "high"\nposition = "oppose"\n'
    [watch] = read(tmp_path, text + 'owner = "ana"\n').watches
    assert (watch.tags, watch.priority, watch.position, watch.owner) == (("nato", "client-a"), "high", "oppose", "ana")
    [fault] = config_errors_of(tmp_path, text.replace("high", "urgent"))
    assert 'watch[1].priority: unknown priority "urgent"; expected one of high, normal, low' in fault


def test_a_tag_written_twice_is_one_whatever_its_capitals(tmp_path: Path) -> None:
    [watch] = read(tmp_path, '[[watch]]\nbill = "hr6508-119"\ntags = ["NATO", " energy ", "nato"]\n').watches
    assert watch.tags == ("NATO", "energy")


def test_a_route_by_labels_takes_one_text_or_several(tmp_path: Path) -> None:
    labelled = '[[watch]]\nbill = "hr6508-119"\ntags = ["NATO"]\nowner = "ana"\n'
    route = '[[route]]\ntags = ["nato"]\nowner = "ana"\npriority = ["high", "low"]\nchannels = ["desk"]\n'
    [found] = read(tmp_path, CHANNEL + labelled + route).routes
    assert (found.tags, found.owners, found.priorities) == (("nato",), ("ana",), ("high", "low"))


def test_a_database_may_be_a_server_and_a_copy_of_it(tmp_path: Path) -> None:
    text = '[service]\ndatabase = "postgresql://desk@db/lexwatch"\ndatabase_read = "postgresql://desk@copy/lexwatch"\n'
    found = read(tmp_path, text)
    assert (found.database, found.database_read) == (
        "postgresql://desk@db/lexwatch",
        "postgresql://desk@copy/lexwatch",
    )


def test_names_of_watches_resolve_like_documents(tmp_path: Path) -> None:
    found = read(tmp_path, '[[watch]]\nbill = "hr6508-119"\nname = "NATO"\n')
    watched = {w.name: w.document for w in found.watches if w.document}
    assert resolve("NATO", today=NOW.date(), watched=watched).document == us_bill(119, "hr", 6508)


def test_many_feeds_that_were_dropped_are_named_by_a_few_and_compared_once() -> None:
    """A configuration of one feed asks a record of twenty thousand: one pass, and a warning that can be read."""
    stored = [
        Watch(f"feed {n}", DocumentId("feed", f"feed-{n}"), None, NOW, address=f"https://feeds.example/{n}")
        for n in range(20_000)
    ]
    mine = WatchSettings(name="new", feed="https://feeds.example/new")
    pinned = pin_watches(Settings(path=Path("config.toml"), database="x.db", watches=(mine,)), stored)
    (warning,) = pinned.warnings
    assert '"new" starts over' in warning
    assert '"feed 4" and 19995 more is no longer followed' in warning
