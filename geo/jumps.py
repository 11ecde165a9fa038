"""Jumps: a fix that nobody can have travelled to is not believed until the next one is seen. Pure.

Between two fixes there is a distance and a time. If the distance, less what both accuracies and `NOISE_M` explain,
needs more than `MAX_SPEED_M_S`, the fix is held as a suspect. The next fix decides: if it is nearer to the suspect, the
suspect is believed, at its own time; if it is nearer to where the device was, the suspect is dropped. So a wild fix is
dropped, a phone that wakes up in another town loses nothing, and in a plane, where every fix is a jump, each fix is
believed one fix late. The way back from a wild fix is no jump where it ends in a fence that the device has not left.
"""

from geo.fix import Fix
from geo.geodesy import distance_m

# The fastest train in service reaches 431 km/h; only planes are faster, and nobody steps from a plane into a shop. A
# wild fix 1 km away is found where fixes come every 6 s or faster; at longer intervals it could be a real journey.
MAX_SPEED_M_S = 120.0
NOISE_M = 100.0

# A degree of latitude or longitude is no longer anywhere.
_DEGREE_M = 111_700.0
# Two points this close in degrees are within NOISE_M of each other, anywhere.
NEAR_DEGREES = 0.0006


def is_jump(last: Fix | None, fix: Fix) -> bool:
    if last is None or (abs(fix.lat - last.lat) < NEAR_DEGREES and abs(fix.lon - last.lon) < NEAR_DEGREES):
        return False
    explained_m = NOISE_M + (last.accuracy_m or 0.0) + (fix.accuracy_m or 0.0)
    # Many phones report whole seconds: fixes of one instant may be a second apart.
    reach_m = explained_m + MAX_SPEED_M_S * ((fix.recorded_at - last.recorded_at).total_seconds() + 1)
    if _DEGREE_M * (abs(fix.lat - last.lat) + abs(fix.lon - last.lon)) <= reach_m:
        return False
    return distance_m(last.lat, last.lon, fix.lat, fix.lon) > reach_m


def is_confirmed(last: Fix | None, suspect: Fix, fix: Fix) -> bool:
    """Whether `fix`, the next one after the suspect, shows that the device was there."""
    if last is None:
        return True
    to_suspect_m = distance_m(suspect.lat, suspect.lon, fix.lat, fix.lon)
    return to_suspect_m < distance_m(last.lat, last.lon, fix.lat, fix.lon)
