"""README's commands are the commands, and its example of a vendor is one."""

import importlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from discord import app_commands
from discord.ext import commands

from bot.chat.extensions import extensions

README = (Path(__file__).parents[3] / "README.md").read_text()


def test_the_tables_name_every_command_and_option():
    """Options in the table's notation: a star for a required one; `private` and `spoiler` are named above the tables."""
    table = README.partition("## Commands")[2].partition("\n## ")[0]
    rows = dict(re.findall(r"^\| `/([a-z0-9 ]+)` \| ([^|]*?) ?\|", table, re.MULTILINE))

    found = {
        name: options for package in extensions("cogs") for name, options in written(importlib.import_module(package))
    }

    assert {name: sorted(options.split()) for name, options in rows.items()} == found


def test_the_example_of_a_vendor_is_a_whole_extension(tmp_path: Path):
    """The Python of README's page, saved as a file and imported, has a command and a setup."""
    code = README.partition("```python\n")[2].partition("```")[0]
    (tmp_path / "hailuo.py").write_text(code)
    sys.path.insert(0, str(tmp_path))
    try:
        module = importlib.import_module("hailuo")
    finally:
        sys.path.remove(str(tmp_path))
        sys.modules.pop("hailuo", None)

    assert dict(written(module)) == {"hailuo": ["duration", "image", "prompt*"]}
    assert callable(module.setup)


def written(module: ModuleType) -> Iterator[tuple[str, list[str]]]:
    """The commands of an extension with their own options, as the table writes them, sorted."""
    for cog in vars(module).values():
        if isinstance(cog, type) and issubclass(cog, commands.Cog) and cog.__module__ == module.__name__:
            group = f"{cog.__cog_group_name__} " if issubclass(cog, commands.GroupCog) else ""
            for command in cog.__cog_app_commands__:
                assert isinstance(command, app_commands.Command)
                options = [f"{option.name}{'*' * option.required}" for option in command.parameters]
                yield group + command.name, sorted(set(options) - {"private", "spoiler"})
