"""The demo's folder: made anew each time, and never at the cost of anything else."""

from pathlib import Path

import pytest

from bot.sandbox.demo import play


@pytest.mark.parametrize("names", [("bot.log", "holiday.mp4"), ("data",)])
async def test_a_folder_with_other_files_is_refused(
    names: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    """`demo --folder ~/Videos`, or one with the real bot's data, removes nothing: it says what to do and exits 2."""
    for name in names:
        (tmp_path / name).write_text("not to be lost")

    assert await play(tmp_path) == 2

    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(names)
    assert "choose an empty or a new folder" in " ".join(capsys.readouterr().out.split())
