// The model in service and the one before it.

const short = digest => {
  const text = plain(digest);
  return el('span', { class: 'digest', title: text }, text.length > 26 ? `${text.slice(0, 20)}…` : text);
};

const unknown = () => el('span', { class: 'unit' }, 'not known');

function latencyOf(stats) {
  const latency = stats?.latency;
  return latency && [asTime(latency.p50), el('div', { class: 'unit' }, `median, p90 ${asTime(latency.p90)}, p99 ${asTime(latency.p99)}, of ${latency.count}`)];
}

function energyOf(stats) {
  const energy = stats?.energyPerInference;
  return energy && [asEnergy(energy.joules), ' ', badge(energy.provenance)];
}

function accuracyOf(stats) {
  const canaries = stats?.canaries;
  const share = canaries?.accuracy;
  return canaries && [
    typeof share === 'number' && asPercent(share * 100),
    el('div', { class: typeof share === 'number' && 'unit' }, `${canaries.passed} of ${canaries.run} canary inputs as expected`),
  ];
}

function requestsOf(stats) {
  return stats && [
    `${stats.requests} ${stats.requests === 1 ? 'request' : 'requests'}`,
    stats.failures > 0 && el('div', { class: 'unit' }, `${stats.failures} failed`),
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
    ['Answered', ([, digest, s]) => requestsOf(s) ?? (digest && unknown())],
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
