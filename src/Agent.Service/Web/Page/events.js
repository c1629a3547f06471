// Asking the agent. What cannot be had is told in words, never guessed.

const reasons = { 401: 'your certificate does not count here', 404: 'not available on this device', 503: 'not available at the moment' };

/** {value} or {missing: words}. */
async function ask(path) {
  try {
    const response = await fetch(path, { cache: 'no-store', headers: { accept: 'application/json' } });
    if (response.ok) {
      return { value: await response.json() };
    }
    const answer = await response.json().catch(() => null);
    // A degraded service says how it is with status 503.
    return response.status === 503 && answer?.status ? { value: answer } : { missing: words(response.status, answer), status: response.status };
  } catch {
    return { missing: 'the agent does not answer', status: 0 };
  }
}

const words = (status, answer) => reasons[status] ?? (answer?.message ? plain(answer.message) : `the agent answers with ${status}`);

const none = text => el('p', { class: 'none' }, text);

/** Server-sent events as long as the page is looked at; begins anew when the connection breaks. */
function listen(path, { event, state }) {
  let controller = null;
  let wanted = true;
  async function follow() {
    for (let pause = 1000; wanted && !document.hidden; pause = Math.min(pause * 2, 30000)) {
      controller = new AbortController();
      try {
        const response = await fetch(path, { cache: 'no-store', signal: controller.signal, headers: { accept: 'text/event-stream' } });
        if (!response.ok) {
          state(words(response.status, await response.json().catch(() => null)));
          if (response.status !== 503) {
            return;
          }
        } else {
          state(null);
          for await (const data of messages(response.body)) {
            pause = 1000;
            event(JSON.parse(data));
          }
        }
      } catch {
        if (!wanted || document.hidden) {
          return;
        }
        state('the agent does not answer');
      }
      await new Promise(done => setTimeout(done, pause));
    }
  }
  // Sampling costs the device energy: nobody looks, nobody asks.
  document.addEventListener('visibilitychange', () => document.hidden ? controller?.abort() : wanted && follow());
  follow();
  return {
    get wanted() { return wanted; },
    toggle() {
      wanted = !wanted;
      if (wanted) {
        follow();
      } else {
        controller?.abort();
      }
    },
  };
}

async function* messages(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  let data = [];
  for (;;) {
    const { value, done } = await reader.read();
    if (done) {
      return;
    }
    const lines = (rest + value).split(/\r\n|\n|\r/);
    rest = lines.pop();
    for (const line of lines) {
      if (line === '' && data.length > 0) {
        yield data.join('\n');
        data = [];
      } else if (line.startsWith('data:')) {
        data.push(line.slice(5).trimStart());
      }
    }
  }
}
