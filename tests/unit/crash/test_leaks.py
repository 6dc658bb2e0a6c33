"""The crash campaign's search for secrets finds one wherever it lies."""

from pathlib import Path

from tests.crash.leaks import Secret, leaks

SECRETS = [Secret(name="bot token", value="abc.def"), Secret(name="service key", value="sk-1")]


def test_a_secret_is_found_in_any_file_and_on_any_command_line(tmp_path: Path):
    """Whatever kind of file it is, in whatever folder; what is clean is not named."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "reelcord.db").write_bytes(b"\0\xffabc.def\0")
    (tmp_path / "bot.log").write_text("nothing here")
    found = list(leaks(tmp_path, {b"ffmpeg\0-i\0file", b"curl\0-H\0sk-1"}, SECRETS))
    assert found == ["bot token in data/reelcord.db", "service key in a command line, b'curl\\x00-H\\x00sk-1'"]


def test_a_secret_is_not_shown_by_the_search_itself():
    """A failing assertion prints the search's arguments."""
    assert "abc.def" not in repr(SECRETS)
