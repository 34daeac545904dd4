// Puts an editor in the place of the page's text area, saves without leaving the page, and keeps what was not saved.
// Without it the form is an ordinary form. What it stands on is built by scripts/build.
import * as cm from "../vendor/codemirror.js";

const DRAFT_PAUSE = 300;

const { tags } = cm;
const COLOURS = cm.HighlightStyle.define([
  { tag: [tags.keyword, tags.operatorKeyword, tags.modifier], color: "var(--plum)" },
  { tag: [tags.string, tags.special(tags.string), tags.regexp], color: "var(--green)" },
  { tag: [tags.number, tags.bool, tags.null, tags.atom], color: "var(--amber-ink)" },
  { tag: [tags.function(tags.definition(tags.variableName)), tags.definition(tags.className), tags.propertyName], color: "var(--blue)" },
  { tag: [tags.comment, tags.meta], color: "var(--soft)", fontStyle: "italic" },
  { tag: tags.heading, fontWeight: "bold" },
  { tag: tags.emphasis, fontStyle: "italic" },
  { tag: tags.strong, fontWeight: "bold" },
  { tag: [tags.link, tags.url], textDecoration: "underline" },
  { tag: tags.invalid, color: "var(--red)" },
]);

// Colours are named and not looked up, so that a page which turns dark needs nothing new.
const THEME = cm.EditorView.theme({
  "&": { backgroundColor: "var(--surface)", color: "var(--ink)", fontSize: "0.9rem" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--face-code)", lineHeight: "1.55" },
  ".cm-content": { caretColor: "var(--ink)" },
  ".cm-cursor": { borderLeftColor: "var(--ink)", borderLeftWidth: "2px" },
  ".cm-gutters": { backgroundColor: "var(--sunk)", color: "var(--soft)", borderRight: "1px solid var(--rule)" },
  ".cm-activeLine": { backgroundColor: "color-mix(in srgb, var(--sunk) 60%, transparent)" },
  ".cm-activeLineGutter": { backgroundColor: "var(--rule)", color: "var(--ink)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": { backgroundColor: "var(--blue-tint)" },
  ".cm-selectionMatch": { backgroundColor: "var(--amber-tint)" },
  "&.cm-focused .cm-matchingBracket": { backgroundColor: "var(--green-tint)", outline: "1px solid var(--green)" },
  ".cm-panels": { backgroundColor: "var(--sunk)", color: "var(--ink)", borderTop: "1px solid var(--rule)" },
  ".cm-panel.cm-search": { padding: "0.5rem 2rem 0.5rem 0.5rem" },
  ".cm-textfield": { backgroundColor: "var(--surface)", border: "1px solid var(--edge)", color: "var(--ink)", fontSize: "0.9rem" },
  ".cm-button": { background: "var(--surface)", border: "1px solid var(--edge)", color: "var(--ink)", fontSize: "0.85rem" },
  ".cm-panel.cm-search [name=close]": { color: "var(--ink)", fontSize: "1.2rem" },
  ".cm-searchMatch": { backgroundColor: "var(--amber-tint)", outline: "1px solid var(--amber-ink)" },
  ".cm-searchMatch-selected": { backgroundColor: "var(--amber)", color: "var(--on-amber)" },
});

// A browser that types over coloured text would carry its colour into a style attribute, which the policy forbids.
function typeOver(event, view) {
  if (event.inputType !== "insertText" || !event.data || view.composing || view.state.selection.main.empty) return false;
  event.preventDefault();
  view.dispatch(view.state.replaceSelection(event.data), { userEvent: "input.type", scrollIntoView: true });
  return true;
}

function readPhrases(told) {
  return Object.fromEntries(Object.entries(JSON.parse(told)).map(([name, word]) => [name.replaceAll("-", " "), word]));
}

// What was not saved, in this tab alone, for this person and this file.
class Draft {
  constructor(key) {
    this.key = `milepost-draft:${key}`;
  }

  read() {
    return JSON.parse(sessionStorage.getItem(this.key));
  }

  keep(base, text) {
    try {
      sessionStorage.setItem(this.key, JSON.stringify({ base, text }));
    } catch {
      // The tab's storage is full or forbidden: the text is still on the page, and the page asks before it is left.
    }
  }

  forget() {
    sessionStorage.removeItem(this.key);
  }
}

class Desk {
  constructor(form) {
    this.form = form;
    this.area = form.elements.text;
    this.base = form.elements.base;
    this.line = form.querySelector(".said");
    this.draft = new Draft(form.dataset.draft);
    // What the server keeps; after a save that was refused, nothing of what is shown.
    this.saved = "unsaved" in form.dataset ? null : this.area.defaultValue;
    this.saving = false;
    this.view = this.build();
    this.listen();
    this.offerDraft();
    this.note();
  }

  get text() {
    return this.view.state.doc.toString();
  }

  build() {
    const host = document.createElement("div");
    host.className = "host";
    const label = this.form.querySelector(`label[for="${this.area.id}"]`);
    const view = new cm.EditorView({ parent: host, doc: this.area.defaultValue, extensions: this.extensions(label.textContent) });
    this.area.before(host);
    this.area.hidden = true;
    label.remove();
    document.getElementById("keys").hidden = false;
    return view;
  }

  extensions(label) {
    const indent = this.form.action.endsWith(".py") ? "    " : "  ";
    return [
      cm.EditorView.cspNonce.of(document.querySelector("script[nonce]").nonce),
      cm.lineNumbers(),
      cm.highlightActiveLine(),
      cm.highlightActiveLineGutter(),
      cm.highlightSpecialChars(),
      cm.history(),
      cm.drawSelection(),
      cm.indentOnInput(),
      cm.bracketMatching(),
      cm.highlightSelectionMatches(),
      cm.indentUnit.of(indent),
      cm.EditorState.tabSize.of(4),
      cm.syntaxHighlighting(COLOURS),
      cm.languageOf(decodeURIComponent(this.form.action)),
      cm.search(),
      cm.EditorState.phrases.of(readPhrases(this.form.dataset.phrases)),
      cm.keymap.of([...cm.searchKeymap, ...cm.defaultKeymap, ...cm.historyKeymap, cm.indentWithTab]),
      cm.EditorView.contentAttributes.of({ "aria-label": label, "aria-describedby": "keys", spellcheck: "false", tabindex: "0" }),
      cm.EditorView.domEventHandlers({ beforeinput: typeOver }),
      cm.EditorView.updateListener.of((update) => update.docChanged && this.note()),
      THEME,
    ];
  }

  listen() {
    this.form.addEventListener("submit", (event) => {
      this.prepare();
      this.leaving = true;
      const { act } = event.submitter?.dataset ?? {};
      if (act !== "save" && act !== "check") return;
      event.preventDefault();
      this.leaving = false;
      this.save(act === "check" ? event.submitter : null);
    });
    document.addEventListener("keydown", (event) => {
      if (event.key.toLowerCase() !== "s" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
      event.preventDefault();
      this.save();
    });
    window.addEventListener("beforeunload", (event) => {
      if (!this.leaving && this.text !== this.saved) event.preventDefault();
    });
    window.addEventListener("pagehide", () => this.keepDraft());
    document.querySelector("[data-act=drop]")?.addEventListener("click", () => {
      this.draft.forget();
      this.leaving = this.dropped = true;
    });
    this.form.querySelector("[data-act=restore]").addEventListener("click", () => this.restore());
    this.form.querySelector("[data-act=forget]").addEventListener("click", () => this.forget());
  }

  // A draft that says what is kept anyway, or that this very answer gave back, needs no question.
  offerDraft() {
    const found = this.draft.read();
    if (!found || this.saved === null || found.text === this.text) return;
    this.found = found;
    this.offer(true);
  }

  offer(shown) {
    this.form.querySelector(".draft").hidden = !shown;
  }

  restore() {
    const { base, text } = this.found;
    this.found = null;
    this.base.value = base;
    this.view.dispatch({ changes: { from: 0, to: this.view.state.doc.length, insert: text } });
    this.offer(false);
    this.view.focus();
  }

  forget() {
    this.found = null;
    this.draft.forget();
    this.offer(false);
    this.view.focus();
  }

  note() {
    this.say(this.text === this.saved ? "" : this.form.dataset.changed);
    clearTimeout(this.pause);
    this.pause = setTimeout(() => this.keepDraft(), DRAFT_PAUSE);
  }

  say(words, state = "") {
    this.line.textContent = words;
    this.line.dataset.state = state;
  }

  // A button that is given is pressed by the same request: it has what is saved checked.
  async save(button = null) {
    if (this.saving) return;
    this.saving = true;
    this.say(this.form.dataset.saving);
    try {
      await this.send(button);
    } catch {
      this.say(this.form.dataset.lost, "failed");
    }
    this.saving = false;
  }

  async send(button) {
    const text = this.text;
    this.prepare();
    const answer = await fetch(this.form.action, { method: "POST", body: new FormData(this.form, button), headers: { Accept: "application/json" } });
    if (answer.redirected || answer.status === 403) return this.say(this.form.dataset.signedOut, "failed");
    const told = await answer.json();
    // Both versions are the server's to show: the same save again, as a page.
    if (told.code === "changed-meanwhile") return this.leave();
    // What was saved is saved, even if it cannot be checked now.
    if (told.base) this.accept(told.base, text);
    // What is told of the last check asks by itself until there is an answer, and knows whether it is of this text.
    htmx.ajax("GET", this.form.dataset.checked, "#checked");
    if (!answer.ok) return this.say(told.sentence, "failed");
    if (button) this.say(this.form.dataset.checking);
  }

  // Whoever signs in in another tab meanwhile is given another token.
  prepare() {
    const cookie = document.cookie.split("; ").find((part) => part.startsWith("csrftoken="));
    if (cookie) this.form.elements.csrfmiddlewaretoken.value = cookie.slice("csrftoken=".length);
    this.area.value = this.text;
    this.keepDraft();
  }

  // An older draft is not written over before its owner has said what is to become of it.
  keepDraft() {
    if (this.dropped || this.found) return;
    if (this.text === this.saved) this.draft.forget();
    else this.draft.keep(this.base.value, this.text);
  }

  leave() {
    this.leaving = true;
    this.form.submit();
  }

  accept(base, text) {
    this.base.value = base;
    for (const other of document.querySelectorAll(".rename input[name=base]")) other.value = base;
    this.saved = text;
    this.keepDraft();
    this.note();
    if (this.text === text) this.say(this.form.dataset.saved);
    document.querySelector(".conflict")?.remove();
  }
}

const form = document.querySelector("form.editor");
if (form) new Desk(form);
// On a narrow screen the files would push the text below the fold of the page.
if (matchMedia("(max-width: 47.99rem)").matches) document.querySelector(".files-fold").open = false;
