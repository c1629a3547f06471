// Live power of the last two minutes.

const kept = 120;

function powerSection() {
  const samples = [];
  const now = el('div', { class: 'now' }, '–');
  const tag = el('span');
  const rails = el('ul', { class: 'rails', 'aria-label': 'Rails' });
  const range = el('p', { class: 'note' });
  const place = el('div', { class: 'plot', role: 'img', 'aria-label': 'Power of the last two minutes' });
  const body = el('div', { class: 'power' }, el('div', null, now, rails, range), place);
  const said = none('waiting for the first sample');
  const button = el('button', { class: 'button', type: 'button', 'aria-pressed': 'false' }, 'Pause');
  body.hidden = true;
  let last = 0;

  function draw() {
    const width = Math.round(place.clientWidth);
    if (width < 50 || samples.length < 2) {
      return;
    }
    const height = 200;
    const end = samples[samples.length - 1].at;
    const highest = Math.max(...samples.map(s => s.watts), 1e-6);
    const { axes, atX, atY } = frame(width, height,
      { low: -kept, high: 0, label: v => String(v), name: 'seconds', whole: true },
      { low: 0, high: highest * 1.1, label: v => asPower(v) }, 64);
    const path = samples.map((s, i) => `${i === 0 ? 'M' : 'L'}${atX(s.at - end).toFixed(1)} ${atY(s.watts).toFixed(1)}`).join('');
    place.replaceChildren(svg('svg', { viewBox: `0 0 ${width} ${height}`, width, height, 'aria-hidden': 'true' }, axes, svg('path', { class: 'trace', d: path })));
  }

  function add(event) {
    if (typeof event.watts !== 'number') {
      said.textContent = event.remark ? plain(event.remark) : 'nothing was read';
      said.hidden = false;
      return;
    }
    const at = Date.parse(event.time) / 1000 || last + 1;
    if (at < last) {
      samples.length = 0; // the device's clock was set back
    }
    last = at;
    samples.push({ at, watts: event.watts });
    while (samples.length > 0 && samples[0].at < at - kept) {
      samples.shift();
    }
    body.hidden = false;
    said.hidden = true;
    now.textContent = asPower(event.watts);
    tag.replaceChildren(badge(event.provenance, event.source));
    rails.replaceChildren(...(event.rails ?? []).map(r => el('li', null, el('span', null, plain(r.name)), el('span', null, asPower(r.watts)))));
    const all = samples.map(s => s.watts);
    range.textContent = `${asPower(Math.min(...all))} to ${asPower(Math.max(...all))}, mean ${asPower(all.reduce((a, b) => a + b, 0) / all.length)} of ${all.length} ${all.length === 1 ? 'sample' : 'samples'}`;
    place.setAttribute('aria-label', `Power of the last ${Math.round(at - samples[0].at)} seconds: ${range.textContent}`);
    draw();
  }

  function tell(text) {
    said.hidden = text === null && !body.hidden;
    said.textContent = text ?? 'waiting for the first sample';
    button.hidden = text !== null && body.hidden;
  }

  const source = listen('v1/power', { event: add, state: tell });
  button.addEventListener('click', () => {
    source.toggle();
    button.textContent = source.wanted ? 'Pause' : 'Go on';
    button.setAttribute('aria-pressed', String(!source.wanted));
  });
  new ResizeObserver(draw).observe(place);
  return el('section', null, el('h2', null, 'Power now', tag), said, body, button);
}
