"""What a campaign grants, in the words that the shopper reads. Values only."""

from collections.abc import Mapping

import msgspec

from kit.locales import Locale


class OfferText(msgspec.Struct, frozen=True):
    """What the shopper reads. `{store}` stands for the name of the store where it was earned."""

    title: str
    body: str
    terms: str | None = None


Offer = Mapping[Locale, OfferText]


_OFFER = msgspec.json.Decoder(dict[Locale, OfferText])


def read_offer(written: str) -> Offer:
    """As the database has it."""
    return _OFFER.decode(written)


def choose_text(offer: Offer, locale: Locale, store_name: str | None) -> OfferText:
    """The offer in the shopper's language, or in the one that it was written in."""
    text = offer.get(locale) or next(iter(offer.values()))
    name = store_name or ""
    terms = None if text.terms is None else text.terms.replace("{store}", name)
    return OfferText(text.title.replace("{store}", name), text.body.replace("{store}", name), terms)
