// A table that can be searched and sorted, with the keyboard as well.

const mostRows = 500;

/**
 * columns: { title, unit, tag, number, minor, chart, first, value(row), cell(row) }; `value` sorts, missing ones come last.
 * A column without `value` cannot be sorted by; one with `minor` hides on narrow screens until all are asked for.
 */
function dataTable({ caption, columns, rows, text, sortBy, searchLabel, foot, things = 'layers' }) {
  let column = columns[sortBy];
  let down = true;
  let all = rows.length <= mostRows;
  const body = el('tbody');
  const count = el('span', { class: 'count', role: 'status' });
  const more = el('button', { class: 'more-rows', type: 'button' }, `Show all ${rows.length}`);
  const search = el('input', { type: 'search', 'aria-label': searchLabel, placeholder: searchLabel, autocomplete: 'off', spellcheck: 'false' });
  const everything = el('input', { type: 'checkbox' });
  const heads = columns.map(c => {
    const arrow = el('span', { class: 'arrow', 'aria-hidden': 'true' });
    const label = [c.title, c.unit && el('span', { class: 'unit' }, ` ${c.unit}`)];
    const content = c.value ? el('button', { type: 'button' }, label, arrow) : c.title ? label : el('span', { class: 'hidden' }, c.hidden);
    const head = el('th', { scope: 'col', class: classes(c) }, content, c.tag && el('div', null, c.tag()));
    if (c.value) {
      content.addEventListener('click', () => {
        down = column === c ? !down : !!c.number;
        column = c;
        draw();
      });
    }
    return { head, arrow };
  });
  const table = el('table', null, el('caption', null, caption), el('thead', null, el('tr', null, heads.map(h => h.head))), body, foot && el('tfoot', null, foot));

  function classes(c) {
    return [c.number && 'number', c.minor && 'minor', c.chart && 'chart', c.first && 'layer'].filter(Boolean).join(' ');
  }

  function ordered() {
    const wanted = search.value.trim().toLowerCase();
    const found = rows.filter(row => wanted === '' || text(row).toLowerCase().includes(wanted));
    const missing = value => value === null || value === undefined || Number.isNaN(value);
    return found.map((row, i) => [row, column.value(row), i]).sort(([, a, i], [, b, j]) => {
      if (missing(a) || missing(b)) {
        return missing(a) && missing(b) ? i - j : missing(a) ? 1 : -1;
      }
      const order = typeof a === 'string' ? (a < b ? -1 : a > b ? 1 : 0) : a - b;
      return (down ? -order : order) || i - j;
    }).map(([row]) => row);
  }

  function draw() {
    const found = ordered();
    const shown = all ? found : found.slice(0, mostRows);
    body.replaceChildren(...shown.map(row => el('tr', null, columns.map(c =>
      el(c.first ? 'th' : 'td', { class: classes(c), scope: c.first && 'row' }, c.cell(row))))));
    columns.forEach((c, i) => {
      const active = c === column;
      heads[i].arrow.textContent = active ? (down ? '▼' : '▲') : '';
      if (active) {
        heads[i].head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
      } else {
        heads[i].head.removeAttribute('aria-sort');
      }
    });
    count.textContent = found.length === rows.length ? `${rows.length} ${things}` : `${found.length} of ${rows.length} ${things}`;
    more.hidden = shown.length === found.length;
  }

  search.addEventListener('input', draw);
  more.addEventListener('click', () => {
    all = true;
    draw();
  });
  everything.checked = !matchMedia('(max-width: 900px)').matches;
  const choose = () => table.classList.toggle('fewer', !everything.checked);
  everything.addEventListener('change', choose);
  choose();
  draw();
  return [
    el('div', { class: 'tools' }, search, columns.some(c => c.minor) && el('label', null, everything, 'all columns'), count),
    el('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': caption }, table),
    more,
  ];
}
