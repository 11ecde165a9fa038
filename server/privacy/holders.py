"""The packages that store something about a person (each has a `personal.sql`), in the order of erasure."""

import cards.personal_repository
import channels.personal_repository
import coupons.personal_repository
import geo.personal_repository
import members.personal_repository
import points.personal_repository
import programs.personal_repository
import purchases.personal_repository
import push.personal_repository
import server.web.idempotency_personal
import visits.personal_repository

# A row is deleted before the rows to which it refers. The members come last: the other packages look up their devices.
HOLDERS = (
    geo.personal_repository.ROWS,
    push.personal_repository.ROWS,
    cards.personal_repository.ROWS,
    channels.personal_repository.ROWS,
    visits.personal_repository.ROWS,
    purchases.personal_repository.ROWS,
    programs.personal_repository.ROWS,
    points.personal_repository.ROWS,
    coupons.personal_repository.ROWS,
    server.web.idempotency_personal.ROWS,
    members.personal_repository.ROWS,
)
