// The page of a profile.

function profilePage({ profile, costs, remark }) {
  const measurement = profile.measurement;
  const network = profile.network;
  const energyTag = () => badge(profile.provenance, profile.provenance_source);
  const invalid = measurement?.invalid;
  const latency = times(network.latency_ms, 1e-3);
  const energy = times(network.energy_mj, 1e-3);
  const dynamic = times(network.dynamic_energy_mj, 1e-3);
  const idle = measurement?.idle_w;
  return [
    header('profile', profile.model || 'a model', `${plain(profile.device)}; ${plain(profile.runtime)}`, [badge('measured'), ' times ', energyTag(), ' energies']),
    notices([
      ...(invalid ? [[`The energy measurement is not valid: ${invalid}. There are no energies.`, 'bad']] : []),
      ...(remark ? [[remark]] : []),
      ...profile.warnings.filter(w => !invalid || !w.includes(invalid)).map(w => [w]),
    ]),
    el('div', { class: 'cards' },
      card('Latency of a run', asTime(latency.median), badge('measured'), range(latency, asTime), `p95 ${asTime(network.latency_ms.p95 * 1e-3)}, p99 ${asTime(network.latency_ms.p99 * 1e-3)}, ${network.latency_ms.runs} runs`),
      card('Energy of a run', energy ? asEnergy(energy.median) : 'not known', energyTag(), energy && range(energy, asEnergy), dynamic && `${asEnergy(dynamic.median)} of it above idle`),
      idle && card('Power at rest', asPower(idle.median), energyTag(), range(idle, asPower)),
      card('Multiply-accumulates', asCount(network.macs), null, 'of a run'),
      card('Parameters', asCount(network.params), null, `${asBytes(network.bytes)} of initializers`),
      card('Activations', asBytes(network.peak_activation_bytes), null, 'alive at the peak')),
    layersSection(profile, energyTag),
    costs && costsSection(costs),
    measurement && measurement.trace.length > 1 && section('Power during the measurement',
      'Mean power of each window, in which the board does one thing: rests, runs one layer in a loop, or runs the network. The dashed line is the power at rest with its interval.',
      el('p', null, energyTag()), powerTrace(measurement.trace, idle)),
    measurement && measurementSection(measurement, energyTag),
    closureSection(profile, energyTag),
    section('Conditions of the run', null, conditionsTable('State of the machine around the profile', [['Before', profile.before], ['After', profile.after]])),
    el('footer', null, 'Figures are medians with 95 % intervals: whiskers in the pictures, ± half their width in the tables. Times are measured on this machine; energies are as their badge says.'),
  ];
}

