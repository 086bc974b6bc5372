"""The documentation cannot drift: what exists is described, what is shown works, what is linked is there."""

from __future__ import annotations

import ast
import json
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from configparser import ConfigParser
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from docs.configuration_keys import documented_keys
from docs.generate import pages
from domain import errors
from domain.alerts.delivery import State
from domain.alerts.routing import Reason
from domain.records.facets import DEFAULT_KINDS, Kind
from domain.sources import Health
from domain.terms import Next, RegimeStatus
from monitor.cli.main import cli
from monitor.config.loader import load_config
from monitor.service import failpoints
from monitor.service.service import FAILED, GRACE_SECONDS
from notifications import CHANNEL_KINDS
from tests.helpers.http_server import ReceivedRequest, Reply, serve
from tests.helpers.installation import installed
from watchers import SOURCES

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
NOW = datetime(2026, 1, 6, 10, tzinfo=UTC)

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def section(name: str, heading: str) -> str:
    """Return what stands below the heading that begins like this, up to the next one of its level."""
    found = re.search(rf"^(#+) {re.escape(heading)}.*?(?=^\1 |\Z)", page(name), re.MULTILINE | re.DOTALL)
    assert found, f"docs/{name} has no heading that begins with {heading!r}"
    return found[0]


def blocks(path: Path, language: str) -> list[str]:
    return [body for tag, body in _FENCE.findall(path.read_text(encoding="utf-8")) if tag == language]


def coded(text: str) -> set[str]:
    """Return everything that stands in code font outside of fenced blocks."""
    return set(re.findall(r"`([^`\n]+)`", _FENCE.sub("", text)))


def rows(text: str) -> dict[str, str]:
    """Map the first cell of each row of the tables in a text, without its code font, to the rest of the row."""
    cells = re.findall(r"^\| `([^`]+)`[^|]*\|(.*)$", text, re.MULTILINE)
    return dict(cells)


@pytest.mark.parametrize(("path", "old", "new"), list(pages()), ids=lambda v: v.name if isinstance(v, Path) else "")
def test_a_generated_page_is_up_to_date(path: Path, old: str, new: str) -> None:
    assert old == new, f"{path.name}: run python -m docs.generate"


def test_every_command_has_a_section_and_no_other() -> None:
    described = re.findall(r"^## `lexwatch ([a-z-]+)", page("reference/commands.md"), re.MULTILINE)
    assert sorted(described) == sorted(cli.commands)
    assert set(re.findall(r"<!-- begin command ([a-z-]+)", page("reference/commands.md"))) >= set(described)


def test_every_table_of_the_configuration_is_described() -> None:
    described = set(re.findall(r"<!-- begin keys (.*?) -->", page("reference/configuration.md")))
    assert described == {row.table.strip("[]").partition(".")[0] for row in documented_keys()}


@pytest.mark.parametrize("name", sorted(SOURCES))
def test_every_watcher_is_described(name: str) -> None:
    assert f"## `{name}`" in page("reference/sources.md")
    assert f"`{name}`" in section("reference/configuration.md", "`[source.NAME]`")


@pytest.mark.parametrize("kind", sorted(CHANNEL_KINDS))
def test_every_kind_of_channel_is_described(kind: str) -> None:
    assert f"`{kind}`" in section("reference/configuration.md", "`[[channel]]`")
    assert f"## `{kind}`" in page("reference/channels.md")


def test_every_error_is_described_and_no_other() -> None:
    tree = {
        name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, errors.LexwatchError)
    }
    assert set(rows(page("reference/errors.md").partition("| the database says")[0])) == tree


def test_every_state_of_a_regime_is_described_and_no_other() -> None:
    described = set(rows(section("reference/kinds-and-states.md", "Status of a regime")))
    assert described == {str(word) for word in (*RegimeStatus, *Next)}


