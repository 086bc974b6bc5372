"""Composed acts for tests of the term engine; every name in them is *constructed*."""

from __future__ import annotations

from typing import Any

from domain.documents import DocumentId
from domain.records.facets import Facet
from domain.terms import Regime

HERE = DocumentId("xx", "regime", ("constructed",))


def regime(zone: str = "Europe/Kyiv", **rules: Any) -> Regime:
    return Regime(HERE, "Constructed regime", zone, rules.pop("two_keys", False), **rules)


def facets(
    instruments: dict[str, dict[str, Any]],
    approvals: dict[str, dict[str, Any]] | None = None,
    steps: dict[str, dict[str, Any]] | None = None,
) -> dict[str, Facet]:
    return {"instruments": instruments, "approvals": approvals or {}, "steps": steps or {}}


def intro(start: str, **facts: Any) -> dict[str, Any]:
    return {"act": "introduction", "starts_at": start, "on": start[:10], **facts}


def extension(start: str, **facts: Any) -> dict[str, Any]:
    return {"act": "extension", "starts_at": start, "on": start[:10], **facts}