function layersSection(profile, energyTag) {
  const rows = profile.layers.map((layer, index) => ({
    index, layer, name: layer.nodes[0] ?? layer.name, time: layer.time_us, energy: layer.energy_uj, dynamic: layer.dynamic_energy_uj,
  }));
  const hasEnergy = rows.some(r => r.energy);
  const sum = of => rows.reduce((total, r) => total + (of(r)?.median ?? 0), 0);
  const most = of => Math.max(0, ...rows.map(r => of(r)?.high ?? 0));
  const time = { all: sum(r => r.time), largest: most(r => r.time) };
  const energy = { all: sum(r => r.energy), largest: most(r => r.energy) };
  const unit = (largest, small, large) => largest >= 10000 ? [large, 1e-3] : [small, 1];
  const [timeUnit, timeFactor] = unit(time.largest, 'µs', 'ms');
  const [energyUnit, energyFactor] = unit(energy.largest, 'µJ', 'mJ');
  const measured = () => badge('measured');

  const number = (figure, factor) => figure ? [digits(figure.median * factor), halfWidth(figure) !== null && el('span', { class: 'pm' }, ` ±${(halfWidth(figure) * 100).toFixed(halfWidth(figure) < 0.0095 ? 1 : 0)} %`)] : el('span', { class: 'unit' }, 'not alone');
  const title = (figure, format) => figure ? `${format(figure.median)}, 95 % interval ${range(figure, format)}${figure.samples ? `, ${figure.samples} samples` : ''}` : '';
  const withTitle = (figure, format, content) => el('span', { title: title(figure, format) }, content);

  const columns = [
    { title: '#', number: true, minor: true, value: r => -r.index, cell: r => String(r.index + 1) },
    {
      title: 'Layer', first: true, value: r => r.name, cell: r => [
        plain(r.name),
        r.layer.nodes.length > 1 && el('span', { class: 'with' }, `with ${r.layer.nodes.slice(1, 4).map(plain).join(', ')}${r.layer.nodes.length > 4 ? ` and ${r.layer.nodes.length - 4} more` : ''}`),
      ],
    },
    { title: 'Operator', minor: true, value: r => r.layer.op, cell: r => plain(r.layer.op) },
    {
      title: 'Time', unit: timeUnit, tag: measured, number: true, value: r => r.time?.median,
      cell: r => withTitle(times(r.time, 1e-6), asTime, number(r.time, timeFactor)),
    },
    { title: '', hidden: 'bar of the time', chart: true, minor: hasEnergy, cell: r => bar(r.time, time.largest, 'time') },
    ...(hasEnergy ? [
      {
        title: 'Energy', unit: energyUnit, tag: energyTag, number: true, value: r => r.energy?.median,
        cell: r => withTitle(times(r.energy, 1e-6), asEnergy, r.energy ? number(r.energy, energyFactor) : ''),
      },
      { title: '', hidden: 'bar of the energy', chart: true, cell: r => bar(r.energy, energy.largest, 'energy', r.dynamic) },
      {
        title: 'Above idle', unit: energyUnit, tag: energyTag, number: true, minor: true, value: r => r.dynamic?.median,
        cell: r => withTitle(times(r.dynamic, 1e-6), asEnergy, r.dynamic ? number(r.dynamic, energyFactor) : ''),
      },
      { title: 'Of energy', unit: '%', number: true, minor: true, value: r => r.energy?.median, cell: r => r.energy ? (r.energy.median / energy.all * 100).toFixed(1) : '' },
    ] : [
      { title: 'Of time', unit: '%', number: true, minor: true, value: r => r.time?.median, cell: r => r.time ? (r.time.median / time.all * 100).toFixed(1) : '' },
    ]),
    { title: 'MACs', number: true, minor: true, value: r => r.layer.macs, cell: r => asCount(r.layer.macs) },
    { title: 'Moved', number: true, minor: true, value: r => r.layer.bytes_moved, cell: r => asBytes(r.layer.bytes_moved) },
  ];
  const totals = columns.map((c, i) => {
    const value = c.first ? 'Sum of the layers' : c.title === 'Time' ? digits(time.all * timeFactor) : c.title === 'Energy' ? digits(energy.all * energyFactor) : '';
    return el(c.first ? 'th' : 'td', { scope: c.first && 'row', class: [c.number && 'number', c.minor && 'minor'].filter(Boolean).join(' ') }, value);
  });
  return section('Layers',
    `As the runtime executes them, after its own fusion.${hasEnergy ? ' In the bar of an energy the lower, lighter stripe is the part above idle.' : ''}`,
    dataTable({
      caption: `What each layer costs: time${hasEnergy ? ' and energy' : ''} of one execution`,
      columns, rows, sortBy: columns.findIndex(c => c.title === (hasEnergy ? 'Energy' : 'Time')), searchLabel: 'Search layers and operators',
      text: r => [r.layer.name, r.layer.op, ...r.layer.nodes].join(' '),
      foot: el('tr', null, totals),
    }));
}

function measurementSection(measurement, energyTag) {
  const discarded = Object.entries(measurement.discarded).sort((a, b) => b[1] - a[1]);
  const thrown = discarded.reduce((sum, [, count]) => sum + count, 0);
  const precision = measurement.precision_pct;
  const later = measurement.precision_in_four_times_pct;
  return section('How the energy was measured', null, el('p', null, energyTag()), facts([
    ['Plan', plain(measurement.plan)],
    ['Took', asTime(measurement.seconds)],
    ['Windows', `${measurement.windows} used, ${thrown === 0 ? 'none' : thrown} discarded`],
    ...discarded.map(([reason, count]) => [`discarded ${count} ×`, plain(reason)]),
    ['Precision', precision !== undefined && `±${digits(precision)} %, median of the layers with at least 1 % of the energy`],
    ['What more time buys', later !== undefined && `±${digits(later)} % in four times the time`],
    ['Condition of the fit', measurement.condition !== undefined && digits(measurement.condition)],
    ['Beside the layers', measurement.overhead_uj && `${asEnergy(measurement.overhead_uj.median * 1e-6)} of a run above idle (${range(times(measurement.overhead_uj, 1e-6), asEnergy)})`],
  ]));
}

function closureSection(profile, energyTag) {
  const closure = profile.closure;
  const measurement = profile.measurement;
  const line = (name, figure, tag, kind) => figure && el('div', null,
    el('p', null, el('strong', null, name), ' ', tag, ` ${signed(figure.median, 1)} % (${signed(figure.low, 1)} to ${signed(figure.high, 1)})`), residualBar(figure, kind));
  return section('Closure',
    'Sum of the layers and the runtime’s own overhead against the network measured on its own. The difference is shown and never spread over the layers; beyond 3 % is a warning, beyond 10 % an error.',
    facts([
      ['Layers', closure.layer_sum_ms && `${asTime(closure.layer_sum_ms.median * 1e-3)} (${range(times(closure.layer_sum_ms, 1e-3), asTime)}), measured`],
      ['Overhead of a run', closure.overhead_us && `${asTime(closure.overhead_us.median * 1e-6)} (${range(times(closure.overhead_us, 1e-6), asTime)}), measured`],
      ['Network', `${asTime(profile.network.latency_ms.median * 1e-3)}, measured`],
    ]),
    line('Time', closure.time_residual_pct, badge('measured'), 'time'),
    line('Energy', closure.energy_residual_pct, energyTag(), 'energy'),
    measurement && line('Energy above idle', measurement.dynamic_residual_pct, energyTag(), 'energy'));
}
