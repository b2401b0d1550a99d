import pytest

from mailer.settings import BadSettings, load

MINIMAL = """
[smtp]
host = localhost
sender = a@example.org

[limits]
allowed_domains = Example.org,, example.net
"""


def test_defaults(tmp_path):
    path = tmp_path / "mailer.ini"
    path.write_text(MINIMAL)
    settings = load(path)
    assert settings.port == 587
    assert settings.starttls is True
    assert settings.allowed_domains == ("example.org", "example.net")


def test_missing_file(tmp_path):
    with pytest.raises(BadSettings):
        load(tmp_path / "none.ini")


def test_missing_host(tmp_path):
    path = tmp_path / "mailer.ini"
    path.write_text(MINIMAL.replace("host = localhost", ""))
    with pytest.raises(BadSettings, match="host"):
        load(path)
