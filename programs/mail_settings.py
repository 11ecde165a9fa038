"""How a program sends e-mail to its members. Values only."""

import msgspec


class MailSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What the law of Japan (特定電子メール法) wants to read in each e-mail of a campaign, and how fast they go out.

    Without them a program sends none.
    """

    sender_name: str
    """Whose e-mail it is: the name of the company or shop that answers for it."""
    postal_address: str
    """Where they are."""
    contact: str
    """Where questions and complaints go: a phone number, an e-mail address or a web address."""
    per_minute: int | None
    """How many e-mails of campaigns go out a minute at most, over all servers. Null: as many as the mail server
    takes."""
    is_double_opt_in: bool
    """Whether consent to e-mail counts only once the person has followed the link in an e-mail that asks for it."""
