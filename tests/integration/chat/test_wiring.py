"""From what a person types to what is saved: every option of every vendor's command arrives, each in its own place."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from bot.jobs.job import Job, id_from
from bot.jobs.store import Store
from bot.sandbox.discord_api import Call, DiscordSandbox, Upload
from tests.integration.chat.conftest import Picture, SettingsOf, Shows, StartBot

Json = dict[str, Any]
SUBCOMMAND = 1
Typed = Callable[[str, Mapping[str, Any]], Awaitable["Saved"]]


@dataclass(frozen=True)
class Drawn:
    """A picture to attach, of a width of its own: no two have the same bytes."""

    name: str
    width: int


FIRST, SECOND, THIRD = Drawn("first.png", 300), Drawn("second.png", 301), Drawn("third.png", 302)
OTHER = Drawn("other.png", 303)
CLIP = Upload(filename="clip.mp4", data=b"\0\0\0\x18ftypmp42")


@dataclass(frozen=True, kw_only=True)
class Saved:
    """A row, with `data:<name>` for an attachment's bytes and `link:<name>` for its link."""

    #: Upstream, path and encoding.
    to: tuple[str, str, str]
    #: The whole JSON body, or every part of a multipart one.
    body: Json
    #: Field, name and content type of each file.
    files: list[tuple[str, str, str]] = field(default_factory=list[tuple[str, str, str]])
    patient: bool = False
    private: bool = False
    spoiler: bool = False

    def values(self) -> Json:
        """What an option may change, on one level: `metadata.style` is a name."""
        more = {"patient": self.patient, "private": self.private, "spoiler": self.spoiler}
        return {**dict(_leaves(self.body)), **more}


