"""How do times go through a page without JavaScript? The server does not know the reader's zone, so they are shown and read in UTC."""

import re
from datetime import UTC, date, datetime, time
from typing import Final

_BROWSER_TIME: Final = re.compile(r"\d{2}:\d{2}(?::\d{2})?")


def input_text(value: str, subtype: str) -> str:
    """A stored value as the browser's date and time inputs want it (no zone)."""
    try:
        if subtype == "time":
            moment = time.fromisoformat(value.replace("Z", "+00:00"))
            if moment.tzinfo is not None:
                moment = datetime.combine(date(2000, 1, 2), moment).astimezone(UTC).time()
            return moment.strftime("%H:%M")
        if subtype == "datetime":
            stamp = datetime.fromisoformat(value.replace("Z", "+00:00"))
            return (stamp.astimezone(UTC) if stamp.tzinfo else stamp).strftime("%Y-%m-%dT%H:%M")
    except (ValueError, OverflowError):
        return value
    return value


def stored_text(text: str, subtype: str, serializing_format: str) -> str:
    """What a browser's input sent, with the zone that form-js would store."""
    clock = text.partition("T")[2] if subtype == "datetime" else text
    if subtype == "date" or not _BROWSER_TIME.fullmatch(clock):
        return text
    short = text[: len(text) - len(clock)] + clock[:5]
    return short + {"utc_normalized": "Z", "no_timezone": ""}.get(serializing_format, "+00:00")
