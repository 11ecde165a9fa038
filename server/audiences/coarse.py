"""What is told of an audience's size to staff who may not see members: numbers in steps, as of a crowd. Pure.

A tree that narrows down to one person would else tell any fact of theirs by a 1 or a 0.
"""

import msgspec

from kit.small_groups import SMALLEST_GROUP, in_steps
from server.audiences.size import AudienceSize, UnknownCount


def coarsen(size: AudienceSize) -> AudienceSize:
    members, matching = in_steps(size.members), in_steps(size.matching)
    return msgspec.structs.replace(
        size,
        members=members,
        matching=matching,
        matching_at_least=in_steps(size.matching_at_least),
        matching_at_most=in_steps(size.matching_at_most) + SMALLEST_GROUP - 1,
        share=min(matching / members, 1.0) if members else 0.0,
        unknown=in_steps(size.unknown),
        unknown_by=[
            UnknownCount(each.at, in_steps(each.members)) for each in size.unknown_by if each.members >= SMALLEST_GROUP
        ],
        in_steps_of=SMALLEST_GROUP,
        sample=None,
    )
