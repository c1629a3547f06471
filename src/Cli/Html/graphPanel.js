// What the panel beside a graph says: of the whole model, of one node, of one group.

const mostListed = 400;

const swatch = group => svg('svg', { class: 'swatch', viewBox: '0 0 14 14', 'aria-hidden': 'true', focusable: 'false' },
  svg('rect', { x: 0, y: 0, width: 14, height: 14, rx: 3, fill: group === null ? 'currentColor' : groupColour(group), 'fill-opacity': group === null ? 0.3 : 1 }));

const words = kind => kind.replaceAll('-', ' ');
const counted = (count, word) => `${count} ${word}${count === 1 ? '' : 's'}`;

function rowButton(group, what, end, act) {
  const made = el('button', { type: 'button', class: 'row' }, swatch(group), el('span', { class: 'what' }, what), el('span', { class: 'end' }, end));
  made.addEventListener('click', act);
  return el('li', null, made);
}

function shortened(list, of) {
  const shown = list.slice(0, mostListed).map(of);
  return el('ul', null, shown, list.length > mostListed && el('li', { class: 'unit' }, `and ${list.length - mostListed} more`));
}

function back(choose) {
  const made = el('button', { type: 'button', class: 'back' }, 'all groups');
  made.addEventListener('click', () => choose.overview());
  return made;
}

const groupRow = (graph, id, choose) => {
  const group = graph.groups[id];
  return rowButton(id, `g${id} · ${counted(group.units, words(group.kind))}${group.inexact ? ' ≈' : ''}`, `${asCount(group.params)} params · ${asCount(group.macs)} MACs`, () => choose.group(id));
};

function overviewPanel(graph, choose) {
  return [
    el('h2', null, graph.groups.length === 0 ? 'Nothing in this model can be cut' : `${counted(graph.groups.length, 'group')} of units`),
    graph.groups.length > 0 && el('p', { class: 'note' }, 'A group is the units of one width: channels of layers that can only be cut together. Choose one to see every node and tensor that goes with it. Figures are what goes with all its units; groups share weights.'),
    el('ul', { class: 'legend' },
      [['box', 'units pass or are made'], ['frozen', 'nothing can be cut']].map(([kind, text]) => el('li', null,
        svg('svg', { viewBox: '0 0 22 10', 'aria-hidden': 'true', focusable: 'false' }, svg('g', { class: kind === 'box' ? 'box' : 'box frozen' },
          svg('rect', { class: 'body', x: 1, y: 1, width: 20, height: 8, rx: 2 }), kind === 'box' && svg('rect', { class: 'tint', x: 1, y: 1, width: 20, height: 8, rx: 2, fill: groupColour(0) }))), text)),
      el('li', null, 'bar below a box: the groups along its widest axis')),
    graph.kinds.length > 0 && [
      el('h3', null, 'By kind'),
      el('div', { class: 'scroll' }, el('table', null,
        el('thead', null, el('tr', null, ['kind', 'units', 'inexact', 'parameters', 'MACs'].map((t, i) => el('th', { scope: 'col', class: i > 0 && 'number' }, t)))),
        el('tbody', null, graph.kinds.map(k => el('tr', null, el('th', { scope: 'row' }, words(k.kind)),
          [k.units, k.inexact === 0 ? '–' : k.inexact, asCount(k.params), asCount(k.macs)].map(v => el('td', { class: 'number' }, v))))))),
      el('h3', null, 'Groups'),
      shortened(graph.groups, g => groupRow(graph, g.id, choose)),
    ],
    graph.blocks.length > 0 && [
      el('h3', null, 'Branches and layers that can go as a whole'),
      shortened(graph.blocks, (b, i) => rowButton(null, `${words(b.kind)} ${b.id} at ${plain(b.where)}`, `${asCount(b.params)} params · ${asCount(b.macs)} MACs`, () => choose.block(i))),
    ],
    graph.frozen_reasons.length > 0 && [
      el('h3', null, 'Frozen axes of parameters'),
      shortened(graph.frozen_reasons, r => el('li', null, `${r.axes} × ${plain(r.reason)} `, el('span', { class: 'unit' }, `for example ${plain(r.example.tensor)} axis ${r.example.axis}`))),
    ],
    graph.hidden > 0 && el('p', { class: 'note' }, `${counted(graph.hidden, 'node')} that only compute constants are not drawn.`),
  ].flat(Infinity).filter(Boolean);
}

