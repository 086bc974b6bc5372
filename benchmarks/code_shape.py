"""How large is the code, and how is it cut? The table by which a rebuilt structure is compared with the one before.

`python -m benchmarks.code_shape [FOLDER…]`: one table for each checkout (default: this one). Lines are physical lines
of the product; functions are measured with docstrings, without decorators, parameters without self and cls.
"""

from __future__ import annotations

import ast
import io
import sys
import tokenize
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

PACKAGES = ("domain", "watchers", "storage", "notifications", "monitor")
_FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass
class Shape:
    """Sums over modules; lists hold one number for each function."""

    files: int = 0
    lines: int = 0
    small: int = 0
    lengths: list[int] = field(default_factory=list)
    parameters: list[int] = field(default_factory=list)
    classes: Counter[str] = field(default_factory=Counter)
    comments: int = 0
    docstrings: int = 0
    broad: int = 0
    test_lines: int = 0

    def row(self, name: str) -> str:
        per = [f"{median(self.lengths):.0f}/{_p90(self.lengths)}/{max(self.lengths)}"]
        per += [f"{_p90(self.parameters)}/{max(self.parameters)}"]
        kinds = "/".join(str(self.classes[kind]) for kind in ("class", "dataclass", "Protocol"))
        shares = f"{100 * self.comments / self.lines:.1f}/{100 * self.docstrings / self.lines:.0f} %"
        cells = [name, f"{self.files}", f"{self.lines:,}", *per, kinds, f"{self.small}", shares, f"{self.broad}"]
        return f"| {' | '.join(cells)} | {self.test_lines / self.lines:.2f} |"


def main(checkouts: list[str]) -> None:
    for checkout in checkouts or ["."]:
        root = Path(checkout)
        print(f"\n{root.resolve().name}\n")
        print(
            "| | files | lines | function median/p90/max | parameters p90/max | classes / dataclasses / protocols |",
            end="",
        )
        print(" files under 40 lines | comment / docstring lines | broad except | test:code |")
        print("|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|")
        shapes = {name: measured(root, name) for name in PACKAGES}
        for name, shape in shapes.items():
            print(shape.row(name))
        whole = total(shapes.values())
        whole.test_lines = sum(lines_of(path) for path in (root / "tests").rglob("*.py"))
        print(whole.row("**lexwatch**"))
        _print_structure(root)


def measured(root: Path, package: str) -> Shape:
    shape = Shape()
    for path in sorted((root / package).rglob("*.py")):
        add(shape, path)
    shape.test_lines = sum(lines_of(path) for path in (root / "tests" / package).rglob("*.py"))
    return shape


def add(shape: Shape, path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    length = lines_of(path)
    shape.files += 1
    shape.lines += length
    shape.small += length < 40
    shape.comments += sum(
        token.type == tokenize.COMMENT and token.line.strip().startswith("#")
        for token in tokenize.generate_tokens(io.StringIO(text).readline)
    )
    for node in ast.walk(tree):
        if isinstance(node, (*_FUNCTION, ast.ClassDef, ast.Module)) and (doc := docstring(node)):
            shape.docstrings += (doc.end_lineno or doc.lineno) - doc.lineno + 1
        if isinstance(node, _FUNCTION):
            shape.lengths.append((node.end_lineno or node.lineno) - node.lineno + 1)
            arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
            shape.parameters.append(sum(one.arg not in ("self", "cls") for one in arguments))
        elif isinstance(node, ast.ClassDef):
            shape.classes["class"] += 1
            shape.classes["dataclass"] += any("dataclass" in ast.unparse(one) for one in node.decorator_list)
            shape.classes["Protocol"] += any("Protocol" in ast.unparse(one) for one in node.bases)
        elif isinstance(node, ast.ExceptHandler):
            shape.broad += node.type is None or ast.unparse(node.type) in ("Exception", "BaseException")


def docstring(node: ast.AST) -> ast.Expr | None:
    body = getattr(node, "body", None)
    first = body[0] if isinstance(body, list) and body else None
    is_text = (
        isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)
    )
    return first if is_text else None


def total(shapes: Iterator[Shape] | object) -> Shape:
    whole = Shape()
    for shape in shapes:  # type: ignore[attr-defined]
        for name, value in vars(shape).items():
            setattr(whole, name, getattr(whole, name) + value)
    return whole


def lines_of(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def _p90(numbers: list[int]) -> int:
    return sorted(numbers)[int(0.9 * len(numbers))]


def _print_structure(root: Path) -> None:
    """What the table does not show: modules with one importer, private functions called once, shared class names."""
    modules = {_dotted(path, root): path for name in PACKAGES for path in (root / name).rglob("*.py")}
    importers: Counter[str] = Counter()
    names: Counter[str] = Counter()
    private = once = 0
    for path in modules.values():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        importers.update(_imported(tree, modules))
        names.update(node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef))
        hidden = [node.name for node in ast.walk(tree) if isinstance(node, _FUNCTION) and _is_private(node.name)]
        uses = Counter(getattr(node, "id", getattr(node, "attr", "")) for node in ast.walk(tree))
        private += len(hidden)
        once += sum(uses[name] == 1 for name in hidden)
    single = [name for name, count in importers.items() if count == 1]
    shared = [name for name, count in names.items() if count > 1]
    lines = sum(lines_of(modules[name]) for name in single)
    print(f"\nmodules with one importer: {len(single)} ({lines:,} lines)")
    print(f"private functions: {private}, of which used once in their module: {once}")
    print(f"class names used more than once: {len(shared)} {sorted(shared)[:12]}")


def _is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def _imported(tree: ast.AST, modules: dict[str, Path]) -> set[str]:
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found & set(modules)


def _dotted(path: Path, root: Path) -> str:
    parts = path.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


if __name__ == "__main__":
    main(sys.argv[1:])
