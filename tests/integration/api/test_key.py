"""The key goes to the service's own origin and nowhere else, whatever a link or a redirect looks like."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from yarl import URL

from bot.api.client import VideoApi
from bot.api.download import Downloader
from bot.api.errors import BadFile, Busy
from bot.api.part import Room
from bot.api.transport import open_client
from tests.integration.api.conftest import KEY

if TYPE_CHECKING:
    from tests.integration.api.conftest import Wire

VIDEO = b"\x00\x00\x00\x20ftypisom" + bytes(range(256)) * 9
STATUSES = (301, 302, 303, 307, 308)

#: Ways to another host (or another port, which is another server) that look more or less like the way home.
AWAY = {
    "another port": "http://127.0.0.1:{cdn}/a.mp4",
    "without a scheme": "//127.0.0.1:{cdn}/a.mp4",
    "another name": "http://localhost:{cdn}/a.mp4",
    "another name of the service's own port": "http://localhost:{wire}/a.mp4",
    "upper case": "HTTP://LOCALHOST:{wire}/a.mp4",
    "a question in front": "http://localhost:{cdn}?@127.0.0.1:{wire}/a.mp4",
    "a fragment in front": "http://localhost:{cdn}#@127.0.0.1:{wire}/a.mp4",
}
#: Whether these lead anywhere is for the machine's resolver to say.
PERHAPS = {
    "a trailing dot": "http://localhost.:{wire}/a.mp4",
    "an address with a dot": "http://127.0.0.1.:{wire}/a.mp4",
    "a short address": "http://127.1:{wire}/a.mp4",
    "a decimal number": "http://2130706433:{wire}/a.mp4",
    "a hexadecimal number": "http://0x7f000001:{wire}/a.mp4",
    "an octal number": "http://0177.0.0.1:{wire}/a.mp4",
    "a mapped address": "http://[::ffff:127.0.0.1]:{wire}/a.mp4",
}
#: Nobody signs links so, and a browser would show them as if they led to the service.
NOWHERE = {
    "a name in front": "http://octopusx.ai@127.0.0.1:{cdn}/a.mp4",
    "the service in front": "http://127.0.0.1:{wire}@127.0.0.1:{cdn}/a.mp4",
    "a name and a password": "http://a:b@127.0.0.1:{cdn}/a.mp4",
    "a backslash": "http://127.0.0.1:{wire}\\@127.0.0.1:{cdn}/a.mp4",
    "a name in front of the service": "http://a:b@127.0.0.1:{wire}/a.mp4",
    "port 0": "http://127.0.0.1:0/a.mp4",
}


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("way", AWAY.values(), ids=AWAY.keys())
async def test_a_redirect_away_leaves_the_key_behind(
    way: str, status: int, api: VideoApi, wire: Wire, cdn: Wire, tmp_path: Path
):
    """The content route is asked with the key, the place it leads to without."""
    wire.will(status, b"", headers={"Location": way.format(wire=wire.port, cdn=cdn.port)})
    (wire if "{wire}/" in way and "@" not in way else cdn).will(200, VIDEO)
    assert await api.download("x", None, tmp_path / "a.mp4") == len(VIDEO)
    first, second = [*wire.requests, *cdn.requests]
    assert first.headers["authorization"] == "Bearer sk-secret0key0of0the0operator"
    assert "authorization" not in second.headers


@pytest.mark.parametrize("way", PERHAPS.values(), ids=PERHAPS.keys())
async def test_an_odd_spelling_of_the_service_gets_no_key(way: str, api: VideoApi, wire: Wire, tmp_path: Path):
    """It may be the same machine; the text is not the same origin."""
    wire.will(302, b"", headers={"Location": way.format(wire=wire.port)})
    wire.will(200, VIDEO)
    with contextlib.suppress(BadFile, Busy):
        await api.download("x", None, tmp_path / "a.mp4")
    assert ["authorization" in seen.headers for seen in wire.requests] in ([True], [True, False])


@pytest.mark.parametrize("way", NOWHERE.values(), ids=NOWHERE.keys())
async def test_a_disguised_redirect_is_not_followed(way: str, api: VideoApi, wire: Wire, cdn: Wire, tmp_path: Path):
    """Neither with the key nor without."""
    wire.will(302, b"", headers={"Location": way.format(wire=wire.port, cdn=cdn.port)})
    with pytest.raises((BadFile, Busy)):
        await api.download("x", None, tmp_path / "a.mp4")
    assert (len(wire.requests), cdn.requests) == (1, [])


async def test_a_chain_of_five_redirects_is_followed(api: VideoApi, wire: Wire, cdn: Wire, tmp_path: Path):
    """To and fro between the hosts: the key comes back at home each time, and the sixth would be one too many."""
    for one, other in [(cdn, wire), (wire, cdn), (cdn, wire), (wire, cdn), (cdn, wire)]:
        one.will(302, b"", headers={"Location": f"{other.url}/next"})
    wire.will(200, VIDEO)
    assert await api.download("x", cdn.url + "/a", tmp_path / "a.mp4") == len(VIDEO)
    assert ["authorization" in seen.headers for seen in wire.requests] == [True] * 3
    assert ["authorization" in seen.headers for seen in cdn.requests] == [False] * 3


@pytest.fixture(scope="module")
def downloader() -> Downloader:
    """The downloader of a service out on the internet, which here connects to nobody."""
    return Downloader(
        base_url=httpx.URL("https://octopusx.ai"),
        home=open_client({}, public_only=False),
        world=open_client({}, public_only=True),
        private=False,
        timeout=httpx.Timeout(2),
        patience=5,
        pace=5,
        room=Room(),
    )


HOSTS = st.sampled_from(
    [
        "octopusx.ai",
        "OCTOPUSX.AI",
        "octopusx.ai.",
        "octopusx\u3002ai",
        "octopusx.ai.evil.com",
        "octopusx.ai%2eevil.com",
        "xn--octopusx-.ai",
        "\u24d8octopusx.ai",
        "o\u0441topusx.ai",
        "evil.com",
        "localhost",
        "169.254.169.254",
        "[::ffff:7f00:1]",
        "[64:ff9b::7f00:1]",
        "0x7f000001",
        "",
    ]
)
LINKS = st.builds(
    "{}{}{}{}{}{}".format,
    st.sampled_from(["https://", "http://", "HTTPS://", "//", "https:/", "https:\\\\", "ftp://", "/", ""]),
    st.sampled_from(
        ["", "@", "octopusx.ai@", "a:b@", "octopusx.ai\\@", "octopusx.ai/@", "octopusx.ai#@", "octopusx.ai?@"]
    ),
    HOSTS,
    st.sampled_from(["", ":", ":443", ":0443", ":80", ":0", ":8443", "\\"]),
    st.sampled_from(["", "/", "/a.mp4", "?a", "#a", "\\@evil.com/", "@evil.com/"]),
    st.text(max_size=3),
)


@example("https://octopusx.ai:0/")
@example("https://octopusx.ai\\")
@given(LINKS)
def test_whatever_a_link_looks_like_the_wire_sees_what_was_judged(downloader: Downloader, link: str):
    """Two parsers read a URL, ours and the one that opens the connection; the key goes where both say home."""
    try:
        url = httpx.URL("https://octopusx.ai/v1/").join(link)
        client = downloader.client_for(url)
        dialled = URL(str(url), encoded=True)
    except (BadFile, httpx.InvalidURL, ValueError):  # nobody is dialled
        return
    at_home = (dialled.scheme, dialled.host, dialled.port) == ("https", "octopusx.ai", 443)
    assert (client is downloader.home) == at_home
    assert (dialled.scheme, dialled.user, dialled.password) == ("https", None, None)


PUBLIC = "https://cdn.example/out.mp4?sig=a%2Fb"


@pytest.mark.parametrize(
    ("link", "public"),
    [
        (PUBLIC, True),
        ("https://CDN.example:8443/out.mp4", True),
        ("https://octopusx.ai.cdn.example/out.mp4", True),
        ("https://93.184.215.14/out.mp4", True),
        ("http://cdn.example/out.mp4", False),
        ("https://octopusx.ai/files/out.mp4", False),
        ("https://OctopusX.ai./files/out.mp4", False),
        ("https://octopusx.ai:8443/files/out.mp4", False),
        ("https://cdn.example/v1/videos/task_x/content", False),
        ("https://cdn.example/v1/videos/task_x/content?a=b", False),
        ("https://a:b@cdn.example/out.mp4", False),
        ("https://a@cdn.example/out.mp4", False),
        ("https://127.0.0.1/out.mp4", False),
        ("https://[::1]/out.mp4", False),
        ("https://[64:ff9b::a00:1]/out.mp4", False),
        ("https://localhost/out.mp4", False),
        ("https://new-api/out.mp4", False),
        ("https://minio.internal/out.mp4", False),
        ("https://generativelanguage.googleapis.com/v1beta/files/x:download?alt=media&key=AIzaSyX", False),
        ("https://cdn.example/out.mp4?a=b&X-API-Key=x", False),
        ("https://cdn.example/out.mp4?api%5Fkey=x", False),
        ("https://cdn.example/out.mp4?ACCESS_TOKEN=x", False),
        ("https://cdn.example/out.mp4?token=x", False),
        ("https://cdn.example/out.mp4?authorization=Bearer%20x", False),
        ("https://cdn.example/out.mp4?client_secret=x", False),
        ("https://cdn.example/out.mp4#key=x", False),
        (f"https://cdn.example/{KEY}/out.mp4", False),
        (f"https://cdn.example/out.mp4?sig={KEY.replace('-', '%2D')}", False),
        ("https://cdn.example/key/out.mp4?monkey=1&auth_key=1763-0-0-5f", True),
        ("https://s3.example/o.mp4?AWSAccessKeyId=A&Signature=b%3D&Expires=9&X-Amz-Security-Token=c", True),
        ("https://x.blob.core.windows.net/o.mp4?sv=2024&se=2026&sp=r&sig=b%3D", True),
        ("data:video/mp4;base64,AAAA", False),
        ("DATA:video/mp4,a", False),
        ("ftp://cdn.example/out.mp4", False),
        ("javascript:alert(1)", False),
        ("cdn.example/out.mp4", False),
        ("https://", False),
        ("https://[oops/", False),
        ("https://cdn.example:port/", False),
        ("https://cdn.example/a b\n", False),
        ("", False),
    ],
)
def test_links_that_may_be_shown_to_people(link: str, public: bool, open_api: Callable[..., VideoApi]):
    """Anybody can open them from anywhere, and they give nothing away."""
    assert open_api("https://octopusx.ai").is_public(link) is public


@pytest.mark.parametrize(
    ("link", "public"),
    [
        ("http://localhost:9/out.mp4", True),
        ("http://192.168.1.9/out.mp4", True),
        (PUBLIC, True),
        ("http://127.0.0.1:9/out.mp4", False),
        ("http://localhost:3000/v1/videos/task_x/content", False),
        ("http://a:b@localhost:9/out.mp4", False),
    ],
)
def test_a_service_at_home_may_show_links_at_home(link: str, public: bool, open_api: Callable[..., VideoApi]):
    """Its people are at home too; its own host still wants the key."""
    assert open_api("http://127.0.0.1:3000").is_public(link) is public
