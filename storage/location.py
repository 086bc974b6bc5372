"""Which file does a configured database mean?"""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote

from domain.errors import StoreError

_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_SQLITE = ("sqlite", "sqlite+pysqlite")


def database_file(url_or_path: str | Path) -> Path:
    """Return the file that a path, or a URL such as `sqlite:///lexwatch.db`, names.

    Three slashes begin a relative path, four an absolute one, as SQLAlchemy has it. StoreError for the database of
    another maker and for one in memory, which would forget.
    """
    text = str(url_or_path)
    url = _URL.match(text)
    if url is None:
        path = text
    elif url[1].lower() in _SQLITE:
        path = unquote(text[url.end() :].partition("?")[0].removeprefix("/"))
    else:
        raise StoreError(
            f"this release keeps its record in SQLite: expected a file or sqlite:///FILE, not {url[1]}://..."
        )
    if path in ("", ":memory:"):
        raise StoreError("the record has to outlive the process: expected the name of a file, not a database in memory")
    return Path(path)
