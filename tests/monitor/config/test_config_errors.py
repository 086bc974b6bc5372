"""Every fault of a configuration is named on a line of its own: its key, what was expected, what was seen."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from docs.configuration_keys import documented_keys
from domain.errors import ConfigError
from monitor.config.schema import parse_toml
from tests.monitor.config.config_files import CANARY, CHANNEL, EMAIL, SERVER, SIGNED, config_errors_of, read

LABELLED = CHANNEL + '[[watch]]\nbill = "hr1-119"\nname = "one"\ntags = ["NATO", "client-a"]\nowner = "ana"\n\n\n'
FAULTS = {
    "an unknown key names its neighbour and line": (
        '[service]\ndatabase = "x.db"\ntimezon = "UTC"\n',
        ["config.toml:3: service.timezon: unknown key timezon; did you mean timezone?"],
    ),
    "an unknown key with no neighbour lists them all": (
        "[http]\nqqq = 1\n",
        ["http.qqq: unknown key qqq; expected one of allow_hosts"],
    ),
    "an unknown table names its neighbour": ("[servce]\n", ["servce: unknown table servce; did you mean service?"]),
    "watches in the plural are pointed to watch": (
        "[[watches]]\n",
        ["watches: unknown table watches; did you mean watch?"],
    ),
    "one bracket where several tables may be": (
        '[watch]\nbill = "us/bill/119/hr/1"\n',
        ["watch: expected [[watch]] with two brackets"],
    ),
    "a table where a value is": ('service = "x"\n', ['service: expected a table [service], saw "x"']),
    "an unknown source": ("[source.congres]\n", ["source.congres: unknown source congres; did you mean congress?"]),
    "a number where text belongs": ("[service]\ntimezone = 3\n", ["service.timezone: expected text in quotes, saw 3"]),
    "text where a list belongs shows the list": (
        '[service]\noperator = "desk"\n',
        ['service.operator: expected a list of texts, saw "desk": write ["desk"]'],
    ),
    "a duration without a unit": (
        "[source.congress]\nevery = 900\n",
        ['source.congress.every: expected a duration such as "90s", "15m", "2h" or "1d", saw 900: write "900s"'],
    ),
    "a duration of nothing": ('[source.congress]\nevery = "0s"\n', ["expected at least 60s"]),
    "a negative duration": ('[source.congress]\nevery = "-5m"\n', ["expected a duration"]),
    "a huge duration": ('[source.congress]\nevery = "999999999d"\n', ["expected at most 30d"]),
    "a duration with an odd unit": ('[source.congress]\nevery = "5 minutes"\n', ["expected a duration"]),
    "a rhythm too quick for a public host": ('[source.congress]\nevery = "30s"\n', ["expected at least 60s"]),
    "an unknown zone": ('[service]\ntimezone = "Europe/Kiew"\n', ["service.timezone: expected a time zone"]),
    "a zone that leads out of its folder": ('[service]\ntimezone = "../../etc/passwd"\n', ["expected a time zone"]),
    "a zone that is a folder": ('[service]\ntimezone = "Europe"\n', ["expected a time zone"]),
    "a database of another maker, without its password": (
        f'[service]\ndatabase = "mysql://u:{CANARY}@db/x"\n',
        ["service.database: expected a file"],
    ),
    "a secret written as text, without repeating it": (
        f'[source.congress]\napi_key = "{CANARY}"\n',
        ["source.congress.api_key: expected { env ="],
    ),
    "a password written as text, without repeating it": (
        EMAIL + SERVER + f'password = "{CANARY}"\n',
        ["channel[1].password: expected { env ="],
    ),
    "a password inside the server's address, without repeating it": (
        EMAIL + f'server = "smtps://me:{CANARY}@mail.example.org:465"\n',
        ["channel[1].server: the password does not belong in the address"],
    ),
    "a mail server with a tab in its address": (
        EMAIL + 'server = "smtp://mail.example.org:25\\t"\n',
        ["channel[1].server: expected"],
    ),
    "a secret from two places": (
        EMAIL + SERVER + 'password = { env = "A", file = "b" }\n',
        ["channel[1].password: expected { env ="],
    ),
    "a secret whose variable is not set": (
        EMAIL + SERVER + 'password = { env = "NOWHERE" }\n',
        ["channel[1].password: expected a secret, but the environment variable NOWHERE is not set"],
    ),
    "a secret whose variable is empty": (
        EMAIL + SERVER + 'password = { env = "EMPTY" }\n',
        ["the environment variable EMPTY is not set"],
    ),
    "a secret whose file is missing": (
        EMAIL + SERVER + 'password = { file = "nowhere" }\n',
        ["nowhere: No such file or directory"],
    ),
    "a secret whose file is a folder": (EMAIL + SERVER + 'password = { file = "." }\n', ["channel[1].password: "]),
    "a webhook that is not https, without repeating it": (
        '[[channel]]\nname = "s"\nkind = "slack"\nwebhook = { env = "PLAIN_HOOK" }\n',
        ["channel[1].webhook: expected https://, saw http://"],
    ),
    "a webhook that is no address, without repeating it": (
        '[[channel]]\nname = "s"\nkind = "slack"\nwebhook = { env = "NO_HOOK" }\n',
        ["channel[1].webhook: expected an https:// address, saw something else"],
    ),
    "a signed webhook without its secret, and how to make one": (
        SIGNED,
        ["channel[1].secret: missing: a channel of kind webhook needs webhook, secret; expected whsec_ and 24 to 64"],
    ),
    "a signing secret without its beginning, without repeating it": (
        SIGNED + 'secret = { env = "BARE_KEY" }\n',
        ["channel[1].secret: expected whsec_ and 24 to 64 random bytes in base64, such as `echo"],
    ),
    "a signing secret that is too short": (
        SIGNED + 'secret = { env = "SHORT_KEY" }\n',
        ["channel[1].secret: expected whsec_ and 24 to 64 random bytes"],
    ),
    "a signing secret for a room that signs nothing": (
        SIGNED.replace('"webhook"', '"slack"', 1) + 'secret = { env = "GOOD_KEY" }\n',
        ["channel[1].secret: a channel of kind slack has no secret"],
    ),
    "a plain http publisher": (
        '[source.congress]\nbase_url = "http://api.example.org"\n',
        ["source.congress.base_url: expected https://, saw http://"],
    ),
    "a publisher's address with a password": (
        f'[source.congress]\nbase_url = "https://me:{CANARY}@api.example.org"\n',
        ["source.congress.base_url: expected an address without user name"],
    ),
    "a publisher's address that is none": (
        '[source.congress]\nbase_url = "file:///etc/passwd"\n',
        ["source.congress.base_url: expected an https:// address"],
    ),
    "an allowed host with a port": (
        '[http]\nallow_hosts = ["10.0.0.5:8080"]\n',
        ["http.allow_hosts: expected a host such as"],
    ),
    "an address that is none": (
        EMAIL.replace("a@example.org", "desk at example") + SERVER,
        ["channel[1].to: expected a bare address"],
    ),
    "an address with a line break in it": (
        EMAIL.replace("b@example.org", "b@example.org\\nBcc: x@example.org") + SERVER,
        ["channel[1].sender: expected a bare address"],
    ),
    "nobody in to": (EMAIL.replace('"a@example.org"', "") + SERVER, ["channel[1].to: expected at least one address"]),
    "a channel without what its kind needs": (
        '[[channel]]\nname = "desk"\nkind = "email"\nto = ["a@example.org"]\n',
        ["channel[1].sender: missing: a channel of kind email needs to, sender, server", "channel[1].server: missing"],
    ),
    "a channel with what its kind has no use for": (
        CHANNEL + SERVER,
        ["channel[1].server: a channel of kind console has no server"],
    ),
    "an unknown kind of channel": (
        '[[channel]]\nname = "x"\nkind = "mail"\n',
        ['channel[1].kind: unknown kind of channel "mail"; did you mean email?'],
    ),
    "a channel without a name": ('[[channel]]\nkind = "console"\n', ["channel[1].name: expected a name"]),
    "two channels with one name": (CHANNEL + CHANNEL, ['channel[2].name: a second channel called "desk"']),
    "two channels whose names differ in case only": (
        CHANNEL + CHANNEL.replace("desk", "Desk"),
        ['channel[2].name: a second channel called "Desk"'],
    ),
    "a burst of a day": (
        '[service]\nburst = "1d"\n',
        ['service.burst: expected at most 1h, saw "1d": a digest is for more'],
    ),
    "quiet hours without a dash": (
        CHANNEL + 'quiet = "22:00"\n',
        ['channel[1].quiet: expected two times such as "22:00-07:00", saw "22:00"'],
    ),
    "urgent without quiet": (
        CHANNEL + 'urgent = ["vote"]\n',
        ['channel[1].urgent: expected quiet beside it, such as quiet = "22:00-07:00"'],
    ),
    "urgent that is neither kind nor severity": (
        CHANNEL + 'quiet = "22:00-07:00"\nurgent = ["critcal"]\n',
        ['channel[1].urgent: unknown kind or severity "critcal"; did you mean critical?'],
    ),
    "a digest at no time": (
        CHANNEL + '[[route]]\nchannels = ["desk"]\nwhen = "daily 8"\n',
        ['route[1].when: expected "daily 08:00" or "weekly monday 08:00" or "now", saw "daily 8"'],
    ),
    "a stage nobody knows": (
        CHANNEL + '[[route]]\nchannels = ["desk"]\nstages = ["in_comittee"]\n',
        ['route[1].stages: unknown stage "in_comittee"; did you mean in_committee?'],
    ),
    "a severity nobody knows": (
        CHANNEL + '[[route]]\nchannels = ["desk"]\nseverity = "Major"\n',
        ['route[1].severity: unknown severity "Major"; did you mean major?'],
    ),
    "words without a letter": (
        CHANNEL + '[[route]]\nchannels = ["desk"]\nwords = ["--"]\n',
        ['route[1].words: expected words with a letter or a digit, saw "--"'],
    ),
    "a watch of nothing": (
        '[[watch]]\nnote = "x"\n',
        ["watch[1]: expected exactly one of bill, document, regime, feed, page, search, saw none"],
    ),
    "a watch of two things": (
        '[[watch]]\nbill = "us/bill/119/hr/1"\nregime = "ua/regime/martial-law"\n',
        ["watch[1]: expected exactly one of bill, document, regime, feed, page, search, saw bill, regime"],
    ),
    "a search that stops in the middle": (
        "[[watch]]\nsearch = 'nato AND (treaty'\n",
        ['watch[1].search: an opening bracket that nothing closes (character 10, before "(treaty")'],
    ),
    "a search that ends too early": (
        '[[watch]]\nsearch = "nato OR"\n',
        ["watch[1].search: expected a word or a phrase, saw the end (character 8, at its end)"],
    ),
    "a search in a place that has no words": (
        '[[watch]]\nsearch = "nato"\nin = ["title", "text"]\n',
        ['watch[1].in: expected some of title, summary, subject, saw "text"'],
    ),
    "a search nowhere": ('[[watch]]\nsearch = "nato"\nin = []\n', ["watch[1].in: expected some of", "an empty list"]),
    "a search of a Congress to come": (
        '[[watch]]\nsearch = "nato"\ncongress = 121\n',
        ["watch[1].congress: expected the number of a Congress from 93 to 120, saw 121"],
    ),
    "a search of a Congress in words": (
        '[[watch]]\nsearch = "nato"\ncongress = "119th"\n',
        ["watch[1].congress: expected the number of a Congress"],
    ),
    "the whole of a publisher that is no Congress": (
        "[source.rada]\nwhole = true\n",
        ["source.rada.whole: only [source.congress] has whole"],
    ),
    "whole in words": ('[source.congress]\nwhole = "yes"\n', ["source.congress.whole: expected true or false"]),
    "a bill that is none": ('[[watch]]\nbill = "hr99999999999"\n', ["watch[1].bill:", "accepted: us/bill/119/hr/6508"]),
    "a decree called a bill": ('[[watch]]\nbill = "ua/decree/793/2025"\n', ["watch[1].bill: expected a bill"]),
    "a bill called a regime": ('[[watch]]\nregime = "us/bill/119/hr/1"\n', ["watch[1].regime: expected a regime"]),
    "the same watch twice": (
        '[[watch]]\nbill = "us/bill/119/hr/1"\n[[watch]]\nbill = "hr1-119"\n',
        ['watch[2]: a second watch called "us/bill/119/hr/1"'],
    ),
    "a feed with another scheme": ('[[watch]]\nfeed = "file:///etc/passwd"\n', ["watch[1].feed: expected an https://"]),
    "a route to an unknown channel": (
        CHANNEL + '[[route]]\nchannels = ["dsk"]\n',
        ['route[1].channels: unknown channel "dsk"; did you mean desk?'],
    ),
    "a route to nobody": (CHANNEL + "[[route]]\n", ["route[1].channels: expected the names of channels"]),
    "a route for an unknown watch": (
        CHANNEL + '[[watch]]\nname = "NATO"\nbill = "hr1-119"\n[[route]]\nwatch = ["NAT"]\nchannels = ["desk"]\n',
        ['route[1].watch: unknown watch "NAT"'],
    ),
    "a route of an unknown kind": (
        CHANNEL + '[[route]]\nkinds = ["statuss"]\nchannels = ["desk"]\n',
        ['route[1].kinds: unknown kind "statuss"; did you mean status?'],
    ),
    "a route of the operator's kinds": (
        CHANNEL + '[[route]]\nkinds = ["source"]\nchannels = ["desk"]\n',
        ["route[1].kinds: source is for the operator"],
    ),
    "an operator who is no channel": (
        CHANNEL + '[service]\noperator = ["dsk"]\n',
        ['service.operator: unknown channel "dsk"; did you mean desk?'],
    ),
    "an unknown regime, nearly spelled": (
        '[[watch]]\nregime = "ua/regime/martial"\n',
        ["watch[1].regime: unknown regime ua/regime/martial; did you mean ua/regime/martial-law?"],
    ),
    "an unknown regime": (
        '[[watch]]\nregime = "xx/regime/curfew"\n',
        ["unknown regime xx/regime/curfew; expected one of", "one of your own is kept in regimes/xx-curfew.toml"],
    ),
    "a route with a tag that no watch has names the nearest": (
        LABELLED + '[[route]]\ntags = ["nado"]\nchannels = ["desk"]\n',
        ['config.toml:12: route[1].tags: unknown tag "nado"; did you mean NATO?'],
    ),
    "a route with a tag, where no watch has any": (
        CHANNEL + '[[watch]]\nbill = "hr1-119"\n[[route]]\ntags = ["nato"]\nchannels = ["desk"]\n',
        ['route[1].tags: unknown tag "nato"; no watch has any tag'],
    ),
    "a route with an owner nobody knows": (
        LABELLED + '[[route]]\nowner = ["ana", "anna"]\nchannels = ["desk"]\n',
        ['route[1].owner: unknown owner "anna"; did you mean ana?'],
    ),
    "a route of an unknown priority": (
        LABELLED + '[[route]]\npriority = "hihg"\nchannels = ["desk"]\n',
        ['route[1].priority: unknown priority "hihg"; did you mean high?'],
    ),
    "a tag that is empty": ('[[watch]]\nbill = "hr1-119"\ntags = [" "]\n', ["watch[1].tags: expected words"]),
    "a tag without its list": (
        '[[watch]]\nbill = "hr1-119"\ntags = "nato"\n',
        ['watch[1].tags: expected a list of texts, saw "nato": write ["nato"]'],
    ),
    "TOML that is none, with its line": (
        "[service]\ntimezone = \n",
        ["config.toml:2: a value is missing (column 12; not TOML: Invalid value)"],
    ),
    "text without quotes": (
        "[service]\ntimezone = UTC\n",
        ['config.toml:2: text stands in quotes: "UTC" (column 12; not TOML: Invalid value)'],
    ),
    "an end in the middle": (
        '[service]\ntimezone = "UTC',
        ["config.toml:2: a quotation mark is missing at the end (column 12; not TOML: Unterminated string)"],
    ),
    "a key written twice": (
        "[http]\nallow_hosts = []\nallow_hosts = []\n",
        ["config.toml:3: this key stands twice in its table"],
    ),
    "nesting without end": ("x = " + "[" * 5000, ["config.toml: not"]),
    "text that is not UTF-8": (b'[service]\ncontact = "\xff"\n', ["config.toml:2: expected UTF-8 text"]),
    "an escape sequence in a value, neutralised": (
        '[service]\ntimezone = "\\u001b[31mred\\u202e"\n',
        ['saw "\ufffd[31mred\ufffd"'],
    ),
}
ALONE = {
    "a channel that the operator hears on": (
        '[service]\noperator = ["desk"]\n[[channel]]\nname = "desk"\nkind = "email"\n', ["channel[1].to"]),
    "a channel that a route names": (
        '[[channel]]\nname = "desk"\nkind = "telex"\n[[route]]\nchannels = ["desk"]\n', ["channel[1].kind"]),
    "a watch whose tag a route names": (
        CHANNEL + '[[watch]]\ntags = ["A"]\nbill = "XYZ 1"\n[[route]]\ntags = ["a"]\nchannels = ["desk"]\n',
        ["watch[1].bill"]),
    "a watch that a route names": (
        CHANNEL + '[[watch]]\nname = "A"\nbill = "XYZ 1"\n[[route]]\nwatch = ["A"]\nchannels = ["desk"]\n',
        ["watch[1].bill"]),
}  # fmt: skip


@pytest.mark.parametrize(("text", "keys"), ALONE.values(), ids=ALONE.keys())
def test_what_is_faulty_is_not_unknown_as_well(tmp_path: Path, text: str, keys: list[str]) -> None:
    with pytest.raises(ConfigError) as raised:
        read(tmp_path, text)
    found = {fault.split(": ")[1].removesuffix(":") for fault in raised.value.faults}
    assert keys[0] in found
    assert {key.partition(".")[0] for key in found} == {keys[0].partition(".")[0]}


FAULT_ENV = {
    "EMPTY": " ",
    "PLAIN_HOOK": f"http://hooks.example.org/{CANARY}",
    "NO_HOOK": CANARY,
    "GOOD_HOOK": "https://hooks.example.org/in",
    "GOOD_KEY": "whsec_" + "QUJD" * 8,
    "BARE_KEY": f"{CANARY}{'QUJD' * 8}",
    "SHORT_KEY": f"whsec_{CANARY}",
}


@pytest.mark.parametrize(("text", "expected"), FAULTS.values(), ids=FAULTS.keys())
def test_names_the_fault(text: str | bytes, expected: list[str], tmp_path: Path) -> None:
    faults = config_errors_of(tmp_path, text, FAULT_ENV)
    for words in expected:
        assert any(words in fault for fault in faults), faults
    assert len(faults) <= max(len(expected), 1)
    for fault in faults:
        assert fault.startswith("config.toml")
        assert CANARY not in fault
        assert "\n" not in fault
        assert fault.isprintable()


def test_finds_all_faults_at_once(tmp_path: Path) -> None:
    text = (
        '[service]\ntimezone = "X"\n[source.congress]\nevery = 1\n[[watch]]\nbill = "zz"\n[[channel]]\nkind = "fax"\n'
    )
    keys = [fault.split(": ")[1] for fault in config_errors_of(tmp_path, text)]
    assert keys == ["service.timezone", "source.congress.every", "watch[1].bill", "channel[1].name", "channel[1].kind"]


VALUES = (
    r"""
