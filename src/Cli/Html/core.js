// Elements, numbers with their units, badges. Texts enter the page as text nodes only.

const svgSpace = 'http://www.w3.org/2000/svg';

/** A text from a model or a file; what would not show, or would turn the reading direction, is written out. */
const plain = text => String(text).replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, c => `⟨U+${c.codePointAt(0).toString(16).toUpperCase().padStart(4, '0')}⟩`);

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value !== null && value !== undefined && value !== false) {
      element.setAttribute(name, value === true ? '' : String(value));
    }
  }
  for (const child of children.flat(Infinity)) {
    if (child !== null && child !== undefined && child !== false && child !== '') {
      element.append(child);
    }
  }
  return element;
}

const el = (tag, attributes, ...children) => fill(document.createElement(tag), attributes, children);
const svg = (tag, attributes, ...children) => fill(document.createElementNS(svgSpace, tag), attributes, children);

/** Three significant digits, never in scientific notation. */
function digits(value) {
  const size = Math.abs(value);
  if (size === 0 || size >= 99.95) {
    return value.toFixed(0);
  }
  if (size >= 9.995) {
    return value.toFixed(1);
  }
  return size >= 0.9995 ? value.toFixed(2) : value.toFixed(Math.min(12, 2 - Math.floor(Math.log10(size))));
}

/** A true minus sign, and a plus where wanted. */
const signed = (value, places) => {
  const text = Math.abs(value).toFixed(places);
  return (Number(text) === 0 ? '±' : value < 0 ? '−' : '+') + text;
};

const scaled = units => value => {
  const size = Math.abs(value);
  const [factor, unit] = units.find(([f]) => size * f < 999.5) ?? units[units.length - 1];
  return `${digits(value * factor)} ${unit}`;
};
const asTime = scaled([[1e9, 'ns'], [1e6, 'µs'], [1e3, 'ms'], [1, 's']]);
const asEnergy = scaled([[1e9, 'nJ'], [1e6, 'µJ'], [1e3, 'mJ'], [1, 'J']]);
const asPower = scaled([[1e3, 'mW'], [1, 'W']]);
const asCount = scaled([[1, ''], [1e-3, 'k'], [1e-6, 'M'], [1e-9, 'G']]);
const asBytes = scaled([[1, 'B'], [1 / 1024, 'KiB'], [1 / 1048576, 'MiB'], [1 / 1073741824, 'GiB']]);
const asPercent = value => `${value.toFixed(1)} %`;

/** Figures carry their unit in the name of their property; here all become seconds, joules, watts. */
const times = (figure, factor) => figure && {
  median: figure.median * factor, low: figure.low * factor, high: figure.high * factor, samples: figure.samples,
};

const range = (figure, format) => `${format(figure.low)} to ${format(figure.high)}`;
const halfWidth = figure => figure.median > 0 ? (figure.high - figure.low) / 2 / figure.median : null;

const meanings = {
  measured: 'Read from a sensor or a clock on the device.',
  counted: 'Hardware counters through a calibrated model.',
  modelled: 'From coefficients; no sensor was read.',
  simulated: 'From a simulated part; no board was measured.',
};

const badge = (provenance, source) =>
  el('span', { class: `badge ${provenance in meanings ? provenance : ''}`, title: [meanings[provenance], source && plain(source)].filter(Boolean).join(' ') }, plain(provenance));

const section = (title, note, ...children) =>
  el('section', null, el('h2', null, title), note && el('p', { class: 'note' }, note), children);

const card = (name, value, tag, ...more) =>
  el('div', { class: 'card' }, el('div', { class: 'name' }, name, tag), el('div', { class: 'value' }, value), more.map(m => m && el('div', { class: 'more' }, m)));

const facts = pairs => el('dl', { class: 'facts' }, pairs.filter(([, value]) => value !== null && value !== undefined && value !== '').map(([name, value]) => [el('dt', null, name), el('dd', null, value)]));

const notices = list => list.length === 0 ? null : el('ul', { class: 'notices' }, list.map(([text, kind]) => el('li', { class: kind }, plain(text))));

const header = (kind, title, sub, tags) => el('header', null,
  el('p', { class: 'kind' }, `edgeprune ${kind}`), el('h1', null, plain(title)), el('p', { class: 'sub' }, sub, ' ', tags));

/** State of a machine before and after, what it did not tell left out. */
function conditionsTable(caption, columns) {
  const rows = [
    ['Processors', c => c.cores],
    ['Frequency governor', c => c.governor],
    ['Frequency', c => c.frequency_mhz === undefined ? undefined : `${c.frequency_mhz.toFixed(0)} MHz`],
    ['Temperature', c => c.temperature_c === undefined ? undefined : `${c.temperature_c.toFixed(1)} °C`],
    ['Throttle events since boot', c => c.throttle_events],
    ['Load of the last minute', c => c.load],
  ];
  return el('div', { class: 'scroll' }, el('table', { class: 'plain' },
    el('caption', null, caption),
    el('thead', null, el('tr', null, el('th', { scope: 'col' }, 'Condition'), columns.map(([name]) => el('th', { scope: 'col' }, name)))),
    el('tbody', null, rows.map(([name, of]) => el('tr', null,
      el('th', { scope: 'row' }, name),
      columns.map(([, c]) => el('td', null, of(c) === undefined ? el('span', { class: 'unit' }, 'not told by this machine') : plain(of(c)))))))));
}
