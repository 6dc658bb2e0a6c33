"""Words in a prompt that steer its task, so that people and the demo can provoke what they want to see.

| in the prompt | what becomes of the task |
|---|---|
| `[fail]` | fails: blocked by the moderation system |
| `[stuck]` | stays in progress for ever |
| `[slow]` | takes ten times as long |
| `[odd]` | goes through status words nobody has heard of |
| `[content]` | gives no link: the file is only at /content |
| `[data]` | gives the video as a data: URI |
| `[redirect]` | gives a link that redirects to another host |
| `[truncated]` | its first download is cut off |
| `[gone]` | completes, but its file has expired |
| `[big]` | a file of about 30 MB |
| `[huge]` | a file of 200 MB, nearly all of it filling |
| `[hevc]` | is encoded as HEVC, which many browsers do not play |
| `[10bit]` | has 10 bits a colour, which H.264 decoders in hardware do not play |
| `[late]` | has its index at the end: a player has to load it all first |
| `[silent]` | has no sound track |
"""

from __future__ import annotations

from dataclasses import replace

from bot.sandbox.video_api.tasks import Outcome

MODERATION = "Your request was blocked by our moderation system."
SLOWER = 10

_MARKS: dict[str, Outcome] = {
    "[fail]": Outcome(fail=MODERATION),
    "[stuck]": Outcome(stuck=True),
    "[odd]": Outcome(odd_words=("NOT_START", "weird", "PENDING_REVIEW")),
    "[content]": Outcome(url="content"),
    "[data]": Outcome(url="data"),
    "[redirect]": Outcome(url="redirect"),
    "[truncated]": Outcome(truncate=4096),
    "[gone]": Outcome(gone=True),
    "[big]": Outcome(big=30),
    "[huge]": Outcome(padded=200),
    "[hevc]": Outcome(coding="hevc"),
    "[10bit]": Outcome(coding="10bit"),
    "[late]": Outcome(coding="late"),
    "[silent]": Outcome(silent=True),
}


def marked(prompt: str, usual_seconds: float) -> Outcome:
    """The outcome a prompt asks for; the first mark found counts, and `[slow]` goes with any of them."""
    outcome = next((outcome for mark, outcome in _MARKS.items() if mark in prompt), Outcome())
    return replace(outcome, seconds_to_done=usual_seconds * SLOWER) if "[slow]" in prompt else outcome
