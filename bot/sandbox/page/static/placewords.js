// Places in words: the sign before a name, and what there is to know of a place.

const MARKS = { text: "#", announcement: "!", voice: "♪", thread: "»", "private-thread": "»", forum: "☰", dm: "@", group: "@" };
const KINDS = {
  announcement: "Announcements", voice: "Chat of a voice channel", thread: "Thread", "private-thread": "Private thread",
  forum: "Forum: posts are its threads", dm: "Direct messages with the bot", group: "Group conversation",
};

/** The sign that stands before a place's name. */
export const markOf = (place) => MARKS[place.kind] ?? "#";

/** What kind of place it is, in words; nothing for an ordinary channel. */
export const kindOf = (place) => KINDS[place.kind] ?? "";

/** Short marks of a place: age-restricted, no bot, archived. */
export function tagsOf(place) {
  return [
    place.nsfw ? { text: "18+", says: "Age-restricted" } : null,
    place.archived ? { text: "old", says: place.locked ? "Archived and locked" : "Archived" } : null,
    place.bot_is_here && !place.bot_can_say && place.kind !== "forum" ? { text: "no bot", says: "The bot may not post here" } : null,
    place.bot_is_here ? null : { text: "guest", says: "The bot is no member here: its commands come with the person" },
  ].filter(Boolean);
}

/** All there is to know of a place, as sentences for its head. */
export function notesOf(place) {
  const slow = place.slow_mode ? `Slow mode: one message in ${place.slow_mode} s` : "";
  const limit = place.kind === "forum" ? "" : `Files up to ${Math.round(place.upload_limit / 1048576)} MB`;
  return [kindOf(place), ...tagsOf(place).map((tag) => tag.says), slow, limit].filter(Boolean);
}
