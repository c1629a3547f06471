// Pictures. Each has a text that says the same; bars stand beside their numbers and are hidden from screen readers.

const barWidth = 180;
const barHeight = 18;

/** A bar from zero with a whisker over its interval; an inner bar shows a part of it. */
function bar(figure, largest, kind, part) {
  const at = value => Math.max(0, Math.min(1, value / largest)) * (barWidth - 4);
  const middle = barHeight / 2;
  return svg('svg', { viewBox: `0 0 ${barWidth} ${barHeight}`, preserveAspectRatio: 'none', 'aria-hidden': 'true', focusable: 'false' },
    svg('rect', { class: 'track', x: 0, y: 3, width: barWidth - 4, height: barHeight - 6, rx: 2 }),
    figure && largest > 0 && [
      svg('rect', { class: kind, x: 0, y: 3, width: Math.max(1, at(figure.median)), height: barHeight - 6, rx: 2 }),
      part && svg('rect', { class: 'dynamic', x: 0, y: barHeight - 7, width: at(part.median), height: 4 }),
      svg('path', { class: 'whisker', d: `M${at(figure.low)} ${middle}H${at(figure.high)}M${at(figure.low)} ${middle - 4}v8M${at(figure.high)} ${middle - 4}v8` }),
    ]);
}

/** A signed figure in percent around zero, with its interval and lines at the limits that mean a warning and an error. */
function residualBar(figure, kind) {
  const reach = Math.max(12, 1.15 * Math.max(Math.abs(figure.low), Math.abs(figure.high)));
  const at = value => (value / reach + 1) * 300;
  const limits = [-10, -3, 0, 3, 10].filter(l => Math.abs(l) <= reach);
  return el('div', { class: 'plot small' }, svg('svg', { viewBox: '0 0 600 44', role: 'img', 'aria-label': `${signed(figure.median, 1)} percent, 95 percent interval ${signed(figure.low, 1)} to ${signed(figure.high, 1)}` },
    svg('rect', { class: 'track', x: at(-3), y: 2, width: at(3) - at(-3), height: 22 }),
    limits.map(l => [
      svg('path', { class: l === 0 ? 'zero' : 'axis', d: `M${at(l)} 0V26` }),
      svg('text', { x: at(l), y: 40, 'text-anchor': 'middle' }, `${l > 0 ? '+' : l < 0 ? '−' : ''}${Math.abs(l)} %`),
    ]),
    svg('path', { class: 'whisker', d: `M${at(figure.low)} 13H${at(figure.high)}M${at(figure.low)} 7v12M${at(figure.high)} 7v12` }),
    svg('circle', { class: kind, cx: at(figure.median), cy: 13, r: 5 })));
}

/** Steps of 1, 2 or 5 that divide a range into a few parts. */
function ticks(low, high, most) {
  const raw = (high - low) / most;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map(f => f * power).find(s => s >= raw) ?? power * 10;
  const list = [];
  for (let value = Math.ceil(low / step) * step; value <= high + step * 1e-9; value += step) {
    list.push(Number(value.toPrecision(12)));
  }
  return list;
}

/** Axes for a plot of the size given; what is drawn in it is in pixels. */
function frame(width, height, x, y, left) {
  const inside = { left, right: width - 12, top: 10, bottom: height - 34 };
  const atX = value => inside.left + (value - x.low) / (x.high - x.low || 1) * (inside.right - inside.left);
  const atY = value => inside.bottom - (value - y.low) / (y.high - y.low || 1) * (inside.bottom - inside.top);
  const axes = [
    ticks(y.low, y.high, Math.max(2, Math.floor(height / 55))).map(v => [
      svg('path', { class: 'axis', d: `M${inside.left} ${atY(v)}H${inside.right}` }),
      svg('text', { x: inside.left - 6, y: atY(v) + 4, 'text-anchor': 'end' }, y.label(v)),
    ]),
    ticks(x.low, x.high, Math.max(3, Math.floor(width / 70))).filter(v => x.whole !== true || Number.isInteger(v)).map(v => [
      svg('path', { class: 'axis', d: `M${atX(v)} ${inside.bottom}v5` }),
      svg('text', { x: atX(v), y: inside.bottom + 18, 'text-anchor': 'middle' }, x.label(v)),
    ]),
    svg('path', { class: 'zero', d: `M${inside.left} ${inside.bottom}H${inside.right}` }),
    svg('text', { x: inside.right, y: height - 4, 'text-anchor': 'end' }, x.name),
  ];
  return { axes, atX, atY, inside };
}

/** Draws anew when its place changes its width, so that letters keep their size. */
function fluid(describe, draw) {
  const place = el('div', { class: 'plot', role: 'img', 'aria-label': describe });
  let last = 0;
  new ResizeObserver(() => {
    const width = Math.round(place.clientWidth);
    if (width > 0 && width !== last) {
      last = width;
      place.replaceChildren(draw(width));
    }
  }).observe(place);
  return place;
}

