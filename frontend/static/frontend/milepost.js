// Small comforts. Every page works without them; the folder upload is only offered where they run.
"use strict";

const LOOK_EVERY_MS = 3000;

// The server leaves the same at home; here it is not even sent.
const LITTER = /(^|\/)(\.git|\.venv|venv|__pycache__|\.mypy_cache|\.ruff_cache|\.pytest_cache|\.ipynb_checkpoints|\.idea|\.vscode|node_modules|\.DS_Store)(\/|$)/;
const LITTER_AT_TOP = /^(data|build)\//;

// A folder is sent as files plus their paths: a browser's file name alone loses the folders.
function offerFolder(form) {
  const input = form.querySelector("input[type=file]");
  const help = form.querySelector("[data-counted]");
  if (!("webkitdirectory" in input)) return;
  const inside = (file) => file.webkitRelativePath.split("/").slice(1).join("/");
  const kept = () => [...input.files].filter((file) => !LITTER.test(inside(file)) && !LITTER_AT_TOP.test(inside(file)));
  form.hidden = false;
  input.addEventListener("change", () => {
    const files = kept();
    const size = Math.ceil(files.reduce((sum, file) => sum + file.size, 0) / 1000);
    help.textContent = help.dataset.counted
      .replace("{count}", files.length)
      .replace("{size}", size.toLocaleString(document.documentElement.lang))
      .replace("{skipped}", input.files.length - files.length);
  });
  form.addEventListener("formdata", (event) => {
    event.formData.delete(input.name);
    for (const file of kept()) {
      event.formData.append(input.name, file, file.name);
      event.formData.append("paths", inside(file));
    }
  });
}

function offerCopy(button) {
  if (!navigator.clipboard) return;
  const word = button.textContent;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copy);
    button.textContent = "✓";
    setTimeout(() => (button.textContent = word), 1500);
  });
}

// Moments are written with the server's zone, unless the reader has chosen one; here they become the browser's own.
function localise(time) {
  if ("zone" in document.documentElement.dataset) return;
  const day = { day: "numeric", month: "short", year: "numeric" };
  const minute = { hour: "2-digit", minute: "2-digit", timeZoneName: "short" };
  const shown = "day" in time.dataset ? day : { ...day, ...minute };
  time.textContent = new Intl.DateTimeFormat(document.documentElement.lang, shown).format(new Date(time.dateTime));
}

// What draws is large, so it is fetched when there is a plot to be seen: an open one, or one whose fold was opened.
function offerPlot(figure) {
  const watch = new IntersectionObserver(async ([entry]) => {
    if (!entry.isIntersecting) return;
    watch.disconnect();
    (await import("./plots.js")).draw(figure);
  }, { rootMargin: "300px" });
  watch.observe(figure);
}

// What is being judged is followed live; only a page that shows such a thing fetches what that takes.
async function offerStream(section) {
  (await import("./live.js")).follow(section);
}

// A map on which something is being judged is looked at again every few seconds, by a tab that somebody sees.
function offerLook(part) {
  const looking = setInterval(() => {
    if (!part.isConnected) clearInterval(looking);
    else if (!document.hidden) part.parentElement.dispatchEvent(new Event("look"));
  }, LOOK_EVERY_MS);
}

function attend(root) {
  root.querySelectorAll("form[data-folder]").forEach(offerFolder);
  root.querySelectorAll("button[data-copy]").forEach(offerCopy);
  root.querySelectorAll("time[datetime]:not([data-fixed])").forEach(localise);
  root.querySelectorAll("[data-plot]").forEach(offerPlot);
  root.querySelectorAll("[data-stream]").forEach(offerStream);
  root.querySelectorAll("[data-look]").forEach(offerLook);
}

attend(document);
document.addEventListener("htmx:load", (event) => {
  if (event.detail.elt !== document.body) attend(event.detail.elt);
});
