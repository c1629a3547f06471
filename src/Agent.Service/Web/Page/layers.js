// The per-layer profile of the model in service: the newest profile that a job has measured.

async function newestProfile() {
  const jobs = await ask('v1/jobs');
  if (jobs.missing) {
    return jobs;
  }
  const list = (Array.isArray(jobs.value) ? jobs.value : jobs.value.jobs ?? []).filter(j => j.kind === 'profile' && j.state === 'done');
  const newest = list.sort((a, b) => String(b.ended ?? b.created).localeCompare(String(a.ended ?? a.created)))[0];
  if (!newest) {
    return { missing: 'no profile has been measured yet; a job of the kind profile makes one' };
  }
  const result = await ask(`v1/jobs/${encodeURIComponent(newest.id)}/result`);
  return result.missing ? result : { value: result.value, job: newest };
}

function profileSections(profile) {
  if (profile.missing) {
    return [section('Layers', null, none(profile.missing))];
  }
  const p = profile.value;
  const tag = () => badge(p.provenance, p.provenance_source);
  const network = p.network;
  const latency = times(network.latency_ms, 1e-3);
  const energy = times(network.energy_mj, 1e-3);
  return [
    section('Newest profile', `${plain(p.model)} on ${plain(p.device)}, ${when(profile.job.ended ?? profile.job.created)}`, el('div', { class: 'cards' },
      card('Latency of a run', asTime(latency.median), badge('measured'), range(latency, asTime)),
      card('Energy of a run', energy ? asEnergy(energy.median) : 'not known', tag(), energy && range(energy, asEnergy)),
      card('Parameters', asCount(network.params), null, `${asBytes(network.bytes)} of initializers`),
      card('Multiply-accumulates', asCount(network.macs), null, 'of a run'))),
    layersSection(p, tag),
  ];
}
