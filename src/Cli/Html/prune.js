// The page of a pruning: both models side by side.

function prunePage({ prune, title }) {
  const { before, after, evaluation } = prune;
  const percent = value => value === undefined ? '' : `${(value * 100).toFixed(2)} %`;
  const change = (a, b) => a === undefined || b === undefined || a === 0 ? '' : `${signed((b / a - 1) * 100, 1)} %`;
  const points = (a, b) => a === undefined || b === undefined ? '' : `${signed((b - a) * 100, 2)} points`;
  const classes = [evaluation?.before.classification, evaluation?.after.classification];
  const errors = [evaluation?.before.regression, evaluation?.after.regression];
  const rows = [
    ['Latency', badge('measured'), before.latency_ms, after.latency_ms, v => asTime(v / 1e3), change],
    ['Energy', badge(prune.provenance), before.energy_mj, after.energy_mj, v => asEnergy(v / 1e3), change],
    ['Accuracy', null, before.accuracy, after.accuracy, percent, points],
    ...[['Top-5', 'top5'], ['F1, macro', 'f1_macro'], ['F1, micro', 'f1_micro'], ['Precision, macro', 'precision_macro'], ['Recall, macro', 'recall_macro']]
      .map(([name, key]) => [name, null, classes[0]?.[key], classes[1]?.[key], percent, points]),
    ...[['Mean absolute error', 'mae'], ['Root mean square error', 'rmse'], ['R²', 'r2']].map(([name, key]) => [name, null, errors[0]?.[key], errors[1]?.[key], digits, change]),
    ['Multiply-accumulates', null, before.macs, after.macs, asCount, change],
    ['Parameters', null, before.params, after.params, asCount, change],
    ['File', null, before.bytes, after.bytes, asBytes, change],
    ['File, gzipped', null, evaluation?.before.gzip_bytes, evaluation?.after.gzip_bytes, asBytes, change],
    ['File, Brotli', null, evaluation?.before.brotli_bytes, evaluation?.after.brotli_bytes, asBytes, change],
    ['Memory, counted', null, evaluation?.before.memory_bytes, evaluation?.after.memory_bytes, asBytes, change],
  ].filter(([, , a, b]) => a !== undefined && b !== undefined);
  const head = (...names) => el('thead', null, el('tr', null, names.map((n, i) => el('th', { scope: 'col', class: i > 0 ? 'number' : '' }, n))));
  const agreement = evaluation?.agreement;
  return [
    header('prune', plain(title), 'Both models were measured interleaved in one run.', null),
    section('Before and after', null, el('div', { class: 'scroll' }, el('table', null,
      el('caption', null, 'The original and the pruned model'),
      head('Quantity', 'Before', 'After', 'Change'),
      el('tbody', null, rows.map(([name, tag, a, b, format, difference]) => el('tr', null,
        el('th', { scope: 'row' }, name, ' ', tag), el('td', { class: 'number' }, format(a)), el('td', { class: 'number' }, format(b)), el('td', { class: 'number' }, difference(a, b)))))))),
    section('How', null, facts([
      ['Target', prune.targets.map(t => `${t.metric} at most ${percent(t.share)}: ${percent(t.measured_share)}`).join('; ')],
      ['Removed', prune.kinds.map(k => `${k.units} × ${k.kind}`).join(', ')],
      ['Agreement with the original', agreement && `${agreement.same_class !== undefined ? `same class for ${percent(agreement.same_class)}; ` : agreement.same_positions !== undefined ? `same class at ${percent(agreement.same_positions)} of the positions, at all of ${percent(agreement.same_throughout)} of the samples; ` : ''}R² of the outputs ${digits(agreement.outputs.r2)}`],
      ['Time', evaluation && `${asTime(evaluation.pruning_seconds)} pruning, ${evaluation.training_seconds > 0 ? asTime(evaluation.training_seconds) : 'none'} training`],
    ])),
    classes[0] && classes[1] && section('Classes', null, el('div', { class: 'scroll' }, el('table', null,
      el('caption', null, 'Precision, recall and F1 of each class, before and after'),
      head('Class', 'Samples', 'Precision', 'after', 'Recall', 'after', 'F1', 'after'),
      el('tbody', null, classes[0].classes.map((c, i) => [c, classes[1].classes[i]]).map(([a, b]) => el('tr', null,
        el('th', { scope: 'row' }, plain(a.name)), el('td', { class: 'number' }, String(a.support)),
        ['precision', 'recall', 'f1'].flatMap(key => [a[key], b[key]]).map(v => el('td', { class: 'number' }, percent(v))))))))),
    prune.recipe && section('Recipe', null, el('pre', null, plain(prune.recipe))),
  ];
}
