// The page of a search: cost against accuracy, and the front that nothing beats.

function frontChart(search) {
  const tried = search.trials.filter(t => t.accuracy !== undefined && t.samples === search.held_out).map(t => [t.cost, t.accuracy]);
  const front = search.front.map(m => [m.cost, m.accuracy]);
  const all = [...tried, ...front, [1, search.accuracy]];
  const xs = all.map(p => p[0]), ys = all.map(p => p[1]);
  const [low, high] = [Math.max(0, Math.min(...xs) - 0.03), Math.max(...xs) + 0.03];
  const [worst, best] = [Math.min(...ys), Math.max(...ys)];
  const room = Math.max(0.005, (best - worst) * 0.06);
  return fluid(`${front.length} models on the front between ${(low * 100).toFixed(0)} and ${(high * 100).toFixed(0)} percent of the ${search.metric}, among ${tried.length} tried. The table below holds them.`, width => {
    const height = 320;
    const { axes, atX, atY } = frame(width, height,
      { low, high, label: v => `${(v * 100).toFixed(0)} %`, name: `share of the original’s ${search.metric}` },
      { low: worst - room, high: Math.min(1, best + room), label: v => `${Number((v * 100).toFixed(2))} %` }, 62);
    const mark = (kind, r) => ([x, y]) => svg('circle', { class: `mark ${kind}`, cx: atX(x).toFixed(1), cy: atY(y).toFixed(1), r });
    return svg('svg', { viewBox: `0 0 ${width} ${height}`, width, height, 'aria-hidden': 'true' },
      axes,
      svg('path', { class: 'idle', d: `M${atX(low)} ${atY(search.accuracy)}H${atX(high)}` }),
      tried.map(mark('second', 2.6)),
      front.length > 1 && svg('path', { class: 'curve first', d: front.map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${atX(x).toFixed(1)} ${atY(y).toFixed(1)}`).join('') }),
      front.map(mark('first', 4)));
  });
}

function searchPage({ search, title }) {
  const percent = (value, places = 1) => `${(value * 100).toFixed(places)} %`;
  const ratio = m => search.metric === 'latency' ? m.latency_ratio : search.metric === 'energy' ? m.energy_ratio : undefined;
  const tag = () => search.metric === 'latency' ? badge('measured') : search.metric === 'energy' ? badge(search.provenance) : null;
  return [
    header('search', plain(title), `Accuracy on ${search.held_out} samples held out of the training data; the front was chosen by them, so expect a little less on others.`, null),
    section('Front', `The line joins the models that nothing beats, where they were measured; small points are all that was tried, where the table predicts them. The dashed line is the original’s accuracy, ${percent(search.accuracy, 2)}.`,
      frontChart(search),
      dataTable({
        caption: 'Models on the front',
        columns: [
          { title: 'Model', first: true, value: m => m.trial, cell: m => plain(m.output.split(/[\\/]/).pop()) },
          { title: search.metric, tag, number: true, value: m => m.cost, cell: m => el('span', { title: ratio(m) && `95 % interval ${percent(ratio(m).low)} to ${percent(ratio(m).high)}` }, percent(m.cost)) },
          { title: 'Predicted', number: true, minor: true, value: m => m.predicted, cell: m => percent(m.predicted) },
          { title: 'Accuracy', number: true, value: m => m.accuracy, cell: m => percent(m.accuracy, 2) },
          { title: 'File', number: true, minor: true, value: m => m.bytes, cell: m => asBytes(m.bytes) },
          { title: 'Recipe', value: m => m.recipe, cell: m => plain(m.recipe) },
        ],
        rows: search.front, sortBy: 1, searchLabel: 'Search recipes', text: m => m.recipe,
      })),
    section('Trials', null, dataTable({
      caption: 'All that was tried, in order',
      columns: [
        { title: 'Trial', number: true, value: t => -t.number, cell: t => String(t.number) },
        { title: 'Recipe', first: true, value: t => t.recipe.name, cell: t => plain(t.recipe.name) },
        { title: 'Allowed', number: true, value: t => t.share, cell: t => percent(t.share) },
        { title: 'Predicted', number: true, value: t => t.cost, cell: t => percent(t.cost) },
        { title: 'Accuracy', number: true, value: t => t.accuracy ?? -1, cell: t => t.accuracy === undefined ? el('span', { title: t.problem }, 'none') : percent(t.accuracy, 2) },
        { title: 'Samples', number: true, minor: true, value: t => t.samples, cell: t => String(t.samples) },
        { title: 'Time', number: true, minor: true, value: t => t.seconds, cell: t => asTime(t.seconds) },
      ],
      rows: search.trials, sortBy: 0, searchLabel: 'Search recipes', text: t => t.recipe.name,
    })),
  ];
}
