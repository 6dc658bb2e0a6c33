"""What the body of a message may hold, as Discord's own words of refusal tell."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.sandbox.discord_api import DiscordSandbox

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
FIELDS = ("content", "embeds", "components", "attachments", "allowed_mentions", "message_reference", "flags", "nonce")
COMPONENT = st.fixed_dictionaries(
    {"type": st.integers(1, 23)},
    optional=dict.fromkeys(
        ("components", "items", "content", "media", "file", "accessory", "custom_id", "id", "options", "url"), JSON
    ),
)
ROW = st.builds(lambda inner: {"type": 1, "components": inner}, st.lists(COMPONENT, max_size=2))
BODY = (
    JSON
    | st.dictionaries(st.sampled_from(FIELDS), JSON)
    | st.builds(lambda components: {"components": components, "flags": 1 << 15}, st.lists(COMPONENT | ROW, max_size=3))
)


def row(*components: dict[str, object]) -> dict[str, object]:
    """An action row."""
    return {"type": 1, "components": list(components)}


@pytest.mark.parametrize(
    ("components", "error"),
    [
        ([{"type": 10, "content": ""}], {"0": {"content": ("BASE_TYPE_REQUIRED", "This field is required")}}),
        ([{"type": 10, "content": "x" * 2001}] * 2, ("COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED", None)),
        ([{"type": 14}] * 41, ("BASE_TYPE_MAX_LENGTH", "Must be 40 or fewer in length.")),
        ([{"type": 17, "components": [{"type": 14}] * 40}], ("COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED", None)),
        (
            [{"type": 12, "items": [{"media": {"url": "attachment://no.mp4"}}]}],
            {"0": {"items": {"0": {"media": {"url": ("UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND", None)}}}}},
        ),
        (
            [{"type": 1, "components": [{"type": 2, "style": 1, "label": "x" * 81, "custom_id": "x" * 101}]}],
            {"0": {"components": {"0": {
                "label": ("BASE_TYPE_MAX_LENGTH", "Must be 80 or fewer in length."),
                "custom_id": ("BASE_TYPE_BAD_LENGTH", "Must be between 1 and 100 in length."),
            }}}},
        ),
        (
            [{"type": 1, "components": [{"type": 2, "style": 1, "label": "x", "custom_id": "x"}] * 2}],
            {"0": {"components": {"1": {"custom_id": ("COMPONENT_CUSTOM_ID_DUPLICATED", None)}}}},
        ),
        ([{"type": 2, "style": 1, "label": "x", "custom_id": "x"}], {"0": {"type": ("BASE_TYPE_CHOICES", None)}}),
        (
            [row({"type": 2, "style": 1, "custom_id": "x"})],
            {"0": {"components": {"0": ("BUTTON_COMPONENT_INVALID_EMPTY", None)}}},
        ),
        (
            [row({"type": 2, "style": 5, "label": "x", "url": "ftp://x"})],
            {"0": {"components": {"0": {"url": ("URL_TYPE_INVALID_SCHEME", 'Scheme "ftp" is not supported.')}}}},
        ),
        (
            [row({"type": 2, "style": 5, "label": "x", "url": "https://x", "custom_id": "x"})],
            {"0": {"components": {"0": ("BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE", None)}}},
        ),
        (
            [row({"type": 5, "custom_id": "x"}, {"type": 2, "style": 1, "label": "y", "custom_id": "y"})],
            {"0": {"components": ("COMPONENT_LAYOUT_WIDTH_EXCEEDED", None)}},
        ),
        (
            [row({"type": 3, "custom_id": "x", "options": ["a"]})],
            {"0": {"components": {"0": {"options": {"0": {
                "_errors": ("MODEL_TYPE_CONVERT", None),
                "label": ("BASE_TYPE_REQUIRED", None),
                "value": ("BASE_TYPE_REQUIRED", None),
            }}}}}},
        ),
        (
            [{"type": 9, "components": [{"type": 10, "content": "x"}], "accessory": {"type": 14}}],
            {"0": {"accessory": {"type": ("BASE_TYPE_CHOICES", None)}}},
        ),
        ([{"type": 13, "file": {"url": "https://x/a.png"}}], {"0": {"file": {"url": ("URL_TYPE_INVALID_SCHEME", None)}}}),
    ],
)  # fmt: skip
async def test_components_against_the_rules_are_refused(
    discord: DiscordSandbox, rest: aiohttp.ClientSession, components: list[dict[str, object]], error: object
):
    """Each breach is answered 50035 under the path of its field."""
    path, sent = (
        f"channels/{discord.world.channel('general').id}/messages",
        {"components": components, "flags": 1 << 15},
    )
    async with rest.post(path, json=sent) as response:
        body = await response.json()
    assert (response.status, body["code"], body["message"]) == (400, 50035, "Invalid Form Body")
    assert _matches(body["errors"]["components"], error)
    assert discord.messages("general") == []


def _matches(tree: Any, expected: object) -> bool:
    """Whether an error tree has exactly the paths expected, with their codes and, where given, messages."""
    if isinstance(expected, tuple):
        (error,) = tree if isinstance(tree, list) else tree["_errors"]
        return error["code"] == expected[0] and expected[1] in (None, error["message"])
    assert isinstance(expected, dict)
    return set(tree) == set(expected) and all(_matches(tree[key], expected[key]) for key in expected)


async def test_no_body_breaks_the_stand_in(discord: DiscordSandbox, rest: aiohttp.ClientSession):
    """Whatever JSON comes, it is posted or refused in Discord's words, never answered 5xx."""
    bodies: list[object] = []

    @settings(max_examples=60, database=None)
    @given(BODY)
    def collect(body: object) -> None:
        bodies.append(body)

    collect()
    path = f"channels/{discord.world.channel('general').id}/messages"
    for body in bodies:
        async with rest.post(path, json=body) as response:
            assert response.status in (200, 400), (body, await response.text())
