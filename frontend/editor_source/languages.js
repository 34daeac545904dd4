// Which language a file is written in, by its name. Markdown's own package would bring HTML, CSS and JavaScript along.
import { jsonLanguage } from "@codemirror/lang-json";
import { pythonLanguage } from "@codemirror/lang-python";
import { yamlLanguage } from "@codemirror/lang-yaml";
import { defineLanguageFacet, Language, StreamLanguage } from "@codemirror/language";
import { toml } from "@codemirror/legacy-modes/mode/toml";
import { GFM, parser } from "@lezer/markdown";

const markdownLanguage = new Language(defineLanguageFacet(), parser.configure(GFM), [], "markdown");
const tomlLanguage = StreamLanguage.define(toml);

const BY_ENDING = {
  cfg: tomlLanguage,
  json: jsonLanguage,
  jsonl: jsonLanguage,
  md: markdownLanguage,
  py: pythonLanguage,
  pyi: pythonLanguage,
  toml: tomlLanguage,
  yaml: yamlLanguage,
  yml: yamlLanguage,
};

export function languageOf(path) {
  return BY_ENDING[path.split(".").pop().toLowerCase()] ?? [];
}
