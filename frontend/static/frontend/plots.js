// Draws a plot in the page's own colours. milepost.js fetches this, and this the drawing library, when one is looked at.

const VENDOR = new URL("../vendor/", import.meta.url);
const TEXT = 13;

let library;

function fetchScript(name) {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = new URL(name, VENDOR);
    script.addEventListener("load", resolve);
    script.addEventListener("error", () => reject(new Error(`${name} did not come`)));
    document.head.append(script);
  });
}

async function fetchLibrary() {
  await fetchScript("vega.min.js");
  await fetchScript("vega-lite.min.js");
  return import(new URL("vega-interpreter.js", VENDOR));
}

// Colours are named and not looked up, so that a page which turns dark needs no new drawing.
function theme(font, width) {
  const labels = { labelFont: font, labelFontSize: TEXT, labelColor: "var(--soft)", labelLimit: Math.min(260, width * 0.42) };
  const titles = { titleFont: font, titleFontSize: TEXT, titleFontWeight: 600, titleColor: "var(--soft)" };
  const lines = { domainColor: "var(--edge)", tickColor: "var(--edge)", gridColor: "var(--rule)" };
  const level = { titleAngle: 0, titleAlign: "left", titleAnchor: "end", titleX: 0, titleY: -12, domain: false, ticks: false };
  const ink = { color: "var(--green)" };
  return {
    aria: false,
    background: "transparent",
    padding: { left: 0, right: 12, top: 4, bottom: 0 },
    view: { stroke: null },
    axis: { ...labels, ...titles, ...lines },
    axisX: { titleAnchor: "end", titlePadding: 8 },
    axisXQuantitative: { tickCount: Math.max(3, Math.min(10, width / 90)) },
    axisYQuantitative: { ...level, labelPadding: 6 },
    axisYBand: { domain: false, ticks: false, labelPadding: 8 },
    legend: { ...labels, ...titles, orient: "top", offset: 28, columns: Math.max(1, Math.floor(width / 190)), titleLimit: width },
    header: { ...labels, ...titles },
    range: { category: ["green", "amber-ink", "blue", "plum", "red", "soft"].map((name) => `var(--${name})`) },
    ...Object.fromEntries(["bar", "rect", "arc", "area", "tick"].map((mark) => [mark, ink])),
    ...Object.fromEntries(["point", "circle", "square"].map((mark) => [mark, { ...ink, opacity: 1, size: 70 }])),
    line: { ...ink, strokeWidth: 2.5 },
    rule: { color: "var(--edge)", strokeWidth: 2 },
    text: { color: "var(--ink)", font, fontSize: TEXT },
    style: {
      mark: { color: "var(--red)", strokeDash: [6, 4] },
      other: { color: "var(--edge)", strokeDash: [4, 4], strokeWidth: 1.5 },
      interval: { ...ink, strokeWidth: 2.5 },
    },
  };
}

// One view takes the width there is and the height that was kept for it; several side by side have a width of their own.
function fit(spec, width, height) {
  if (!("mark" in spec || "layer" in spec)) return spec;
  return { ...spec, width, height, autosize: { type: "fit", contains: "padding" } };
}

export async function draw(figure) {
  const place = figure.querySelector(".drawing");
  try {
    library ??= fetchLibrary();
    const { expressionInterpreter } = await library;
    const { vega, vegaLite } = globalThis;
    const spec = fit(JSON.parse(figure.dataset.plot), place.clientWidth, place.clientHeight);
    const font = getComputedStyle(place).fontFamily;
    const compiled = vegaLite.compile(spec, { config: theme(font, place.clientWidth), logger: vega.logger(vega.None) });
    const view = new vega.View(vega.parse(compiled.spec, null, { ast: true }), {
      expr: expressionInterpreter,
      renderer: "svg",
      hover: false,
      logLevel: vega.None,
    });
    const picture = document.createElement("div");
    picture.ariaHidden = "true";
    await view.initialize(picture).runAsync();
    place.replaceChildren(picture);
    new ResizeObserver(() => spec.width && view.width(place.clientWidth).runAsync()).observe(place);
  } catch (error) {
    console.warn(error);
    place.remove();
    figure.querySelector("details").open = true;
  }
}
