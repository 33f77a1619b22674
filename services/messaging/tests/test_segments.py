"""M1: exact counting of SMS parts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport_messaging.domain.segments import BASIC, EXTENSION, Segments, measure, split


@pytest.mark.parametrize(
    ("text", "encoding", "parts", "units", "forced_by"),
    [
        ("", "GSM-7", 0, 0, None),
        ("a" * 160, "GSM-7", 1, 160, None),
        ("a" * 161, "GSM-7", 2, 161, None),
        ("a" * 306, "GSM-7", 2, 306, None),
        ("a" * 307, "GSM-7", 3, 307, None),
        ("€" * 80, "GSM-7", 1, 160, None),
        ("a" + "€" * 80, "GSM-7", 2, 161, None),
        # 152 septets, then an escape pair that would be cut at 153: it moves to the second part, and so on
        ("a" * 152 + "€" + "a" * 152, "GSM-7", 3, 306, None),
        ("€" * 153, "GSM-7", 3, 306, None),
        ("سلام", "UCS-2", 1, 4, "س"),
        ("س" * 70, "UCS-2", 1, 70, "س"),
        ("س" * 71, "UCS-2", 2, 71, "س"),
        ("س" * 134, "UCS-2", 2, 134, "س"),
        ("س" * 135, "UCS-2", 3, 135, "س"),
        ("😀" * 35, "UCS-2", 1, 70, "😀"),
        ("😀" * 36, "UCS-2", 2, 72, "😀"),
        ("😀" * 67, "UCS-2", 3, 134, "😀"),  # 33 pairs fit into 67 units: 33 + 33 + 1
        ("€" * 69 + "ç", "UCS-2", 1, 70, "ç"),  # an extension character counts one in UCS-2
        ("It’s", "UCS-2", 1, 4, "’"),
        ("`", "UCS-2", 1, 1, "`"),
    ],
)
def test_parts_are_counted_exactly(text, encoding, parts, units, forced_by):
    assert measure(text) == Segments(encoding, parts, units, forced_by)


def test_the_gsm_alphabet_is_complete():
    assert len(BASIC) == 127  # 128 positions less the escape
    assert len(EXTENSION) == 10
    assert not BASIC & EXTENSION


@given(st.text(alphabet=st.sampled_from("ab€^س😀ñ\n"), max_size=500))
def test_no_part_is_too_long_nothing_is_lost_and_nothing_is_torn(text):
    counted, parts = measure(text), split(text)
    assert "".join(parts) == text
    assert len(parts) == counted.parts
    single = len(parts) <= 1
    for part in parts:
        if counted.encoding == "GSM-7":
            assert sum(2 if char in EXTENSION else 1 for char in part) <= (160 if single else 153)
        else:
            assert len(part.encode("utf-16-le")) // 2 <= (70 if single else 67)
