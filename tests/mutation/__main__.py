"""`make mutate`: defects planted one at a time, and whether a test notices; what survives as a diff, then a score.

The modules, their quick tests and what is not planted, with the reason, stand in sessions.toml. The tree itself is never
touched: all of it happens in a copy. `ARGS="retry --sample 60"` takes one module and a part of its mutants.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import cosmic_ray.plugins
from cosmic_ray.commands import init
from cosmic_ray.work_db import WorkDB, use_db
from cosmic_ray.work_item import MutationSpec, TestOutcome, WorkerOutcome, WorkResult

from tests.mutation.meaningless import Meaning
from tests.mutation.operators import DropPart, DropStatement
from tests.mutation.run import ORIGINAL, judge, load, run

COPIED = ("bot", "cogs", "tests", "pyproject.toml", "README.md", ".env.example")

cosmic_ray.plugins.OPERATOR_PROVIDERS["reelcord"] = {"DropStatement": DropStatement, "DropPart": DropPart}


def main() -> None:
    """Mutate the chosen modules one after the other."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("only", nargs="*", help="modules whose path contains one of these; all of them without")
    parser.add_argument("--inside", default="", help="only what lies in functions and classes of this name")
    parser.add_argument("--sample", type=int, default=0, help="at most so many mutants of a module, chosen by --seed")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--verbose", action="store_true", help="also what was killed, and by which test")
    options = parser.parse_args()
    config = tomllib.loads(Path(__file__).with_name("sessions.toml").read_text())
    load()
    chosen = [
        session
        for session in config["session"]
        if not options.only or any(word in session["module"] for word in options.only)
    ]
    table = [
        "| module | mutants | killed | timed out | survived | equivalent | score |",
        "|---|---|---|---|---|---|---|",
    ]
    for session in chosen:
        with tempfile.TemporaryDirectory(prefix="mutation-") as folder:
            table.append(_mutate(session, config["meaningless"], Path(folder), options))
    print("\n".join(["", *table]))


def _mutate(session: dict[str, Any], meaningless: list[dict[str, str]], folder: Path, options: Any) -> str:
    """One module; returns its row of the table."""
    for name in COPIED:
        copy = shutil.copytree if (ORIGINAL / name).is_dir() else shutil.copy
        copy(ORIGINAL / name, folder / name)
    os.chdir(folder)
    tests = session["tests"].split()
    if "without" in session:
        tests += ["-k", f"not {session['without']}"]
    # Compiled once: the runs that follow read it and write nothing.
    subprocess.run([sys.executable, "-m", "compileall", "-q", *COPIED[:3]], check=True)
    began = time.monotonic()
    outcome, said = run(tests, 600)
    if outcome is not TestOutcome.SURVIVED:
        raise SystemExit(f"The tests fail without any mutant:\n{said}")
    timeout = 30 + 5 * (time.monotonic() - began)
    with use_db(folder / "session.sqlite", WorkDB.Mode.create) as db:
        init([Path(session["module"])], db, {})
        _leave_out(db, Meaning(session, meaningless), options)
        with contextlib.suppress(KeyboardInterrupt):  # what is done by then counts: the order is a random one
            for item in db.pending_work_items:
                result = judge(item.mutations[0], tests, timeout)
                db.set_result(item.job_id, result)
                _tell(item.mutations[0], result, verbose=options.verbose)
        return _row(session["module"], db)


def _leave_out(db: WorkDB, meaning: Meaning, options: Any) -> None:
    """Skip what means nothing, what was not asked for and what is beyond the sample."""
    left: list[str] = []
    for item in db.work_items:
        (mutation,) = item.mutations
        if why := meaning.of(mutation):
            db.set_result(item.job_id, WorkResult(worker_outcome=WorkerOutcome.SKIPPED, output=why))
        elif options.inside not in (mutation.definition_name or ""):
            db.set_result(item.job_id, WorkResult(worker_outcome=WorkerOutcome.SKIPPED, output="not asked for"))
        else:
            left.append(item.job_id)
    if options.sample and len(left) > options.sample:
        for job_id in random.Random(options.seed).sample(left, len(left) - options.sample):
            db.set_result(job_id, WorkResult(worker_outcome=WorkerOutcome.SKIPPED, output="not in the sample"))


def _outcome(result: WorkResult) -> str:
    if result.test_outcome is TestOutcome.SURVIVED:
        return "survived"
    return "timed out" if result.output == "timeout" else "killed"


def _tell(mutation: MutationSpec, result: WorkResult, *, verbose: bool) -> None:
    """Print a mutant that survived."""
    if verbose or result.test_outcome is TestOutcome.SURVIVED:
        noticed = [line for line in (result.output or "").splitlines() if line.startswith(("FAILED", "ERROR"))]
        where = f"{mutation.operator_name.partition('/')[2]} in {mutation.definition_name}"
        print(f"\n{_outcome(result)}: {where}", result.diff, *noticed[:1], sep="\n", flush=True)


def _row(module: str, db: WorkDB) -> str:
    """Print why mutants were not planted; returns the row of the table."""
    results = [result for _, result in db.completed_work_items]
    skipped = Counter(result.output or "" for result in results if result.worker_outcome is WorkerOutcome.SKIPPED)
    planted = Counter(_outcome(result) for result in results if result.worker_outcome is not WorkerOutcome.SKIPPED)
    print(f"\n{module}: not planted", *(f"{count:>5}  {why}" for why, count in skipped.most_common()), sep="\n")
    equivalent = sum(count for why, count in skipped.items() if why.startswith("equivalent: "))
    score = 1 - planted["survived"] / max(1, planted.total())
    numbers = [planted.total(), *(planted[name] for name in ("killed", "timed out", "survived")), equivalent]
    return f"| {module} | {' | '.join(map(str, numbers))} | {score:.1%} |"


if __name__ == "__main__":
    main()
