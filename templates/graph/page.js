// The page of `aigf graph`: pan, zoom, search and details. It reads the graph from the page itself
// and asks the network for nothing. All texts go in as text, never as markup.
"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  const graph = JSON.parse($("graph").textContent);
  const canvas = $("canvas");
  const boxes = new Map([...canvas.querySelectorAll(".box")].map((box) => [box.dataset.key, box]));
  for (const box of boxes.values()) {
    box.setAttribute("tabindex", "0");
    box.setAttribute("role", "button");
  }
  const lines = [...canvas.querySelectorAll(".link")];
  const MARKS = { verified: "✔", recorded: "○", mismatched: "✘", missing: "?" };
  const HIDDEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/gu;
  const whole = canvas.getAttribute("viewBox").split(" ").map(Number);

  // What others wrote: hidden characters, such as those that turn the writing round, made visible.
  const visible = (text) => String(text).replace(HIDDEN, (c) => {
    const code = c.codePointAt(0).toString(16);
    return code.length > 4 ? `\\U${code.padStart(8, "0")}` : `\\u${code.padStart(4, "0")}`;
  });
  const lined = (text) => String(text).split("\n").map(visible).join("\n");
  const sound = (state) => state === "verified" || state === "recorded";

  const stages = new Map(graph.stages.map((stage, n) => [stage.name, { key: `stage-${n}`, stage }]));
  const artifacts = new Map(
    graph.artifacts.map((artifact, n) => [artifact.name, { key: `artifact-${n}`, artifact }]));
  const byKey = new Map();
  for (const { key, stage } of stages.values()) byKey.set(key, { stage });
  for (const { key, artifact } of artifacts.values()) byKey.set(key, { artifact });

  // --- the view: x and y of its corner, and k pixels for each unit of the drawing ---

  const view = { x: 0, y: 0, k: 1 };
  const LEAST = 0.004, MOST = 4, READABLE = 0.6, MOST_SHOWN = 200;

  const paper = window.matchMedia("print");
  function show() {
    if (paper.matches) { canvas.setAttribute("viewBox", whole.join(" ")); return; }
    const width = canvas.clientWidth / view.k, height = canvas.clientHeight / view.k;
    canvas.setAttribute("viewBox", `${view.x} ${view.y} ${width} ${height}`);
  }
  function scaleOfAll() {
    return Math.min(canvas.clientWidth / whole[2], canvas.clientHeight / whole[3], 1.4);
  }
  function centre(x, y, k) {
    view.k = Math.min(Math.max(k, LEAST), MOST);
    view.x = x - canvas.clientWidth / view.k / 2;
    view.y = y - canvas.clientHeight / view.k / 2;
    show();
  }
  let touched = false; // until then the picture keeps filling its window
  function fit() {
    centre(whole[0] + whole[2] / 2, whole[1] + whole[3] / 2, scaleOfAll());
  }
  function zoom(factor, px = canvas.clientWidth / 2, py = canvas.clientHeight / 2) {
    touched = true;
    const x = view.x + px / view.k, y = view.y + py / view.k;
    view.k = Math.min(Math.max(view.k * factor, LEAST), MOST);
    view.x = x - px / view.k;
    view.y = y - py / view.k;
    show();
  }
  function pan(dx, dy) {
    touched = true;
    view.x -= dx / view.k;
    view.y -= dy / view.k;
    show();
  }
  function frame(box) { // where a box stands in the drawing
    const { e, f } = box.transform.baseVal.consolidate().matrix, size = box.getBBox();
    return { x: e, y: f, width: size.width, height: size.height };
  }
  function goTo(key) {
    touched = true;
    const at = frame(boxes.get(key));
    centre(at.x + at.width / 2, at.y + at.height / 2, Math.max(view.k, 1));
  }
  function begin() { // all of it, or as much as can be read, around the first model
    if (scaleOfAll() >= READABLE) return fit();
    const model = canvas.querySelector(".box.model") || canvas.querySelector(".box");
    if (!model) return fit();
    const at = frame(model);
    return centre(at.x + at.width / 2, at.y + at.height / 2, READABLE * 1.3);
  }

  // --- moving with the pointer ---

  let held = null;
  canvas.addEventListener("pointerdown", (event) => {
    if (event.button === 0) held = { x: event.clientX, y: event.clientY, moved: false };
  });
  window.addEventListener("pointermove", (event) => {
    if (!held) return;
    const dx = event.clientX - held.x, dy = event.clientY - held.y;
    if (!held.moved && Math.hypot(dx, dy) < 4) return;
    held = { x: event.clientX, y: event.clientY, moved: true };
    canvas.classList.add("moving");
    pan(dx, dy);
  });
  window.addEventListener("pointerup", (event) => {
    const clicked = held && !held.moved && event.target.closest && event.target.closest("#canvas");
    held = null;
    canvas.classList.remove("moving");
    if (!clicked) return;
    const box = event.target.closest(".box");
    if (box) choose(box.dataset.key); else clear();
  });
  canvas.addEventListener("wheel", (event) => {
    event.preventDefault();
    const at = canvas.getBoundingClientRect();
    zoom(Math.exp(-event.deltaY / 500), event.clientX - at.left, event.clientY - at.top);
  }, { passive: false });
  $("in").addEventListener("click", () => zoom(1.3));
  $("out").addEventListener("click", () => zoom(1 / 1.3));
  $("fit").addEventListener("click", fit);
  window.addEventListener("resize", () => (touched ? show() : begin()));
  paper.addEventListener("change", show);

  // --- keys ---

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") { clear(); canvas.focus(); return; }
    if (event.target === $("query")) return;
    const box = event.target.closest(".box");
    const done = (box && onBox(event.key, box.dataset.key)) || onCanvas(event.key);
    if (done) event.preventDefault();
  });
  function onBox(key, at) {
    if (key === "Enter" || key === " ") { choose(at); return true; }
    const back = key === "ArrowLeft" || key === "ArrowUp";
    if (!back && key !== "ArrowRight" && key !== "ArrowDown") return false;
    const [from, to] = back ? ["target", "source"] : ["source", "target"];
    const line = lines.find((other) => other.dataset[from] === at);
    if (line) { goTo(line.dataset[to]); boxes.get(line.dataset[to]).focus(); }
    return true;
  }
  function onCanvas(key) {
    const moves = { ArrowLeft: [60, 0], ArrowRight: [-60, 0], ArrowUp: [0, 60], ArrowDown: [0, -60] };
    if (moves[key] && document.activeElement !== document.body
        && !document.activeElement.closest("#canvas")) return false;
    if (moves[key]) pan(...moves[key]);
    else if (key === "+" || key === "=") zoom(1.3);
    else if (key === "-") zoom(1 / 1.3);
    else if (key === "0") fit();
    else if (key === "/") $("query").focus();
    else return false;
    return true;
  }

  // --- search ---

  const named = new Map(graph.stages.map((stage) => [stage.name, []])); // stage -> its artifacts
  for (const link of graph.links) named.get(link.stage).push(link.artifact);
  const texts = new Map([...boxes.keys()].map((key) => {
    const found = byKey.get(key), names = found.stage ? named.get(found.stage.name) : [];
    return [key, `${JSON.stringify(found)} ${names.join(" ")}`.toLowerCase()];
  }));
  let matches = [], current = -1;
  function search() {
    const query = $("query").value.trim().toLowerCase();
    matches = query ? [...boxes.keys()].filter((key) => texts.get(key).includes(query)) : [];
    current = -1;
    $("found").textContent = query ? `${matches.length} of ${boxes.size}` : "";
    fade(query ? new Set(matches) : null);
  }
  $("query").addEventListener("input", search);
  $("search").addEventListener("submit", (event) => event.preventDefault());
  $("query").addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !matches.length) return;
    current = (current + (event.shiftKey ? -1 : 1) + matches.length) % matches.length;
    goTo(matches[current]);
    open(matches[current]);
    $("found").textContent = `${current + 1} of ${matches.length}`;
  });
  function fade(kept) { // null: nothing is faint
    for (const [key, box] of boxes) box.classList.toggle("faint", kept !== null && !kept.has(key));
    for (const line of lines) {
      const on = kept !== null && kept.has(line.dataset.source) && kept.has(line.dataset.target);
      line.classList.toggle("faint", kept !== null && !on);
      line.classList.toggle("near", on);
    }
  }

  // --- one box: its lineage stands out, the panel tells all ---

  const sources = new Map(), targets = new Map(); // box -> boxes
  for (const { dataset: { source, target } } of lines) {
    sources.set(target, [...(sources.get(target) || []), source]);
    targets.set(source, [...(targets.get(source) || []), target]);
  }
  function reach(key, next) {
    const seen = new Set([key]), waiting = [key];
    while (waiting.length) {
      for (const other of next.get(waiting.pop()) || []) {
        if (!seen.has(other)) { seen.add(other); waiting.push(other); }
      }
    }
    return seen;
  }
  function choose(key) {
    $("query").value = "";
    search();
    fade(new Set([...reach(key, sources), ...reach(key, targets)]));
    open(key);
  }
  function clear() {
    $("query").value = "";
    search();
    mark(null);
    $("details").hidden = true;
    $("overview").hidden = false;
  }
  function mark(key) {
    for (const [other, box] of boxes) box.classList.toggle("chosen", other === key);
  }
  function open(key) {
    const { stage, artifact } = byKey.get(key);
    mark(key);
    const close = button("Close", clear, "close");
    $("details").replaceChildren(close, ...(stage ? aboutStage(stage) : aboutArtifact(artifact)));
    $("details").hidden = false;
    $("overview").hidden = true;
    $("panel").scrollTop = 0;
  }

  // --- the panel ---

  function element(tag, kind, ...children) {
    const made = document.createElement(tag);
    if (kind) made.className = kind;
    made.append(...children);
    return made;
  }
  function button(text, action, kind) {
    const made = element("button", kind, text);
    made.type = "button";
    made.addEventListener("click", action);
    return made;
  }
  function facts(pairs) {
    const list = element("dl", "");
    for (const [name, value, mono] of pairs) {
      if (value === null || value === undefined || value === "") continue;
      list.append(element("dt", "", name), element("dd", mono ? "mono" : "", visible(value)));
    }
    return list;
  }
  function section(title, items) {
    return items.length ? [element("h2", "", title), element("ul", "", ...items)] : [];
  }
  function item(state, content, reason) {
    const row = element("li", sound(state) ? "" : "bad", `${MARKS[state]} ${state} `, content);
    if (reason) row.append(element("span", "why", visible(reason)));
    return row;
  }
  function jump(name, key) {
    if (boxes.has(key)) return button(visible(name), () => { choose(key); goTo(key); }, "go mono");
    const { artifact } = byKey.get(key); // a row of its stages: only the panel has it
    return button(visible(name), () => {
      $("details").replaceChildren(button("Close", clear, "close"), ...aboutArtifact(artifact));
      $("panel").scrollTop = 0;
    }, "go mono");
  }
  const toArtifact = (link) =>
    item(link.state, jump(link.artifact, artifacts.get(link.artifact).key), link.reason);
  const toStage = (link) => item(link.state, jump(link.stage, stages.get(link.stage).key), link.reason);
  const state = (of) => `${MARKS[of]} ${of}`;

  function aboutStage(stage) {
    const own = (kind) => graph.links.filter((link) => link.stage === stage.name && link.kind === kind);
    const parameters = stage.parameters.map((parameter) => item(parameter.state,
      element("code", "", visible(
        `${parameter.file}: ${parameter.key} = ${JSON.stringify(parameter.value)}`)),
      parameter.reason));
    return [
      element("h3", "mono", visible(stage.name)),
      facts([
        ["What", "stage"],
        ["State", state(stage.state)],
        ["Trust", stage.trustLevel],
        ["Run record", stage.runRecord && `sha256:${stage.runRecord.sha256}`, true],
        ["Observer", stage.observer],
        ["Reproduction", stage.reproduction && `sha256:${stage.reproduction.sha256}`, true],
        ["Command", `${state(stage.command.state)}: ${stage.command.reason}`],
        ["Runs in", stage.directory || "the project's folder"],
        ["Defined in", stage.file, true],
        ["Frozen", stage.frozen ? "yes: `dvc repro` leaves it as it is" : ""],
      ]),
      ...stage.commands.map((command) => element("pre", "", lined(command))),
      ...section("Parameters", parameters),
      ...section("Reads", own("input").map(toArtifact)),
      ...section("Makes", own("output").map(toArtifact)),
    ];
  }
  function aboutArtifact(artifact) {
    const own = (made) => graph.links.filter(
      (link) => link.artifact === artifact.name && (link.kind === "output") === made);
    const { dvc, origin } = artifact;
    const parts = graph.parts.flatMap((part) => part.made === artifact.name ? [part.read]
      : part.read === artifact.name ? [part.made] : []);
    return [
      element("h3", "mono", visible(artifact.name)),
      facts([
        ["What", artifact.role],
        ["Model", artifact.models.join(", ")],
        ["State", state(artifact.state)],
        ["Why", artifact.reason],
        ["SHA-256", artifact.digest ? artifact.digest.sha256 : "not known: the bytes were never seen",
          artifact.digest],
        ["DVC", dvc && `${dvc.hash} ${dvc.value}`, true],
        ["Size", dvc && dvc.size !== null ? `${dvc.size.toLocaleString("en")} bytes` : ""],
        ["Files", dvc && dvc.nfiles],
        ["Cloud", dvc && dvc.cloud.join("; ")],
        ["From", origin && origin.url, true],
        ["Path there", origin && origin.path, true],
        ["Commit there", origin && origin.gitCommit, true],
        ["Asked for", origin && origin.revision],
        ["Recorded in", origin && origin.file, true],
      ]),
      ...section("Made by", own(true).map(toStage)),
      ...section("Read by", own(false).map(toStage)),
      ...section("Holds, or is part of", parts.map((name) =>
        element("li", "", jump(name, artifacts.get(name).key)))),
    ];
  }
  function problems() { // by stage
    const found = new Map();
    const add = (name, state, text) => found.set(name, [...(found.get(name) || []), [state, text]]);
    for (const { name, command } of graph.stages) {
      if (!sound(command.state)) add(name, command.state, command.reason);
    }
    for (const { stage, state, kind, artifact, reason } of graph.links) {
      const { ran } = stages.get(stage).stage; // that it never ran is said once
      if (ran && !sound(state)) add(stage, state, `${kind} ${artifact}: ${reason}`);
    }
    const entries = [...found].slice(0, MOST_SHOWN).map(([name, reasons]) => element("li", "bad",
      jump(name, stages.get(name).key),
      ...reasons.map(([state, text]) => element("span", "why", `${MARKS[state]} ${visible(text)}`))));
    const more = found.size > MOST_SHOWN ? `, of which the first ${MOST_SHOWN} are shown` : "";
    const says = found.size ? `${found.size} of ${stages.size} stages${more}:`
      : "Nothing speaks against this lineage.";
    $("problems").replaceChildren(element("h2", "", "To look at"), element("p", "", says),
      element("ul", "", ...entries));
  }

  problems();
  begin();
})();
