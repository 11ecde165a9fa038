"""The examples of all rooms, by operation id, for the API's description."""

from collections.abc import Mapping

from server.accounts.examples import EXAMPLES as ACCOUNTS
from server.accounts.profile_examples import EXAMPLES as PROFILES
from server.audiences.examples import EXAMPLES as AUDIENCES
from server.backoffice.examples import EXAMPLES as BACKOFFICE
from server.campaigns.examples import EXAMPLES as CAMPAIGNS
from server.check_ins.examples import EXAMPLES as CHECK_INS
from server.credentials.examples import EXAMPLES as CREDENTIALS
from server.description.examples import EXAMPLES as WEB
from server.description.examples import Example
from server.experiments.examples import EXAMPLES as EXPERIMENTS
from server.explanations.examples import EXAMPLES as EXPLANATIONS
from server.line.examples import EXAMPLES as LINE
from server.locations.examples import EXAMPLES as LOCATIONS
from server.mail.examples import EXAMPLES as MAIL
from server.messenger.examples import EXAMPLES as MESSENGER
from server.moving_in.examples import EXAMPLES as MOVING_IN
from server.phone.examples import EXAMPLES as PHONE
from server.privacy.examples import EXAMPLES as PRIVACY
from server.purchases.examples import EXAMPLES as PURCHASES
from server.receipts.examples import EXAMPLES as RECEIPTS
from server.redemptions.examples import EXAMPLES as REDEMPTIONS
from server.rehearsals.examples import EXAMPLES as REHEARSALS
from server.rewards.examples import EXAMPLES as REWARDS
from server.schedules.examples import EXAMPLES as SCHEDULES
from server.wallets.examples import EXAMPLES as WALLETS

EXAMPLES: Mapping[str, Example] = {
    **ACCOUNTS,
    **AUDIENCES,
    **BACKOFFICE,
    **CAMPAIGNS,
    **CHECK_INS,
    **CREDENTIALS,
    **EXPLANATIONS,
    **EXPERIMENTS,
    **LINE,
    **LOCATIONS,
    **MAIL,
    **MESSENGER,
    **MOVING_IN,
    **PHONE,
    **PRIVACY,
    **PROFILES,
    **PURCHASES,
    **RECEIPTS,
    **REDEMPTIONS,
    **REHEARSALS,
    **REWARDS,
    **SCHEDULES,
    **WALLETS,
    **WEB,
}
