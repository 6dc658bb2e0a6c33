// Pictures and films: covered while they are spoilers, enlarged on demand, and never drawn anew while they are shown.

import { byId, fill, h, reveal } from "./dom.js";
import { link } from "./links.js";
import { sizeOf } from "./sizes.js";

/** By file, and how often its message has shown it before: the figure, so that a film plays on when its message is drawn anew. */
const kept = new Map();
let taken = new Set();

/** Plays a film once, muted, when it comes into sight, for whoever does not mind motion. */
const sight = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    if (!isIntersecting || target.closest("[inert]")) continue;
    sight.unobserve(target);
    target.play().catch(() => {}); // the browser's own settings may forbid it: there is a button
  }
}, { threshold: 0.5 });
const still = matchMedia("(prefers-reduced-motion: reduce)");

/** Begin to draw a message: each of its figures is there to be taken once. */
export function beginMedia() {
  taken = new Set();
}

/** A figure of a picture or film: `{key, url, type, width, height, alt, spoiler}`. */
export function media(item) {
  let { key } = item;
  while (taken.has(key)) key += "'";
  taken.add(key);
  if (!kept.has(key)) kept.set(key, figure({ ...item, key }));
  return kept.get(key);
}

/** Forget the media of a message that is shown no longer. */
export function releaseMedia(row) {
  for (const each of row.querySelectorAll("[data-media]")) kept.delete(each.dataset.media);
}

/** Whether it is a film: of what is not attached no type is told, but there is the name. */
function isFilmed({ type, url }) {
  return type ? type.startsWith("video/") : /\.(mp4|mov|webm)(\?|$)/i.test(url);
}

function figure(item) {
  const isFilm = isFilmed(item);
  const inner = h("div", { class: "frame" }, isFilm ? filmParts(item) : enlarging(item));
  const whole = h("figure", { class: `media ${isFilm ? "film" : "picture"}`, dataset: { media: item.key } }, inner);
  if (item.width && item.height) {
    whole.style.setProperty("--ratio", item.width / item.height);
    whole.style.setProperty("--own", `${item.width}px`);
  }
  if (item.spoiler) whole.append(cover(inner));
  return whole;
}

function enlarging(item) {
  const label = item.alt ? `Enlarge the picture: ${item.alt}` : "Enlarge the picture";
  const image = picture(item);
  const whole = h("button", { type: "button", class: "enlarging", "aria-label": label, on: { click: () => openLightbox(item) } }, image);
  image.addEventListener("error", () => whole.replaceWith(unseen(item, "This browser does not show this picture.")));
  return whole;
}

function filmParts(item) {
  const video = film(item);
  const enlarge = { click: () => openLightbox(item, video) };
  return [video, h("button", { type: "button", class: "enlarge", "aria-label": "Enlarge the video", on: enlarge }, "⤢")];
}

function picture({ url, alt, width, height }) {
  return h("img", { src: url, alt: alt ?? "", width, height, loading: "lazy", decoding: "async" });
}

function film(item) {
  const { url, alt } = item;
  const video = h("video", { src: url, controls: true, playsinline: true, preload: "metadata", "aria-label": alt || "Video" });
  video.muted = true;
  video.addEventListener("error", () => {
    video.nextElementSibling?.remove(); // what enlarges it
    video.replaceWith(unseen(item, "This browser does not play this video."));
  });
  if (!still.matches) sight.observe(video);
  return video;
}

/** What stands where a picture or film cannot. */
function unseen({ url }, says) {
  return h("p", { class: "soft" }, says, " ", link(url, "Open the file"));
}

/** A button over something that is hidden until it is pressed. */
export function cover(inner) {
  inner.inert = true;
  const show = () => {
    reveal(inner, button);
    const video = inner.querySelector("video");
    if (video && !still.matches) video.play().catch(() => {});
  };
  const button = h("button", { type: "button", class: "cover", "aria-label": "Spoiler: show", on: { click: show } }, "Spoiler");
  return button;
}

/** The picture or film over the whole page; a film goes on from where it was, and back to it. */
function openLightbox(item, small) {
  const large = small ? h("video", { src: item.url, controls: true, playsinline: true, "aria-label": item.alt || "Video" }) : picture(item);
  const dialog = h("dialog", { class: "lightbox", "aria-label": item.alt || (small ? "Video" : "Picture") },
    h("button", { type: "button", class: "close", on: { click: () => dialog.close() } }, "Close"), large);
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  dialog.addEventListener("close", () => {
    if (small) small.currentTime = large.currentTime;
    dialog.remove();
  });
  byId("layer").append(dialog);
  dialog.showModal();
  if (small) {
    small.pause();
    large.currentTime = small.ended ? 0 : small.currentTime;
    large.play().catch(() => {});
  }
}

/** A file that is no picture and no film: its name and size, behind a link; sounds can be heard. */
export function fileRow({ url, name, size, type, spoiler }) {
  const line = h("div", { class: "file" },
    link(url, name), size ? h("span", { class: "soft" }, sizeOf(size)) : null,
    type?.startsWith("audio/") ? h("audio", { src: url, controls: true, preload: "none", "aria-label": name }) : null);
  if (!spoiler) return line;
  const whole = h("div", { class: "media" });
  return fill(whole, line, cover(line));
}
