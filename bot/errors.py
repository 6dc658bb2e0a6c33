"""The roots of the project's errors, sorted by who can act on them.

ReelcordError
├── Refusal        the person can act: the sentence is shown in the channel as it stands
├── SettingsError  the operator can act: names the setting and the fix; the program exits 2
├── ApiError       a video service answered badly (bot/api/errors.py has the branches)
├── DeliveryError  the destination did not take the video (bot/jobs/delivery.py has the branches)
├── MediaError     a file is not the video it should be, or cannot be made to fit (bot/media/video.py)
├── Conflict       a row was changed by another since it was read (bot/jobs/store.py)
└── NewerDatabaseError  the database is newer than this program; becomes a SettingsError (bot/jobs/migrate.py)
"""


class ReelcordError(Exception):
    """The root of every error this project raises on purpose."""


class Refusal(ReelcordError):  # noqa: N818 - "refusal" is the field's word; the class is caught by name, never as an error page
    """A request that is refused before money is spent; `str()` is one plain sentence that says what to do."""


class SettingsError(ReelcordError):
    """A setting is missing or wrong; `str()` is one line that names the setting and the fix."""
