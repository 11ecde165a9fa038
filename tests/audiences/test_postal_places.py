"""Where postal codes lie, read from a table."""

import pytest

from audiences.postal_places import PostalPlace, read_postal_places
from kit.text_files import UnreadableText


def test_a_table_is_read_as_spreadsheets_write_it() -> None:
    table = "郵便番号;町名;緯度;経度\n〒160-0022;新宿;35.69;139.7\n1600022;西新宿;35.71;139.72\n;;;\n0600001;;43;141.3"
    places = read_postal_places(table.encode("cp932"))
    assert [each.postal_code for each in places] == ["0600001", "1600022"]
    assert (places[1].lat, places[1].lon) == pytest.approx((35.7, 139.71))
    assert read_postal_places(b"\xef\xbb\xbfzip,lat,lng\n0600001,43.06,141.35\n") == [
        PostalPlace("0600001", 43.06, 141.35)
    ]


@pytest.mark.parametrize("line", ["600001,43,141", "0600001,43", "0600001,91,141", "0600001,north,1", "0600001,nan,1"])
def test_a_line_that_cannot_be_read_is_named(line: str) -> None:
    with pytest.raises(UnreadableText, match="Line 3"):
        read_postal_places(f"postal_code,lat,lon\n1600022,35.69,139.7\n{line}\n".encode())


def test_without_its_headings_it_is_no_table() -> None:
    for body in (b"", b"1600022,35.69,139.7"):
        with pytest.raises(UnreadableText, match="headings"):
            read_postal_places(body)