const valueItem = value => el('li', null, plain(value.name), ' ', el('span', { class: 'unit' }, [value.is_parameter && 'parameter', value.dims].filter(Boolean).join(' ')));

function boxPanel(graph, i, choose) {
  const box = graph.boxes[i];
  const isBorder = box.op === 'input' || box.op === 'output';
  return [
    back(choose),
    el('h2', null, plain(box.op)),
    el('p', { class: 'sub' }, plain(box.name)),
    facts([
      ['MACs', box.macs > 0 ? asCount(box.macs) : null],
      ['Parameters', box.params > 0 ? asCount(box.params) : null],
      ['Widest axis', box.length > 0 ? `${box.length}, of which ${box.shares.reduce((sum, s) => sum + s.indices, 0)} in units` : null],
    ]),
    box.groups.length > 0 && [el('h3', null, 'Groups that it makes, passes or reads'), shortened(box.groups, id => groupRow(graph, id, choose))],
    box.groups.length === 0 && !isBorder && el('p', { class: 'note' }, 'No unit reaches this node.'),
    box.reasons.length > 0 && [el('h3', null, 'What is frozen here, and why'), box.reasons.map(r => el('p', { class: 'reason' }, plain(graph.reasons[r])))],
    box.reads.length > 0 && [el('h3', null, 'Reads'), shortened(box.reads, valueItem)],
    box.makes.length > 0 && [el('h3', null, 'Makes'), shortened(box.makes, valueItem)],
  ].flat(Infinity).filter(Boolean);
}

function blockPanel(graph, id, choose) {
  const block = graph.blocks[id];
  return [
    back(choose),
    el('h2', null, `${block.kind === 'layer' ? 'Layer' : 'Block'} ${block.id}`),
    facts([['Skipped at', plain(block.where)], ['Parameters', asCount(block.params)], ['MACs', asCount(block.macs)]]),
    el('h3', null, `${counted(block.boxes.length, 'node')} that nothing else reads`),
    shortened(block.boxes, i => rowButton(null, `${plain(graph.boxes[i].op)} ${plain(graph.boxes[i].name)}`, '', () => choose.box(i, true))),
  ];
}

function groupPanel(graph, id, choose) {
  const group = graph.groups[id];
  const members = graph.boxes.map((b, i) => [b, i]).filter(([b]) => b.groups.includes(id));
  return [
    back(choose),
    el('h2', null, `Group g${id} `, swatch(id)),
    facts([
      ['Kind', words(group.kind)],
      ['Units', group.units],
      ['Parameters', `${asCount(group.params)} with all of them, ${asCount(group.params / group.units)} with one`],
      ['MACs', `${asCount(group.macs)} with all of them, ${asCount(group.macs / group.units)} with one`],
    ]),
    group.inexact && el('p', { class: 'reason' }, `Inexact: ${plain(group.inexact)}. Cutting these units changes what is computed by more than masking them does.`),
    el('h3', null, `${group.slices.length} ${group.slices.length === 1 ? 'axis' : 'axes'} of parameters, cut together`),
    shortened(group.slices, s => el('li', null, plain(s.tensor), ' ', el('span', { class: 'unit' }, `axis ${s.axis}`))),
    el('h3', null, `${counted(members.length, 'node')}`),
    shortened(members, ([b, i]) => rowButton(b.shares.some(s => s.group === id) ? id : null, `${plain(b.op)} ${plain(b.name)}`, '', () => choose.box(i, true))),
  ].flat(Infinity).filter(Boolean);
}
