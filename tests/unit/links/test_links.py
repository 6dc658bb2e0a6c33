"""Links that expire, and the key they are signed with."""

import hashlib
import hmac
import stat
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import SettingsError
from bot.links import Links

KEY = bytes(range(32))
LINKS = Links(base_url="https://bot.example", key=KEY)
PATH = "/inputs/abc234/0"


def parts(url: str) -> tuple[str, str, str]:
    """Path, expiry and signature of a link, as a server reads them."""
    split = urlsplit(url)
    query = parse_qs(split.query)
    return split.path, query["expires"][0], query["signature"][0]


def test_a_link_is_the_path_with_its_end_and_an_hmac():
    """The whole URL, with HMAC-SHA256 computed independently."""
    signature = hmac.new(KEY, b"1700000000\n/inputs/abc234/0", hashlib.sha256).hexdigest()

    assert LINKS.sign(PATH, 1_700_000_000) == (
        f"https://bot.example/inputs/abc234/0?expires=1700000000&signature={signature}"
    )


@pytest.mark.parametrize(("now", "alive"), [(0.0, True), (99.9, True), (100.0, False), (1e9, False)])
def test_a_link_ends_at_its_second(now: float, alive: bool):
    """Honoured before the second it names, and not from then on."""
    assert LINKS.check(*parts(LINKS.sign(PATH, 100)), now) is alive


def test_a_link_of_another_path_end_or_key_is_not_genuine():
    """Nothing of a link can be exchanged."""
    path, expires, signature = parts(LINKS.sign(PATH, 100))

    assert not LINKS.check("/inputs/abc234/1", expires, signature, 0)
    assert not LINKS.check(path, "101", signature, 0)
    assert not LINKS.check(path, "0100", signature, 0)
    assert not LINKS.check(path, expires, signature.upper(), 0)
    assert not LINKS.check(path, expires, signature[:-1], 0)
    assert not Links(base_url=LINKS.base_url, key=bytes(32)).check(path, expires, signature, 0)


@pytest.mark.parametrize("signature", ["", "0", "0" * 64, "\udcff"])
def test_a_signature_is_compared_in_constant_time(signature: str, monkeypatch: pytest.MonkeyPatch):
    """A comparison that ends at the first wrong character tells, by its time, how much of a forgery is right."""
    compared: list[bytes] = []
    compare = hmac.compare_digest

    def listen(ours: bytes, theirs: bytes) -> bool:
        compared.append(ours)
        return compare(ours, theirs)

    path, expires, ours = parts(LINKS.sign(PATH, 100))
    with monkeypatch.context() as patch:
        patch.setattr(hmac, "compare_digest", listen)
        assert not LINKS.check(path, expires, signature, 0)
    assert compared == [ours.encode()]


@given(st.text(), st.text(), st.text(), st.floats())
def test_rubbish_is_refused_without_an_error(path: str, expires: str, signature: str, now: float):
    """Whatever a stranger writes into a URL, the answer is no."""
    assert LINKS.check(path, expires, signature, now) is False


@pytest.mark.parametrize("now", [0.0, 99.5, 5_000.0], ids=["early", "alive", "dead"])
def test_our_own_link_is_given_a_new_end(now: float):
    """A day from now, whether the old one is over or not; the path stays."""
    assert LINKS.renewed(LINKS.sign(PATH, 100), now) == LINKS.sign(PATH, int(now) + 24 * 3600)


def test_links_under_a_path_of_a_shared_host_are_renewed_too():
    """PUBLIC_URL may have a path; what is signed is what comes after it."""
    links = Links(base_url="https://bot.example/reel", key=KEY)

    assert links.renewed(links.sign(PATH, 100), 0) == links.sign(PATH, 24 * 3600)


@pytest.mark.parametrize(
    "url",
    [
        "https://bot.example/inputs/abc234/0",
        "https://bot.example/inputs/abc234/0?expires=100",
        f"https://bot.example/inputs/abc234/0?expires=100&signature={'0' * 64}",
        LINKS.sign(PATH, 100).replace("abc234", "xyz789"),
        LINKS.sign(PATH, 100).replace("expires=100", "expires=101"),
        LINKS.sign(PATH, 100).replace("bot.example", "bot.example.evil.example"),
        LINKS.sign(PATH, 100).replace("https://bot.example", ""),
        Links(base_url=LINKS.base_url, key=bytes(32)).sign(PATH, 100),
        "https://elsewhere.example/video.mp4",
        "",
    ],
    ids=["bare", "half", "forged", "other path", "other end", "other host", "no host", "other key", "foreign", "empty"],
)
def test_what_we_did_not_sign_is_left_as_it_is(url: str):
    """A person may type any URL under PUBLIC_URL as a command's option, such as that of another's private video."""
    assert LINKS.renewed(url, 0) == url


@given(st.text())
def test_no_url_makes_a_renewal_fail(url: str):
    """Whatever was typed is given back as it is."""
    assert LINKS.renewed(url, 0) == url
    assert LINKS.renewed(f"{LINKS.base_url}/{url}", 0) == f"{LINKS.base_url}/{url}"


def test_lone_surrogates_are_refused_without_an_error():
    """A percent-encoded byte that is no UTF-8 reaches us as a surrogate, which cannot be encoded strictly."""
    assert LINKS.check("/\udcff", "\udcff", "\udcff", 0) is False


def test_the_key_is_not_shown():
    """A log line with the object in it gives nothing away."""
    assert repr(LINKS) == "Links(base_url='https://bot.example')"


def test_the_key_is_made_once_for_its_owner_only(tmp_path: Path):
    """32 random bytes with mode 0600 and no draft left beside them; the second load gives the same."""
    folder = tmp_path / "new" / "data"

    links = Links.load("https://bot.example", folder)

    assert links == Links(base_url="https://bot.example", key=links.key)
    assert len(links.key) == 32
    assert Links.load("https://bot.example", folder) == links
    assert [path.name for path in folder.iterdir()] == ["link.key"]
    assert stat.S_IMODE((folder / "link.key").stat().st_mode) == 0o600
    assert Links.load("https://bot.example", tmp_path / "other").key != links.key


def test_processes_that_start_together_agree_on_the_key(tmp_path: Path):
    """Six at once print one and the same key."""
    code = "import sys; from pathlib import Path; from bot.links import Links; sys.stdin.read(1);"
    code += "print(Links.load('', Path(sys.argv[1])).key.hex())"
    command = [sys.executable, "-c", code, str(tmp_path)]
    racers = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(6)]
    for racer in racers:
        assert racer.stdin
        racer.stdin.write("x")
        racer.stdin.flush()

    printed = {racer.communicate(timeout=30)[0] for racer in racers}

    assert printed == {Links.load("", tmp_path).key.hex() + "\n"}


def test_a_damaged_key_is_said(tmp_path: Path):
    """A file of another length is not quietly replaced: links already handed out would end without a word."""
    (tmp_path / "link.key").write_bytes(b"short")

    with pytest.raises(SettingsError, match=r"^DATA_DIR: .*link\.key is damaged; delete it"):
        Links.load("", tmp_path)


def test_a_folder_that_cannot_be_is_said(tmp_path: Path):
    """DATA_DIR under a plain file: one line that names the setting."""
    (tmp_path / "file").write_text("")

    with pytest.raises(SettingsError, match=r"^DATA_DIR: .* cannot be used \(Not a directory\)"):
        Links.load("", tmp_path / "file" / "data")
