"""What the person is told whose phone number or e-mail address cannot be used: which kind it is, and what to enter."""

from members.contact_faults import ContactFault
from server.problems import Problem

_ANOTHER = "Let the person enter a mobile number"
SENTENCES: dict[ContactFault, str] = {
    "not_a_number": "Let the person check the number; one of another country begins with +.",
    "too_short": "Let the person check the number: a digit is missing.",
    "too_long": "Let the person check the number: it has a digit too many.",
    "letters": "Let the person write the number in digits.",
    "extension": f"{_ANOTHER}; an extension cannot be texted.",
    "landline": f"{_ANOTHER}; this is a landline, which cannot be texted.",
    "toll_free": f"{_ANOTHER}; this is a toll-free number, which cannot be texted.",
    "premium_rate": f"{_ANOTHER}; this is a premium-rate number.",
    "service_number": f"{_ANOTHER}; this is a company's service number, which cannot be texted.",
    "pager": f"{_ANOTHER}; this is the number of a pager or a machine.",
    "personal_number": f"{_ANOTHER}; this is a personal number, which forwards calls and cannot be texted.",
    "internet_number": f"{_ANOTHER}; this is an internet telephone's number, which cannot be texted.",
    "satellite": f"{_ANOTHER}; this is a number of a satellite or international network.",
    "not_an_address": "Let the person check the e-mail address: it needs an @ between name and domain.",
    "local_part": "Let the person check the e-mail address: what stands before the @ cannot be a mailbox.",
    "domain": "Let the person check the e-mail address: what stands behind the @ cannot be a mail domain.",
    "address_too_long": "Let the person check the e-mail address: it is too long.",
}


def refuse_contact(fault: ContactFault) -> Problem:
    return Problem("contact-unusable", SENTENCES[fault], reason=fault)
