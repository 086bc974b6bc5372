"""Does an alert still follow from the archived bytes? `lexwatch verify`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from domain.errors import UnknownName
from monitor.session import Session
from monitor.terminal import clean, print_json, say
from monitor.verifying import Proof, Verifier
from storage.asking import Archive

Json = dict[str, Any]


def verify(session: Session, alerts: Sequence[str], *, everything: bool, as_json: bool) -> int:
    """Derive alerts again from their bytes; exit status 1 when one does not follow, or there is none such."""
    if bool(alerts) == everything:
        raise click.UsageError("name the alerts to verify, or say --all")
    with session.reading() as reader:
        if reader is None:
            raise UnknownName(f"nothing is recorded yet in {session.settings.database}: start lexwatch run")
        archive = Archive.of(reader)
        verifier = Verifier(archive)
        names = list(dict.fromkeys(one for name in alerts for one in _named(archive, name)))
        proofs = [proof for name in names or archive.alert_ids() if (proof := verifier.verify(name)) is not None]
        strays = list(verifier.strays()) if everything else []
        proofs += [Proof(None, faults=strays)] if strays else []
    if as_json:
        print_json([_row(proof) for proof in proofs])
    else:
        _show(proofs)
    return 0 if all(proof.holds for proof in proofs) else 1


def _named(archive: Archive, name: str) -> Sequence[str]:
    """Return the alerts of that name: one, or those that a message carries."""
    delivery = archive.delivery(name) if name.startswith("dl-") else None
    if delivery is not None:
        return delivery.alerts
    if name not in archive.alert_ids():
        raise UnknownName(f"no alert and no message is called {name}: lexwatch alerts --json lists them")
    return (name,)


def _row(proof: Proof) -> Json:
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


def _show(proofs: Sequence[Proof]) -> None:
    """Write one line for each alert, and what differs in one that does not hold."""
    for proof in proofs:
        if proof.holds:
            click.echo(clean(f"{proof.alert}  holds: {_rests_on(proof)}"))
            continue
        click.echo(clean(f"{proof.alert}  does not hold" if proof.alert else "messages that do not hold"))
        for fault in proof.faults:
            click.echo(clean(f"  {fault}"))
    failed = sum(not proof.holds for proof in proofs if proof.alert)
    verified = sum(1 for proof in proofs if proof.alert)
    say(f"{verified} alert{'' if verified == 1 else 's'} verified, {failed or 'none'} of them failed")


def _rests_on(proof: Proof) -> str:
    """Say in a few words what an alert was derived from."""
    if not proof.revisions:
        return "of this installation itself, as it was sealed"
    bytes_ = ", ".join(name[:12] for name in proof.evidence) or "none: the clock alone"
    return f"{', '.join(proof.revisions)} by {', '.join(proof.readers)} from the bytes {bytes_}"
