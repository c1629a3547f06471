// The page of a model's graph: what is laid out already is drawn, and can be moved about in, searched, and asked.

/** Neighbouring numbers get colours far apart (the golden angle); numbers stand beside the colours everywhere. */
const groupColour = group => `hsl(${(group * 137.508 + 205) % 360}, 68%, 50%)`;

const endOf = (text, most) => text.length <= most ? text : `…${text.slice(text.length - most + 1)}`;

function graphPage({ graph }) {
  document.body.classList.add('graph-page');
  const wires = graph.lines.map(line => wireOf(line));
  const boxes = graph.boxes.map((box, i) => boxOf(graph, box, i));
  const scene = svg('g', null, wires, boxes);
  const picture = svg('svg', { tabindex: 0, role: 'application', 'aria-roledescription': 'graph', 'aria-label': 'The model as a graph; the panel beside it says in words what is chosen' }, scene);
  const view = viewOf(picture, scene, graph);
  const status = el('span', { class: 'count', role: 'status' });
  const panel = el('section', { class: 'panel', tabindex: 0, 'aria-label': 'What is chosen' });
  const links = neighbours(graph);

  function light(isBox, isWire) {
    const on = isBox !== null;
    scene.classList.toggle('faded', on);
    boxes.forEach((b, i) => b.classList.toggle('lit', on && isBox(i)));
    wires.forEach((w, i) => w.classList.toggle('lit', on && isWire(i)));
  }

  let chosen = null;
  function mark(box) {
    if (chosen !== null) {
      boxes[chosen].classList.remove('chosen');
    }
    chosen = box;
    if (box !== null) {
      boxes[box].classList.add('chosen');
    }
  }

  const choose = {
    overview() {
      mark(null);
      light(null);
      panel.replaceChildren(...overviewPanel(graph, choose));
    },
    box(i, show) {
      mark(i);
      light(null);
      if (show) {
        view.show(graph.boxes[i]);
      }
      panel.replaceChildren(...boxPanel(graph, i, choose));
      panel.scrollTop = 0;
    },
    block(id) {
      const members = new Set(graph.blocks[id].boxes);
      mark(null);
      light(i => members.has(i), i => members.has(graph.lines[i].from));
      view.reach(graph.boxes.filter((b, i) => members.has(i)));
      panel.replaceChildren(...blockPanel(graph, id, choose));
      panel.scrollTop = 0;
    },
    group(id) {
      mark(null);
      light(i => graph.boxes[i].groups.includes(id), i => graph.lines[i].groups.includes(id));
      const members = graph.boxes.filter(b => b.groups.includes(id));
      view.reach(members);
      panel.replaceChildren(...groupPanel(graph, id, choose));
      panel.scrollTop = 0;
    },
  };

  boxes.forEach((b, i) => b.addEventListener('click', () => view.moved() || choose.box(i, false)));
  picture.addEventListener('keydown', event => {
    const step = { ArrowUp: links.up, ArrowDown: links.down, ArrowLeft: links.left, ArrowRight: links.right }[event.key];
    if (step && !event.shiftKey && !event.ctrlKey && !event.altKey) {
      const next = chosen === null ? 0 : step(chosen);
      if (next !== undefined && graph.boxes.length > 0) {
        choose.box(next, true);
      }
      event.preventDefault();
    } else if (event.key === 'Escape') {
      choose.overview();
    } else if (view.key(event)) {
      event.preventDefault();
    }
  });

  const search = el('input', { type: 'search', 'aria-label': 'Find nodes and tensors', placeholder: 'Find nodes and tensors', autocomplete: 'off', spellcheck: 'false' });
  let found = [];
  let at = -1;
  search.addEventListener('input', () => {
    const wanted = search.value.trim().toLowerCase();
    found = wanted === '' ? [] : graph.boxes.map((b, i) => [b, i]).filter(([b]) => textOf(b).includes(wanted)).map(([, i]) => i);
    at = -1;
    boxes.forEach((b, i) => b.classList.toggle('found', found.includes(i)));
    status.textContent = wanted === '' ? '' : `${found.length} of ${graph.boxes.length} nodes; Enter shows the next`;
    if (found.length > 0) {
      view.show(graph.boxes[found[0]]);
    }
  });
  search.addEventListener('keydown', event => {
    if (event.key === 'Enter' && found.length > 0) {
      at = (at + (event.shiftKey ? found.length - 1 : 1)) % found.length;
      choose.box(found[at], true);
      status.textContent = `${at + 1} of ${found.length}`;
    }
  });

  const button = (text, label, act) => {
    const made = el('button', { type: 'button', class: 'button', 'aria-label': label, title: label }, text);
    made.addEventListener('click', act);
    return made;
  };
  choose.overview();
  requestAnimationFrame(() => view.start());
  return [
    header('inspect', graph.model, [
      `opset ${graph.opset}, ${asCount(graph.params)} parameters, ${asCount(graph.macs)} MACs`,
      graph.macs > 0 ? `; ${asPercent(graph.prunable.macs_share * 100)} of the MACs are in layers that units reach` : '',
      `, ${asPercent(graph.prunable.params_share * 100)} of the parameters can be cut.`,
    ]),
    el('div', { class: 'tools' },
      search,
      button('+', 'Zoom in', () => view.zoom(1.3)),
      button('−', 'Zoom out', () => view.zoom(1 / 1.3)),
      button('Fit', 'Show the whole model', () => view.fit()),
      button('Top', 'Show the beginning at a readable size', () => view.start()),
      button('Clear', 'Choose nothing', () => choose.overview()),
      status),
    el('div', { class: 'graph-area' },
      el('div', { class: 'canvas' }, picture, el('p', { class: 'keys' }, 'drag or scroll to move · Ctrl + scroll or + − to zoom · arrows walk from node to node · Esc clears')),
      panel),
  ];
}

