"""The packages that store something about a person (each has a `personal.sql`), in the order of erasure."""

import audiences
import cards
import channels
import coupons
import experiments
import geo
import imports
import members
import outbox
import points
import programs
import purchases
import push
import server.web
import visits
from kit.row_sets import load_row_sets

# A row is deleted before the rows to which it refers. The members come last: the other packages look up their devices.
HOLDERS = tuple(
    load_row_sets(package_file, "personal.sql")
    for package_file in (
        geo.__file__,
        outbox.__file__,
        push.__file__,
        cards.__file__,
        channels.__file__,
        visits.__file__,
        purchases.__file__,
        programs.__file__,
        points.__file__,
        coupons.__file__,
        experiments.__file__,
        audiences.__file__,
        server.web.__file__,
        imports.__file__,
        members.__file__,
    )
)
