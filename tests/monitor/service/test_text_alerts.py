"""Does a replaced text reach a desk by the road of every poll, with what differs? All texts are constructed."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from domain.alerts.routing import Audience, Watch
from domain.observation import Observation
from domain.records.detection import advance
from domain.records.facets import Kind, digest
from domain.sources import SourceState
from monitor.service.context import Context, ScheduledSource
from monitor.service.poll import Poll
from notifications.compose import compose
from storage.store import open_store
from tests.watchers.texts.publisher import BASE, BILL, FIRST, IH, START, RecordLookupStub, bill_xml, listed
from watchers.texts.watcher import TextsWatcher

DAY = timedelta(days=1)


def test_a_text_replaced_in_silence_is_reported_from_the_archive(tmp_path: Path) -> None:
    shelf = RecordLookupStub()
    shelf.put(IH, bill_xml(FIRST))
    watch = Watch("NATO", BILL, created_at=START)
    audience = Audience(watches=(watch,), recipients={"desk": ("desk@example.org",)})
    store = open_store(str(tmp_path / "lexwatch.db"), rehearsal=False, now=START)
    known = advance(None, Observation(BILL, "congress", "congress/1", {"texts": listed(IH)}), START)
    assert known
    with store.begin() as tx:
        tx.save(known)
    source = SourceState("texts")
    for body in (FIRST, FIRST, FIRST.replace("shall", "may")):
        shelf.put(IH, bill_xml(body))
        shelf.now += 2 * DAY
        outcome = Poll(
            source, ScheduledSource(TextsWatcher(BASE), DAY), shelf, Context(store, audience, lambda: shelf.now)
        ).run()
        assert outcome.error is None
        source = outcome.source
    with store.read() as view:
        (delivery,) = view.due("desk", shelf.now, 9)
        notice = view.notice(delivery, "UTC")
        old = view.evidence(digest(bill_xml(FIRST)))
    store.close()
    (change,) = notice.changes
    assert change.kind is Kind.TEXT
    (told,) = compose(notice).news
    assert told.headline.startswith("New text: Introduced in House replaced without a new version: 1 word removed")
    assert "the President [- shall] [+ may] give notice" in str(told.lines[0])
    assert change.evidence == digest(bill_xml(FIRST.replace("shall", "may")))
    assert old is not None
    assert old.body == bill_xml(FIRST)