const textOf = box => [box.op, box.name, ...box.reads.map(v => v.name), ...box.makes.map(v => v.name)].join('\n').toLowerCase();

function wireOf(line) {
  const parts = [];
  for (let i = 0; i < line.steps.length; i += 4) {
    const [x1, y1, x2, y2] = line.steps.slice(i, i + 4);
    const middle = (y1 + y2) / 2;
    parts.push(x1 === x2 ? `M${x1} ${y1}V${y2}` : `M${x1} ${y1}C${x1} ${middle} ${x2} ${middle} ${x2} ${y2}`);
  }
  const path = svg('path', { class: line.groups.length > 0 ? 'wire carries' : 'wire', d: parts.join('') });
  if (line.groups.length > 0) {
    path.style.stroke = groupColour(line.groups[0]);
  }
  return path;
}

function boxOf(graph, box, i) {
  const [w, h] = [graph.box_width, graph.box_height];
  const left = box.x - w / 2;
  const isBorder = box.op === 'input' || box.op === 'output';
  const main = box.shares.length > 0 ? box.shares.reduce((a, b) => b.indices > a.indices ? b : a) : null;
  const total = Math.max(1, box.length);
  let from = left + 1.5;
  const shares = box.shares.map(share => {
    const width = (w - 3) * share.indices / total;
    const rect = svg('rect', { class: 'share', x: from, y: box.y + h - 6, width, height: 4.5, fill: groupColour(share.group) });
    from += width;
    return rect;
  });
  const label = box.shares.length === 0 ? '' : box.shares.length === 1 ? `g${main.group}` : `${box.shares.length} groups`;
  return svg('g', { class: `box${isBorder ? ' border' : ''}${box.groups.length === 0 && !isBorder ? ' frozen' : ''}`, 'data-box': i },
    svg('title', null, plain(`${box.op} ${box.name}`)),
    svg('rect', { class: 'body', x: left, y: box.y, width: w, height: h, rx: isBorder ? h / 2 : 5 }),
    main && svg('rect', { class: 'tint', x: left, y: box.y, width: w, height: h, rx: 5, fill: groupColour(main.group) }),
    shares,
    svg('text', { class: 'op', x: left + 9, y: box.y + 15 }, endOf(plain(box.op), 20)),
    svg('text', { class: 'name', x: left + 9, y: box.y + 29 }, endOf(plain(box.name), 23 - label.length)),
    svg('text', { class: 'group', x: left + w - 7, y: box.y + 29, 'text-anchor': 'end' }, label));
}

/** Which box is where from another: up to what it reads, down to what reads it, left and right in its row. */
function neighbours(graph) {
  const up = graph.boxes.map(() => []);
  const down = graph.boxes.map(() => []);
  for (const line of graph.lines) {
    for (const to of line.to) {
      up[to].push(line.from);
      down[line.from].push(to);
    }
  }
  const rows = new Map();
  graph.boxes.forEach((box, i) => rows.set(box.y, [...(rows.get(box.y) ?? []), i]));
  for (const row of rows.values()) {
    row.sort((a, b) => graph.boxes[a].x - graph.boxes[b].x);
  }
  const beside = by => i => {
    const row = rows.get(graph.boxes[i].y);
    return row[row.indexOf(i) + by];
  };
  return { up: i => up[i][0], down: i => down[i][0], left: beside(-1), right: beside(1) };
}
