"""`make bench-fit`: what becomes of a set of films that must fit a limit; a Markdown table and two sums, no verdict.

Generated from seeds, so that a run differs from another in seconds alone. `--quick` takes a part of the set.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import statistics
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.media import Fitted, MediaError, Rung, Video, fit, megabytes, probe
from bot.media.tool import run
from tests.benchmarks.films import FILMS, Film, shoot


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """What became of a film."""

    film: Film
    original: Video
    fitted: Fitted | None
    quality: str
    seconds: float

    @property
    def share(self) -> float:
        """The share of the limit that the result takes."""
        return self.fitted.video.size / self.film.limit if self.fitted else 0.0

    @property
    def squeezed(self) -> bool:
        """Whether it had to be re-encoded to fit, and not merely to play."""
        return self.fitted is None or (self.fitted.rung is Rung.REENCODED and self.original.size > self.film.limit)


async def measure(film: Film, folder: Path) -> Row:
    """Make a film, make it fit, and compare the two."""
    original = await probe(await asyncio.to_thread(shoot, film, folder))
    began = time.monotonic()
    try:
        fitted = await fit(original, film.limit)
    except MediaError:
        fitted = None
    seconds = time.monotonic() - began
    quality = await score(fitted) if fitted else "-"
    return Row(film=film, original=original, fitted=fitted, quality=quality, seconds=seconds)


async def score(fitted: Fitted) -> str:
    """VMAF of the result against the original at the original's size and the result's frame rate; else SSIM."""
    if fitted.rung is not Rung.REENCODED:
        return "the same"
    if fitted.original.transfer:
        return "-"  # brightness has changed on purpose
    size = f"{fitted.original.width}:{fitted.original.height}"
    same = f"fps={fitted.video.frame_rate},scale={size}:flags=bicubic:out_range=tv,format=yuv420p,settb=AVTB,setpts=N"
    both = f"[0:V:0]{same}[original];[1:V:0]{same}[result];[result][original]"
    more = ("-i", f"file:{fitted.video.path}")
    for judge, words, name in (
        ("libvmaf=n_threads=2:n_subsample=5", r"VMAF score: ([\d.]+)", ""),
        ("ssim", r"All:([\d.]+)", "SSIM "),
    ):
        outcome = await run(fitted.original.path, *more, "-lavfi", both + judge, "-f", "null", "-", within=600)
        if found := re.search(words, outcome.log):
            return f"{name}{float(found[1]):.3g}"
    return "?"


def line(row: Row) -> str:
    """A line of the table."""
    limit, original = megabytes(row.film.limit), row.original
    before = f"| {row.film.name} | {_shape(original)} | {megabytes(original.size)} | {limit} "
    if row.fitted is None:
        return f"{before}| impossible | - | - | - | - | - | {row.seconds:.1f} |"
    made = row.fitted
    return (
        f"{before}| {made.rung} | {_shape(made.video)} | {megabytes(made.video.size)} | {row.share:.1%} "
        f"| {made.tries} | {row.quality} | {row.seconds:.1f} |"
    )


def _shape(video: Video) -> str:
    return f"{video.width}x{video.height} at {video.frame_rate:g}, {video.seconds:.3g} s"


def sums(rows: Sequence[Row]) -> str:
    """How often the first try fitted, and how much of the limit was used where it had to be."""
    said = f"fits at the first try: {_first(rows)} of {len(rows)}"
    squeezed = [row for row in rows if row.squeezed]
    if not squeezed:
        return said
    shares = [row.share for row in squeezed]
    return (
        f"{said}; where a re-encode was needed to fit: {_first(squeezed)} of {len(squeezed)}\n"
        f"share of the limit there: median {statistics.median(shares):.1%}, least {min(shares):.1%}"
    )


def _first(rows: Sequence[Row]) -> int:
    return sum(row.fitted is not None and row.fitted.tries <= 1 for row in rows)


async def main() -> None:
    """Measure each film and print the table as it grows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a part of the set")
    parser.add_argument("--only", default="", help="films whose name contains this")
    parser.add_argument("--keep", type=Path, help="a folder to keep the results in, to be looked at")
    options = parser.parse_args()
    print("| film | original | size | limit | rung | result | size | share | tries | VMAF | seconds |")
    print("|---|---|---|---|---|---|---|---|---|---|---|")
    rows: list[Row] = []
    for film in FILMS:
        if (options.quick and not film.quick) or options.only not in film.name:
            continue
        with tempfile.TemporaryDirectory() as folder:
            row = await measure(film, Path(folder))
            if options.keep and row.fitted:
                await asyncio.to_thread(options.keep.mkdir, parents=True, exist_ok=True)
                row.fitted.video.path.replace(options.keep / f"{film.name}.mp4")
        rows.append(row)
        print(line(row), flush=True)
    print(f"\n{sums(rows)}")


if __name__ == "__main__":
    asyncio.run(main())
