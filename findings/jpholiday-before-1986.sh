#!/bin/sh
# jpholiday 1.0.3: days of the past are public holidays by laws that came later. The day between two holidays is one since
# the law of 27 December 1985, yet 4 May is one from 1949 on, 31 times; the Monday after a holiday on a Sunday is one since
# 12 April 1973, yet 12 February 1973 is one. `holidays` has the days as they were; from 1986 to 2099 the two agree.
# Seen: 31 days of May and 12 February 1973 more than `holidays` 0.109 has. Exits 1 when that changes.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "jpholiday==${1:-1.0.3}" holidays==0.109
"$folder/venv/bin/python" - <<'END_OF_PYTHON'
import sys
from datetime import date, timedelta

import holidays
import jpholiday

by_law = holidays.Japan(years=range(1949, 2100))
days = [date(1949, 1, 1) + timedelta(days) for days in range((date(2100, 1, 1) - date(1949, 1, 1)).days)]
differing = [day for day in days if jpholiday.is_holiday(day) != (day in by_law)]
print(f"{len(differing)} days differ, the first {differing[0]}, the last {differing[-1]}")
expected = [day for day in differing if (day.month, day.day) == (5, 4) and day.year < 1986]
assert all(jpholiday.is_holiday(day) for day in differing)
sys.exit(not (len(expected) == 31 and set(differing) - set(expected) == {date(1973, 2, 12)}))
END_OF_PYTHON
