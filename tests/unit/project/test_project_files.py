"""The files around the code say what the code says."""

import re
from pathlib import Path

import discord
import pytest
from pydantic import SecretStr

from bot.settings import Settings

ROOT = Path(__file__).parents[3]
EXAMPLE = ROOT / ".env.example"
README = (ROOT / "README.md").read_text()
NAMES = {name.upper() for name in Settings.model_fields}


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to be in, without the settings of whoever runs the tests."""
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_example_names_every_setting_once():
    """A new setting is in .env.example, a removed one is not."""
    named = re.findall(r"^#?([A-Z0-9_]+)=", EXAMPLE.read_text(), re.MULTILINE)

    assert sorted(named) == sorted(NAMES)


@pytest.mark.parametrize("sign", ["#", ""])
def test_the_example_copied_as_it_is_changes_nothing(place: Path, sign: str):
    """Copied without a change, or with every comment sign taken away, it gives the defaults."""
    defaults = Settings.load()
    (place / ".env").write_text(re.sub(r"^#([A-Z0-9_]+=)", rf"{sign}\1", EXAMPLE.read_text(), flags=re.MULTILINE))

    assert Settings.load() == defaults


def test_a_blank_setting_is_none_and_a_line_end_no_part_of_one(monkeypatch: pytest.MonkeyPatch):
    """A key of spaces is not a key, and a secret mounted as a file ends with a line end."""
    monkeypatch.setenv("DISCORD_TOKEN", " ")
    monkeypatch.setenv("OCTOPUSX_API_KEY", "sk-1\r\n")
    monkeypatch.setenv("LOG_FORMAT", "json ")
    settings = Settings.load()

    assert settings.discord_token is None
    assert settings.octopusx_api_key is not None
    assert settings.octopusx_api_key.get_secret_value() == "sk-1"
    assert settings.log_format == "json"


def test_the_readme_lists_every_setting_with_its_default():
    """README's table is Settings."""
    table = README.partition("## Settings")[2].partition("\n## ")[0]
    rows = dict(re.findall(r"^\| `([A-Z0-9_]+)` \| ([^|]+?) \|", table, re.MULTILINE))

    expected = {name.upper(): _written(field.default) for name, field in Settings.model_fields.items()}

    assert rows == expected


def test_the_invitation_asks_for_the_permissions_it_names():
    """The number in the link is the sum of the five permissions, and nothing else."""
    needed = discord.Permissions(
        view_channel=True,
        send_messages=True,
        send_messages_in_threads=True,
        attach_files=True,
        read_message_history=True,
    )

    assert re.findall(r"permissions=(\d+)&scope=([a-z.+]+)", README) == [
        (str(needed.value), "bot+applications.commands")
    ]


def test_the_readme_tells_moderators_of_every_permission_that_a_card_names():
    """Whoever reads "it needs the permission ..." finds it in one table, and what it is for."""
    flags = {"view_channel", *discord.Permissions.VALID_FLAGS}  # which discord.py keeps under an older name
    known = {name.replace("_", " ").title().replace(" In ", " in ") for name in flags}
    reasons = (ROOT / "bot/chat/refusals.py").read_text()
    named = {name for name in known if name in re.sub(r'"\s+"', "", reasons)}
    table = README.partition("## Held, and what to grant")[2].partition("\n## ")[0]

    assert named >= {"View Channel", "Send Messages", "Send Messages in Threads", "Attach Files", "Manage Threads"}
    assert [name for name in sorted(named) if name not in table] == []


def test_the_readme_names_log_lines_that_there_are():
    """An operator searches for these very words."""
    said = README.partition("asks what became of a video?**")[2].partition("\n\n")[0]
    named = re.findall(r"`([a-z]+_[a-z_]+)`", said)
    logged = {
        action
        for path in (ROOT / "bot").rglob("*.py")
        for action in re.findall(r'action="([a-z_]+)"', path.read_text())
    }

    assert len(named) == 11
    assert [action for action in named if action not in logged] == []


def test_every_link_inside_the_readme_leads_somewhere():
    """Headings that are linked exist, and so do files."""
    headings = {
        re.sub(r"[^\w\- ]", "", line.lstrip("# ").lower()).replace(" ", "-")
        for line in README.splitlines()
        if line.startswith("#")
    }
    targets = re.findall(r"\]\(([^)\s]+)\)", README) + [source for source, _ in pictures()]

    for target in targets:
        if target.startswith("#"):
            assert target[1:] in headings, target
        elif "://" not in target:
            assert (ROOT / target).exists(), target


def test_every_picture_says_what_it_shows_and_is_small():
    """Whoever cannot see it reads it; the film may have 1.5 MB, a picture 200 kB, and none is kept that is not shown."""
    shown = {source: alt for source, alt in pictures() if "://" not in source}
    kept = re.findall(r"^!/(docs/pictures/.+)$", (ROOT / ".gitignore").read_text(), re.MULTILINE)

    assert sorted(shown) == sorted(kept)
    assert [source for source, alt in shown.items() if len(alt) < 40] == []
    most = {source: 1_500_000 if source.endswith("film.webp") else 200_000 for source in shown}
    assert [source for source in shown if (ROOT / source).stat().st_size > most[source]] == []


def test_every_test_that_the_security_page_names_is_there():
    """A promise is as good as its test; so are the files and headings that the page links to."""
    page = (ROOT / "SECURITY.md").read_text()
    named = re.findall(r"`((?:tests/[\w/]+|test_\w+)(?:\.py)?)`", page)
    found = {path.name for path in (ROOT / "tests").rglob("test_*.py")}

    assert len(named) > 10
    assert [name for name in named if not (ROOT / name).exists() and name not in found] == []
    assert set(re.findall(r"\]\(([^)\s]+)\)", page)) == {"README.md#links-to-originals"}
    assert "### Links to originals" in README
    assert len(page.splitlines()) < 90


def test_make_clean_keeps_the_jobs():
    """`data` holds the database and videos that were paid for."""
    rule = re.search(r"^clean:.*\n\trm -rf (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)

    assert rule
    assert Settings.load().data_dir.name not in rule[1].split()


def pictures() -> list[tuple[str, str]]:
    """The source and the alternative text of each picture in the README, as Markdown or as HTML."""
    html = [(_attribute(tag, "src"), _attribute(tag, "alt")) for tag in re.findall(r"<img [^>]*>", README)]
    return [(source, alt) for alt, source in re.findall(r"!\[([^\]]*)\]\(([^)\s]+)\)", README)] + html


def _attribute(tag: str, name: str) -> str:
    found = re.search(rf'\b{name}="([^"]*)"', tag)
    return found[1] if found else ""


def _written(default: object) -> str:
    """A default as the table writes it."""
    if default is None:
        return "none"
    if isinstance(default, SecretStr):
        return f"`{default.get_secret_value()}`"
    if isinstance(default, tuple):
        return f"`{','.join(map(str, default))}`"
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"
