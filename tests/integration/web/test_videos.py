"""Originals behind signed links: whole, in ranges, to slow readers; and one answer to everybody else."""

import asyncio
import logging
import resource
from email.utils import formatdate
from pathlib import Path

import pytest

from bot.jobs.job import Status
from bot.jobs.store import Store
from bot.jobs.videos import Videos
from tests.integration.web.conftest import LINKS, NOW, VIDEO, Client, job

PATH = "/videos/abc234.mp4"
LINK = LINKS.sign(PATH, int(NOW) + 1)
SIZE = len(VIDEO)
MB = 1024**2


async def test_a_good_link_brings_the_whole_video(client: Client):
    """The bytes as the service made them; shown in the browser, named if saved, and not to be guessed at or indexed."""
    answer = await client.get(LINK)

    assert (answer.status, await answer.read()) == (200, VIDEO)
    headers = dict(answer.headers)
    assert headers.pop("Date")
    assert headers.pop("Etag").startswith('"')
    assert headers.pop("Last-Modified").endswith(" GMT")
    assert headers == {
        "Content-Type": "video/mp4",
        "Content-Length": str(SIZE),
        "Content-Disposition": 'inline; filename="reelcord-abc234.mp4"',
        "Accept-Ranges": "bytes",
        "Cache-Control": "private",
        "Server": "reelcord",
        "X-Content-Type-Options": "nosniff",
        "X-Robots-Tag": "noindex",
        "Referrer-Policy": "no-referrer",
        "Content-Security-Policy": (
            "default-src 'none'; media-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'"
        ),
    }


async def test_head_tells_type_and_length(client: Client):
    """Players ask before they fetch; a range of nothing is not a body either."""
    whole, part = await client.head(LINK), await client.head(LINK, headers={"Range": "bytes=10-19"})

    assert (whole.status, await whole.read(), whole.headers["Content-Length"]) == (200, b"", str(SIZE))
    assert (part.status, await part.read(), part.headers["Content-Length"]) == (206, b"", "10")
    assert (whole.headers["Content-Type"], whole.headers["Accept-Ranges"]) == ("video/mp4", "bytes")


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-", 0, SIZE),
        ("bytes=0-0", 0, 1),
        ("bytes=100-299", 100, 300),
        ("bytes=-7", SIZE - 7, SIZE),
        (f"bytes=-{SIZE * 2}", 0, SIZE),
        (f"bytes={SIZE - 1}-{SIZE * 2}", SIZE - 1, SIZE),
    ],
)
async def test_a_range_is_that_part(client: Client, asked: str, start: int, end: int):
    """From the front, the middle and the end, also where more is asked for than there is."""
    answer = await client.get(LINK, headers={"Range": asked})

    assert (answer.status, await answer.read()) == (206, VIDEO[start:end])
    assert answer.headers["Content-Range"] == f"bytes {start}-{end - 1}/{SIZE}"
    assert answer.headers["Content-Length"] == str(end - start)


@pytest.mark.parametrize("asked", [f"bytes={SIZE}-", "bytes=9-3", "bytes=0-1,5-6"])
async def test_a_range_that_cannot_be_given_is_refused_with_the_length(client: Client, asked: str):
    """Behind the end, backwards, several at once (no player asks so)."""
    answer = await client.get(LINK, headers={"Range": asked})

    assert (answer.status, await answer.read()) == (416, b"")
    assert answer.headers["Content-Range"] == f"bytes */{SIZE}"


async def test_what_the_asker_has_is_not_sent_again(client: Client):
    """Conditional requests by tag and by date."""
    first = await client.get(LINK)
    tag, changed = first.headers["Etag"], first.headers["Last-Modified"]
    long_ago = formatdate(0, usegmt=True)

    for headers, status in (
        ({"If-None-Match": tag}, 304),
        ({"If-None-Match": '"other"'}, 200),
        ({"If-Modified-Since": changed}, 304),
        ({"If-Modified-Since": long_ago}, 200),
        ({"If-Match": '"other"'}, 412),
        ({"If-Unmodified-Since": long_ago}, 412),
        ({"Range": "bytes=0-9", "If-Range": changed}, 206),
        ({"Range": "bytes=0-9", "If-Range": long_ago}, 200),
    ):
        answer = await client.get(LINK, headers=headers)
        expected = {200: VIDEO, 206: VIDEO[:10]}.get(status, b"")
        assert (answer.status, await answer.read()) == (status, expected), headers


async def test_a_link_leads_to_a_video_before_and_after_it_is_kept(client: Client, videos: Videos):
    """The message with the link may be read while its job is still in the spool: the same link, the same tag."""
    path = videos.spooled("def567")
    path.write_bytes(VIDEO[::-1])
    link = LINKS.sign("/videos/def567.mp4", int(NOW) + 1)

    before = await client.get(link)
    videos.keep("def567")
    after = await client.get(link)

    assert not path.exists()
    assert await before.read() == await after.read() == VIDEO[::-1]
    assert before.headers["Etag"] == after.headers["Etag"]


def swapped(link: str, old: str, new: str) -> str:
    """A link whose signature is for another one."""
    assert old in link
    return link.replace(old, new)


def signed(target: str) -> str:
    """A link to a path as the server reads it, whose signature is genuine."""
    query = LINKS.sign(target.replace("%2f", "/").replace("%00", "\0"), int(NOW) + 1).partition("?")[2]
    return f"{target}?{query}"


