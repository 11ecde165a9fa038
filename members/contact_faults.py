"""Why what somebody typed is no contact that messages can be sent to. Pure."""

from typing import Literal

ContactFault = Literal[
    "not_a_number",
    "too_short",
    "too_long",
    "letters",
    "extension",
    "landline",
    "toll_free",
    "premium_rate",
    "service_number",
    "pager",
    "personal_number",
    "internet_number",
    "satellite",
    "not_an_address",
    "local_part",
    "domain",
    "address_too_long",
]


class UnusableContact(Exception):
    """`fault` names the kind of number it is, or the part of the address that is wrong."""

    def __init__(self, fault: ContactFault) -> None:
        super().__init__(fault)
        self.fault = fault
