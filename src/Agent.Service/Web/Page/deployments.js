// What has been deployed, and why it stayed or went.

const kinds = { committed: 'good', refused: 'bad', 'rolled-back': 'bad', rolledBack: 'bad', 'rolled back': 'bad' };
const when = time => {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? plain(time) : date.toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
};

const stateTag = state => el('span', { class: `state ${kinds[state] ?? 'wait'}` }, plain(state));

function ratioWords(name, ratio) {
  return ratio && `${name} ${digits(ratio.median)} × the one before (${digits(ratio.low)} to ${digits(ratio.high)})`;
}

function reasonOf(d) {
  const reason = [...d.steps].reverse().find(s => s.reason)?.reason;
  const v = d.verdict;
  const lines = [
    ...(v?.reasons?.length ? v.reasons : reason ? [reason] : []).map(plain),
    ratioWords('latency', v?.latencyRatio),
    ratioWords('energy', v?.energyRatio),
    v?.answers && `${v.answers.agreed} of ${v.answers.compared} answers agreed`,
    v?.canaries && `${v.canaries.passed} of ${v.canaries.run} canary inputs as expected`,
    d.probation && `on probation: ${d.probation.compared} of ${d.probation.needed} comparisons, until ${when(d.probation.deadline)}`,
  ].filter(Boolean);
  return lines.map(l => el('div', null, l));
}

function deploymentsSection(deployments) {
  const title = 'Deployments';
  if (deployments.missing) {
    return section(title, null, none(deployments.missing));
  }
  const rows = [...deployments.value].reverse();
  if (rows.length === 0) {
    return section(title, null, none('nothing has been deployed yet'));
  }
  return section(title, 'Newest first.', el('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': title }, el('table', { class: 'deployments' },
    el('thead', null, el('tr', null, ['When', 'State', 'Model', 'What and why'].map(name => el('th', { scope: 'col' }, name)))),
    el('tbody', null, rows.map(d => el('tr', null,
      el('td', null, when(d.steps[0]?.time)),
      el('td', null, stateTag(d.state)),
      el('td', null, short(d.digest)),
      el('td', null,
        d.note && el('div', null, plain(d.note)),
        reasonOf(d),
        el('details', null, el('summary', null, 'Steps'), el('ol', null, d.steps.map(s => el('li', null, `${plain(s.state)}, ${when(s.time)}`)))))))))));
}
