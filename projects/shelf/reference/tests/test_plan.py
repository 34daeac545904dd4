"""The plan of an evening is what was published by then."""

from datetime import date

from pipeline.plan import Version, in_force


def version(number: int, published: date, cancelled: bool = False) -> Version:
    return Version("p", number, published, "s", "a", date(2024, 5, 10), date(2024, 5, 16), 0.25 / number, cancelled)


def test_versions_hold_from_their_day_on() -> None:
    versions = [
        version(2, date(2024, 5, 6)),
        version(1, date(2024, 4, 20)),
        version(3, date(2024, 5, 8), cancelled=True),
    ]
    assert in_force(versions, date(2024, 4, 19)) == []
    assert [v.version for v in in_force(versions, date(2024, 5, 5))] == [1]
    assert [v.version for v in in_force(versions, date(2024, 5, 6))] == [2]
    assert in_force(versions, date(2024, 5, 8)) == []
