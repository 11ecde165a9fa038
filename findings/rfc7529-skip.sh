#!/bin/sh
# A birthday on 29 February that falls on the 28th in common years is written RRULE:RSCALE=GREGORIAN;FREQ=YEARLY;
# SKIP=BACKWARD (RFC 7529). icalendar 7.3.2 reads it and keeps both parts; recurring-ical-events 3.8.2 then refuses the
# calendar, and says that UNTIL is missing, which the rule needs not have; python-dateutil 2.9.0 knows no RSCALE. Without
# the two parts the event comes every fourth year. Exits 1 when that changes.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet icalendar==7.3.2 "recurring-ical-events==${1:-3.8.2}" python-dateutil==2.9.0.post0
"$folder/venv/bin/python" - <<'END_OF_PYTHON'
import sys
from datetime import datetime

import recurring_ical_events
from dateutil.rrule import rrulestr
from icalendar import Calendar

RULE = "RSCALE=GREGORIAN;FREQ=YEARLY;SKIP=BACKWARD"
EVENT = ["BEGIN:VEVENT", "UID:1", "DTSTAMP:20240101T000000Z", "DTSTART;VALUE=DATE:20240229", f"RRULE:{RULE}", "END:VEVENT"]
lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//a//b//EN", *EVENT, "END:VCALENDAR", ""]
calendar = Calendar.from_ical("\r\n".join(lines))
assert b"SKIP=BACKWARD" in calendar.to_ical()
said = []
for read in (
    lambda: recurring_ical_events.of(calendar).between((2024, 1, 1), (2030, 1, 1)),
    lambda: rrulestr(RULE, dtstart=datetime(2024, 2, 29)),
):
    try:
        read()
    except ValueError as error:
        said.append(str(error))
print(*said, sep="\n")
sys.exit([text[:13] for text in said] != ["UNTIL paramet", "unknown param"])
END_OF_PYTHON
