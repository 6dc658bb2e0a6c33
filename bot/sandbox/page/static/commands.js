// The commands that the bot registered, as this person is offered them in this place.

import { get } from "./link.js";
import { on, place, state } from "./store.js";

const SLASH = 1;
const NESTED = [1, 2]; // subcommand, group of subcommands
const FALLBACKS = { "en-US": "en-GB", "en-GB": "en-US", "es-419": "es-ES" }; // Discord's, before the default
const kept = new Map();

on("world", () => kept.clear());

/** What a command, option or choice is called in this person's language. */
export const named = (thing) => local(thing.name_localizations) ?? thing.name;

/** What it is for, in this person's language. */
export const described = (thing) => local(thing.description_localizations) ?? thing.description ?? "";

function local(words) {
  const locale = state.world?.people.find((each) => each.username === state.person)?.locale;
  return words?.[locale] ?? words?.[FALLBACKS[locale]];
}

/** Everything that is offered here, slash commands and context menus, as Discord keeps it. */
export async function offered() {
  const key = `${state.person} ${state.place}`;
  if (!place() || place().kind === "forum") return []; // its posts have a message box, the forum itself has none
  if (!kept.has(key)) kept.set(key, get(`/api/commands?${new URLSearchParams({ person: state.person, place: state.place })}`));
  const answer = await kept.get(key).catch(() => []);
  return Array.isArray(answer) ? answer : [];
}

/** The slash commands, subcommands spelled out: `{path: "veo31 image", label, description, options}`. */
export async function slashCommands() {
  const commands = (await offered()).filter((each) => each.type === SLASH);
  return commands.flatMap((each) => leaves(each, [], [])).sort((one, other) => one.label.localeCompare(other.label));
}

/** The names of the commands in the context menu of a message (type 3) or person (type 2). */
export const contextCommands = async (type) => (await offered()).filter((each) => each.type === type);

function leaves(command, path, labels) {
  const words = { path: [...path, command.name], labels: [...labels, named(command)] };
  const nested = (command.options ?? []).filter((each) => NESTED.includes(each.type));
  if (nested.length) return nested.flatMap((each) => leaves(each, words.path, words.labels));
  return [{ path: words.path.join(" "), label: words.labels.join(" "), description: described(command), options: command.options ?? [] }];
}

/** The commands that fit what was typed after the slash: those that begin so first; by what they do if no name fits. */
export function matching(commands, typed) {
  const text = typed.trim().toLowerCase();
  const rank = ({ path, label }) => {
    const names = [path.toLowerCase(), label.toLowerCase()];
    if (names.some((each) => each.startsWith(text))) return 0;
    return names.some((each) => each.includes(text)) ? 1 : 2;
  };
  const byName = [0, 1].flatMap((wanted) => commands.filter((each) => rank(each) === wanted));
  return byName.length ? byName : commands.filter((each) => each.description.toLowerCase().includes(text));
}
