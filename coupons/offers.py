"""What a campaign grants, in the words that the shopper reads. Values only."""

from collections.abc import Mapping

import msgspec

from coupons.placeholders import SaidWords, fill
from kit.languages import choose_language


class OfferText(msgspec.Struct, frozen=True):
    """What the shopper reads. `{store}` stands for the name of the store where it was earned."""

    title: str
    body: str
    terms: str | None = None


# By language, as BCP 47 writes it.
Offer = Mapping[str, OfferText]


_OFFER = msgspec.json.Decoder(dict[str, OfferText])


def read_offer(written: str) -> Offer:
    """As the database has it."""
    return _OFFER.decode(written)


def choose_text(offer: Offer, language: str, store_name: str | None) -> OfferText:
    """The offer in the shopper's language, or in the one that comes nearest (kit.languages)."""
    chosen = choose_language(language, offer)
    text = offer[chosen]
    words = SaidWords(language=chosen, texts={"store": store_name or ""})
    terms = None if text.terms is None else fill(text.terms, words)
    return OfferText(fill(text.title, words), fill(text.body, words), terms)
