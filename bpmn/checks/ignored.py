"""Which parts of BPMN would mean something at run time elsewhere and are documentation here?"""

from bpmn.namespaces import B
from bpmn.problems import Problems, title
from bpmn.reading import sentence
from bpmn.xml import Element

_MAPPED = ("dataInputAssociation", "dataOutputAssociation")


def check_ignored(root: Element, problems: Problems) -> None:
    """Data associations that only draw a line are documentation anyway; those that compute something are not."""
    for association in root.iter(*(B + name for name in _MAPPED)):
        owner = association.getparent()
        computes = association.find(B + "assignment") is not None or association.find(B + "transformation") is not None
        if owner is not None and computes:
            problems.warning(
                "left-out",
                association,
                f"{sentence(title(owner))} has a data association that computes a value; it is left out.",
                "Map the variable with an input or output mapping (zeebe:ioMapping).",
            )
    for subscription in root.iter(B + "correlationSubscription"):
        owner = subscription.getparent()
        if owner is not None:
            problems.warning(
                "left-out",
                subscription,
                f"{sentence(title(owner))} correlates messages by a key of plain BPMN, which is left out: its messages match by name.",
                "Write the correlation key at the message (zeebe:subscription).",
            )
