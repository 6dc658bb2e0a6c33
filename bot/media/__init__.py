"""Videos as files: probe one, take its poster, and make it fit a size limit: a pure plan, then ffmpeg in a subprocess."""

from bot.media.encode import Fitted, Rung, fit, megabytes
from bot.media.poster import poster
from bot.media.tool import ffmpeg, lacks_encoders
from bot.media.video import MediaError, Video, probe

__all__ = ["Fitted", "MediaError", "Rung", "Video", "ffmpeg", "fit", "lacks_encoders", "megabytes", "poster", "probe"]