/** Mean power of each window over the time of the measurement; the trace holds two points a window. */
function powerTrace(trace, idle) {
  const watts = trace.map(p => p[1]);
  const bounds = list => list.reduce(([a, b], v) => [Math.min(a, v), Math.max(b, v)], [Infinity, -Infinity]);
  const [lowest, highest] = bounds(watts);
  const last = trace[trace.length - 1][0];
  return fluid(
    `Mean power of ${trace.length / 2} windows over ${digits(last)} seconds: ${asPower(lowest)} to ${asPower(highest)}${idle ? `, at rest ${asPower(idle.median)}` : ''}.`,
    width => {
      const height = 260;
      const { axes, atX, atY, inside } = frame(width, height,
        { low: 0, high: last, label: v => String(v), name: 'seconds since the measurement began' },
        { low: 0, high: highest * 1.05, label: v => `${v} W` }, 56);
      const levels = [];
      const joints = [];
      for (let i = 0; i + 1 < trace.length; i += 2) {
        levels.push(`M${atX(trace[i][0]).toFixed(1)} ${atY(trace[i][1]).toFixed(1)}H${atX(trace[i + 1][0]).toFixed(1)}`);
        joints.push(`${i === 0 ? 'M' : 'L'}${atX(trace[i][0]).toFixed(1)} ${atY(trace[i][1]).toFixed(1)}H${atX(trace[i + 1][0]).toFixed(1)}`);
      }
      return svg('svg', { viewBox: `0 0 ${width} ${height}`, width, height, 'aria-hidden': 'true' },
        axes,
        idle && svg('rect', { class: 'band', x: inside.left, width: inside.right - inside.left, y: atY(idle.high), height: Math.max(1, atY(idle.low) - atY(idle.high)) }),
        svg('path', { class: 'joint', d: joints.join('') }),
        svg('path', { class: 'trace', d: levels.join('') }),
        idle && svg('path', { class: 'idle', d: `M${inside.left} ${atY(idle.median)}H${inside.right}` }));
    });
}

/** Time over one width: widths on the aligned path and the others are lines of their own. */
function staircase(curve, describe) {
  const { alignment, full } = curve.steps;
  const points = curve.widths.map((w, i) => [w, curve.times_us[i]]);
  const paths = alignment > 1
    ? [points.filter(([w]) => w % alignment !== 0), points.filter(([w]) => w % alignment === 0)]
    : [[], points];
  const highest = Math.max(...curve.times_us);
  const unit = highest >= 10000 ? ['ms', 1e-3] : highest < 0.1 ? ['ns', 1e3] : ['µs', 1];
  return fluid(describe, width => {
    const height = 170;
    const { axes, atX, atY } = frame(width, height,
      { low: 0, high: full, label: v => String(v), name: 'units', whole: true },
      { low: 0, high: highest * unit[1] * 1.08, label: v => `${v} ${unit[0]}` }, 62);
    // Up first, then along: widths between two points cost what the upper one costs.
    const line = list => list.map(([w, t], i) => {
      const y = atY(t * unit[1]).toFixed(1);
      return `${i === 0 ? `M${atX(Math.max(0, 2 * w - (list[1] ?? list[0])[0])).toFixed(1)} ${y}` : `V${y}`}H${atX(w).toFixed(1)}`;
    }).join('');
    return svg('svg', { viewBox: `0 0 ${width} ${height}`, width, height, 'aria-hidden': 'true' },
      axes,
      paths[0].length > 0 && svg('path', { class: 'stair other', d: line(paths[0]) }),
      svg('path', { class: 'stair', d: line(paths[1]) }));
  });
}

/** Ratios on a logarithmic scale around one, with their intervals. */
function ratioScale(ratios) {
  const far = ratios.flatMap(r => [r.value, r.low, r.high]).filter(v => v > 0 && Number.isFinite(v)).map(v => Math.abs(Math.log(v)));
  const reach = Math.min(Math.log(8), Math.max(Math.log(1.1), ...far) * 1.05);
  return value => (Math.max(-1, Math.min(1, Math.log(Math.max(value, 1e-9)) / reach)) + 1) * (barWidth - 10) / 2 + 5;
}

function ratioBar(ratio, difference, at) {
  const kind = difference === 'lower' || difference === 'higher' ? difference : 'neutral';
  const middle = barHeight / 2;
  return svg('svg', { viewBox: `0 0 ${barWidth} ${barHeight}`, 'aria-hidden': 'true', focusable: 'false' },
    svg('path', { class: 'zero', d: `M${at(1)} 0V${barHeight}` }),
    ratio && [
      svg('path', { class: 'whisker', d: `M${at(ratio.low)} ${middle}H${at(ratio.high ?? Infinity)}` }),
      svg('circle', { class: kind, cx: at(ratio.value), cy: middle, r: 4 }),
    ]);
}
