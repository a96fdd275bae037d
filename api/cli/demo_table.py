"""What came of the demo's inquiries? The numbers, as data and as a table."""

from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from api.cli.demo_run import Outcome, Place, count_places


def summary(outcomes: Sequence[Outcome], incidents: Sequence[tuple[str, str, str]], seconds: float) -> dict[str, Any]:
    """The numbers of the table."""
    judged = [outcome for outcome in outcomes if outcome.topic_is_right is not None]
    places = count_places(outcomes)
    return {
        "inquiries": len(outcomes),
        "places": {place.value: places[place] for place in Place},
        "topicsRight": sum(outcome.topic_is_right is True for outcome in judged),
        "topicsJudged": len(judged),
        "routesRight": sum(outcome.route_is_right for outcome in outcomes),
        "incidents": [{"inquiry": name, "element": element, "message": message} for name, element, message in incidents],
        "elsewhere": [
            {"inquiry": o.inquiry.id, "expected": o.inquiry.label.route, "place": o.place.value, "topic": o.topic, "rounds": o.rounds}
            for o in outcomes
            if not o.route_is_right
        ],
        "seconds": round(seconds, 1),
    }


def print_summary(outcomes: Sequence[Outcome], incidents: Sequence[tuple[str, str, str]], seconds: float) -> None:
    numbers = summary(outcomes, incidents, seconds)
    places = numbers["places"]
    table = Table(title=f"{numbers['inquiries']} customer inquiries", title_justify="left", show_header=False)
    table.add_column()
    table.add_column(justify="right")
    for label, place in (
        ("Answered and closed (a person approved)", Place.ANSWERED),
        ("Waiting in quick review", Place.QUICK_REVIEW),
        ("Waiting for a specialist", Place.SPECIALIST),
        ("Waiting for the customer's answer (clarification)", Place.CLARIFICATION),
        ("Waiting for the supervisor", Place.SUPERVISOR),
        ("Waiting to be logged by hand", Place.LOG_BY_HAND),
        ("Incidents", Place.INCIDENT),
        ("Not at rest", Place.MOVING),
    ):
        if places[place.value] or place in (Place.ANSWERED, Place.QUICK_REVIEW, Place.SPECIALIST, Place.CLARIFICATION, Place.INCIDENT):
            table.add_row(label, str(places[place.value]))
    table.add_section()
    judged = numbers["topicsJudged"]
    table.add_row("Topic as labelled", f"{numbers['topicsRight']} of {judged} ({numbers['topicsRight'] / max(1, judged):.0%})")
    table.add_row("Route as labelled", f"{numbers['routesRight']} of {numbers['inquiries']} ({numbers['routesRight'] / len(outcomes):.0%})")
    table.add_row("Time", f"{numbers['seconds']} s")
    console = Console(highlight=False)
    console.print(table)
    for other in numbers["elsewhere"]:
        console.print(f"  {other['inquiry']}: {other['place']} instead of {other['expected']} (topic {other['topic']})", markup=False)
    for name, element, message in incidents:
        console.print(f"  {name}: incident at {element}: {message}", markup=False)
    console.print("No reply leaves without a person: approve, change or reject them in the pages.")
