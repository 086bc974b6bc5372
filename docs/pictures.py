"""How do typical alerts look? Writes docs/reference/alerts.md, its pictures and its Slack blocks.

By hand, from the checkout: `python -m docs.pictures [CHROMIUM]`. It needs lexwatch's own packages and a Chromium (by
default `chromium`) with the fonts Liberation and DejaVu; the same machine makes the same bytes. The alerts
(`sample_alerts`) are told by the code that tells people. Nothing is fetched.
"""

from __future__ import annotations

import html
import json
import re
import struct
import subprocess
import sys
import tempfile
import zlib
from pathlib import Path
from typing import Any

from docs.sample_alerts import ALERTS, Alert
from notifications.compose import compose
from notifications.message import Message
from notifications.slack import slack_payload

DOCS = Path(__file__).parent
IMG, BLOCKS = DOCS / "img" / "alerts", DOCS / "slack"


def main() -> None:
    chromium = sys.argv[1] if len(sys.argv) > 1 else "chromium"
    IMG.mkdir(parents=True, exist_ok=True)
    BLOCKS.mkdir(exist_ok=True)
    page = [_HEAD]
    for alert in ALERTS:
        message = compose(alert.notice, alert.render)
        shoot(chromium, alert.render.templates.as_html(message), IMG / f"{alert.name}.png", 600)
        blocks = json.dumps(slack_payload(message), indent=1, ensure_ascii=False)
        (BLOCKS / f"{alert.name}.json").write_text(blocks + "\n", encoding="utf-8")
        page.append(section(alert, message))
    pages = {alert.name: alert.render.templates.as_html(compose(alert.notice, alert.render)) for alert in ALERTS}
    shoot(chromium, pages["text"], IMG / "text-phone.png", 375)
    shoot(chromium, pages["text"], IMG / "text-dark.png", 600, dark=True)
    shoot(chromium, pages["difference"], IMG / "difference-dark.png", 375, dark=True)
    shoot(chromium, pages["digest"], IMG / "digest-phone.png", 360)
    shoot(chromium, pages["digest"], IMG / "digest-dark.png", 800, dark=True)
    shoot(chromium, pages["decree"], IMG / "decree-phone.png", 360, dark=True)
    (DOCS / "reference" / "alerts.md").write_text("\n".join([*page, _TAIL]), encoding="utf-8")


def section(alert: Alert, message: Message) -> str:
    return (
        f"## {alert.heading}\n\nRests on: {alert.rests_on}.\n\n```\nSubject: {message.subject}\n```\n\n"
        f"![The e-mail](../img/alerts/{alert.name}.png)\n\n"
        f"In Slack ([blocks](../slack/{alert.name}.json)):\n\n```\n{as_read(slack_payload(message))}```\n"
    )


def as_read(blocks: dict[str, Any]) -> str:
    """Write Slack's blocks as their reader sees them, a blank line between."""
    shown = []
    for block in blocks["blocks"]:
        texts = [block["text"]] if "text" in block else block["elements"]
        shown.append("\n".join(read(text["text"]) for text in texts))
    return "\n\n".join(shown).replace("```", "") + "\n"


def read(text: str) -> str:
    text = re.sub(r"<(https?://[^<>|]+)\|([^<>]*)>", r"\2 (\1)", text)
    return html.unescape(text).replace("*", "")


def shoot(chromium: str, page: str, target: Path, width: int, *, dark: bool = False) -> None:
    """Take a picture of a page, as wide as asked and as high as it is; in a frame, since a window has a least width."""
    with tempfile.TemporaryDirectory() as folder:
        framed, outer = Path(folder, "mail.html"), Path(folder, "page.html")
        framed.write_text(page, encoding="utf-8")
        frame = f'<iframe id="f" src="mail.html" style="border:0;width:{width}px;height:HEIGHTpx"></iframe>'
        measure = "<script>onload=()=>{document.title=f.contentDocument.documentElement.scrollHeight}</script>"
        outer.write_text(_PAGE + frame.replace("HEIGHT", "100") + measure, encoding="utf-8")
        seen = run(chromium, folder, dark, "--allow-file-access-from-files", "--dump-dom", outer.as_uri())
        height = int(seen.partition("<title>")[2].partition("<")[0])
        outer.write_text(_PAGE + frame.replace("HEIGHT", str(height)), encoding="utf-8")
        run(
            chromium,
            folder,
            dark,
            f"--window-size={max(width, 500)},{height}",
            f"--screenshot={target}",
            outer.as_uri(),
        )
    crop(target, width)


