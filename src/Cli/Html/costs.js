// Staircases of a cost sweep.

function costsSection(costs) {
  const error = costs.error;
  const network = times(costs.network_ms, 1e-3);
  const about = error
    ? `Predicted against measured at ${error.count} widths that were held out: median error ${asPercent(error.median_pct)}, worst ${asPercent(error.worst_pct)}.`
    : 'The error of the predictions is not known: no widths were held out.';
  return section('Costs over widths',
    'Time of each distinct layer, measured, over the units of one of its axes, the other axes at full width. A flat stretch is a stair of the hardware: removing units inside it saves nothing.',
    facts([
      ['Held-out error', about],
      ['Network', `${asTime(network.median)} (${range(network, asTime)}), measured; ${digits(costs.calibration)} times the sum of its layers`],
    ]),
    costs.blocks.length === 0 ? el('p', null, 'Nothing in this model has a width that can be cut.') : [
      el('ul', { class: 'legend' },
        el('li', null, svg('svg', { viewBox: '0 0 22 10', 'aria-hidden': 'true' }, svg('path', { class: 'stair', d: 'M0 5H22' })), 'aligned widths'),
        costs.blocks.some(b => b.curves.some(c => c.steps.alignment > 1))
          && el('li', null, svg('svg', { viewBox: '0 0 22 10', 'aria-hidden': 'true' }, svg('path', { class: 'stair other', d: 'M0 5H22' })), 'other widths')),
      el('div', { class: 'grid' }, costs.blocks.flatMap(blockFigures)),
    ],
    Object.keys(costs.problems).length > 0 && [
      el('h3', null, 'Not measured'),
      facts(Object.entries(costs.problems).map(([layer, problem]) => [plain(layer), plain(problem)])),
    ]);
}

function blockFigures(block) {
  const name = plain(block.layers[0]) + (block.layers.length > 1 ? ` and ${block.layers.length - 1} alike` : '');
  return block.curves.map((curve, i) => {
    const { full, alignment, step } = curve.steps;
    const axis = block.curves.length === 1 && block.widths.length > 1 ? 'all axes together' : `axis ${i + 1} of ${block.widths.length}`;
    const stairs = step > 1 ? `stairs of ${step}` : 'no stairs';
    const aligned = alignment > 1 ? `, multiples of ${alignment} on a path of their own` : '';
    const error = block.error ? ` Held-out error: median ${asPercent(block.error.median_pct)}, worst ${asPercent(block.error.worst_pct)}.` : '';
    return el('figure', null,
      el('figcaption', null, el('strong', null, name), `${plain(block.op)}, ${axis}, ${full} units: ${stairs}${aligned}.${error}`),
      staircase(curve, `Time of ${name} over ${axis}: ${asTime(curve.times_us[0] * 1e-6)} at ${curve.widths[0]} units, ${asTime(curve.times_us[curve.times_us.length - 1] * 1e-6)} at ${full}; ${stairs}${aligned}.`));
  });
}

function costsPage({ costs }) {
  return [header('costs', costs.model || 'a model', `${plain(costs.device)} `, badge('measured')), costsSection(costs)];
}
