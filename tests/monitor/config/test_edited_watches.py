"""What becomes of watches and waiting messages when somebody edits the configuration?"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from domain.alerts.routing import Watch
from domain.documents import DocumentId
from domain.jurisdictions.us.names import us_bill
from monitor.config.loader import load_config
from monitor.config.watch_tables import pin_watches

IN_2027 = datetime(2027, 2, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("first", "written", "meant"),
    [
        pytest.param(
            us_bill(119, "hr", 6508), "HR 6508", us_bill(119, "hr", 6508), id="the same bill keeps its Congress"
        ),
        pytest.param(
            us_bill(119, "hr", 6508), "HR 6600", us_bill(120, "hr", 6600), id="another number is another bill"
        ),
        pytest.param(
            us_bill(119, "hr", 6508), "S. 6508", us_bill(120, "s", 6508), id="another chamber is another bill"
        ),
        pytest.param(
            DocumentId.parse("ua/law/4643-ix"), "HR 6508", us_bill(120, "hr", 6508), id="a law is no bill of that name"
        ),
    ],
)
def test_a_name_holds_a_watch_to_its_congress_but_not_to_its_bill(
    first: DocumentId, written: str, meant: DocumentId, tmp_path: Path
) -> None:
    (tmp_path / "config.toml").write_text(f'[[watch]]\nname = "NATO"\nbill = "{written}"\n')
    found = load_config(tmp_path / "config.toml", now=IN_2027, env={})
    kept = pin_watches(found, [Watch("NATO", first)])
    assert [watch.document for watch in kept.watches] == [meant]


OLD, NEW = "https://acts.example/feed", "https://acts.example/atom"
ACTS, DECREES = DocumentId("feed", "acts"), DocumentId("feed", "decrees")


def stored(name: str, document: DocumentId, address: str) -> Watch:
    return Watch(name, document, address=address)


@pytest.mark.parametrize(
    ("before", "written", "identities"),
    [
        pytest.param([], [("Acts", OLD)], [ACTS], id="a new feed is named by its watch"),
        pytest.param([stored("Acts", ACTS, OLD)], [("Acts", NEW)], [ACTS], id="a mended address is the same feed"),
        pytest.param([stored("Acts", ACTS, OLD)], [("Decrees", OLD)], [ACTS], id="a renamed watch is the same feed"),
        pytest.param([stored("Acts", ACTS, OLD)], [("Decrees", NEW)], [DECREES], id="both at once is another feed"),
        pytest.param(
            [stored("Decrees", ACTS, OLD)], [("Decrees", OLD)], [ACTS], id="a renamed watch stays what it was"
        ),
        pytest.param(
            [stored("Acts", ACTS, OLD)],
            [("Acts", NEW), ("Decrees", OLD)],
            [DocumentId("feed", "acts-https-acts-example-atom-59d663e6"), ACTS],
            id="the address decides before the name",
        ),
        pytest.param(
            [stored("Acts", ACTS, OLD), stored("Decrees", DECREES, NEW)],
            [("Acts", NEW), ("Decrees", OLD)],
            [DECREES, ACTS],
            id="two that swap their addresses keep their entries",
        ),
        pytest.param(
            [Watch("Acts", DocumentId.parse("ua/law/4643-ix"))], [("Acts", OLD)], [ACTS], id="a law is no feed"
        ),
    ],
)
def test_a_feed_keeps_its_identity(
    before: list[Watch], written: list[tuple[str, str]], identities: list[DocumentId], tmp_path: Path
) -> None:
    tables = (f'[[watch]]\nname = "{name}"\nfeed = "{address}"\n' for name, address in written)
    (tmp_path / "config.toml").write_text("".join(tables))
    found = pin_watches(load_config(tmp_path / "config.toml", now=IN_2027, env={}), before)
    assert [watch.subject for watch in found.watches] == identities
    assert {name: source.base_url for name, source in found.sources.items()} == {
        str(identity): address for identity, (_, address) in zip(identities, written, strict=True)
    }


@pytest.mark.parametrize(
    ("before", "written", "warned"),
    [
        pytest.param([stored("Acts", ACTS, OLD)], ("Decrees", NEW), True, id="name and address at once"),
        pytest.param([stored("Acts", ACTS, OLD)], ("Acts", NEW), False, id="the address"),
        pytest.param([stored("Acts", ACTS, OLD)], ("Decrees", OLD), False, id="the name"),
        pytest.param([], ("Decrees", NEW), False, id="a first feed"),
    ],
)
def test_wr_1_a_feed_exchanged_for_another_is_pointed_out(
    before: list[Watch], written: tuple[str, str], warned: bool, tmp_path: Path
) -> None:
    name, address = written
    (tmp_path / "config.toml").write_text(f'[[watch]]\nname = "{name}"\nfeed = "{address}"\n')
    found = pin_watches(load_config(tmp_path / "config.toml", now=IN_2027, env={}), before)
    assert any("change its address first" in warning for warning in found.warnings) is warned