def run(chromium: str, folder: str, dark: bool, *options: str) -> str:
    scheme = ["--blink-settings=preferredColorScheme=0"] if dark else []
    quiet = ("no-sandbox", "disable-gpu", "disable-quic", "no-first-run", "disable-background-networking")
    flags = [f"--{flag}" for flag in (*quiet, "disable-component-update", "disable-sync", "hide-scrollbars")]
    command = [chromium, "--headless", *flags, *scheme, f"--user-data-dir={folder}/profile", *options]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=120).stdout


def crop(target: Path, width: int) -> None:
    """Cut a picture to its left part, since a window is never narrower than 500 pixels, and pack it well."""
    body = target.read_bytes()
    chunks, place = [], 8
    while place < len(body):
        size, kind = struct.unpack(">I4s", body[place : place + 8])
        chunks.append((kind, body[place + 8 : place + 8 + size]))
        place += size + 12
    head = next(data for kind, data in chunks if kind == b"IHDR")
    wide, high, depth, colour = struct.unpack(">IIBB", head[:10])
    per = {2: 3, 6: 4}[colour] * depth // 8
    rows = unfiltered(
        zlib.decompress(b"".join(data for kind, data in chunks if kind == b"IDAT")), wide * per, high, per
    )
    cut = zlib.compress(b"".join(b"\0" + row[: width * per] for row in rows), 9)
    parts = [(b"IHDR", struct.pack(">II", width, high) + head[8:]), (b"IDAT", cut), (b"IEND", b"")]
    target.write_bytes(
        body[:8] + b"".join(struct.pack(">I", len(d)) + k + d + struct.pack(">I", zlib.crc32(k + d)) for k, d in parts)
    )


def unfiltered(raw: bytes, width: int, high: int, per: int) -> list[bytes]:
    """Undo the filters of a PNG, row by row (PNG specification, 9.2)."""
    rows: list[bytes] = []
    above = bytes(width)
    for at_row in range(high):
        kind, line = raw[at_row * (width + 1)], bytearray(raw[at_row * (width + 1) + 1 : (at_row + 1) * (width + 1)])
        for i in range(width):
            left = line[i - per] if i >= per else 0
            corner = above[i - per] if i >= per else 0
            up = above[i]
            line[i] = (line[i] + (0, left, up, (left + up) // 2, paeth(left, up, corner))[kind]) & 255
        above = bytes(line)
        rows.append(above)
    return rows


def paeth(left: int, up: int, corner: int) -> int:
    guess = left + up - corner
    return min((left, up, corner), key=lambda one: abs(guess - one))


_PAGE = '<!doctype html><meta charset="utf-8"><title>0</title><body style="margin:0;background:#fff">'
_HEAD = """# What alerts look like

Made by `docs/pictures.py` from the code that writes messages; ids and digests are constructed. To change the layout:
[Change the templates](../how-to/change-the-templates.md).
"""
_TAIL = """## On a phone, and in the dark

![On a phone](../img/alerts/text-phone.png)

![In the dark](../img/alerts/text-dark.png)

![A difference on a phone, in the dark](../img/alerts/difference-dark.png)

![A digest on a phone](../img/alerts/digest-phone.png)

![A digest in the dark](../img/alerts/digest-dark.png)

![A decree on a phone, in the dark](../img/alerts/decree-phone.png)
"""

if __name__ == "__main__":
    main()
