"""Which tasks does a contributor run? `nox -l` lists them, `nox -s NAME` runs one; by default lint, types, tests."""

from __future__ import annotations

import nox

nox.options.sessions = ["lint", "types", "tests"]
nox.options.reuse_existing_virtualenvs = True


@nox.session
def lint(session: nox.Session) -> None:
    """Check style and formatting."""
    session.install("-e", ".[dev]")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")


@nox.session
def types(session: nox.Session) -> None:
    """Check the types of the product."""
    session.install("-e", ".[dev]")
    session.run("mypy")


@nox.session
def tests(session: nox.Session) -> None:
    """Run the default tests; arguments after -- go to pytest, such as -- tests/domain -k terms."""
    session.install("-e", ".[dev]")
    session.run("pytest", *session.posargs)


@nox.session
def slow(session: nox.Session) -> None:
    """Run the tests that take minutes: random seeds, long histories."""
    session.install("-e", ".[dev]")
    session.run("pytest", "-m", "slow", *session.posargs)


@nox.session
def crash(session: nox.Session) -> None:
    """Kill the real service again and again; arguments after --, such as -- --kills 600."""
    session.install("-e", ".[dev]")
    session.run("python", "-m", "tests.crash", *session.posargs)


@nox.session
def docs(session: nox.Session) -> None:
    """Write the generated pages again and build the documentation into build/site."""
    session.install("-e", ".[docs]")
    session.run("python", "-m", "docs.generate")
    session.run("mkdocs", "build", "--strict", *session.posargs)


@nox.session
def benchmarks(session: nox.Session) -> None:
    """Measure every row of the speed budget; names of rows after --."""
    session.install("-e", ".[dev]")
    session.run("python", "-m", "benchmarks", *session.posargs)