@pytest.mark.parametrize(
    ("heading", "words"),
    [
        ("Kinds of news", Kind),
        ("The life of a message", State),
        ("The state of a source", Health),
        ("Why, or why not", Reason),
    ],
    ids=["kinds of news", "states of a delivery", "states of a source", "reasons"],
)
def test_every_word_is_described_and_no_other(heading: str, words: type[Any]) -> None:
    assert set(rows(section("reference/kinds-and-states.md", heading))) == {str(word) for word in words}


def test_the_default_kinds_are_those_described() -> None:
    kinds = rows(section("reference/kinds-and-states.md", "Kinds of news"))
    assert {name for name, rest in kinds.items() if rest.strip().startswith("yes")} == {str(k) for k in DEFAULT_KINDS}


def test_every_failpoint_is_described_and_no_other() -> None:
    described = coded(section("for-developers/testing.md", "Failpoints"))
    places = r"(store|poll|clock|service|dispatch)\.\w+"
    assert {word for word in described if re.fullmatch(places, word)} == set(failpoints.NAMES)


def test_every_event_of_the_log_is_described_and_no_other() -> None:
    logged = {
        node.args[1].value
        for path in (ROOT / "monitor").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "log_event"
        if isinstance(node.args[1], ast.Constant)
    }
    first_cells = re.findall(
        r"^\| (`[^|]+) \| (?:info|warning|error|any)", section("reference/log-and-limits.md", "The log"), re.M
    )
    assert {word for cell in first_cells for word in coded(cell)} == logged | {"log"}


def test_every_dependency_has_a_decision() -> None:
    wanted = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["dev"]]
    told = " ".join(path.read_text(encoding="utf-8") for path in (DOCS / "decisions").glob("*.md")).lower()
    names = [re.split(r"[<>=~!\[; ]", line)[0].lower() for line in wanted]
    assert [name for name in names if not re.search(rf"\b{re.escape(name)}\b", told)] == []


def test_every_decision_says_context_choice_and_price() -> None:
    pages = sorted((DOCS / "decisions").glob("0*.md"))
    wanted = ("**Context.**", "**Choice.**", "**Price.**")
    assert [path.name for path in pages if not all(word in path.read_text(encoding="utf-8") for word in wanted)] == []
    assert len({path.name[:4] for path in pages}) == len(pages)


def links() -> Iterator[tuple[Path, str]]:
    for path in PAGES:
        for target in re.findall(r"\]\(([^)\s]+)\)", _FENCE.sub("", path.read_text(encoding="utf-8"))):
            if "://" not in target:
                yield path, target


