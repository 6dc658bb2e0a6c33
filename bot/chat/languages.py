"""The languages of the commands: Discord shows each person the texts of the catalog that is in their language."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from babel.messages.pofile import read_po
from discord import Locale
from discord.app_commands import TranslationContextLocation as Location
from discord.app_commands import TranslationContextTypes, Translator, locale_str

CATALOGS = Path(__file__).parent / "locale"
"""Gettext catalogs, named after a locale of Discord's, such as pt-BR, or after the language of several, such as es."""

Texts = Mapping[tuple[str | None, str], str]
"""The entries of a catalog: context (msgctxt) and English text (msgid) to the text in its language (msgstr)."""

_CONTEXTS = {
    Location.command_description: None,
    Location.group_description: None,
    Location.parameter_name: "option",
    Location.parameter_description: None,
    Location.choice_name: "choice",
}
"""What is translated, and the context it has in the catalogs. Commands keep their names: products have them, and cards."""


def read_catalogs(folder: Path = CATALOGS) -> dict[str, Texts]:
    """The catalogs of a folder, each by the name of its file.

    Raises:
        babel.messages.pofile.PoFileError: a catalog is no PO file.
    """
    return {path.stem: _read(path) for path in sorted(folder.glob("*.po"))}


def _read(path: Path) -> Texts:
    with path.open("rb") as file:
        messages = read_po(file, abort_invalid=True)
    return {(each.context, str(each.id)): str(each.string) for each in messages if each.id and each.string}


class Languages(Translator):
    """Looks texts up in the catalogs. discord.py asks for all of Discord's locales each time the commands are registered."""

    def __init__(self, folder: Path = CATALOGS) -> None:
        self._folder = folder
        self._catalogs: dict[str, Texts] = {}

    async def load(self) -> None:
        """Read the catalogs."""
        self._catalogs = read_catalogs(self._folder)

    async def translate(self, string: locale_str, locale: Locale, context: TranslationContextTypes) -> str | None:
        """The text in a locale's language; None, which leaves it in English, where no catalog has it."""
        language = locale.value.partition("-")[0]
        texts = self._catalogs.get(locale.value) or self._catalogs.get(language)
        if texts is None or context.location not in _CONTEXTS:
            return None
        return texts.get((_CONTEXTS[context.location], string.message))
