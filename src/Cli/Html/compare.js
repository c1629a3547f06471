// The page of a comparison. Ratios are B over A.

const differenceWords = {
  lower: 'really lower', higher: 'really higher', noise: 'within noise', 'not-compared': 'not compared',
  'only-a': 'only in A', 'only-b': 'only in B', modelled: 'modelled', unknown: 'not known',
};
const differenceOrder = ['higher', 'lower', 'only-a', 'only-b', 'noise', 'modelled', 'not-compared', 'unknown'];
const difference = figure => el('span', { class: `difference ${figure.difference}` }, differenceWords[figure.difference] ?? plain(figure.difference));
const baseUnits = { ms: [1e-3, asTime], 'µs': [1e-6, asTime], mJ: [1e-3, asEnergy], 'µJ': [1e-6, asEnergy] };

function shown(figure, side) {
  const value = figure[side];
  if (!value) {
    return '';
  }
  const [factor, format] = baseUnits[figure.unit];
  const scaledValue = times(value, factor);
  return el('span', { title: `95 % interval ${range(scaledValue, format)}${value.samples ? `, ${value.samples} samples` : ''}` }, format(scaledValue.median));
}

function ratioText(ratio) {
  if (!ratio) {
    return '';
  }
  const interval = ratio.high === undefined ? `from ${ratio.low.toFixed(3)}` : `${ratio.low.toFixed(3)} to ${ratio.high.toFixed(3)}`;
  const adjusted = ratio.adjusted_p === undefined ? '' : `, adjusted p ${digits(ratio.adjusted_p)}`;
  return el('span', { title: `p ${digits(ratio.p)}${adjusted}` }, ratio.value.toFixed(3), el('span', { class: 'pm' }, ` (${interval})`));
}

function comparePage({ compare }) {
  const { a, b } = compare;
  const same = a.provenance === b.provenance;
  const energyTags = () => same ? badge(a.provenance, a.provenance_source) : [badge(a.provenance, a.provenance_source), ' ', badge(b.provenance, b.provenance_source)];
  const compared = compare.times_comparable && compare.energies_comparable;
  const sentence = text => text.charAt(0).toUpperCase() + text.slice(1) + '.';
  return [
    header('compare', `${a.file} and ${b.file}`, 'Ratios are B over A: below 1 B takes less.', null),
    notices(compare.reasons.map(r => [sentence(r), compared ? '' : 'bad'])),
    el('ul', { class: 'notices' }, el('li', null, compare.remarks.map(r => el('p', null, plain(sentence(r)))))),
    el('div', { class: 'sides' }, [['A', a], ['B', b]].map(([name, side]) => el('div', { class: 'card' },
      el('h3', null, `${name}: ${plain(side.file)}`),
      facts([['Model', plain(side.model)], ['Device', plain(side.device)], ['Runtime', plain(side.runtime)], ['Energies', [badge(side.provenance), ` ${plain(side.provenance_source)}`]]])))),
    networkSection(compare, energyTags),
    comparedLayers(compare, energyTags),
    section('Conditions of the runs', null, conditionsTable('State of the machines', [
      ['A before', a.before], ['A after', a.after], ['B before', b.before], ['B after', b.after],
    ])),
    el('footer', null, `Really lower or higher: ${compare.method}. Figures are medians; the intervals of the ratios are 95 % intervals of each one alone.`),
  ];
}

function networkSection(compare, energyTags) {
  const at = ratioScale(compare.network.map(f => f.ratio).filter(Boolean));
  const head = (...names) => el('thead', null, el('tr', null, names.map((n, i) => el('th', { scope: 'col', class: i > 0 && i < 4 ? 'number' : '' }, n))));
  return section('The network', null, el('div', { class: 'scroll' }, el('table', null,
    el('caption', null, 'One run, and what the model needs'),
    head('Quantity', 'A', 'B', 'B/A', el('span', { class: 'hidden' }, 'picture of the ratio'), 'Difference'),
    el('tbody', null,
      compare.network.map(f => el('tr', null,
        el('th', { scope: 'row' }, f.quantity, ' ', f.quantity === 'latency' ? badge('measured') : energyTags()),
        el('td', { class: 'number' }, shown(f, 'a')), el('td', { class: 'number' }, shown(f, 'b')),
        el('td', { class: 'number' }, ratioText(f.ratio)), el('td', { class: 'chart' }, f.ratio && ratioBar(f.ratio, f.difference, at)), el('td', null, difference(f)))),
      compare.memory.map(m => {
        const format = m.unit === 'B' ? asBytes : asCount;
        return el('tr', null, el('th', { scope: 'row' }, m.quantity), el('td', { class: 'number' }, format(m.a)), el('td', { class: 'number' }, format(m.b)),
          el('td', { class: 'number' }, m.ratio === undefined ? '' : m.ratio.toFixed(3)), el('td'), el('td', null, el('span', { class: 'difference' }, m.a === m.b ? 'the same' : 'exact')));
      })))));
}