@pytest.mark.parametrize(("path", "target"), list(links()), ids=lambda v: v if isinstance(v, str) else v.name)
def test_every_link_leads_somewhere(path: Path, target: str) -> None:
    name, _, place = target.partition("#")
    there = (path.parent / name).resolve() if name else path
    assert there.exists()
    if place:
        headings = re.findall(r"^#+ (.+)$", _FENCE.sub("", there.read_text(encoding="utf-8")), re.MULTILINE)
        assert place in {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def snippets() -> Iterator[Any]:
    for path in PAGES:
        for number, text in enumerate(blocks(path, "toml"), start=1):
            yield pytest.param(text, id=f"{path.relative_to(ROOT)} block {number}")


@pytest.mark.parametrize("text", list(snippets()))
def test_every_configuration_shown_is_understood(text: str, tmp_path: Path) -> None:
    """A snippet may show one table: what it leaves out is not missing, but what it says must be right."""
    for secret in re.findall(r'file = "([^"]+)"', text):
        (tmp_path / secret).write_text("a secret (constructed)")
        (tmp_path / secret).chmod(0o600)
    for folder in re.findall(r'^templates *= "([^"]+)"', text, re.MULTILINE):
        (tmp_path / folder).mkdir()
    config = tmp_path / "config.toml"
    config.write_text(text, encoding="utf-8")
    names = re.findall(r'env = "(\w+)"', text)
    surroundings = dict.fromkeys(names, "https://hooks.example.org/constructed")
    surroundings |= {name: "whsec_" + "QUJD" * 8 for name in names if name.endswith("_SECRET")}
    load_config(config, now=NOW, env=surroundings)


UNITS = [
    pytest.param(unit, id=f"{name}-{number}")
    for name in ("how-to/several-machines.md", "how-to/run-as-a-service.md")
    for number, unit in enumerate(blocks(DOCS / name, "ini"))
]


@pytest.mark.parametrize("unit", UNITS)
def test_systemd_takes_the_units_shown(unit: str, tmp_path: Path) -> None:
    sections = ConfigParser(interpolation=None, strict=False)
    sections.optionxform = str  # type: ignore[assignment, method-assign]
    sections.read_string(unit)
    assert {"Unit", "Service", "Install"} >= set(sections.sections()) >= {"Service"}
    assert re.match(r"/\S+/bin/lexwatch ", sections["Service"]["ExecStart"])
    if program := shutil.which("systemd-analyze"):
        path = tmp_path / "lexwatch-shown.service"
        path.write_text(re.sub(r"/\S+/bin/lexwatch\b", sys.executable, unit), encoding="utf-8")
        done = subprocess.run([program, "verify", "--man=no", str(path)], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")


def test_a_worker_is_stopped_no_sooner_than_it_needs_and_not_restarted_for_nothing() -> None:
    (unit, *_) = blocks(DOCS / "how-to/several-machines.md", "ini")
    said = dict(line.split("=", 1) for line in unit.splitlines() if "=" in line)
    assert int(said["TimeoutStopSec"]) > GRACE_SECONDS
    assert int(said["RestartPreventExitStatus"]) == FAILED


def test_the_compose_file_shown_names_nothing_that_it_does_not_have() -> None:
    (text,) = blocks(DOCS / "how-to/several-machines.md", "yaml")
    stack = yaml.safe_load(text)
    for service in stack["services"].values():
        assert "image" in service or "build" in service
        assert set(service.get("secrets", ())) <= stack["secrets"].keys()
        named = {volume.partition(":")[0] for volume in service.get("volumes", ())}
        assert {volume for volume in named if not volume.startswith((".", "/"))} <= stack["volumes"].keys()
        read = [str(value) for value in service.get("environment", {}).values() if "/run/secrets/" in str(value)]
        assert {path.rpartition("/")[2] for path in read} <= set(service["secrets"])
    words = stack["services"]["worker"]["command"]
    assert words[2:] == ["worker"]
    assert f"{words[1]}:ro" in stack["services"]["worker"]["volumes"][0]


def test_what_supersedes_a_decision_is_named_on_both_sides() -> None:
    """A record says `Supersedes 0003.`; the older one has the status `superseded by 0050`."""
    texts = {path.name[:4]: path.read_text(encoding="utf-8") for path in (DOCS / "decisions").glob("0*.md")}
    newer = {(old, number) for number, text in texts.items() for old in re.findall(r"[Ss]upersedes (\d{4})", text)}
    older = {(old, new) for old, text in texts.items() for new in re.findall(r"superseded by (\d{4})", text)}
    assert newer == older


def test_every_page_is_in_the_contents() -> None:
    """The build itself (`mkdocs build --strict`, in .ci/run) checks links and places."""
    listed = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    names = (str(path.relative_to(DOCS)) for path in DOCS.rglob("*.md"))
    assert [name for name in names if not name.startswith("decisions/0") and f": {name}\n" not in listed] == []


RECORDED = json.loads((ROOT / "tests/fixtures/congress/hr6508-as-introduced.input.json").read_text())["answers"]
OTHER_BILL = {"title": "A bill to be read (constructed)", "actions": {"count": 0}, "introducedDate": "2025-06-26"}


def _congress(asked: ReceivedRequest) -> Reply:
    """Answer as api.congress.gov about HR 6508, as recorded, and about one constructed bill."""
    kind, _, *bill = asked.path.removeprefix("/v3/").split("/")
    stamp = {"updateDate": "2026-01-05", "updateDateIncludingText": "2026-01-05T10:00:00Z"}
    listed = {"congress": 119, "type": "HR", "number": "6508", "title": "constructed", **stamp}
    if kind != "bill":
        return Reply(404)
    if not bill:
        said: object = {"bills": [listed], "pagination": {"count": 1}}
    elif bill[:2] == ["hr", "6508"]:
        said = RECORDED[bill[2] if bill[2:] else "item"]
    else:
        named = {"congress": 119, "type": bill[0].upper(), "number": bill[1], **stamp}
        said = {bill[2]: [], "pagination": {"count": 0}} if bill[2:] else {"bill": {**OTHER_BILL, **named}}
    return Reply(body=json.dumps(said).encode())


def _asking(publisher: str, config: str) -> str:
    """Return a configuration as `init` writes it, that asks the publisher on loopback."""
    here = f'[http]\nallow_hosts = ["127.0.0.1"]\n\n[source.congress]\nbase_url = "{publisher}/v3"'
    return config.replace("[source.congress]", here, 1)


COMMAND_PAGES = [ROOT / "README.md", DOCS / "tutorials" / "first-alert.md"]


def shown_commands(path: Path) -> list[list[str]]:
    """Return the words of every line `lexwatch …` shown, but for what needs a receiver or shows the demo."""
    lines = [shlex.split(line, comments=True) for text in blocks(path, "sh") for line in text.splitlines()]
    return [line[1:] for line in lines if line[:1] == ["lexwatch"] and line[1] not in ("test-channel", "demo")]


@pytest.mark.parametrize("path", COMMAND_PAGES, ids=lambda path: path.name)
def test_the_commands_shown_work(path: Path, tmp_path: Path) -> None:
    """They are run one after another, as a reader would; the publisher is on loopback, `run` stops after one round."""
    with serve(_congress) as publisher, installed(tmp_path, publisher) as installation:
        installation.config.unlink()
        for words in shown_commands(path):
            if words[0] == "run":
                words = ["run", "--once"]
                text = installation.config.read_text()
                installation.config.write_text(_asking(publisher.url, text))
            done = installation.run(*words)
            assert done.returncode == 0, (words, done.stderr, done.stdout)


def test_desk_32_whoever_only_runs_it_reads_half_as_much() -> None:
    """What maintainers need stands apart; the pages for the others had 31,000 words."""
    pages = [ROOT / "README.md", ROOT / "docs/index.md"]
    pages += [page for part in ("tutorials", "how-to", "explanation") for page in (ROOT / "docs" / part).glob("*.md")]
    assert sum(len(page.read_text(encoding="utf-8").split()) for page in pages) <= 15_500


RECIPES = {
    "a weekly report on sixty bills": "report = \"weekly monday 08:00\"", "mail with an app password": "app password",
    "a spreadsheet": "lexwatch export", "a container": "container", "a health check": "heartbeat",
    "who may read what": "created for its owner alone", "two machines": "several-machines.md",
}  # fmt: skip


@pytest.mark.parametrize("words", RECIPES.values(), ids=RECIPES)
def test_desk_31_there_is_a_recipe_for(words: str) -> None:
    assert words in (ROOT / "docs/how-to/recipes.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("word", ["regime", "facet", "scope", "episode", "watch", "route", "channel"])
def test_desk_31_a_word_of_the_house_is_in_the_glossary(word: str) -> None:
    assert f"\n| {word} |" in (ROOT / "docs/reference/glossary.md").read_text(encoding="utf-8")


def test_desk_30_what_is_sent_at_once_is_not_held_in_quiet_hours() -> None:
    """Every example of quiet hours with something sent at once says what is urgent."""
    shown = [block for page in PAGES for block in blocks(page, "toml") if "at once" in block]
    assert shown
    assert [block for block in shown if "quiet " in block and "urgent" not in block] == []


def test_desk_30_no_page_says_that_hearings_have_no_watcher() -> None:
    assert [page.name for page in PAGES if "no watcher" in page.read_text(encoding="utf-8")] == []
