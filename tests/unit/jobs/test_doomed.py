"""Which files go: a pure function of what lies on the disk and of what the rows say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.jobs.job import Standing
from bot.jobs.sweep import FRESH, LEFTOVER, doomed
from bot.jobs.videos import DAY, Found, Kind, Retention

NOW = 1_000_000_000.0
RETENTION = Retention(originals_for=7 * DAY, originals_most=100, held_longer=7 * DAY, posters_for=30 * DAY)
WORKING = Standing(at_work=True, held=False, ended_at=NOW - 99 * DAY, original_until=NOW - 1)


def _found(kind: Kind, age: float, *, job_id: str = "a", size: int = 10, path: str = "x") -> Found:
    return Found(path=Path(path), kind=kind, job_id=job_id, size=size, written_at=NOW - age)


def _over(ended_ago: float, *, held: bool = False, until: float | None = None) -> Standing:
    original_until = None if until is None else NOW + until
    return Standing(at_work=False, held=held, ended_at=NOW - ended_ago, original_until=original_until)


@pytest.mark.parametrize(
    ("kind", "age", "job", "goes"),
    [
        (Kind.VIDEO, 99 * DAY, WORKING, False),
        (Kind.SCRATCH, 99 * DAY, WORKING, False),
        (Kind.POSTER, 99 * DAY, WORKING, False),
        (Kind.VIDEO, LEFTOVER - 1, _over(0), False),
        (Kind.VIDEO, LEFTOVER, _over(0), True),
        (Kind.VIDEO, LEFTOVER - 1, None, False),
        (Kind.VIDEO, LEFTOVER, None, True),
        (Kind.VIDEO, 99 * DAY, _over(7 * DAY, until=1), False),
        (Kind.VIDEO, 99 * DAY, _over(7 * DAY, until=0), True),
        (Kind.VIDEO, FRESH - 1, _over(0, until=-1), False),
        (Kind.VIDEO, 99 * DAY, _over(14 * DAY - 1, held=True), False),
        (Kind.VIDEO, 99 * DAY, _over(14 * DAY - 1, held=True, until=-1), False),
        (Kind.VIDEO, 99 * DAY, _over(14 * DAY, held=True), True),
        (Kind.POSTER, 30 * DAY - 1, _over(99 * DAY), False),
        (Kind.POSTER, 30 * DAY, _over(1, held=True), True),
        (Kind.POSTER, 30 * DAY, None, True),
        (Kind.SCRATCH, LEFTOVER - 1, None, False),
        (Kind.SCRATCH, LEFTOVER, None, True),
        (Kind.SCRATCH, LEFTOVER, _over(1, held=True), True),
    ],
)
def test_each_kind_of_file_has_its_time(kind: Kind, age: float, job: Standing | None, goes: bool):
    """By the row where there is one, by the file's own age where nothing else says anything."""
    file = _found(kind, age)
    assert doomed([file], {"a": job} if job else {}, RETENTION, NOW) == ([file] if goes else [])


def test_over_the_cap_the_oldest_originals_go_and_no_more_than_needed():
    """By the end of their jobs; a held video, one on its way and a fresh one stay, whatever they weigh."""
    ages = {"oldest": 5 * DAY, "older": 4 * DAY, "young": 2 * DAY, "held": 6 * DAY, "fresh": 7 * DAY}
    jobs = {name: _over(age, until=DAY, held=name == "held") for name, age in ages.items()} | {"busy": WORKING}
    files = [
        _found(Kind.VIDEO, FRESH - 1 if name == "fresh" else DAY, job_id=name, path=name, size=30) for name in jobs
    ]
    gone = doomed(files, jobs, RETENTION, NOW)
    assert [file.job_id for file in gone] == ["oldest", "older"]


_ids = st.sampled_from("abcdef")
_files = st.lists(
    st.builds(
        Found,
        path=st.integers(0, 10**6).map(lambda number: Path(str(number))),
        kind=st.sampled_from(Kind),
        job_id=st.one_of(st.just(""), _ids),
        size=st.integers(0, 80),
        written_at=st.floats(NOW - 40 * DAY, NOW + DAY),
    ),
    max_size=12,
    unique_by=lambda file: file.path,
)
_jobs = st.dictionaries(
    _ids,
    st.builds(
        Standing,
        at_work=st.booleans(),
        held=st.booleans(),
        ended_at=st.floats(NOW - 30 * DAY, NOW),
        original_until=st.one_of(st.none(), st.floats(NOW - DAY, NOW + 7 * DAY)),
    ),
)


@given(_files, _jobs)
def test_whatever_lies_there_what_is_needed_stays(files: Sequence[Found], jobs: Mapping[str, Standing]):
    """Never a file of a job at work nor a fresh one; over the cap only where nothing more may go; oldest first."""
    gone = doomed(files, jobs, RETENTION, NOW)
    assert all(file in files for file in gone)
    for file in gone:
        assert file.job_id not in jobs or not jobs[file.job_id].at_work
        assert NOW - file.written_at >= FRESH
    originals = [
        file for file in files if file.kind is Kind.VIDEO and file.job_id in jobs and jobs[file.job_id].is_kept
    ]
    stay = [file for file in originals if file not in gone]
    movable = [file for file in stay if NOW - file.written_at >= FRESH and not jobs[file.job_id].held]
    assert sum(file.size for file in stay) <= RETENTION.originals_most or not movable
    early = [file for file in gone if file in originals and not jobs[file.job_id].held]
    for file in early:
        until = jobs[file.job_id].original_until
        if until is not None and until > NOW:
            assert all(jobs[file.job_id].ended_at <= jobs[other.job_id].ended_at for other in movable)


@given(_files, _jobs)
def test_a_sweep_leaves_nothing_for_the_next(files: Sequence[Found], jobs: Mapping[str, Standing]):
    """What goes, goes at once: what is left would all stay."""
    gone = doomed(files, jobs, RETENTION, NOW)
    assert doomed([file for file in files if file not in gone], jobs, RETENTION, NOW) == []
