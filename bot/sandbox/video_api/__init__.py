"""A video API on loopback that stands for both upstreams: every route, rule, reply shape and fault of the real ones.

It is new-api as far as its source says, OctopusX's fork where that documents more, and UniAll's models beside them; one
server serves all routes. Videos are real MP4s that show the prompt and the reference pictures. What the next task does
is said with `VideoApiSandbox.next`, or with marks in the prompt such as `[fail]`, `[stuck]` and `[slow]`
(`bot.sandbox.video_api.marks` lists them all); what goes wrong on the wire with `api.faults`:

    api.faults.add("/v1/videos$", method="POST", after=True, drop=True)    a lost answer: paid, and no id
    api.faults.add("/v1/videos$", method="POST", status=429)               an empty 429 without Retry-After
    api.faults.add("/v1/", status=200, body="<html></html>")               a web page where JSON should be
    api.faults.add("/files/", status=200, body=video, cut=1000)            a download cut off, its full length promised
    api.faults.add("/content$", status=200, body=video, trickle=10)        a download of ten bytes a second
    api.key_exhausted = True                                               401 on every call, of running tasks too
"""

from bot.sandbox.video_api.calls import Call, Part
from bot.sandbox.video_api.server import VideoApiSandbox
from bot.sandbox.video_api.tasks import Outcome, Task

__all__ = ["Call", "Outcome", "Part", "Task", "VideoApiSandbox"]
