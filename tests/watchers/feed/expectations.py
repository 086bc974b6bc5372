"""What do the files of feedparser's own tests say should hold of them?

Each begins with a comment: `Header:` what it was served with, `Expect:` an expression over the result. The expression
is read and worked out here, name by name: nothing of a file is run.
"""

from __future__ import annotations

import ast
import codecs
import operator
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import feedparser

from watchers.feed.body import check_body, decode_body
from watchers.feed.parser import run_feedparser

URL = "http://127.0.0.1:8097/"

_CALLS: Mapping[str, Callable[..., Any]] = {"len": len, "ord": ord, "isinstance": isinstance}
_COMPARE: Mapping[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.Gt: operator.gt,
    ast.In: lambda one, many: one in many,
    ast.NotIn: lambda one, many: one not in many,
}


@dataclass(frozen=True, slots=True)
class Expectation:
    """One file, the expression that should hold of it, and the content type it was served with."""

    path: Path
    holds: str
    content_type: str

    def is_met(self) -> bool:
        """Read the file as the watcher does and work the expression out. The encoding is the one we settled on."""
        script = decode_body(self.path.read_bytes(), self.content_type)
        safe_body = check_body(script.body)
        parsed = run_feedparser(safe_body.body if safe_body else script.body, script.content_type, URL)
        names: dict[str, Any] = {"feedparser": feedparser, **parsed}
        names |= {"feed": parsed.feed, "entries": parsed.entries, "bozo": parsed.bozo or script.doubtful}
        names["encoding"] = _Charset(script.encoding or parsed.get("encoding") or "")
        return bool(_value(ast.parse(self.holds.strip(), mode="eval").body, names))


def expectations(paths: list[Path]) -> Iterator[Expectation]:
    for path in paths:
        text = _text(path.read_bytes())
        said = re.search(r"Expect:\s*(.*?)\s*\n\s*-->", text, re.DOTALL) or re.search(r"Expect:\s*([^\n]*)", text)
        if said:
            header = re.search(r"Header:\s*[Cc]ontent-[Tt]ype:\s*([^\n]*)", text)
            yield Expectation(path, said[1].replace("\n", " "), header[1].strip() if header else "application/xml")


class _Charset(str):
    """The name of an encoding, equal to its other names."""

    __hash__ = None  # type: ignore[assignment]

    def __eq__(self, other: object) -> bool:
        try:
            return codecs.lookup(self).name == codecs.lookup(str(other)).name
        except LookupError:
            return str(self) == other


def _text(body: bytes) -> str:
    """Read the comment of a file in whatever it is written."""
    for codec in ("utf-8", "utf-16", "utf-32", "utf-16-be", "utf-16-le", "utf-32-be", "utf-32-le", "cp037"):
        text = body.decode(codec, "ignore")
        if "Expect:" in text:
            return text
    return ""


def _value(node: ast.expr, names: Mapping[str, Any]) -> Any:
    match node:
        case ast.Constant(value=value):
            return value
        case ast.Name(id=name):
            return names[name]
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            return type(ast.literal_eval(node))(_value(part, names) for part in parts)
        case ast.Dict():
            return ast.literal_eval(node)
        case ast.Subscript(value=of, slice=at):
            return _value(of, names)[_value(at, names)]
        case ast.Attribute(value=of, attr=name) if not name.startswith("_"):
            return getattr(_value(of, names), name)
        case ast.UnaryOp(op=ast.Not(), operand=of):
            return not _value(of, names)
        case ast.BoolOp(op=ast.And(), values=parts):
            return all(_value(part, names) for part in parts)
        case ast.BoolOp(op=ast.Or(), values=parts):
            return any(_value(part, names) for part in parts)
        case ast.Compare(left=left, ops=ops, comparators=others):
            values = [_value(left, names), *(_value(other, names) for other in others)]
            pairs = zip(ops, values, values[1:], strict=False)
            return all(_COMPARE[type(op)](one, other) for op, one, other in pairs)
        case ast.Call(func=ast.Name(id="locals"), args=[]):
            return names
        case ast.Call(func=ast.Name(id=name), args=args) if name in _CALLS:
            return _CALLS[name](*(_value(arg, names) for arg in args))
        case ast.Call(func=ast.Attribute(value=of, attr="get"), args=args):
            return _value(of, names).get(*(_value(arg, names) for arg in args))
    raise LookupError(f"an expectation in words nobody foresaw: {ast.unparse(node)}")
