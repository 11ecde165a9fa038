"""In which order it is asked why a coupon cannot be issued."""

from itertools import product

from coupons.issuing.hindrances import find_hindrance


def test_the_distance_comes_before_the_key_and_the_key_before_the_cap() -> None:
    for is_too_near, is_issued, is_spent in product([False, True], repeat=3):
        found = find_hindrance(is_too_near=is_too_near, is_issued=is_issued, is_spent=is_spent)
        reasons = (("cooling_down", is_too_near), ("already_issued", is_issued), ("cap_reached", is_spent))
        assert found == next((reason for reason, applies in reasons if applies), None)
