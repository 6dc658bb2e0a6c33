"""How a text finds its translation: by its catalog, its context and its English."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from babel.messages.pofile import PoFileError, read_po
from discord import Locale
from discord.app_commands import TranslationContext, locale_str
from discord.app_commands import TranslationContextLocation as Location
from hatchling.builders.wheel import WheelBuilder

from bot.chat.languages import CATALOGS, Languages, read_catalogs

ROOT = Path(__file__).parents[3]
HEADER = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n'
FILES = sorted(CATALOGS.glob("*.po"))


def place(location: Location) -> Any:
    """Where a text stands, of no command in particular."""
    context: Any = TranslationContext
    return context(location, None)


@pytest.fixture
async def languages(tmp_path: Path) -> Languages:
    """A translator of one word into three languages."""
    entries = 'msgid "image"\nmsgstr "{0}"\n\nmsgctxt "option"\nmsgid "image"\nmsgstr "{0}_option"\n'
    for tag, word in {"de": "Bild", "pt": "imagem", "pt-BR": "foto", "zh-TW": "圖片"}.items():
        (tmp_path / f"{tag}.po").write_text(f"{HEADER}\n{entries.format(word)}", encoding="utf-8")
    made = Languages(tmp_path)
    await made.load()
    return made


@pytest.mark.parametrize(
    ("locale", "found"),
    [
        (Locale.german, "Bild"),
        (Locale.brazil_portuguese, "foto"),
        (Locale.taiwan_chinese, "圖片"),
        (Locale.chinese, None),
        (Locale.american_english, None),
    ],
)
async def test_a_locale_has_its_own_catalog_or_that_of_its_language(
    languages: Languages, locale: Locale, found: str | None
):
    """The nearer one first; a catalog for one locale is not taken for its sister."""
    assert await languages.translate(locale_str("image"), locale, place(Location.parameter_description)) == found


@pytest.mark.parametrize(
    ("location", "found"),
    [
        (Location.command_name, None),
        (Location.group_name, None),
        (Location.command_description, "Bild"),
        (Location.group_description, "Bild"),
        (Location.parameter_name, "Bild_option"),
        (Location.parameter_description, "Bild"),
        (Location.choice_name, None),
        (Location.other, None),
    ],
)
async def test_one_word_is_another_text_elsewhere(languages: Languages, location: Location, found: str | None):
    """Commands keep their names; an option's name is no description; what a catalog lacks stays English."""
    assert await languages.translate(locale_str("image"), Locale.german, place(location)) == found


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_catalog_is_for_locales_that_discord_has(path: Path):
    """A file name that no locale leads to would never be read; English is what the code has."""
    assert {path.stem} & {tag for locale in Locale for tag in (locale.value, locale.value.partition("-")[0])}
    assert not path.stem.startswith("en")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_catalog_is_finished(path: Path):
    """Nothing is marked as doubtful or left empty, nothing stands in it twice, and the header names its language."""
    with path.open("rb") as file:
        catalog = read_po(file)
    entries = [(each.context, each.id) for each in catalog if each.id]

    assert [each.id for each in catalog if each.fuzzy or (each.id and not each.string)] == []
    assert path.read_text(encoding="utf-8").count("\nmsgid ") == len(entries)
    assert str(catalog.locale).partition("_")[0] == path.stem.partition("-")[0]


def test_a_broken_catalog_is_refused(tmp_path: Path):
    """It is not read as far as it goes."""
    (tmp_path / "de.po").write_text(f'{HEADER}\nmsgid "image"\nBild\n')
    with pytest.raises(PoFileError):
        read_catalogs(tmp_path)


def test_the_catalogs_are_in_the_package():
    """They are data beside the code, of which the wheel, and by it the image, takes everything."""
    packed = {file.distribution_path for file in WheelBuilder(str(ROOT)).recurse_included_files()}
    assert {path.relative_to(ROOT).as_posix() for path in FILES} <= packed
