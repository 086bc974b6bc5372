"""Why was something told, or not told? `lexwatch why`: of an alert or a message what it rests on, of a document who
heard of its last changes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

from domain.changes import Change, as_json
from domain.detect import Step
from domain.errors import UnknownName
from domain.identity import DocumentId, label
from domain.instants import stated
from domain.matching import hearings
from domain.provenance import Account, accounts, waits_because
from domain.routing import Audience, Decision, decide
from monitor.audience import audience_of
from monitor.commands.reading import shown
from monitor.poll import stage_after
from monitor.session import Session
from monitor.terminal import clean, print_facts, print_json, say
from storage.asking import Archive

if TYPE_CHECKING:
    from domain.delivery import Delivery
    from storage.answers import KeptAlert

Json = dict[str, Any]


def why(session: Session, what: str, *, last: int, as_json: bool) -> int:
    """Explain an alert (`al-…`), a message (`dl-…`) or a document; exit status 1 when there is none such."""
    with session.reading() as reader:
        if reader is None:
            raise UnknownName(f"nothing is recorded yet in {session.settings.database}: start lexwatch run")
        archive = Archive.of(reader)
        if what.startswith(("al-", "dl-")):
            found = [_alert(archive, kept) for kept in _kept(archive, what)]
            answer: Any = found
        else:
            document = session.document(what, archive, say)
            answer = _document(archive, document, session, last)
    if as_json:
        print_json(answer)
    elif isinstance(answer, list):
        for one in answer:
            _show_alert(one, session.settings.timezone)
    else:
        _show_document(answer, session.settings.timezone)
    return 0


def _kept(archive: Archive, name: str) -> list[KeptAlert]:
    """Return the alerts of that name, or those that a message of that name carries."""
    delivery = archive.delivery(name) if name.startswith("dl-") else None
    names = delivery.alerts if delivery else (name,)
    found = [kept for alert in names if (kept := archive.alert(alert)) is not None]
    if not found:
        raise UnknownName(f"no alert and no message is called {name}: lexwatch alerts --json lists them")
    return found


def _alert(archive: Archive, kept: KeptAlert) -> Json:
    alert = kept.alert
    return {
        "alert": alert.id,
        "id": str(alert.document),
        "revision": alert.revision,
        "channel": alert.channel,
        "watches": list(alert.watches),
        "reason": alert.reason,
        "digest": alert.when.written if alert.when else None,
        "created_at": stated(kept.created_at),
        "changes": [_change(archive, change) for change in alert.changes],
        "deliveries": [
            _delivery(found) for told in kept.deliveries if (found := archive.delivery(told.delivery)) is not None
        ],
    }


def _change(archive: Archive, change: Change) -> Json:
    """Return a change with what it rests on: reader, address, validators, digest, and what put it right since."""
    stood = archive.revision(str(change.document), change.revision)
    source = archive.sourced(change.evidence) if change.evidence else None
    return {
        **as_json(change),
        "reader": stood.reader if stood else None,
        "url": source.url if source else None,
        "fetched_at": stated(source.fetched_at) if source else None,
        "etag": source.etag if source else None,
        "last_modified": source.last_modified if source else None,
        "archived": bool(source and source.archived),
        "corrected_by": [right.key for right in archive.corrections_of(change)],
    }


def _delivery(delivery: Delivery) -> Json:
    return {
        "delivery": delivery.id,
        "to": delivery.to,
        "state": str(delivery.state),
        "created_at": stated(delivery.created_at),
        "due_at": stated(delivery.due_at),
        "sent_at": stated(delivery.sent_at),
        "attempts": delivery.attempts,
        "possible_repeat": delivery.possible_repeat,
        "subject": delivery.message.subject if delivery.message else None,
        "because": waits_because(delivery),
    }


def _document(archive: Archive, document: DocumentId, session: Session, last: int) -> Json:
    audience = audience_of(session.settings, archive.watches())
    changes = archive.last_changes(document, last)
    return {
        "id": str(document),
        "watches": [watch.name for watch in audience.watches if watch.covers(document)],
        "changes": [_accounted(archive, change, audience) for change in changes],
    }


def _accounted(archive: Archive, change: Change, audience: Audience) -> Json:
    fates = archive.view.fates([change])
    stood = archive.revision(str(change.document), change.revision)
    decisions = _decisions(archive, change, audience)
    watched = any(watch.covers(change.document) for watch in audience.watches)
    baseline = stood is not None and stood.baseline
    said = list(accounts(change, fates, decisions, baseline=baseline, watched=watched))
    return {
        **as_json(change),
        "told": [_told(account) for account in said if account.told],
        "not_told": [_untold(account) for account in said if not account.told],
    }


def _decisions(archive: Archive, change: Change, audience: Audience) -> Sequence[Decision]:
    """Ask the present configuration what it makes of a change."""
    stood = archive.revision(str(change.document), change.revision)
    if stood is None:
        return ()
    step = Step(
        record=stood.record,
        based_on=change.revision - 1,
        altered=(),
        changes=(change,),
        reader=stood.reader,
        source=stood.source,
        evidence=stood.evidence,
        published_at=stood.published_at,
    )
    heard = hearings(step, step.changes, None, audience)
    stage = stage_after(step, stood.record.known_from)
    return [
        decision
        for one in heard
        for decision in one.explained(decide(one.changes, one.audience, established=True, stage=stage))
    ]


def _told(account: Account) -> Json:
    assert account.fate is not None
    delivery = account.fate.delivery
    return {
        "channel": account.channel,
        "to": delivery.to,
        "state": account.reason,
        "sent_at": stated(delivery.sent_at),
        "alert": account.fate.alert.id,
        "delivery": delivery.id,
        "reason": account.sentence,
        "because": waits_because(delivery),
    }


def _untold(account: Account) -> Json:
    return {
        "channel": account.channel,
        "watch": account.watch,
        "reason": account.reason,
        "sentence": account.sentence,
        "decided": "now" if account.decided_now else "then",
    }


def _show_alert(row: Json, zone: str) -> None:
    click.echo(f"{row['alert']}: {label(DocumentId.parse(row['id']))}, by {row['channel']}")
    print_facts(
        {
            "because": row["reason"],
            "for": ", ".join(row["watches"]) or None,
            "digest": row["digest"],
            "stored": shown(row["created_at"], zone),
        }
    )
    for change in row["changes"]:
        click.echo()
        click.echo(clean(_headline(change)))
        print_facts(_grounds(change, zone))
    for delivery in row["deliveries"]:
        click.echo(f"\n{delivery['delivery']} to {clean(delivery['to'])}: {_fate(delivery, zone)}")
        print_facts({"subject": delivery["subject"], "trouble": delivery["because"]})


def _grounds(change: Json, zone: str) -> dict[str, str | None]:
    return {
        "record says": change["text"],
        "happened": change["happened_on"],
        "published": shown(change["published_at"], zone),
        "seen": shown(change["seen_at"], zone),
        "source": f"{change['source']}, read by {change['reader']}" if change["reader"] else change["source"],
        "fetched": shown(change["fetched_at"], zone),
        "from": change["url"],
        "etag": change["etag"],
        "modified": change["last_modified"],
        "sha-256": change["evidence"],
        "bytes": None if change["evidence"] is None else "archived" if change["archived"] else "not archived",
        "corrects": change["corrects"],
        "put right by": "; ".join(change["corrected_by"]) or None,
        "change": change["change"],
    }


def _show_document(answer: Json, zone: str) -> None:
    document = DocumentId.parse(answer["id"])
    watches = ", ".join(answer["watches"])
    click.echo(clean(f"{label(document)}: " + (f"watched as {watches}" if watches else "no watch follows it")))
    if not answer["changes"]:
        say("no change is stored: what its first reading carried is its past (lexwatch history), told to nobody")
    for change in answer["changes"]:
        click.echo()
        click.echo(clean(f"{shown(change['seen_at'], zone)}  {_headline(change)}"))
        print_facts(dict(_outcomes(change, zone)))


def _outcomes(change: Json, zone: str) -> Iterator[tuple[str, str]]:
    """Yield who heard of a change and who did not, under a heading each, numbered where there are several."""
    for number, told in enumerate(change["told"], start=1):
        name = "told" if number == 1 else f"told {number}"
        yield name, f"{told['to']} by {told['channel']}, {_fate(told, zone)} ({told['alert']}): {told['reason']}"
    for number, missed in enumerate(change["not_told"], start=1):
        name = "not told" if number == 1 else f"not told {number}"
        where = f"{missed['channel']}: " if missed["channel"] else ""
        asked = " (as configured now)" if missed["decided"] == "now" else ""
        yield name, f"{where}{missed['sentence']}{asked}"


def _fate(row: Json, zone: str) -> str:
    if row["sent_at"]:
        repeated = " (possible repeat)" if row.get("possible_repeat") else ""
        return f"sent {shown(row['sent_at'], zone)}{repeated}"
    because = f", {row['because']}" if row["because"] else ""
    return f"{row['state']}{because}"


def _headline(change: Json) -> str:
    before, after = change["before"], change["after"]
    moved = f"{before} → {after}" if before and after else after or (f"no longer: {before}" if before else "")
    return f"{change['kind']}: {moved}".rstrip(": ")
