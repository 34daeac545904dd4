// The drawing of a cohort: says what lies under the pointer, and fetches what is behind it. The table needs none of it.
"use strict";

const PITCH = 10;
const GAP = 12;

// Which learner, which column: the drawing runs down in rows and goes on in the next block.
function findCell(map, event) {
  const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(map.getScreenCTM().inverse());
  const columns = Number(map.dataset.columns);
  const rows = Number(map.dataset.rows);
  const width = columns * PITCH + GAP;
  const block = Math.floor(at.x / width);
  const column = Math.floor((at.x - block * width) / PITCH);
  const down = Math.floor(at.y / PITCH);
  if (at.x < 0 || column >= columns || down < 0 || down >= rows) return null;
  return { learner: block * rows + down, column, x: block * width + column * PITCH - 0.5, y: down * PITCH - 0.5 };
}

function attendMap(map) {
  const told = JSON.parse(document.getElementById(map.dataset.map).textContent);
  const under = map.parentElement.querySelector("[data-under]");
  const usual = under.textContent;
  const spot = map.querySelector(".spot");
  map.addEventListener("pointermove", (event) => {
    const cell = findCell(map, event);
    const row = cell && told.rows[cell.learner];
    spot.setAttribute("x", row ? cell.x : -99);
    spot.setAttribute("y", row ? cell.y : -99);
    under.textContent = row ? `${row[1]} · ${told.columns[cell.column]} · ${told.states[row[2][cell.column]]}` : usual;
  });
  map.addEventListener("pointerleave", () => (under.textContent = usual));
  map.addEventListener("click", (event) => {
    const cell = findCell(map, event);
    const row = cell && told.rows[cell.learner];
    if (!row) return;
    const target = document.getElementById(map.dataset.picked);
    htmx.ajax("GET", told.url.replace("@", encodeURIComponent(row[0])), { target, select: "#learner", swap: "innerHTML" });
  });
}

document.querySelectorAll("svg[data-map]").forEach(attendMap);
