"""Why was somebody notified, or nobody, and does an alert follow from the archived bytes? `why` and `verify`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

from domain.alerts.audit import Explanation, explanations, waits_because
from domain.alerts.routing import Alert, Audience, Decision, decide
from domain.alerts.search import Matches, search_matches
from domain.dates import iso_utc
from domain.documents import DocumentId, label
from domain.errors import UnknownName
from domain.records.detection import NewRevision
from domain.records.record import Change, is_after
from monitor.cli.lists import what_changed
from monitor.cli.session import Session, nothing_recorded
from monitor.cli.terminal import in_words, local_time, one_line, print_facts, print_json, print_note
from monitor.service.context import audience_of
from monitor.service.poll import stage_after, whole_text
from monitor.service.verification import AlertProof, Verifier
from notifications.wording import change_json, reason_sentence
from storage.audit import AuditReader

if TYPE_CHECKING:
    from domain.alerts.delivery import Delivery
    from storage.reader import StoredAlert


JsonRow = dict[str, Any]


def verify(session: Session, alerts: Sequence[str], *, everything: bool, as_json: bool) -> int:
    """Derive alerts again from their bytes; exit status 1 when one does not follow, or there is none such."""
    if bool(alerts) == everything:
        raise click.UsageError("name the alerts to verify, or say --all")
    with session.reading() as reader:
        if reader is None:
            raise UnknownName(nothing_recorded(session.settings))
        archive = AuditReader.of(reader)
        verifier = Verifier(archive)
        names = list(dict.fromkeys(one for name in alerts for one in _alert_ids(archive, name)))
        proofs = [proof for name in names or archive.alert_ids() if (proof := verifier.verify(name)) is not None]
        altered = list(verifier.altered_messages()) if everything else []
        proofs += [AlertProof(None, faults=altered)] if altered else []
    if as_json:
        print_json([_proof_row(proof) for proof in proofs])
    else:
        _print_proofs(proofs)
    return 0 if all(proof.holds for proof in proofs) else 1


def _alert_ids(archive: AuditReader, name: str) -> Sequence[str]:
    """Return the alerts of that name: one, or those that a message carries."""
    delivery = archive.delivery(name) if name.startswith("dl-") else None
    if delivery is not None:
        return delivery.alerts
    if name not in archive.alert_ids():
        raise UnknownName(f"no alert and no message is called {name}: lexwatch alerts --json lists them")
    return (name,)


def _proof_row(proof: AlertProof) -> JsonRow:
    return {
        "alert": proof.alert,
        "holds": proof.holds,
        "evidence": proof.evidence,
        "readers": proof.readers,
        "revisions": proof.revisions,
        "changes": proof.changes,
        "messages": proof.messages,
        "differences": proof.faults,
        "remarks": proof.remarks,
    }


def _print_proofs(proofs: Sequence[AlertProof]) -> None:
    """Write one line for each alert, and what differs in one that does not hold."""
    for proof in proofs:
        if proof.holds:
            click.echo(one_line(f"{proof.alert}  holds: {_rests_on(proof)}"))
            continue
        click.echo(one_line(f"{proof.alert}  does not hold" if proof.alert else "messages that do not hold"))
        for fault in proof.faults:
            click.echo(one_line(f"  {fault}"))
    failed = sum(not proof.holds for proof in proofs if proof.alert)
    verified = sum(1 for proof in proofs if proof.alert)
    if not verified:
        print_note("there is no alert to verify yet")
    else:
        print_note(f"{verified} alert{'' if verified == 1 else 's'} verified, {failed or 'none'} of them failed")


def _rests_on(proof: AlertProof) -> str:
    """Say in a few words what an alert was derived from."""
    if not proof.revisions:
        return "of this installation itself, as it was sealed"
    bytes_ = ", ".join(name[:12] for name in proof.evidence) or "none: the clock alone"
    return f"{', '.join(proof.revisions)} by {', '.join(proof.readers)} from the bytes {bytes_}"


Json = dict[str, Any]


def why(session: Session, what: str, *, last: int, as_json: bool) -> int:
    """Explain an alert (`al-…`), a message (`dl-…`) or a document; exit status 1 when there is none such."""
    with session.reading() as reader:
        if reader is None:
            raise UnknownName(nothing_recorded(session.settings))
        archive = AuditReader.of(reader)
        if what.startswith(("al-", "dl-")):
            found = [_alert(archive, kept) for kept in _alerts_named(archive, what)]
            answer: Any = found
        else:
            search = session.search_called(what)
            document = search.document if search else session.document(what, archive, print_note)
            assert document is not None
            answer = _document(archive, document, session, last, search.name if search else None)
    if as_json:
        print_json(answer)
    elif isinstance(answer, list):
        for one in answer:
            _show_alert(one, session)
    else:
        _show_document(answer, session.settings.timezone)
    return 0


def _alerts_named(archive: AuditReader, name: str) -> list[StoredAlert]:
    """Return the alerts of that name, or those that a message of that name carries."""
    delivery = archive.delivery(name) if name.startswith("dl-") else None
    names = delivery.alerts if delivery else (name,)
    found = [kept for alert in names if (kept := archive.alert(alert)) is not None]
    if not found:
        raise UnknownName(f"no alert and no message is called {name}: lexwatch alerts --json lists them")
    return found


def _alert(archive: AuditReader, kept: StoredAlert) -> Json:
    alert = kept.alert
    return {
        "alert": alert.id,
        "id": str(alert.document),
        "revision": alert.revision,
        "channel": alert.channel,
        "watches": list(alert.watches),
        "reason": reason_sentence(alert.reasons),
        "digest": alert.when.written if alert.when else None,
        "created_at": iso_utc(kept.created_at),
        "changes": [_change(archive, change) for change in alert.changes],
        "deliveries": [
            _delivery(found, alert)
            for sent in kept.deliveries
            if (found := archive.delivery(sent.delivery)) is not None
        ],
    }


def _change(archive: AuditReader, change: Change) -> Json:
    """Return a change with what it rests on: reader, address, validators, digest, and what put it right since."""
    stood = archive.revision(str(change.document), change.revision)
    source = archive.evidence_origin(change.evidence) if change.evidence else None
    return {
        **change_json(change),
        "reader": stood.reader if stood else None,
        "url": source.url if source else None,
        "fetched_at": iso_utc(source.fetched_at) if source else None,
        "etag": source.etag if source else None,
        "last_modified": source.last_modified if source else None,
        "archived": source is not None,
        "corrected_by": [right.key for right in archive.corrections_of(change)],
    }


def _delivery(delivery: Delivery, alert: Alert) -> Json:
    return {
        "delivery": delivery.id,
        "to": delivery.to,
        "state": str(delivery.state),
        "created_at": iso_utc(delivery.created_at),
        "due_at": iso_utc(delivery.due_at),
        "sent_at": iso_utc(delivery.sent_at),
        "attempts": delivery.attempts,
        "possible_repeat": delivery.possible_repeat,
        "subject": delivery.message.subject if delivery.message else None,
        "named": _named(delivery, alert),
        "because": in_words(waits_because(delivery)),
    }


def _named(delivery: Delivery, alert: Alert) -> str | None:
    """Say how far the message names what the alert carries; None for one that has not been written."""
    if delivery.message is None:
        return None
    counted = {change.key for change in alert.changes}.intersection(delivery.message.counted_only)
    return "named in the overview" if counted else "named in full"


def _names(delivery: Delivery, change: Change) -> str | None:
    """Say whether the message names a change or counts it among others; None for one that has not been written."""
    if delivery.message is None:
        return None
    return "counted, not named" if change.key in delivery.message.counted_only else "named"


def _document(
    archive: AuditReader, document: DocumentId, session: Session, last: int, search: str | None = None
) -> Json:
    """Explain the last changes of a document, of the entries of a feed, or of what a search alerted of."""
    audience = audience_of(session.settings, archive.watches())
    if search is not None:
        changes = archive.changes_sent_by(search, last)
    elif document.is_feed and not document.parts:
        changes = archive.changes_within(str(document), last)
    else:
        changes = archive.last_changes(document, last)
    called = search or session.called(document)
    found = {} if search else {match.watch: list(match.words) for match in archive.matches(document=str(document))}
    watching = (watch.name for watch in audience.watches if watch.matches(document) or watch.name in found)
    watches = [search] if search else list(watching)
    return {
        "id": str(document),
        "called": called,
        "watches": watches,
        "matched_by": found,
        "finds": archive.found([search]).get(search, (0, 0))[0] if search else None,
        "part_of": [] if watches else _regimes_of(archive, document, session),
        "read": search is not None or document.is_feed or document.is_operational or archive.knows(str(document)),
        "absent": _absent(archive, document),
        "changes": [_accounted(archive, change, audience) for change in changes],
    }


def _absent(archive: AuditReader, document: DocumentId) -> str | None:
    """Say that a source has no such document, in its words; None for one that there is."""
    record = archive.view.record(document)
    said = record.facets.get("absent", {}).values() if record else ()
    return "; ".join(filter(None, (in_words(str(entry["text"])) for entry in said))) or None


def _regimes_of(archive: AuditReader, document: DocumentId, session: Session) -> list[str]:
    """Return the watched regimes that an act belongs to: its steps are news of theirs."""
    watched = [one.document for one in session.settings.watches if one.document and one.document.kind == "regime"]
    records = [record for regime in watched if (record := archive.view.record(regime))]
    return [
        str(record.document)
        for record in records
        if any(str(document) in record.facets.get(facet, {}) for facet in ("instruments", "approvals"))
    ]


def _accounted(archive: AuditReader, change: Change, audience: Audience) -> Json:
    fates = archive.view.fates([change])
    stood = archive.revision(str(change.document), change.revision)
    found = {match.watch: match for match in archive.matches(document=str(change.document))}
    decisions = _decisions(archive, change, audience, found)
    watched = any(watch.matches(change.document) or watch.name in found for watch in audience.watches)
    baseline = stood is not None and stood.baseline and not _came_after(change, audience)
    said = list(explanations(change, fates, decisions, baseline=baseline, watched=watched))
    return {
        **change_json(change),
        "told": [_sent_row(account, change) for account in said if account.sent],
        "not_told": [_not_sent_row(account) for account in said if not account.sent],
    }


def _came_after(change: Change, audience: Audience) -> bool:
    """Say whether a change came after somebody watched, and so is no past of a first reading."""
    return any(w.created_at and is_after(change, w.created_at) for w in audience.watching(change.document))


def _decisions(archive: AuditReader, change: Change, audience: Audience, found: Matches) -> Sequence[Decision]:
    """Ask the present configuration what it makes of a change; `found` are the searches that found its document."""
    stood = archive.revision(str(change.document), change.revision)
    if stood is None:
        return ()
    step = NewRevision(
        record=stood.record,
        based_on=change.revision - 1,
        altered=(),
        changes=(change,),
        reader=stood.reader,
        source=stood.source,
        evidence=stood.evidence,
        published_at=stood.published_at,
    )
    matches = search_matches(step, step.changes, None, audience, found)
    stage = stage_after(step, stood.record.known_from)
    return [
        decision
        for one in matches
        for decision in one.explained(
            decide(one.changes, one.audience, established=True, stage=stage, whole=whole_text(stood.record))
        )
    ]


def _sent_row(account: Explanation, change: Change) -> Json:
    assert account.fate is not None
    delivery = account.fate.delivery
    return {
        "channel": account.channel,
        "to": delivery.to,
        "state": account.reason,
        "sent_at": iso_utc(delivery.sent_at),
        "alert": account.fate.alert.id,
        "delivery": delivery.id,
        "reason": reason_sentence(account.why),
        "named": _names(delivery, change),
        "because": in_words(waits_because(delivery)),
    }


def _not_sent_row(account: Explanation) -> Json:
    return {
        "channel": account.channel,
        "watch": account.watch,
        "reason": account.reason,
        "sentence": reason_sentence(account.why),
        "decided": "now" if account.decided_now else "then",
    }


def _show_alert(row: Json, session: Session) -> None:
    zone = session.settings.timezone
    click.echo(f"{row['alert']}: {session.called(DocumentId.parse(row['id']))}, by {row['channel']}")
    print_facts(
        {
            "because": row["reason"],
            "for": ", ".join(row["watches"]) or None,
            "digest": row["digest"],
            "stored": local_time(row["created_at"], zone),
        }
    )
    for change in row["changes"]:
        click.echo()
        click.echo(one_line(_headline(change, DocumentId.parse(row["id"]))))
        source = change["source"]
        called = session.called(DocumentId.parse(source)) if source.startswith("feed/") else source
        print_facts(_change_facts({**change, "source": called}, zone))
    for delivery in row["deliveries"]:
        click.echo(f"\n{delivery['delivery']} to {one_line(delivery['to'])}: {_delivery_outcome(delivery, zone)}")
        print_facts({"subject": delivery["subject"], "trouble": delivery["because"]})


def _change_facts(change: Json, zone: str) -> dict[str, str | None]:
    return {
        "record says": change["text"],
        "happened": change["happened_on"],
        "published": local_time(change["published_at"], zone),
        "seen": local_time(change["seen_at"], zone),
        "source": f"{change['source']}, read by {change['reader']}" if change["reader"] else change["source"],
        "fetched": local_time(change["fetched_at"], zone),
        "from": change["url"],
        "etag": change["etag"],
        "modified": change["last_modified"],
        "sha-256": change["evidence"],
        "bytes": None if change["evidence"] is None else "archived" if change["archived"] else "not archived",
        "corrects": change["corrects"],
        "corrected by": "; ".join(change["corrected_by"]) or None,
        "change": change["change"],
    }


def _show_document(answer: Json, zone: str) -> None:
    watches = ", ".join(answer["watches"])
    if answer["finds"] is not None:
        found = f"{answer['finds']} document{'' if answer['finds'] == 1 else 's'}"
        watches = f"a search, which finds {found} (lexwatch status {answer['called']!r})"
    click.echo(one_line(f"{answer['called']}: " + (f"watched as {watches}" if watches else "no watch follows it")))
    for name, words in answer["matched_by"].items():
        click.echo(one_line(f"{name} finds it by: {', '.join(words)}"))
    for regime in answer["part_of"]:
        click.echo(f"its steps are news of {label(DocumentId.parse(regime))}: lexwatch why {regime}")
    if not answer["changes"]:
        print_note(
            answer["absent"]
            or "no change is stored: what its first reading carried is its past (lexwatch history), sent to nobody"
            if answer["read"]
            else "it has not been read yet: lexwatch sources says how its source is"
        )
    document = DocumentId.parse(answer["id"])
    for change in answer["changes"]:
        click.echo()
        click.echo(f"{local_time(change['seen_at'], zone)}  {one_line(_headline(change, document))}")
        print_facts(_outcomes(change, zone))


_HEADINGS = {"pending": "waits", "held": "waits", "ambiguous": "perhaps sent", "dead": "given up"}
"""How a message is called by its state that is not known to be sent."""


def _outcomes(change: Json, zone: str) -> Iterator[tuple[str, str]]:
    """Yield who was notified of a change and who was not, each with what became of it."""
    for reported in change["told"]:
        yield (
            "sent" if reported["sent_at"] else _HEADINGS.get(reported["state"], "not sent"),
            f"{reported['to']} by {reported['channel']}, {_delivery_outcome(reported, zone)} ({reported['alert']}): "
            f"{reported['reason']}",
        )
    for missed in change["not_told"]:
        where = f"{missed['channel']}: " if missed["channel"] else ""
        asked = " (as configured now)" if missed["decided"] == "now" else ""
        yield "not sent", f"{where}{missed['sentence']}{asked}"


def _delivery_outcome(row: Json, zone: str) -> str:
    if row["sent_at"]:
        repeated = " (possible repeat)" if row.get("possible_repeat") else ""
        return f"sent {local_time(row['sent_at'], zone)}, {row['named']}{repeated}"
    because = f", {row['because']}" if row["because"] else ""
    return f"{row['state']}{because}"


def _headline(change: Json, document: DocumentId) -> str:
    return f"{change['kind']}: {what_changed(change, document) or ''}".rstrip(": ")
