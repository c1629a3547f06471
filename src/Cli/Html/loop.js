// The page of a loop: verdict, figures before and after, its rounds, and the profile and the costs that it rests on.

function loopPage({ loop, profile, costs, remark }) {
  const kept = loop.verdict === 'committed';
  const tag = () => badge(loop.provenance, loop.provenance_source);
  const share = value => `${(value * 100).toFixed(1)} %`;
  const interval = ratio => `${share(ratio.low)} to ${share(ratio.high)} of before`;
  const budget = {
    met: `kept: a measurement came to ${share(loop.target.measured_share)} of before${loop.target.measured_share > loop.target.share ? ', within the 2 % that one run differs from the next by' : ''}`,
    unreachable: 'proven out of reach: the cheapest plan was measured and takes more',
    missed: 'not met in the rounds that were allowed',
  }[loop.budget] ?? (loop.target.met ? 'kept' : 'not met');
  const change = (before, after) => before === 0 ? '' : `${signed((after / before - 1) * 100, 1)} %`;
  const points = value => value === undefined ? '' : `${(value * 100).toFixed(2)} %`;
  const recovery = loop.recovery;
  return [
    header('loop', profile?.model || 'a model', `${plain(loop.device ?? profile?.device ?? '')}${loop.agent ? `, over ${plain(loop.agent)}` : ', this machine'}`, [badge('measured'), ' times ', tag(), ' energies']),
    el('section', { class: `verdict ${kept ? 'kept' : 'back'}` },
      el('h2', null, kept ? 'Committed: the pruned model serves' : 'Rolled back: what served before serves again'),
      el('ul', null, loop.reasons.map(r => el('li', null, plain(r))))),
    notices([...(remark ? [[remark]] : []), ...(loop.warnings ?? []).map(w => [w])]),
    el('div', { class: 'cards' },
      card('Energy of a run', asEnergy(loop.after.energy_mj * 1e-3), tag(), `${asEnergy(loop.before.energy_mj * 1e-3)} before, ${change(loop.before.energy_mj, loop.after.energy_mj)}`, interval(loop.energy_ratio)),
      card('Latency of a run', asTime(loop.after.latency_ms * 1e-3), badge('measured'), `${asTime(loop.before.latency_ms * 1e-3)} before, ${change(loop.before.latency_ms, loop.after.latency_ms)}`, interval(loop.latency_ratio)),
      loop.after.accuracy !== undefined && card('Accuracy', points(loop.after.accuracy), null, `${points(loop.before.accuracy)} before`, `${signed((loop.after.accuracy - loop.before.accuracy) * 100, 2)} points`),
      card('Budget', share(loop.target.share), null, `of the ${plain(loop.target.metric)}`, budget),
      card('Parameters', asCount(loop.after.params), null, `${asCount(loop.before.params)} before, ${change(loop.before.params, loop.after.params)}`, `file ${asBytes(loop.after.bytes)}`),
      card('Multiply-accumulates', asCount(loop.after.macs), null, `${asCount(loop.before.macs)} before, ${change(loop.before.macs, loop.after.macs)}`)),
    loop.rounds && roundsSection(loop, tag),
    recovery && section('Recovery', 'The pruned model was trained on, with the original as its teacher.', facts([
      ['samples', `${recovery.samples}, and ${recovery.validation_samples} held back`],
      ['epochs', `${recovery.epochs}, the weights of epoch ${recovery.best_epoch} were kept`],
      ['accuracy on what was held back', `${points(recovery.before)} before, ${points(recovery.after)} after`],
      ['time of the steps', asTime(recovery.seconds)],
    ])),
    section('How it was checked', null, facts([
      ['pruned against masked', `within ${loop.verified.max_rel_error.toExponential(1)} of the output’s range on ${loop.verified.runs} inputs; ${loop.verified.tolerance.toExponential(0)} is allowed`],
      ['predicted', `${asTime(loop.predicted.latency_ms * 1e-3)} and ${asEnergy(loop.predicted.energy_mj * 1e-3)} by the cost table`],
      ['serving', plain(loop.deployed.digest)],
      ['at', plain(loop.deployed.path)],
      ['pruned model', plain(loop.output)],
      ['plan', plain(loop.plan)],
    ])),
    profile && section('The original on the board', null, el('p', null, 'Layers and costs below are those of the model that came in, measured before anything was cut.')),
    profile && layersSection(profile, () => badge(profile.provenance, profile.provenance_source)),
    costs && costsSection(costs),
    profile && section('Conditions of the profile', null, conditionsTable('State of the board around the profile of the original', [['Before', profile.before], ['After', profile.after]])),
    el('footer', null, 'Figures are medians with 95 % intervals. Times are measured on the board; energies are as their badge says. Accuracies are evaluated where the loop ran.'),
  ];
}

/** Predicted and measured energy of each round, against the budget. */
function roundsSection(loop, tag) {
  const share = value => `${(value * 100).toFixed(1)} %`;
  const rows = loop.rounds;
  const largest = Math.max(1, ...rows.map(r => Math.max(r.predicted_share, r.energy_ratio.high)));
  const figure = value => ({ median: value, low: value, high: value });
  const columns = [
    { title: 'Round', number: true, first: false, value: r => -r.round, cell: r => String(r.round) },
    { title: 'Planned for', number: true, minor: true, value: r => r.aim, cell: r => share(r.aim) },
    { title: 'Predicted', tag: () => badge('modelled', 'by the cost table'), number: true, value: r => r.predicted_share, cell: r => share(r.predicted_share) },
    { title: '', hidden: 'bar of the prediction', chart: true, minor: true, cell: r => bar(figure(r.predicted_share), largest, 'time') },
    { title: 'Came to', tag, number: true, value: r => r.measured_share, cell: r => el('span', { title: `95 % interval ${share(r.energy_ratio.low)} to ${share(r.energy_ratio.high)}` }, share(r.measured_share)) },
    { title: '', hidden: 'bar of the measurement', chart: true, minor: true, cell: r => bar(r.energy_ratio, largest, 'energy') },
    { title: 'Budget', value: r => r.met ? 1 : 0, cell: r => r.met ? 'kept' : r.is_cheapest ? 'not kept, nothing is cheaper' : 'not kept' },
    { title: 'Latency', tag: () => badge('measured'), number: true, minor: true, value: r => r.latency_ratio.median, cell: r => share(r.latency_ratio.median) },
    { title: 'Correction', number: true, minor: true, value: r => r.calibration, cell: r => `× ${r.calibration.toFixed(3)}` },
    { title: 'Units removed', number: true, minor: true, value: r => r.removed, cell: r => String(r.removed) },
  ];
  return section('Rounds', `Each round plans with the cost table, cuts, and measures on the board; the next one’s aim is corrected by what the table was wrong by. The budget is ${share(loop.target.share)} of the original’s energy.`,
    dataTable({ caption: 'Plans that were cut and measured', columns, rows, sortBy: 0, searchLabel: 'Search rounds', things: 'rounds', text: r => `round ${r.round}` }));
}
