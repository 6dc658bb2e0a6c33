"""Videos made to fit, by the real ffmpeg."""

import asyncio
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bot.media import Fitted, MediaError, Rung, ffmpeg, fit, plan, probe
from bot.media.plan import plays_everywhere
from bot.media.tool import run
from tests.integration.media.conftest import names, turned

Maker = Callable[..., Path]
MB = 2**20
PLAIN = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac")


async def test_a_good_video_is_left_alone(clip: Maker, tmp_path: Path):
    """Nothing is written when there is nothing to do."""
    video = await probe(clip("a.mp4", *PLAIN, "-movflags", "+faststart"))

    assert await fit(video, video.size) == Fitted(video=video, original=video, rung=Rung.AS_IS)
    assert names(tmp_path) == ["a.mp4"]


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("a.mp4", PLAIN),
        ("a.mp4", (*PLAIN, "-movflags", "frag_keyframe+empty_moov")),
        ("a.mov", PLAIN),
        ("a.mov", (*PLAIN, "-movflags", "+faststart")),
        ("a.mp4", (*PLAIN, "-map", "0:v", "-map", "1:a", "-map", "1:a", "-movflags", "+faststart")),
        ("a.mkv", PLAIN),
        ("a.ts", PLAIN),
        ("a.mp4", ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "libopus")),
    ],
    ids=["index last", "fragments", "mov", "mov index first", "two sounds", "mkv", "ts", "opus"],
)
async def test_a_wrong_container_is_repacked(clip: Maker, tmp_path: Path, name: str, options: tuple[str, ...]):
    """The picture is copied as it is into an MP4 that plays everywhere, beside the original."""
    video = await probe(clip(name, *options))

    fitted = await fit(video, 10 * MB)

    assert fitted.rung is Rung.REMUXED
    assert fitted.video == await probe(tmp_path / "a.remux.mp4")
    assert plays_everywhere(fitted.video)
    assert await picture_hash(fitted.video.path) == await picture_hash(video.path)


QUICK = ("-c:v", "libx264", "-preset", "ultrafast")
HEVC = ("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=error")
HDR = "setparams=color_primaries=bt2020:colorspace=bt2020nc:color_trc="
TEN = ("-pix_fmt", "yuv420p10le")
UNEVEN = "select='not(between(mod(n,24),8,11)+between(mod(n,24),15,21))'"


