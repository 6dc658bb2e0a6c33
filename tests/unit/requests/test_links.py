"""Links that people type: https to a host by its public-looking name, with nothing in them that readers differ on."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.errors import Refusal
from bot.requests.base import TypedLink
from bot.requests.veo31 import Veo31Extend
from bot.requests.vidu import ViduRequest

SENTENCE = "video_url must be a link such as https://example.com/file: https, a host by its name, no user or password."


def taken(url: str) -> str | None:
    """The link as it would be sent; None where it is refused."""
    try:
        request = Veo31Extend.parse({"prompt": "a cat", "video_url": url})
    except Refusal as refusal:
        return None if str(refusal) == SENTENCE else f"another sentence: {refusal}"
    assert request.typed_links() == {"video_url": url}
    return str(request.submission().fields["video"])


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/a.mp4",
        "HTTPS://EXAMPLE.com/a.mp4",
        "https://example.com",
        "https://example.com./a.mp4",
        "https://example.com:8443/a.mp4?x=1&y=%20#t=3",
        "https://xn--e1afmkfd.xn--p1ai/a.mp4",
        "https://my_bucket.s3.amazonaws.com/a(1).mp4",
        "https://example.com/кот.mp4",
        "https://1.2.3.4.example.com/a.mp4",
    ],
)
def test_a_link_is_sent_as_typed(url: str):
    """Not a character is changed: a signature may cover it."""
    assert taken(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.com/a.mp4",
        "http://example.com/a.mp4",
        "ftp://example.com/a.mp4",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "data:video/mp4;base64,AAAA",
        "https:example.com",
        "https:/example.com",
        "https:///example.com",
        "https://",
        "//example.com/a.mp4",
        # people's own machines and networks, by name and by number, in every way of writing one
        "https://localhost/a.mp4",
        "http://localhost/a.mp4",
        "http://127.0.0.1/a.mp4",
        "https://127.0.0.1/a.mp4",
        "https://127.0.0.1./a.mp4",
        "https://127.1/a.mp4",
        "https://2130706433/a.mp4",
        "https://0x7f000001/a.mp4",
        "https://0x7f.1/a.mp4",
        "https://127.0.0.0x1/a.mp4",
        "https://0177.0.0.01/a.mp4",
        "https://10.0.0.1/a.mp4",
        "https://169.254.169.254/latest/meta-data",
        "https://93.184.215.14/a.mp4",
        "https://[::1]/a.mp4",
        "https://[::ffff:127.0.0.1]/a.mp4",
        "https://[64:ff9b::7f00:1]/a.mp4",
        "https://[fe80::1%25eth0]/a.mp4",
        "https://[v1.x]/a.mp4",
        "https://[bad/a.mp4",
        "https://router/a.mp4",
        "https://\uff11\uff12\uff17.\uff10.\uff10.\uff11/a.mp4",
        "https://127。0。0。1/a.mp4",
        "https://ⓔxample.com/a.mp4",
        "https://пример.рф/a.mp4",
        # disguises
        "https://user:pass@example.com/a.mp4",
        "https://user@example.com/a.mp4",
        "https://@example.com/a.mp4",
        "https://:@example.com/a.mp4",
        "https://example.com\\@127.0.0.1/a.mp4",
        "https://example.com\\.evil.example/a.mp4",
        "https://example.com%2f@127.0.0.1/a.mp4",
        "https://exa%6dple.com/a.mp4",
        "https://example.com:0/a.mp4",
        "https://example.com:99999/a.mp4",
        "https://example.com:port/a.mp4",
        "https://.example.com/a.mp4",
        "https://example..com/a.mp4",
        "https://-example.com/a.mp4",
        "https://example.com/a b.mp4",
        "https://example.com/a\n.mp4",
        "https://example.com/\ta.mp4",
        " https://example.com/a.mp4",
        "https://example.com/a.mp4\u00a0",
        "https://example.com/\u202e4pm.a",
        "https://example.com/\u200ba.mp4",
        'https://example.com/"a".mp4',
        "https://example.com/<a>.mp4",
        "https://" + "a" * 64 + ".com/a.mp4",
        "https://" + "a." * 126 + "com/a.mp4",
    ],
)
def test_what_is_no_plain_link_to_a_host_is_refused(url: str):
    """One sentence, whatever is wrong with it; a number is never a host, since readers differ on what it means."""
    assert taken(url) is None


URLS = st.lists(
    st.sampled_from(
        [*"https://:@.[]%\\?#/1a-_", "127.0.0.1", "example.com", "https://", "localhost", "0x7f", "\u3002"]
    ),
    max_size=12,
).map("".join)


@given(
    st.one_of(URLS, URLS.map(lambda tail: f"https://{tail}"), st.text(max_size=40).map(lambda tail: f"https://{tail}"))
)
@example("https://example.com?@127.0.0.1")
@example("https://example.com#@127.0.0.1/")
@example("https://a.a1")
def test_a_link_that_is_taken_leads_to_the_host_that_it_shows(url: str):
    """Cut by hand at the first sign after the host: there is no other host in it for another reader to find."""
    if taken(url) is None:
        return
    host = re.split("[/?#:]", url[len("https://") :], maxsplit=1)[0]
    assert url[:8].lower() == "https://"
    assert host.isascii()
    assert set(host.lower()) <= set("abcdefghijklmnopqrstuvwxyz0123456789-_.")
    assert "." in host.strip(".")
    assert host.rstrip(".").rsplit(".", 1)[-1][0].isalpha()


def test_every_typed_link_is_known_as_one():
    """What a command does not know to be typed would go out without its host being looked up."""
    request = ViduRequest.parse({"prompt": "a cat", "watermark": True, "wm_url": "https://example.com/a.png"})
    assert request.typed_links() == {"wm_url": "https://example.com/a.png"}
    assert isinstance(request.wm_url, TypedLink)
