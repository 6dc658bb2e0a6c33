// What Discord's client lets a person type: text against the rules of an option or field, in one sentence when it does not fit.

/** The types of a command's options. */
export const OPTION = { STRING: 3, INTEGER: 4, BOOLEAN: 5, USER: 6, CHANNEL: 7, ROLE: 8, MENTIONABLE: 9, NUMBER: 10, ATTACHMENT: 11 };

/** The value of a string or number option as typed: `{value}`, `{error}`, or `{}` where nothing was. */
export function readText(option, text) {
  if (!text.trim()) return option.required ? { error: "This is needed." } : {};
  if (option.type === OPTION.STRING) return checked(text, lengthError(text, option.min_length, option.max_length ?? 6000));
  const digits = text.trim().replace(",", ".");
  if (option.type === OPTION.INTEGER && !/^[+-]?\d{1,15}$/.test(digits)) return { error: "Type a whole number." };
  if (!/^[+-]?(\d+\.?\d*|\.\d+)$/.test(digits)) return { error: "Type a number." };
  return checked(Number(digits), rangeError(Number(digits), option.min_value, option.max_value));
}

/** Why a text is too short or too long, in characters as Discord counts them. */
export function lengthError(text, least, most) {
  const length = [...text].length;
  if (least && length < least) return `Type at least ${least} characters; there are ${length}.`;
  return length > most ? `Type at most ${most} characters; there are ${length}.` : null;
}

/** Why a number of things picked is too small or too large. */
export function countError(count, least, most, things) {
  if (count < least) return least === 1 ? "This is needed." : `Choose at least ${least} ${things}.`;
  return count > most ? `Choose at most ${most} ${things}.` : null;
}

function rangeError(value, least, most) {
  const fits = (least ?? -Infinity) <= value && value <= (most ?? Infinity);
  return fits ? null : `Type a number ${limits(least, most)}.`;
}

const limits = (least, most) => {
  if (least === undefined || least === null) return `up to ${most}`;
  return most === undefined || most === null ? `from ${least}` : `from ${least} to ${most}`;
};

const checked = (value, error) => (error ? { error } : { value });

/** The bounds of an option in words, for its help. */
export function boundsOf(option) {
  const { min_value: from, max_value: to, min_length: least, max_length: most } = option;
  const given = (value) => value !== undefined && value !== null;
  if (given(from) || given(to)) return limits(from, to);
  if (given(most)) return `${least ? `${least} to ` : "at most "}${most} characters`;
  return least ? `at least ${least} characters` : "";
}