@pytest.mark.parametrize(
    ("name", "options", "sides", "rate"),
    [
        ("a.mp4", (*HEVC, "-pix_fmt", "yuv420p"), (128, 72), 24),
        ("a.mp4", ("-c:v", "libsvtav1", "-preset", "12", "-svtav1-params", "lp=1"), (128, 72), 24),
        ("a.webm", ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-pix_fmt", "yuv420p"), (128, 72), 24),
        ("a.mp4", (*QUICK, "-pix_fmt", "yuv420p10le", "-an"), (128, 72), 24),
        ("a.mp4", (*QUICK, "-pix_fmt", "yuv444p"), (128, 72), 24),
        ("a.mp4", (*QUICK, "-pix_fmt", "yuv422p"), (128, 72), 24),
        ("a.mp4", (*QUICK, "-pix_fmt", "yuv420p", "-qp", "0"), (128, 72), 24),
        ("a.mp4", (*QUICK, "-vf", "scale=121:67", "-pix_fmt", "yuv444p"), (120, 66), 24),
        ("a.mp4", (*QUICK, "-vf", "setsar=1/2", "-pix_fmt", "yuv444p"), (64, 72), 24),
        ("a.mp4", (*HEVC, *TEN, "-vf", f"{HDR}smpte2084"), (128, 72), 24),
        ("a.mp4", (*HEVC, *TEN, "-vf", f"{HDR}arib-std-b67"), (128, 72), 24),
        ("a.mp4", (*HEVC, "-pix_fmt", "yuv420p10le"), (128, 72), 24),
        ("a.mkv", (*HEVC, "-vf", UNEVEN, "-fps_mode", "vfr", "-pix_fmt", "yuv420p"), (128, 72), 24),
        ("a.mp4", (*HEVC, "-r", "120", "-pix_fmt", "yuv420p"), (128, 72), 60),
        ("a.mp4", (*QUICK, "-pix_fmt", "yuv444p", "-c:a", "libopus", "-ac", "6"), (128, 72), 24),
    ],
    ids=["hevc", "av1", "vp9", "10-bit silent", "4:4:4", "4:2:2", "lossless", "odd sides", "oblong pixels", "HDR PQ", "HDR HLG",
        "10-bit hevc", "variable rate", "120 frames", "six channels"],
)  # fmt: skip
async def test_a_picture_few_clients_know_is_re_encoded(
    clip: Maker, name: str, options: tuple[str, ...], sides: tuple[int, int], rate: float
):
    """Each becomes H.264 that plays, as large, as long and as loud, its sound no later than it was."""
    video = await probe(clip(name, *options, size="128x72", seconds=1.5))

    fitted = await fit(video, 10 * MB)

    assert fitted.rung is Rung.REENCODED
    assert fitted.tries == 1
    assert plays_everywhere(fitted.video)
    assert (fitted.video.width, fitted.video.height, fitted.video.frame_rate) == (*sides, rate)
    assert fitted.video.pixel_format == "yuv420p"
    assert fitted.video.seconds == pytest.approx(video.seconds, abs=0.1)
    assert (fitted.video.audio_codec is None) == (video.audio_codec is None)
    for kind in "va" if video.audio_codec else "v":
        expected = await seconds_of(video.path, kind)
        assert await seconds_of(fitted.video.path, kind) == pytest.approx(expected, abs=0.1)


async def test_hdr_is_brought_down_to_the_brightness_of_a_usual_screen(clip: Maker):
    """The grey of PQ's code value for 100 nits comes out light, where a plain change of format would leave it dark."""
    options = (*HEVC, *TEN, "-vf", f"drawbox=c=0x828282:t=fill,{HDR}smpte2084")
    video = await probe(clip("a.mp4", *options, size="64x64", seconds=0.5, sound=False))

    fitted = await fit(video, MB)

    assert fitted.video.transfer is None
    assert await brightness(fitted.video.path) > await brightness(video.path) + 20


@pytest.mark.parametrize("size", ["128x72", "1280x720"])
async def test_rgb_becomes_the_colours_that_players_expect(clip: Maker, size: str):
    """BT.709, and said so: without a word ffmpeg makes it BT.601, and this red would come out 14 steps too light."""
    red = ("-vf", "drawbox=c=0xC83214:t=fill,format=gbrp", "-c:v", "libx264rgb", "-preset", "ultrafast")
    video = await probe(clip("a.mp4", *red, size=size, seconds=0.1, sound=False))

    fitted = await fit(video, MB)

    assert "bt709" in (await run(fitted.video.path, "-f", "null", "-", within=30)).log
    luma = 16 + 219 * (0.2126 * 200 + 0.7152 * 50 + 0.0722 * 20) / 255
    assert await brightness(fitted.video.path) == pytest.approx(luma, abs=2)


async def test_an_upright_picture_keeps_its_proportions(clip: Maker):
    """A film that is stored lying and marked as turned comes out upright, not squeezed."""
    path = clip("a.mp4", "-c:v", "libx264", "-pix_fmt", "yuv444p", "-an")
    path.write_bytes(turned(path.read_bytes()))

    fitted = await fit(await probe(path), 10 * MB)

    assert (fitted.video.width, fitted.video.height) == (180, 320)


@pytest.mark.parametrize(("limit", "sides"), [(700_000, (640, 360)), (100_000, (426, 240))])
async def test_noise_is_brought_under_the_limit(noise: Path, tmp_path: Path, limit: int, sides: tuple[int, int]):
    """Noise is squeezed at the first try, smaller where the pixels would get too few bits; no scratch file is left."""
    video = await probe(noise)

    fitted = await fit(video, limit)

    assert 0.85 * limit < fitted.video.size <= limit
    assert fitted.tries == 1
    assert fitted.video.size == fitted.video.path.stat().st_size
    assert plays_everywhere(fitted.video)
    assert fitted.rung is Rung.REENCODED
    assert (fitted.video.width, fitted.video.height) == sides
    assert names(tmp_path) == [f"noise.{limit}.mp4", "noise.mp4"]


async def test_half_a_second_of_noise_fits(clip: Maker):
    """A clip too short for x264 to learn its rate, for a sixteenth of its size, is within the limit all the same."""
    noisy = ("-vf", "noise=alls=100:allf=t:all_seed=1", *QUICK, "-qp", "10")
    video = await probe(clip("a.mp4", *noisy, "-pix_fmt", "yuv420p", size="320x180", seconds=0.5, sound=False))

    fitted = await fit(video, video.size // 16)

    assert video.size // 32 < fitted.video.size <= video.size // 16


async def test_work_is_done_once(tiny: Path):
    """Posting may be tried for hours: the same limit finds the same file, another one does not take it."""
    video = await probe(tiny)
    first = await fit(video, 20_000)
    made = first.video.path.stat().st_mtime_ns

    again, other = await fit(video, 20_000), await fit(video, 19_000)

    assert again == replace(first, tries=0)
    assert first.video.path.stat().st_mtime_ns == made
    assert other.video.path != first.video.path
    assert other.video.size <= 19_000


async def test_a_remux_serves_every_limit_it_fits(clip: Maker):
    """It does not depend on the limit, so there is one."""
    video = await probe(clip("a.mkv", *QUICK, "-pix_fmt", "yuv420p"))
    first = await fit(video, 10 * MB)

    assert await fit(video, 20 * MB) == replace(first, tries=0)


async def test_a_result_that_was_damaged_is_made_again(tiny: Path):
    """A loss of power may leave a name without its content."""
    video = await probe(tiny)
    tiny.with_name("tiny.20000.mp4").write_bytes(b"")

    fitted = await fit(video, 20_000)

    assert fitted.tries == 1
    assert fitted.video == await probe(fitted.video.path)


async def test_two_who_want_the_same_wait_for_one_work(tiny: Path):
    """Of two at once for one file and limit, one encodes and the other takes what it made."""
    video = await probe(tiny)

    both = await asyncio.gather(fit(video, 20_000), fit(video, 20_000))

    assert sorted(fitted.tries for fitted in both) == [0, 1]
    assert both[0].video == both[1].video


async def test_sound_that_is_too_heavy_is_all_that_changes(clip: Maker):
    """PCM makes the film too large; with AAC the picture need not be touched."""
    video = await probe(clip("a.mov", *QUICK, "-pix_fmt", "yuv420p", "-crf", "40", "-c:a", "pcm_s24le", size="128x72"))

    fitted = await fit(video, video.size // 2)

    assert fitted.rung is Rung.REMUXED
    assert fitted.video.audio_codec == "aac"
    assert fitted.video.size <= video.size // 2


async def test_what_cannot_be_made_small_enough_is_said(noise: Path, tmp_path: Path):
    """No file at all rather than one over the limit, and a sentence that names its size; the caller knows the limit."""
    video = await probe(noise)

    with pytest.raises(MediaError) as caught:
        await fit(video, 12_000)

    assert str(caught.value) == (f"This video ({video.size / MB:.1f} MB, 2 s) cannot be made small enough.")
    assert names(tmp_path) == ["noise.12000.txt", "noise.mp4"]


async def test_the_work_on_what_never_fits_has_an_end(
    clip: Maker, tmp_path: Path, instead_of_ffmpeg: Callable[[str], None]
):
    """A film with labels larger than the limit: after four files no smaller picture is begun."""
    labels = ("-metadata", f"comment={'x' * 40_000}", *QUICK, "-pix_fmt", "yuv420p")
    video = await probe(clip("a.mp4", *labels, size="640x360", seconds=0.5, sound=False))
    diary = tmp_path / "diary"
    instead_of_ffmpeg(f'echo "$@" >> {diary}\nexec {ffmpeg()} "$@"')
    with pytest.raises(MediaError, match="cannot be made small enough"):
        await fit(video, 30_000)

    passes = re.findall(r"-pass (\d)", diary.read_text())
    assert passes.count("2") == 4
    assert passes[-1] == "2"


async def test_an_encode_that_takes_too_long_is_given_up_once(
    noise: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """An hour of the whole machine is not spent again at each try to post; another limit has its own chance."""
    video = await probe(noise)
    with monkeypatch.context() as hasty:
        hasty.setattr(plan, "_LONGEST_RUN", 0.001)
        with pytest.raises(MediaError, match=r"^This video could not be re-encoded in time\.$"):
            await fit(video, 100_000)

    with pytest.raises(MediaError, match=r"^This video could not be re-encoded in time\.$"):
        await fit(video, 100_000)
    assert names(tmp_path) == ["noise.100000.txt", "noise.mp4"]
    assert (await fit(video, 99_000)).video.size <= 99_000


async def seconds_of(path: Path, kind: str) -> float:
    """How long one stream of a file lasts."""
    return (await run(path, "-map", f"0:{kind}:0", "-f", "null", "-", within=30)).seconds


async def brightness(path: Path) -> int:
    """The luminance of the first pixel, 0 to 255, of what an 8-bit player would show."""
    output = path.with_suffix(".gray")
    told = ("-frames:v", "1", "-pix_fmt", "yuv420p", "-f", "rawvideo")
    assert (await run(path, *told, str(output), within=30)).code == 0
    return output.read_bytes()[0]


async def picture_hash(path: Path) -> bytes:
    """The MD5 of the decoded pictures."""
    output = path.with_suffix(".md5")
    assert (await run(path, "-map", "0:V:0", "-fps_mode", "passthrough", "-f", "md5", str(output), within=30)).code == 0
    return output.read_bytes()
