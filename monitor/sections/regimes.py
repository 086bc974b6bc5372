"""Which regimes has the user added beside the configuration, and are they sound?"""

from __future__ import annotations

from monitor.sections.context import Context


def regimes(context: Context) -> None:
    """Read the folder `regimes` beside the configuration: every fault in it, and which of ours it replaces."""
    if not (context.folder / "regimes").is_dir():
        return
    from monitor.regimes import FOLDER, added, is_shipped  # whoever adds no regime does not pay for them

    found, faults = added(context.folder / FOLDER)
    context.faults.found.extend(faults)
    for document, made in found.items():
        if is_shipped(document):
            context.faults.warn(f"{FOLDER}/{made.file}", f"takes the place of the {document} that comes with lexwatch")
