import pytest

from mailer.settings import BadSettings, load

MINIMAL = """
[smtp]
host = "localhost"
sender = "a@example.org"

[limits]
allowed_domains = ["Example.org", "example.net"]
"""


def write(tmp_path, text):
    path = tmp_path / "mailer.toml"
    path.write_text(text)
    return path


def test_defaults(tmp_path):
    settings = load(write(tmp_path, MINIMAL))
    assert settings.port == 587
    assert settings.starttls is True
    assert settings.allowed_domains == ("example.org", "example.net")


def test_starttls_can_be_off(tmp_path):
    text = MINIMAL.replace("[limits]", "starttls = false\n[limits]")
    assert load(write(tmp_path, text)).starttls is False


def test_missing_file(tmp_path):
    with pytest.raises(BadSettings, match="none.toml"):
        load(tmp_path / "none.toml")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('host = "localhost"', "", "host is missing"),
        ('host = "localhost"', 'host = "localhost"\nport = true', "port must be int, not bool"),
        ('["Example.org", "example.net"]', "[1]", "list of strings"),
        ("[smtp]", "[smtp", "mailer.toml"),
    ],
)
def test_mistakes(tmp_path, old, new, message):
    with pytest.raises(BadSettings, match=message):
        load(write(tmp_path, MINIMAL.replace(old, new)))
