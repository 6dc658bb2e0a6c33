"""The families of models: who accepts what, and in which of the many shapes each answers."""

from __future__ import annotations

import random
import string
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.sandbox.video_api import octopusx, uniall
from bot.sandbox.video_api.ask import Ask, Validator
from bot.sandbox.video_api.tasks import Plan, UrlKind


@dataclass(frozen=True, kw_only=True, slots=True)
class Family:
    """How one family behaves; the shapes are names out of `replies`."""

    name: str
    models: tuple[str, ...]
    accept: Callable[[Ask], Awaitable[Plan]]
    validator: Validator = "basic"
    id_prefix: str = "task_"
    id_length: int = 32  #: letters and digits after the prefix
    submit: str = "E1"
    retrieve: str = "E8"
    wrapper: str = "E12"
    url: UrlKind = "direct"

    def new_id(self) -> str:
        """A fresh id in the form this family's ids have."""
        return self.id_prefix + "".join(random.choices(string.ascii_letters + string.digits, k=self.id_length))


FAMILIES = (
    Family(
        name="veo",
        models=("veo_3_1", "veo_3_1-fast"),
        accept=octopusx.veo,
        validator="direct",
        id_prefix="video_",
        id_length=24,
        submit="E2",
        retrieve="E7",
    ),
    Family(
        name="sora",
        models=("sora-2", "sora-2-pro"),
        accept=octopusx.sora,
        validator="direct",
        id_prefix="sora-2:task_",
        id_length=26,
        submit="E2",
        retrieve="E7",
    ),
    Family(name="vidu", models=("viduq3-pro", "viduq2-pro", "viduq2-turbo"), accept=octopusx.vidu),
    Family(
        name="kling",
        models=("kling-v1", "kling-v1-6", "kling-v2-master", "Kling-2.5", "Kling-2.6", "Kling-3.0-Omni"),
        accept=octopusx.kling,
        retrieve="kling",
    ),
    Family(
        name="google",
        models=("veo-3", "veo-3.1-generate-preview"),
        accept=octopusx.google,
        retrieve="E9",
        wrapper="E13",
        url="content",
    ),
    Family(name="hailuo", models=("MiniMax-Hailuo-02",), accept=octopusx.other, retrieve="hailuo"),
    Family(
        name="doubao",
        models=("doubao-seedance-1-0-pro",),
        accept=octopusx.other,
        id_prefix="cgt-20260412163502-",
        id_length=5,
        submit="E3",
        retrieve="jimeng",
    ),
    Family(name="veo31", models=uniall.MODELS, accept=uniall.veo31, submit="E3", retrieve="E14"),
)

_OTHER = Family(name="other", models=(), accept=octopusx.other)
ALL_MODELS = tuple(model for family in FAMILIES for model in family.models)


def named(name: str) -> Family:
    """The family of that name."""
    return next((family for family in FAMILIES if family.name == name), _OTHER)


def family_of(model: str) -> Family:
    """The family a model belongs to; a model put on the stand-in's list by hand answers as a vendor like the others."""
    return next((family for family in FAMILIES if model in family.models), _OTHER)
