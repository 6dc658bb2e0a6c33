"""What a file holds, found by the real ffmpeg."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.media import MediaError, Video, ffmpeg, probe

Maker = Callable[..., Path]
PLAIN = ("-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-c:a", "aac")


async def test_a_plain_clip_is_described_whole(clip: Maker):
    """Every field of a video that starts at once."""
    path = clip("a.mp4", *PLAIN, "-movflags", "+faststart")

    video = await probe(path)

    assert video == Video(
        path=path,
        size=path.stat().st_size,
        seconds=video.seconds,
        width=320,
        height=180,
        video_codec="h264",
        pixel_format="yuv420p",
        audio_codec="aac",
        faststart=True,
        profile="High",
        frame_rate=24.0,
        variable_rate=False,
        transfer=None,
        audio_rate=video.audio_rate,
        extra_streams=False,
    )
    assert video.audio_rate
    assert 60_000 < video.audio_rate < 80_000
    assert video.seconds == pytest.approx(2, abs=0.1)


@pytest.mark.parametrize(
    ("name", "options", "expected"),
    [
        ("late.mp4", PLAIN, ("h264", "yuv420p", "aac", False)),
        ("parts.mp4", (*PLAIN, "-movflags", "frag_keyframe+empty_moov"), ("h264", "yuv420p", "aac", False)),
        ("quick.mov", PLAIN, ("h264", "yuv420p", "aac", False)),
        ("hevc.mp4", ("-c:v", "libx265", "-x265-params", "log-level=error"), ("hevc", "yuv420p", "aac", False)),
        ("ten.mp4", ("-c:v", "libx264", "-pix_fmt", "yuv420p10le"), ("h264", "yuv420p10le", "aac", False)),
        ("vp9.webm", ("-c:v", "libvpx-vp9", "-pix_fmt", "yuv420p"), ("vp9", "yuv420p", "opus", False)),
    ],
)
async def test_other_kinds_are_told_apart(
    clip: Maker, name: str, options: tuple[str, ...], expected: tuple[str, str, str, bool]
):
    """Codec, pixel format, sound and whether it starts at once, for what services may send."""
    video = await probe(clip(name, *options))

    assert (video.video_codec, video.pixel_format, video.audio_codec, video.faststart) == expected


@pytest.mark.parametrize(
    ("name", "options", "expected"),
    [
        ("a.mp4", ("-r", "30000/1001"), {"frame_rate": 29.97}),
        ("a.mp4", ("-r", "60"), {"frame_rate": 60.0}),
        ("a.mp4", ("-vf", "select='mod(n,5)*mod(n,7)'", "-fps_mode", "vfr"), {"frame_rate": 24.0, "variable_rate": True}),
        ("a.mp4", ("-vf", "setparams=color_trc=smpte2084"), {"transfer": "smpte2084"}),
        ("a.mp4", ("-vf", "setparams=color_trc=arib-std-b67"), {"transfer": "arib-std-b67"}),
        ("a.mp4", ("-vf", "setsar=4/3"), {"width": 320, "height": 135}),
        ("a.mp4", ("-qp", "0"), {"profile": "High 4:4:4 Predictive"}),
        ("a.mp4", ("-profile:v", "baseline"), {"profile": "Constrained Baseline"}),
        ("a.mp4", ("-map", "0:v", "-map", "1:a", "-map", "1:a"), {"extra_streams": True}),
    ],
)  # fmt: skip
async def test_what_the_plan_needs_is_read(
    clip: Maker, name: str, options: tuple[str, ...], expected: dict[str, object]
):
    """Frame rate, whether it varies, HDR, the shape of the pixels, profile and other streams."""
    video = await probe(clip(name, *PLAIN, *options))

    assert {key: getattr(video, key) for key in expected} == expected


async def test_a_silent_clip_has_no_audio_codec(clip: Maker):
    """Silence is None, not an empty word."""
    assert (await probe(clip("a.mp4", *PLAIN, sound=False))).audio_codec is None


@pytest.mark.parametrize(
    "content",
    [
        b"<!doctype html><html><body>502 Bad Gateway</body></html>",
        b'{"error":{"message":"no such task"}}',
        b"",
        bytes(range(256)) * 40,
    ],
)
async def test_what_is_no_video_is_refused(tmp_path: Path, content: bytes):
    """A web page, JSON, nothing and rubbish all named .mp4 are no video."""
    path = tmp_path / "a.mp4"
    path.write_bytes(content)

    with pytest.raises(MediaError, match=r"^The file that came is not a video\.$"):
        await probe(path)


@pytest.mark.parametrize(
    "playlist",
    [
        "ffconcat version 1.0\nfile secret.ts\n",
        "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nsecret.ts\n#EXT-X-ENDLIST\n",
    ],
    ids=["concat", "hls"],
)
async def test_a_list_of_other_files_is_no_video(clip: Maker, tmp_path: Path, playlist: str):
    """What is downloaded cannot make ffmpeg open a film that lies on this machine."""
    clip("secret.ts", *PLAIN)
    path = tmp_path / "a.mp4"
    path.write_text(playlist)

    with pytest.raises(MediaError, match=r"^The file that came is not a video\.$"):
        await probe(path)


@pytest.mark.parametrize("name", ["a.mp4", "a.mov"])
async def test_a_picture_that_is_held_for_long_is_no_cut(clip: Maker, name: str):
    """A slide show has no new picture in its last two seconds; it is as whole as it says."""
    video = await probe(clip(name, *PLAIN, "-r", "1/5", "-frames:v", "2", seconds=10, sound=False))

    assert (video.seconds, video.frame_rate) == (10, 0.2)


async def test_a_sound_file_is_no_video(clip: Maker):
    """An MP4 with only a tone in it has nothing to show."""
    with pytest.raises(MediaError, match=r"^The file that came is not a video\.$"):
        await probe(clip("a.mp4", "-vn", "-c:a", "aac"))


@pytest.mark.parametrize("share", [0.2, 0.6, 0.9, 0.999])
@pytest.mark.parametrize("options", [(*PLAIN, "-movflags", "+faststart"), PLAIN], ids=["index first", "index last"])
async def test_a_video_cut_short_is_found_out(clip: Maker, options: tuple[str, ...], share: float):
    """A file that lost its end is refused wherever the index is, even when only its last bytes are gone."""
    path = clip("a.mp4", *options)
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])

    with pytest.raises(MediaError, match=r"^The video is damaged or cut short\.$"):
        await probe(path)


async def test_pictures_that_do_not_decode_are_found_out(clip: Maker):
    """A file of the right length whose last pictures are zeros is refused."""
    path = clip("a.mp4", *PLAIN, "-movflags", "+faststart")
    data = bytearray(path.read_bytes())
    data[len(data) // 2 :] = bytes(len(data) - len(data) // 2)
    path.write_bytes(data)

    with pytest.raises(MediaError, match=r"^The video is damaged or cut short\.$"):
        await probe(path)


def test_the_ffmpeg_on_path_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """An operator's ffmpeg wins over the one that imageio-ffmpeg brings."""
    own = tmp_path / "ffmpeg"
    shutil.copy("/bin/true", own)
    monkeypatch.setenv("PATH", str(tmp_path))
    ffmpeg.cache_clear()
    try:
        assert ffmpeg() == str(own)
    finally:
        ffmpeg.cache_clear()