REFUSED = {
    "unsigned": PATH,
    "no signature": LINK.partition("&")[0],
    "no end": f"{PATH}?{LINK.partition('&')[2]}",
    "empty": f"{PATH}?expires=&signature=",
    "forged": f"{PATH}?expires=9999999999&signature={'0' * 64}",
    "longer life": swapped(LINK, "expires=1000001", "expires=9999999999"),
    "expired": LINKS.sign(PATH, int(NOW)),
    "digits of another script": swapped(LINK, "expires=1000001", "expires=%D9%A1%D9%A0%D9%A0%D9%A0%D9%A0%D9%A0%D9%A1"),
    "digits with a space": swapped(LINK, "expires=1000001", "expires=%201000001"),
    "upper case": LINK.partition("signature=")[0] + "signature=" + LINK.rpartition("=")[2].upper(),
    "rubbish": f"{PATH}?expires=%FF&signature=%FF",
    "another job's": swapped(LINK, "abc234", "def567"),
    "a picture's": LINKS.sign("/inputs/abc234/0", int(NOW) + 1).replace("/inputs/abc234/0", PATH),
    "a video's for a picture": swapped(LINK, PATH, "/inputs/abc234/0"),
    "no such job": LINKS.sign("/videos/zzz999.mp4", int(NOW) + 1),
    "no file": LINKS.sign("/videos/def567.mp4", int(NOW) + 1),
    "another ending": LINKS.sign("/videos/abc234", int(NOW) + 1),
    "dots": "/videos/../originals/abc234.mp4",
    "genuine dots": signed("/videos/..%2foriginals%2fabc234.mp4"),
    "genuine NUL": signed("/videos/abc234%00.mp4"),
    "genuine slashes": signed("/videos/%2fetc%2fpasswd.mp4"),
    "broken escapes": "/videos/%E0%A4%A.mp4?expires=1&signature=%E0%A4%A",
    "long": f"/videos/{'a' * 4000}.mp4?expires={'9' * 2000}&signature=a",
    "list": "/videos",
    "folder": "/videos/",
    "nothing": "/videos/.mp4",
    "all": "/",
}


@pytest.mark.parametrize("target", REFUSED.values(), ids=REFUSED.keys())
async def test_every_other_link_gets_the_same_answer(client: Client, target: str):
    """Byte for byte that of a page that never was, so that nothing tells a stranger whether a job is there."""
    assert await raw(client, target) == await raw(client, "/never-was")


async def test_the_answer_to_a_stranger_is_a_plain_404(client: Client):
    """What all of those links get, in its own words."""
    head, _, body = (await raw(client, PATH)).partition("\r\n\r\n")

    assert head.startswith("HTTP/1.1 404 Not Found\r\n")
    assert body == "404: Not Found"


async def test_a_genuine_link_reaches_the_video_by_the_same_socket(client: Client):
    """The check above cannot pass for want of a working request."""
    assert (await raw(client, LINK)).startswith("HTTP/1.1 200 OK\r\n")


async def test_the_file_of_a_job_that_was_forgotten_is_not_served(client: Client, store: Store, videos: Videos):
    """A file that outlived its row is nobody's; so is the file of a row whose video is gone."""
    videos.spooled("ghj789").write_bytes(VIDEO)
    orphan = await client.get(LINKS.sign("/videos/ghj789.mp4", int(NOW) + 1))
    await store.add(job("ghj789", status=Status.COMPLETED))
    adopted = await client.get(LINKS.sign("/videos/ghj789.mp4", int(NOW) + 1))
    videos.forget("ghj789")
    gone = await client.get(LINKS.sign("/videos/ghj789.mp4", int(NOW) + 1))

    assert [orphan.status, adopted.status, gone.status] == [404, 200, 404]


async def test_slow_readers_hold_no_memory_and_hold_up_nobody(client: Client, videos: Videos):
    """Thirty who take a first bite of 200 MB and stop: the process does not grow, and another is answered."""
    with videos.spooled("def567").open("wb") as file:
        file.truncate(200 * MB)
    link = LINKS.sign("/videos/def567.mp4", int(NOW) + 1)
    before = memory()
    readers = [await opened(client, link) for _ in range(30)]
    try:
        for reader, _ in readers:
            assert (await reader.read(1000)).startswith(b"HTTP/1.1 200 OK\r\n")
        answer = await client.get(LINK)

        assert (answer.status, await answer.read()) == (200, VIDEO)
        assert memory() - before < 20 * MB
    finally:
        for _, writer in readers:
            writer.transport.abort()


async def test_a_reader_who_leaves_is_no_trouble(client: Client, videos: Videos, caplog: pytest.LogCaptureFixture):
    """A player that jumps drops its connection each time: nothing of it is in the log."""
    caplog.set_level(logging.WARNING)
    with videos.spooled("def567").open("wb") as file:
        file.truncate(200 * MB)
    link = LINKS.sign("/videos/def567.mp4", int(NOW) + 1)
    for _ in range(5):
        reader, writer = await opened(client, link)
        await reader.read(1000)
        writer.transport.abort()

    for _ in range(5):  # each answer comes after the loop has seen those connections break
        assert await (await client.get(LINK)).read() == VIDEO

    assert caplog.text == ""


async def opened(client: Client, target: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection that has asked for a target exactly as it is written, which an HTTP client would tidy up."""
    reader, writer = await asyncio.open_connection(client.host, client.port, limit=64 * 1024)
    writer.write(f"GET {target} HTTP/1.1\r\nHost: reelcord\r\nConnection: close\r\n\r\n".encode())
    return reader, writer


async def raw(client: Client, target: str) -> str:
    """The whole answer to a target but for its date."""
    reader, writer = await opened(client, target)
    answer = (await reader.read()).decode("latin-1")
    writer.close()
    return "\r\n".join(line for line in answer.split("\r\n") if not line.startswith("Date: "))


def memory() -> int:
    """Bytes that this process has in memory now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize()
