"""What is wrong with cells of numbers and contacts, in words. Values only."""

from collections.abc import Mapping

CONTACT_FAULTS: Mapping[str, str] = {
    "landline": "it is a landline, to which no code can be sent",
    "too_short": "it has too few digits",
    "too_long": "it has too many digits",
    "not_a_number": "it is not a telephone number",
    "not_an_address": "it is not an e-mail address",
}
SHORTENED = "a spreadsheet program has shortened it; format the column as text and export it again"
