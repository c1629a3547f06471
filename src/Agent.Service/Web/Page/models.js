// The model in service and the one before it.

const short = digest => {
  const text = plain(digest);
  return el('span', { class: 'digest', title: text }, text.length > 26 ? `${text.slice(0, 20)}…` : text);
};

const unknown = () => el('span', { class: 'unit' }, 'not known');

/** The first of several names that a figure has. */
const first = (...values) => values.find(v => v !== undefined && v !== null);

function latencyOf(stats) {
  const latency = stats?.latency ?? stats?.latencySeconds ?? stats?.latencyMs;
  const factor = stats?.latencyMs ? 1e-3 : 1;
  const median = first(latency?.p50, latency?.median);
  if (median === undefined) {
    return null;
  }
  const tail = [['p95', latency.p95], ['p99', latency.p99]].filter(([, v]) => typeof v === 'number').map(([name, v]) => `${name} ${asTime(v * factor)}`);
  return [asTime(median * factor), el('div', { class: 'unit' }, ['median', ...tail].join(', '))];
}

function energyOf(stats) {
  const energy = first(stats?.energy, stats?.energyPerInference);
  const joules = first(energy?.median, energy?.joules, typeof energy === 'number' ? energy : undefined, stats?.energyJoules);
  if (typeof joules !== 'number') {
    return null;
  }
  const interval = typeof energy?.low === 'number' && el('div', { class: 'unit' }, `${asEnergy(energy.low)} to ${asEnergy(energy.high)}`);
  return [asEnergy(joules), ' ', energy?.provenance && badge(energy.provenance), interval];
}

function accuracyOf(stats) {
  const share = first(stats?.accuracy?.value, typeof stats?.accuracy === 'number' ? stats.accuracy : undefined);
  const canaries = stats?.canaries;
  return typeof share !== 'number' && !canaries ? null : [
    typeof share === 'number' && asPercent(share * 100),
    canaries && el('div', { class: typeof share === 'number' && 'unit' }, `${canaries.passed} of ${canaries.run} canary inputs as expected`),
  ];
}

function modelsSection(models, stats) {
  const title = 'Models';
  if (models.missing) {
    return section(title, null, none(models.missing));
  }
  const digests = [['In service', models.value.current, stats.value?.current], ['Before it', models.value.previous, stats.value?.previous]];
  const rows = [
    ['Model', ([, digest]) => digest ? short(digest) : el('span', { class: 'unit' }, 'none')],
    ['Answered', ([, digest, s]) => typeof s?.requests === 'number' ? `${digits(s.requests)} ${s.requests === 1 ? 'request' : 'requests'}` : digest && unknown()],
    ['Latency', ([, digest, s]) => latencyOf(s) ?? (digest && unknown())],
    ['Energy of an inference', ([, digest, s]) => energyOf(s) ?? (digest && unknown())],
    ['Accuracy', ([, digest, s]) => accuracyOf(s) ?? (digest && unknown())],
  ];
  return section(title, null,
    el('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Models' }, el('table', { class: 'plain models' },
      el('thead', null, el('tr', null, el('th', { scope: 'col' }, el('span', { class: 'hidden' }, 'Figure')), digests.map(([name]) => el('th', { scope: 'col' }, name)))),
      el('tbody', null, rows.map(([name, cell]) => el('tr', null, el('th', { scope: 'row' }, name), digests.map(d => el('td', null, cell(d)))))))),
    stats.missing && el('p', { class: 'note' }, `Figures of inference: ${stats.missing}.`));
}
