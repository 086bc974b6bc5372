"""The pause the publisher asks for is left by the HTTP client."""

from __future__ import annotations

from datetime import UTC, datetime

from domain.sources import Request, Response
from monitor.http.client import HostRateLimiter
from watchers.rada.client import RadaClient


def test_five_to_seven_seconds_lie_between_two_requests() -> None:
    slept: list[float] = []
    turns = HostRateLimiter(1.0, slept.append, lambda: 100.0)

    def http(request: Request) -> Response:
        turns.wait("data.rada.gov.ua", request.spacing)
        return Response(200, request.url, {}, b"x", datetime(2026, 1, 4, tzinfo=UTC))

    client = RadaClient(http, "https://data.rada.gov.ua")
    client.updates(None)
    client.list_page("n", 1)
    client.card("793/2025", None)
    client.text("793/2025", None)
    pauses = [later - before for before, later in zip([0.0, *slept], slept, strict=False)]
    assert len(pauses) == 3
    assert all(5 <= pause <= 7.01 for pause in pauses)
    assert client.spent() == 4


def test_the_slash_belongs_to_the_key_and_cyrillic_is_escaped() -> None:
    asked: list[str] = []

    def http(request: Request) -> Response:
        asked.append(request.url)
        return Response(404, request.url, {}, b"", datetime(2026, 1, 4, tzinfo=UTC))

    client = RadaClient(http, "https://data.example.org")
    client.text("793/2025", None)
    client.card("71-2026-р", None)
    assert asked == [
        "https://data.example.org/laws/show/793/2025.txt",
        "https://data.example.org/laws/card/71-2026-%D1%80.json",
    ]
