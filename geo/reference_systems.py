"""Coordinate reference systems that a file may name: which are WGS 84 to within a metre. Pure but for pyproj's tables.

The member `crs` is older than RFC 7946, which knows WGS 84 only. GIS programs still write it, and mean what they write.
The order of coordinates is longitude, latitude whatever the system says: so it was in the old GeoJSON too.
"""

import re
from functools import lru_cache

from pyproj import CRS
from pyproj.exceptions import CRSError

# EPSG's geographic systems in degrees that lie within a metre of WGS 84 by every transformation that EPSG knows, each
# good to a metre; and the realizations of WGS 84 itself. tests/geo/test_reference_systems.py asks pyproj for each.
# Not among them, though PROJ's first choice leaves their coordinates as they are: JGD2000 (the ground moved five metres
# in 2011), NAD83, GDA94 and GDA2020 (up to two). To ask PROJ at run time would take up to a second for a system.
_LIKE_WGS84 = frozenset(
    map(
        int,
        """
        3823 3824 3888 3889 4017 4023 4040 4046 4074 4075 4080 4081 4130 4148 4151 4163 4167 4171 4173 4176 4180
        4189 4190 4258 4326 4463 4466 4469 4470 4482 4483 4557 4558 4619 4624 4627 4659 4661 4667 4669 4670 4674
        4686 4687 4694 4702 4737 4742 4747 4749 4755 4757 4758 4761 4762 4763 4764 4765 4883 4885 4887 4889 4895
        4898 4907 4909 4921 4925 4927 4929 4931 4933 4935 4937 4941 4943 4945 4949 4951 4953 4959 4961 4963 4965
        4967 4971 4977 4979 4981 4983 4989 4997 4999 5012 5013 5245 5246 5251 5252 5263 5264 5323 5324 5340 5342
        5353 5354 5370 5371 5372 5373 5380 5381 5392 5393 5488 5489 5592 5593 5885 5886 6134 6135 6364 6365 6667
        6668 6705 6706 7034 7035 7036 7037 7038 7039 7040 7041 7042 7072 7073 7084 7085 7086 7087 7133 7657 7659
        7661 7663 7665 7682 7683 7685 7686 7797 7798 7816 7880 7881 7885 7886 8085 8086 8426 8427 8430 8431 8684
        8685 8698 8699 8817 8818 8888 8899 8900 8901 8902 9053 9054 9055 9056 9057 9139 9140 9332 9333 9701 9702
        9754 9755 9776 9777 9778 9779 9781 9782 9783 9784 10298 10299 10300 10307 10309 10310 10311 10312 10327
        10328 10474 10475 10605 10606 10670 10671 10672 10673 20045 20046
        """.split(),  # noqa: SIM905 - ten lines instead of two hundred
    )
)
_EPSG = re.compile(
    r"(?:urn:(?:x-)?ogc:def:crs:EPSG:[\d.]*:|EPSG::?|https?://www\.opengis\.net/def/crs/EPSG/[\d.]+/"
    r"|https?://www\.opengis\.net/gml/srs/epsg\.xml#)(?P<code>\d{1,6})",
    re.ASCII | re.IGNORECASE,
)
_CRS84 = re.compile(
    r"(?:urn:(?:x-)?ogc:def:crs:OGC:[\d.]*:|OGC:|CRS:|https?://www\.opengis\.net/def/crs/OGC/[\d.]+/)(?:CRS)?84h?",
    re.ASCII | re.IGNORECASE,
)
_PLAIN = frozenset({"wgs84", "wgs 84"})
_SHOWN = 60

_REMEDY = "Save the file in WGS 84 (EPSG:4326)"


def find_crs_fault(crs: object) -> str | None:
    """What is wrong with the member `crs` of a GeoJSON object, as a sentence for its sender; None if it is WGS 84."""
    name = _read_name(crs)
    if name is None:
        return (
            "The member crs does not say by name what the coordinates are (a link is not followed). "
            f"{_REMEDY}; if it is, leave crs out."
        )
    epsg = _EPSG.fullmatch(name)
    if _CRS84.fullmatch(name) or name.lower() in _PLAIN or (epsg and int(epsg["code"]) in _LIKE_WGS84):
        return None
    system = name[:_SHOWN] if epsg is None else _describe(int(epsg["code"]))
    return (
        f"The coordinates are in {system}, by the member crs: read as WGS 84 they would lie elsewhere on the ground. "
        f"{_REMEDY} and send it again."
    )


def _read_name(crs: object) -> str | None:
    """Of `{"type": "name", "properties": {"name": …}}`, or as the drafts of the old GeoJSON had it."""
    match crs:
        case {"type": "name", "properties": {"name": str(name)}} | {"type": "OGC", "properties": {"urn": str(name)}}:
            return name.strip()
        case {"type": "EPSG", "properties": {"code": int(code) | str(code)}}:
            return f"EPSG:{code}"
        case _:
            return None


@lru_cache(256)
def _describe(code: int) -> str:
    try:
        return f"{CRS.from_epsg(code).name} (EPSG:{code})"
    except CRSError:
        return f"EPSG:{code}"
