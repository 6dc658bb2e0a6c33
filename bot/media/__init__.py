"""Videos as files: probe one, and make it fit a limit. A pure plan, then ffmpeg in its own process."""

from bot.media.encode import Fitted, fit
from bot.media.tool import ffmpeg
from bot.media.video import MediaError, Video, probe

__all__ = ["Fitted", "MediaError", "Video", "ffmpeg", "fit", "probe"]
