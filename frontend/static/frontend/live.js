// Follows one submission while it is judged. What the code printed is strangers' text: it only ever becomes text here.

const ASK_EVERY_MS = 2000;
const COUNT_EVERY_MS = 5000;
const MOST_LINES = 400;

let source;
let asking;
let counting;

function stop() {
  source?.close();
  clearInterval(asking);
  clearInterval(counting);
}

// htmx then fetches this part of the page anew, if there is anything new.
function look(section) {
  if (section.isConnected) section.parentElement.dispatchEvent(new Event("look"));
  else stop();
}

// Where no stream is to be had, the page is asked for news instead.
function keepAsking(section) {
  stop();
  look(section);
  asking = setInterval(() => look(section), ASK_EVERY_MS);
}

function sayTime(seconds) {
  const long = seconds > 90;
  const count = long ? Math.ceil(seconds / 60) : Math.max(5, 5 * Math.ceil(seconds / 5));
  const unit = { style: "unit", unit: long ? "minute" : "second", unitDisplay: "long" };
  return new Intl.NumberFormat(document.documentElement.lang, unit).format(count);
}

function showEstimate(section, seconds) {
  const line = section.querySelector(".estimate");
  const due = performance.now() + seconds * 1000;
  const show = () => {
    const left = (due - performance.now()) / 1000;
    line.hidden = left <= 0;
    line.textContent = line.dataset.words.replace("{time}", sayTime(left));
  };
  clearInterval(counting);
  line.hidden = true;
  if (seconds === null) return;
  show();
  counting = setInterval(show, COUNT_EVERY_MS);
}

function showPlace(section, place) {
  if (place.state !== section.dataset.state) {
    look(section);
    return;
  }
  const title = section.querySelector(".says");
  if (place.state === "queued") {
    const words = place.waiting_before ? title.dataset.behind : title.dataset.next;
    title.textContent = words.replace("{place}", place.waiting_before + 1);
  }
  if (place.seconds !== null) showEstimate(section, place.seconds);
}

function showLast(section) {
  const box = section.querySelector(".live");
  box.hidden = !box.querySelector("li");
  box.scrollTop = box.scrollHeight;
}

function addLine(section, told) {
  const template = section.querySelector(`template[data-line="${CSS.escape(told.kind)}"]`);
  if (!template) return;
  const log = section.querySelector(".log");
  const line = template.content.firstElementChild.cloneNode(true);
  const seconds = Math.max(0, (new Date(told.at) - new Date(section.dataset.created)) / 1000);
  const digits = { minimumFractionDigits: 1, maximumFractionDigits: 1 };
  line.querySelector(".at").textContent = `${seconds.toLocaleString(document.documentElement.lang, digits)} s`;
  line.querySelector(".kind").textContent = told.milestone;
  line.querySelector(".says-what").textContent = told.text;
  log.append(line);
  if (log.childElementCount > MOST_LINES) log.firstElementChild.remove();
  showLast(section);
}

function addOutput(section, told) {
  const said = section.querySelector(".said");
  const output = said.querySelector("pre");
  const lines = [...output.textContent.split("\n"), ...told.text.split("\n")].filter((line) => line.trim());
  output.textContent = lines.slice(-output.dataset.lines).join("\n");
  said.hidden = false;
}

export function follow(section) {
  stop();
  showLast(section);
  // The page may be changed under a tab that was hidden a moment before.
  if (document.hidden) return;
  const stream = new EventSource(`${section.dataset.stream}?after=${section.dataset.after}`);
  source = stream;
  const hear = (name, act) => stream.addEventListener(name, (event) => {
    // A reader that stops and comes back, as a hidden tab does, goes on from here.
    if (event.lastEventId) section.dataset.after = event.lastEventId;
    act(section, JSON.parse(event.data));
  });
  hear("place", showPlace);
  hear("step", (_, told) => {
    addLine(section, told);
    document.getElementById("announcement").textContent = told.text;
    if (section.dataset.state === "queued") look(section);
  });
  hear("check", addLine);
  hear("output", addOutput);
  hear("verdict", () => {
    stop();
    look(section);
  });
  hear("end", (_, told) => {
    if (told.code === "come-back") return;
    stop();
    location.reload();
  });
  // A connection that was lost comes back by itself, and with it what was missed; a refusal does not.
  stream.addEventListener("error", () => {
    if (stream.readyState === EventSource.CLOSED) keepAsking(section);
  });
}

// A browser opens few connections to one server: a tab that nobody sees gives its own back.
document.addEventListener("visibilitychange", () => {
  const section = document.querySelector("[data-stream]");
  if (!section) return;
  if (document.hidden) stop();
  else follow(section);
});
