// The page as a whole: asked for once, and again every few seconds where it can change.

const every = 5000;

const replaced = (place, parts) => place.replaceChildren(...[parts].flat(Infinity).filter(Boolean));

/** Writes a place anew only when what it shows has changed: the keyboard's place and open details stay. */
function keeper(place) {
  let before = null;
  return (data, draw) => {
    const text = JSON.stringify(data);
    if (text !== before) {
      before = text;
      const open = [...place.querySelectorAll('details')].map(d => d.open);
      replaced(place, draw());
      [...place.querySelectorAll('details')].slice(-open.length || place.childElementCount).forEach((d, i) => { d.open = open[i] ?? false; });
    }
  };
}

// The commit that it was built from, as short as people write it.
const shortVersion = version => version.replace(/\+([0-9a-f]{7})[0-9a-f]{33}$/, '+$1');

function headerOf(device, health) {
  const d = device.value;
  const good = health.value?.status === 'ok';
  const lamp = health.value ? (good ? 'all is well' : plain(health.value.status)) : 'does not answer';
  return el('header', null,
    el('div', null,
      el('p', { class: 'kind' }, 'edgeprune agent'),
      el('h1', null, d ? plain(d.name) : location.host),
      el('p', { class: 'sub' }, d ? [d.device, d.deviceClass === d.device ? null : d.deviceClass, `${d.processors} × ${d.architecture}`, asBytes(d.memoryBytes), d.operatingSystem, `agent ${shortVersion(d.version)}`].filter(Boolean).map(plain).join(', ') : `Description of the device: ${device.missing}.`)),
    el('div', { class: `lamp ${good ? 'good' : 'bad'}`, role: 'status' }, lamp));
}

const places = Object.fromEntries(['top', 'models', 'deployments', 'layers'].map(name => [name, el('div')]));
const keep = Object.fromEntries(Object.entries(places).map(([name, place]) => [name, keeper(place)]));

async function refresh() {
  const [health, device, models, stats, deployments] = await Promise.all([
    ask('health'), ask('v1/device'), ask('v1/model'), ask('v1/inference/stats'), ask('v1/deployments'),
  ]);
  const profile = await newestProfile(models.value?.current);
  document.title = `${device.value ? plain(device.value.name) : location.host}: EdgePrune agent`;
  keep.top([health, device], () => [headerOf(device, health), notices((health.value?.reasons ?? []).map(r => [r, 'bad']))]);
  keep.models([models, stats], () => modelsSection(models, stats));
  keep.deployments(deployments, () => deploymentsSection(deployments));
  keep.layers(profile, () => profileSections(profile));
}

async function run() {
  for (;;) {
    if (!document.hidden) {
      await refresh();
    }
    await new Promise(done => setTimeout(done, every));
  }
}

replaced(document.getElementById('page'), [
  places.top, powerSection(), places.models, places.deployments, places.layers,
  el('footer', null, 'This page loads nothing from anywhere but this agent. Every figure says by its badge where it comes from.'),
]);
run();
