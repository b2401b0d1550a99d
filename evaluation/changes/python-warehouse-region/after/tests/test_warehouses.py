import pytest
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from stock.models import Base
from stock.warehouses import all_codes, by_code, create


@pytest.fixture
def session():
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        yield session


def test_region_is_eu_unless_told(session):
    create(session, "ham1", "Harbour")
    assert by_code(session, "HAM1").region == "EU"


def test_unknown_region(session):
    with pytest.raises(ValueError, match="unknown region"):
        create(session, "x1", "Nowhere", region="XX")


def test_codes_of_a_region(session):
    create(session, "b1", "Second")
    create(session, "a1", "First")
    create(session, "l1", "Island", region="UK")
    assert all_codes(session) == ["A1", "B1", "L1"]
    assert all_codes(session, "UK") == ["L1"]
    assert all_codes(session, "NA") == []