"x" | 3 | true | [] | ["x"] | [3] | { env = "X" } | { file = "." } | { a = 1 } | "" | "30s" | nan | -1 | "\u0000"
"https://a.example/x" | 1979-05-27 | "daily 08:00" | "us/bill/119/hr/1" | "22:00-07:00" | "email" | "webhook" | "slack"
"apprise" | "NATO AND" | [["x"]] | 99999999999999999999
""".strip()
    .replace("\n", " | ")
    .split(" | ")
)
LINES = {
    table: st.lists(st.tuples(st.sampled_from([*sorted(names), "zz"]), st.sampled_from(VALUES)), max_size=4)
    for table, names in (
        (table, {row.name for row in documented_keys() if row.table == table})
        for table in dict.fromkeys(row.table for row in documented_keys())
    )
}


@given(st.fixed_dictionaries({}, optional=LINES))
@settings(deadline=None)
def test_any_value_of_any_key_is_understood_or_an_error(tables: dict[str, list[tuple[str, str]]]) -> None:
    written = [
        "\n".join([table.replace("NAME", "congress"), *(f"{key} = {value}" for key, value in dict(lines).items())])
        for table, lines in tables.items()
    ]
    with TemporaryDirectory() as folder:
        with suppress(ConfigError):
            read(Path(folder), "\n".join(written), {"X": "https://a.example/x"})


TOML_FAULTS = {
    "a curly quotation mark": ("a = “UTC”", 5, '“ is a curly quotation mark: write " instead'),
    "a curly one at the end alone": ('a = "UTC”', 9, "” is a curly quotation mark"),
    "guillemets": ("a = «UTC»", 5, "« is a curly quotation mark"),
    "a curly one inside of text is none": ('n = "“x”" y', 11, '"y" is left over at the end of the line'),
    "a quote that is missing at the end": ('a = "UTC', 9, "a quotation mark is missing at the end"),
    "a quote that is missing at the beginning": ('a = UTC"', 5, "a quotation mark is missing"),
    "a single quote that is missing": ("a = 'UTC", 5, "a quotation mark is missing at the end"),
    "a quote that is missing in a list": (
        'to = ["a@b.org, "c@d.org"]',
        18,
        "inside of text ends it|a ] or a comma is missing",
    ),
    "a word without quotes": ("to = [desk@example.org]", 7, 'text stands in quotes: "desk@example.org"'),
    "a duration without quotes": ("every = 15m", 11, "text stands in quotes, and so does a duration"),
    "a day that is none": ("on = 2026-13-40", 10, "a day of the wrong form"),
    "yes": ("a = yes", 5, "write true or false"),
    "True": ("a = True", 5, "write true or false"),
    "a colon for the sign": ("a: 1", 2, "a = is missing behind the key"),
    "a bracket that is missing": ("[service", 9, "] is missing"),
    "two brackets that are missing": ("[[watch]", 8, "]] is missing"),
    "a table twice": ("[service]\n[service]", 9, "this table stands twice"),
    "a backslash": ('a = "C:\\dir"', 10, "a backslash in text is written twice"),
    "a quote inside of text": ('a = "say "no""', 11, "a quotation mark inside of text ends it"),
    "a tab before the place": ("a\t=\tUTC", 5, 'text stands in quotes: "UTC"'),
    "two keys on a line": ("a = 1 b = 2", 7, "each key has a line of its own"),
    "an escape sequence": ('a = "\x1b[31m"', 6, "a character that cannot stand in text"),
}


@pytest.mark.parametrize(("text", "column", "guess"), TOML_FAULTS.values(), ids=TOML_FAULTS)
def test_desk_23_a_line_that_is_no_toml_is_shown_with_a_mark_and_a_guess(text: str, column: int, guess: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_toml("config.toml", f"{text}\n".encode(), 1000, "configuration")
    (fault,), (line, mark) = caught.value.faults, caught.value.excerpt
    assert re.search("|".join(map(re.escape, guess.split("|"))), fault)
    assert f"(column {column};" in fault
    assert line.isprintable()
    assert mark == " " * (column - 1) + "^"


def test_of_a_long_line_the_part_around_the_place_is_shown() -> None:
    with pytest.raises(ConfigError) as caught:
        parse_toml("config.toml", ("note = '" + "x" * 500 + "' y\n").encode(), 1000, "configuration")
    line, mark = caught.value.excerpt
    assert (len(line) <= 100, line[mark.index("^")]) == (True, "y")