function comparedLayers(compare, energyTags) {
  const rows = compare.layers.map((layer, index) => ({ index, layer, name: layer.name_a ?? layer.name_b ?? '' }));
  const at = ratioScale(rows.flatMap(r => [r.layer.time.ratio, r.layer.energy.ratio]).filter(Boolean));
  const change = f => f.a && f.b ? Math.abs(f.b.median - f.a.median) : undefined;
  const part = (key, title, unit, tag) => [
    { title: `${title} A`, tag, number: true, value: r => r.layer[key].a?.median, cell: r => shown(r.layer[key], 'a') },
    { title: `${title} B`, number: true, value: r => r.layer[key].b?.median, cell: r => shown(r.layer[key], 'b') },
    { title: 'Change', unit, number: true, minor: true, value: r => change(r.layer[key]), cell: r => change(r.layer[key]) === undefined ? '' : signedDigits(r.layer[key].b.median - r.layer[key].a.median) },
    { title: 'B/A', number: true, minor: true, value: r => r.layer[key].ratio?.value, cell: r => ratioText(r.layer[key].ratio) },
    { title: '', hidden: `picture of the ratio of ${key}`, chart: true, minor: true, cell: r => r.layer[key].ratio && ratioBar(r.layer[key].ratio, r.layer[key].difference, at) },
    { title: 'Difference', value: r => differenceOrder.indexOf(r.layer[key].difference), cell: r => difference(r.layer[key]) },
  ];
  const hasEnergy = rows.some(r => r.layer.energy.a || r.layer.energy.b);
  const columns = [
    {
      title: 'Layer', first: true, value: r => r.name, cell: r => [
        plain(r.name),
        r.layer.matched_by === 'position' && r.layer.name_a !== r.layer.name_b && el('span', { class: 'with' }, `by position with ${plain(r.layer.name_b)}`),
        r.layer.op_a && r.layer.op_b && r.layer.op_a !== r.layer.op_b && el('span', { class: 'with' }, `${plain(r.layer.op_a)} in A, ${plain(r.layer.op_b)} in B`),
      ],
    },
    { title: 'Operator', minor: true, value: r => r.layer.op_a ?? r.layer.op_b, cell: r => plain(r.layer.op_a ?? r.layer.op_b) },
    ...part('time', 'Time', 'µs', () => badge('measured')),
    ...(hasEnergy ? part('energy', 'Energy', 'µJ', energyTags) : []),
  ];
  const count = (name, c) => `${name}: ${c.lower} really lower in B, ${c.higher} really higher, ${c.noise} within the noise, ${c.other} not compared.`;
  const byEnergy = hasEnergy && compare.energies_comparable && compare.a.provenance !== 'modelled';
  return section('Layers', [count('Times', compare.times), byEnergy && ` ${count('Energies', compare.energies)}`].filter(Boolean).join(''),
    dataTable({
      caption: 'Each layer in both profiles, matched by name, then by operator and position',
      columns, rows, sortBy: byEnergy ? columns.map(c => c.title).lastIndexOf('Change') : columns.findIndex(c => c.title === 'Change'),
      searchLabel: 'Search layers and operators',
      text: r => [r.layer.name_a, r.layer.name_b, r.layer.op_a, r.layer.op_b].filter(Boolean).join(' '),
    }));
}

const signedDigits = value => (value < 0 ? '−' : value > 0 ? '+' : '') + digits(Math.abs(value));
