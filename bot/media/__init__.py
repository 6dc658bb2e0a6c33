"""Videos as files: probe one, and make it fit a size limit: a pure plan, then ffmpeg in a subprocess."""

from bot.media.encode import Fitted, fit
from bot.media.tool import ffmpeg
from bot.media.video import MediaError, Video, probe

__all__ = ["Fitted", "MediaError", "Video", "ffmpeg", "fit", "probe"]
