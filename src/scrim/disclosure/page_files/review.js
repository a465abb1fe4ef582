// Steps through the frames to look at, weakest first; the server keeps what was looked at.
const $ = (id) => document.getElementById(id);
const answer = await fetch("list");
const list = await answer.json();
const frames = list.frames;
const looked = new Set(frames.filter((f) => f.looked).map((f) => f.index));
let now = Math.max(0, frames.findIndex((f) => !looked.has(f.index)));
let ready = false;
let over = false;

$("case").textContent = list.case;
$("outlines").setAttribute("viewBox", `0 0 ${list.width} ${list.height}`);

function outline(frame) {
  const name = (mask) => (mask.oval ? "ellipse" : "rect");
  const nodes = frame.masks.map((mask) => {
    const [x, y, w, h] = mask.box;
    const node = document.createElementNS("http://www.w3.org/2000/svg", name(mask));
    const places = mask.oval
      ? { cx: x + w / 2, cy: y + h / 2, rx: w / 2, ry: h / 2 }
      : { x, y, width: w, height: h };
    for (const [key, value] of Object.entries(places)) node.setAttribute(key, value);
    return node;
  });
  if (frame.shown.length) {
    const [x, y, width, height] = frame.shown;
    const node = document.createElementNS("http://www.w3.org/2000/svg", "rect");
    for (const [key, value] of Object.entries({ x, y, width, height })) node.setAttribute(key, value);
    node.setAttribute("class", "shown");
    nodes.push(node);
  }
  $("outlines").replaceChildren(...nodes);
}

function show() {
  const frame = frames[now];
  ready = false;
  $("seen").disabled = true;
  $("picture").src = `frame/${frame.index}`;
  $("where").textContent = `Frame ${frame.index}, ${frame.at.toFixed(2)} s; ${now + 1} of ${frames.length}`;
  $("why").replaceChildren(
    ...frame.why.map((why) => {
      const item = document.createElement("li");
      item.textContent = why;
      return item;
    }),
  );
  outline(frame);
  told();
}

function told() {
  const left = frames.length - looked.size;
  $("left").textContent = left ? `${left} of ${frames.length} frames left to look at` : "All frames looked at";
  $("pass").disabled = over || left > 0;
  $("refuse").disabled = over;
  $("back").disabled = now === 0;
}

async function post(where, body) {
  const response = await fetch(where, { method: "POST", body: JSON.stringify(body ?? {}) });
  const said = await response.json();
  if (!response.ok) $("message").textContent = said.detail;
  return response.ok;
}

async function seen() {
  if (!ready || over) return;
  const frame = frames[now];
  ready = false; // a second press while this one is on its way skips no frame
  if (!(await post(`looked/${frame.index}`))) {
    ready = true;
    return;
  }
  looked.add(frame.index);
  if (frames[now] === frame && now < frames.length - 1) {
    now += 1;
    show();
  } else {
    ready ||= frames[now] === frame;
    told();
  }
}

async function conclude(passed) {
  if (!(await post("verdict", { passed, reason: $("reason").value }))) return;
  over = true;
  $("message").textContent = passed
    ? "Signed: it may go out. This page can be closed."
    : "Signed: refused. This page can be closed.";
  told();
}

$("picture").addEventListener("load", () => {
  ready = true;
  $("seen").disabled = over;
});
$("seen").addEventListener("click", seen);
$("back").addEventListener("click", () => {
  now = Math.max(0, now - 1);
  show();
});
$("outline").addEventListener("change", () => $("outlines").classList.toggle("on", $("outline").checked));
$("pass").addEventListener("click", () => conclude(true));
$("refuse").addEventListener("click", () => conclude(false));
addEventListener("keydown", (event) => {
  if (["TEXTAREA", "BUTTON", "INPUT", "VIDEO"].includes(event.target.tagName)) return;
  if (event.key === " " || event.key === "Enter") {
    event.preventDefault();
    seen();
  } else if (event.key === "ArrowLeft") $("back").click();
});
show();