def _leaves(body: Json, before: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in body.items():
        if isinstance(value, dict):
            yield from _leaves(value, f"{before}{name}.")
        else:
            yield f"{before}{name}", value


def _named(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _named(inner, names) for key, inner in value.items()}
    if isinstance(value, list):
        return [_named(inner, names) for inner in value]
    return names.get(value, value) if isinstance(value, str) else value


def _saved(job: Job, call: Call, uploads: Mapping[str, bytes]) -> Saved:
    """The row of a call. A file is named only where its bytes are those that were attached."""
    submission, where = job.submission, job.destination
    attached = call.data.get("resolved", {}).get("attachments", {}).values()
    names = {each["url"]: f"link:{each['filename']}" for each in attached}
    for file in submission.files:
        assert file.data == uploads[file.name]
        names[file.data_uri()] = f"data:{file.name}"
    parts = submission.text_parts() | {file.field: file.data_uri() for file in submission.files}
    return Saved(
        to=(submission.upstream, submission.submit_path, submission.encoding),
        body=_named(submission.json_body() if submission.encoding == "json" else parts, names),
        files=[(file.field, file.name, file.content_type) for file in submission.files],
        patient=submission.patient,
        private=where.private,
        spoiler=where.spoiler,
    )


@pytest.fixture
def typed(
    discord_api: DiscordSandbox,
    store: Store,
    shows: Shows,
    picture: Picture,
) -> Typed:
    """Type a command, and see its row; the bot must be connected."""

    async def type_it(command: str, options: Mapping[str, Any]) -> Saved:
        given = {
            name: picture(value.width, name=value.name) if isinstance(value, Drawn) else value
            for name, value in options.items()
        }
        call = await discord_api.command("member", "general", command, given)
        await shows(call, "Queued")
        job = await store.get(id_from(call.token), with_files=True)
        assert job is not None
        return _saved(job, call, {each.filename: each.data for each in given.values() if isinstance(each, Upload)})

    return type_it


@pytest.fixture
async def free_bot(start_bot: StartBot, settings_of: SettingsOf) -> AsyncIterator[None]:
    """A bot whose operator lets reference videos have any shape and length, so that these options have an effect."""
    async with start_bot(settings=settings_of(veo31_references_free=True)):
        yield


VIDEOS = ("octopusx", "/v1/videos", "json")
MULTIPART = ("octopusx", "/v1/videos", "multipart")
UNIFIED = ("octopusx", "/v1/video/generations", "json")
UNIALL = ("uniall", "/v1/video/generations", "json")

VEO = {"prompt": "Dance in the center of the square", "size": "720x1280", "seconds": 8, "audio": False}
SORA = "Cat nodding its head to music, heavy rain"
RETRIEVER = "A golden retriever running on the beach, with the camera smoothly tracking it"
KLING = {"model": "kling-v1", "prompt": RETRIEVER, "duration": 5, "size": "1280x720"}
SMILE = {"prompt": "Make the person smile and wave", "model": "kling-v1", "duration": 5}
BUTTERFLIES = "A cat chasing butterflies on the grass"
WALK = {"model": "viduq3-pro", "prompt": "Have the person walk forward and smile"}
FRAMES = ", subject, cameralanguage. "


def _output(ratio: str, **more: str) -> Json:
    return {"output_config": {"aspect_ratio": ratio, "resolution": "720P", **more}}


#: The documents' examples: the command, what is typed, and what is saved.
EXAMPLES: dict[str, tuple[str, Json, Saved]] = {
    "veo, without the picture that contradicts its size": (
        "veo",
        VEO | {"model": "veo_3_1-fast", "resolution": "720P"},
        Saved(
            to=VIDEOS,
            body={
                "model": "veo_3_1-fast",
                "prompt": "Dance in the center of the square",
                "size": "720x1280",
                "seconds": "8",
                "duration": 8,
                "metadata": _output("9:16", audio_generation="Disabled"),
            },
        ),
    ),
    "veo, its picture makes it landscape": (
        "veo",
        VEO | {"model": "veo_3_1-fast", "image": FIRST},
        Saved(
            to=VIDEOS,
            body={
                "model": "veo_3_1-fast",
                "prompt": "Dance in the center of the square",
                "size": "1280x720",
                "seconds": "8",
                "duration": 8,
                "input_reference": "data:first.png",
                "metadata": _output("16:9", audio_generation="Disabled"),
            },
            files=[("input_reference", "first.png", "image/png")],
        ),
    ),
    "sora": (
        "sora",
        {"prompt": SORA, "size": "720x1280", "seconds": 10, "audio": False, "image": FIRST},
        Saved(
            to=VIDEOS,
            body={
                "model": "sora-2",
                "prompt": SORA,
                "size": "720x1280",
                "seconds": "10",
                "duration": 10,
                "input_reference": "data:first.png",
                "metadata": _output("9:16", audio_generation="Disabled"),
            },
            files=[("input_reference", "first.png", "image/png")],
        ),
    ),
    "kling, from words": (
        "kling",
        KLING | {"style": "cinematic"},
        Saved(to=UNIFIED, body=KLING | {"seconds": "5", "metadata": {"style": "cinematic"}}),
    ),
    "kling, from words, as any model": (
        "video",
        KLING | {"metadata": '{"style": "cinematic"}'},
        Saved(to=UNIFIED, body=KLING | {"seconds": "5", "metadata": {"style": "cinematic"}}),
    ),
    "kling, from a picture": (
        "kling",
        SMILE | {"image": FIRST},
        Saved(
            to=UNIFIED,
            body=SMILE | {"seconds": "5", "image": "data:first.png"},
            files=[("image", "first.png", "image/png")],
        ),
    ),
    "vidu, from words": (
        "vidu",
        {"model": "viduq3-pro", "prompt": BUTTERFLIES, "aspect_ratio": "16:9", "duration": 5},
        Saved(
            to=MULTIPART, body={"model": "viduq3-pro", "prompt": BUTTERFLIES, "aspect_ratio": "16:9", "duration": "5"}
        ),
    ),
    "vidu, from a picture, whose shape wins": (
        "vidu",
        WALK | {"aspect_ratio": "9:16", "duration": 5, "image": FIRST},
        Saved(
            to=MULTIPART,
            body=WALK | {"duration": "5", "images": "data:first.png"},
            files=[("images", "first.png", "image/png")],
        ),
    ),
    "veo31 text": (
        "veo31 text",
        {
            "prompt": " camera, camera. ",
            "resolution": "1080p",
            "aspect_ratio": "16:9",
            "duration": 8,
            "audio": True,
            "negative_prompt": ", blur",
            "seed": 7,
        },
        Saved(
            to=UNIALL,
            body={
                "model": "veo3.1-video-1080p",
                "prompt": " camera, camera. ",
                "size": "1080p",
                "aspect_ratio": "16:9",
                "duration": 8,
                "extra_body": {"generate_audio": True, "negative_prompt": ", blur", "seed": 7},
            },
        ),
    ),
    "veo31 image": (
        "veo31 image",
        {
            "prompt": ", and. ",
            "image": FIRST,
            "resolution": "720p",
            "duration": 6,
            "audio": False,
            "negative_prompt": "artifacts, ",
        },
        Saved(
            to=UNIALL,
            body={
                "model": "veo3.1-video-720p",
                "prompt": ", and. ",
                "image": "link:first.png",
                "size": "720p",
                "duration": 6,
                "extra_body": {"generate_audio": False, "negative_prompt": "artifacts, "},
            },
        ),
    ),
    "veo31 frames": (
        "veo31 frames",
        {
            "prompt": FRAMES,
            "tier": "fast",
            "image": FIRST,
            "last_image": SECOND,
            "resolution": "1080p",
            "duration": 6,
            "audio": True,
        },
        Saved(
            to=UNIALL,
            body={
                "model": "veo3.1-fast-video-1080p",
                "prompt": FRAMES,
                "image": "link:first.png",
                "last_image": "link:second.png",
                "size": "1080p",
                "duration": 6,
                "extra_body": {"generate_audio": True},
            },
        ),
    ),
    "veo31 references": (
        "veo31 references",
        {
            "prompt": ", and. ",
            "image": FIRST,
            "image2": SECOND,
            "resolution": "1080p",
            "aspect_ratio": "9:16",
            "duration": 6,
            "audio": True,
            "seed": 11,
        },
        Saved(
            to=UNIALL,
            body={
                "model": "veo3.1-video-1080p",
                "prompt": ", and. ",
                "images": ["link:first.png", "link:second.png"],
                "size": "1080p",
                "aspect_ratio": "9:16",
                "duration": 6,
                "extra_body": {"generate_audio": True, "seed": 11},
            },
        ),
    ),
    "veo31 extend": (
        "veo31 extend",
        {
            "prompt": " video action, scenariostyle. ",
            "video_url": "https://example.com/source.mp4",
            "resolution": "720p",
            "negative_prompt": ", ",
            "seed": 9,
        },
        Saved(
            to=UNIALL,
            body={
                "model": "veo3.1-video-720p",
                "prompt": " video action, scenariostyle. ",
                "video": "https://example.com/source.mp4",
                "size": "720p",
                "extra_body": {"negative_prompt": ", ", "seed": 9},
            },
        ),
    ),
}


@pytest.mark.usefixtures("free_bot")
@pytest.mark.parametrize(("command", "options", "saved"), EXAMPLES.values(), ids=EXAMPLES)
async def test_a_documented_example_is_saved_as_the_documents_have_it(
    command: str, options: Json, saved: Saved, typed: Typed
):
    """Typed in Discord, the example becomes the documented request, whole, for the right service and path."""
    assert await typed(command, options) == saved


@dataclass(frozen=True)
class Row:
    """One option: a value that is not its default, and all that it changes; None where something is no longer sent."""

    value: Any
    changes: Json
    #: What else is typed, with and without the option.
    beside: Json = field(default_factory=Json)
    #: What is typed only without it.
    instead_of: tuple[str, ...] = ()


@dataclass(frozen=True)
class Command:
    """A vendor's command: what cannot be left out, and a row for every option, the needed ones too."""

    needed: Json
    rows: dict[str, Row]


def _as_is(place: str = "", **values: Any) -> dict[str, Row]:
    """The rows of options that are sent under their own names, in a place such as `metadata.`."""
    return {name: Row(value, {f"{place}{name}": value}) for name, value in values.items()}


def _as_text(**values: Any) -> dict[str, Row]:
    """The same for a multipart body, which writes true and digits."""
    return {name: Row(value, {name: str(value).lower()}) for name, value in values.items()}


def _three_pictures(place: str) -> dict[str, Row]:
    """The rows of three pictures; each beside the other two, so that its place in the order shows."""
    drawn = {"image": FIRST, "image2": SECOND, "image3": THIRD}
    all_three = [f"data:{each.name}" for each in drawn.values()]
    return {
        name: Row(value, {place: all_three}, beside={other: drawn[other] for other in drawn if other != name})
        for name, value in drawn.items()
    }


PROMPT = {"prompt": "a red fox"}
SHARED = _as_is(prompt="a cat", private=True, spoiler=True)
PORTRAIT = {"size": "720x1280", "metadata.output_config.aspect_ratio": "9:16"}
LANDSCAPE = {"size": "1280x720", "metadata.output_config.aspect_ratio": "16:9"}
SILENT = Row(False, {"metadata.output_config.audio_generation": "Disabled"})
WATERMARK, LOGO = {"watermark": True}, "https://example.com/logo.png"
VEO31 = {
    **SHARED,
    **_as_is("extra_body.", negative_prompt="blur", seed=7),
    "audio": Row(True, {"extra_body.generate_audio": True}),
    "resolution": Row("4k", {"model": "veo3.1-video-4k", "size": "4k"}),
}
TIER = {"tier": Row("fast", {"model": "veo3.1-fast-video-720p"})}
RATIO, SECONDS = _as_is(aspect_ratio="9:16"), _as_is(duration=6)

TABLE: dict[str, Command] = {
    "veo": Command(
        PROMPT,
        {
            **SHARED,
            **_as_is(model="veo_3_1-fast"),
            "size": Row("720x1280", PORTRAIT),
            "seconds": Row(6, {"seconds": "6", "duration": 6}),
            "resolution": Row("1080P", {"size": "1920x1080", "metadata.output_config.resolution": "1080P"}),
            "audio": SILENT,
            **_three_pictures("input_reference"),
        },
    ),
    "sora": Command(
        PROMPT,
        {
            **SHARED,
            "size": Row("1280x720", LANDSCAPE),
            "seconds": Row(8, {"seconds": "8", "duration": 8}),
            "audio": SILENT,
            "image": Row(FIRST, {"input_reference": "data:first.png", **LANDSCAPE}),
        },
    ),
    "vidu": Command(
        PROMPT,
        {
            **SHARED,
            **_as_is(model="viduq2-pro", aspect_ratio="3:4", resolution="1080p"),
            **_as_text(duration=7, audio=True, is_rec=True, bgm=True, seed=7, watermark=True),
            "image": Row(FIRST, {"images": "data:first.png", "aspect_ratio": None}),
            "voice_id": Row("alto", {"voice_id": "alto"}, beside={"model": "viduq2-pro"}),
            "off_peak": Row(True, {"off_peak": "true", "patient": True}),
            "wm_position": Row(3, {"wm_position": "3"}, beside=WATERMARK),
            "wm_url": Row(LOGO, {"wm_url": LOGO}, beside=WATERMARK),
        },
    ),
    "kling": Command(
        PROMPT,
        {
            **SHARED,
            **_as_is(model="kling-v2", size="512x512"),
            **_as_is("metadata.", negative_prompt="blur", style="noir", camera_control="slow pan", quality="high"),
            "duration": Row(10, {"duration": 10, "seconds": "10"}),
            **_three_pictures("images"),
        },
    ),
    "video": Command(
        PROMPT | {"model": "some-model"},
        {
            **SHARED,
            **_as_is(model="another-model", size="16:9"),
            "duration": Row(7, {"duration": 7, "seconds": "7"}),
            "metadata": Row('{"style": "noir"}', {"metadata.style": "noir"}),
            **_three_pictures("images"),
        },
    ),
    "veo31 text": Command(PROMPT, {**VEO31, **TIER, **RATIO, **SECONDS}),
    "veo31 image": Command(
        PROMPT | {"image": FIRST}, {**VEO31, **TIER, **SECONDS, "image": Row(OTHER, {"image": "link:other.png"})}
    ),
    "veo31 frames": Command(
        PROMPT | {"image": FIRST, "last_image": SECOND},
        {
            **VEO31,
            **TIER,
            **SECONDS,
            "image": Row(OTHER, {"image": "link:other.png"}),
            "last_image": Row(OTHER, {"last_image": "link:other.png"}),
        },
    ),
    "veo31 references": Command(
        PROMPT | {"image": FIRST, "image2": SECOND},
        {
            **VEO31,
            **RATIO,
            **SECONDS,
            "image": Row(OTHER, {"images": ["link:other.png", "link:second.png"]}),
            "image2": Row(OTHER, {"images": ["link:first.png", "link:other.png"]}),
            "image3": Row(THIRD, {"images": ["link:first.png", "link:second.png", "link:third.png"]}),
        },
    ),
    "veo31 extend": Command(
        PROMPT | {"video_url": "https://example.com/source.mp4"},
        {
            **VEO31,
            **TIER,
            "video": Row(CLIP, {"video": "link:clip.mp4"}, instead_of=("video_url",)),
            "video_url": Row("https://example.com/other.mp4", {"video": "https://example.com/other.mp4"}),
        },
    ),
}


@pytest.mark.usefixtures("free_bot")
@pytest.mark.parametrize("command", TABLE)
async def test_every_option_changes_what_is_saved(command: str, typed: Typed):
    """Each option changes its own place, and nothing else, against the same command without it."""
    needed, rows = TABLE[command].needed, TABLE[command].rows
    changed: dict[str, Json] = {}
    for name, row in rows.items():
        base = needed | row.beside
        kept = {option: value for option, value in base.items() if option not in row.instead_of}
        before = (await typed(command, base)).values()
        after = (await typed(command, kept | {name: row.value})).values()
        places = before.keys() | after.keys()
        changed[name] = {place: after.get(place) for place in places if before.get(place) != after.get(place)}
    assert changed == {name: row.changes for name, row in rows.items()}


@pytest.mark.usefixtures("free_bot")
def test_every_registered_option_has_its_row(discord_api: DiscordSandbox):
    """An option that nobody has written a row for would be an option that nobody looks at."""
    registered: dict[str, set[str]] = {}
    for command in discord_api.commands:
        modes = {f"{command['name']} {mode['name']}": mode for mode in command["options"] if mode["type"] == SUBCOMMAND}
        for name, leaf in (modes or {command["name"]: command}).items():
            registered[name] = {option["name"] for option in leaf.get("options", [])}
    vendors = {name: options for name, options in registered.items() if not name.startswith("jobs ")}
    assert vendors == {name: set(command.rows) for name, command in TABLE.items()}
