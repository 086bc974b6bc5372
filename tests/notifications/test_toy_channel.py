"""A new kind of channel is one module and one line of registration."""

from __future__ import annotations

from pathlib import Path

import pytest

import notifications
from monitor.cli.main import main
from notifications import CHANNEL_KINDS, ChannelKind
from tests.notifications import toy_channel

TOY = '[[channel]]\nname = "desk"\nkind = "toy"\n'


@pytest.fixture
def registered(monkeypatch: pytest.MonkeyPatch) -> None:
    place = "tests.notifications.toy_channel"
    kinds = {**CHANNEL_KINDS, "toy": ChannelKind(f"{place}:ToyOptions", f"{place}:Toy")}
    monkeypatch.setattr(notifications, "CHANNEL_KINDS", kinds)
    monkeypatch.setattr("monitor.config.loader.CHANNEL_KINDS", kinds)


@pytest.mark.usefixtures("registered")
def test_a_registered_channel_is_configured_built_and_sent_by(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "config.toml"
    config.write_text(TOY + 'shelf = "in"\nloud = true\n')
    assert main(["--config", str(config), "test-channel", "desk"]) == 0
    [(shelf, subject)] = toy_channel.SENT
    assert (shelf, subject.isupper()) == ("in", True)
    assert "desk: accepted: put there" in capsys.readouterr().err


@pytest.mark.usefixtures("registered")
@pytest.mark.parametrize(
    ("more", "error"),
    [
        ("", "channel[1].shelf: missing: a channel of kind toy needs shelf"),
        ('shelf = "in"\nlout = true\n', "channel[1].lout: unknown key lout; did you mean loud?"),
        ('shelf = "in"\nwebhook = "x"\n', "channel[1].webhook: a channel of kind toy has no webhook"),
    ],
)
def test_its_keys_are_checked_as_those_of_any_channel(
    more: str, error: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "config.toml").write_text(TOY + more)
    assert main(["--config", str(tmp_path / "config.toml"), "check"]) == 2
    assert error in capsys.readouterr().err
