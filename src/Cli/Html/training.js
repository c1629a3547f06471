// The page of a training: curves over its epochs.

/** Lines over epochs. series: { name, kind, at(epoch) }; the best epoch gets a line of its own. */
function epochCurves(epochs, best, series, axis, describe) {
  const present = series.filter(s => epochs.some(e => Number.isFinite(s.at(e))));
  const values = present.flatMap(s => epochs.map(s.at)).filter(Number.isFinite);
  const low = axis.low ?? Math.min(...values);
  const high = axis.high ?? Math.max(...values);
  const span = high - low || Math.abs(high) || 1;
  return [
    present.length > 1 && el('ul', { class: 'legend' }, present.map(s =>
      el('li', null, svg('svg', { viewBox: '0 0 22 10', 'aria-hidden': 'true' }, svg('path', { class: `curve ${s.kind}`, d: 'M0 5H22' })), s.name))),
    fluid(describe, width => {
      const height = 240;
      const last = epochs[epochs.length - 1].epoch;
      const { axes, atX, atY, inside } = frame(width, height,
        { low: last > 1 ? 1 : 0, high: last, label: v => String(v), name: 'epoch', whole: true },
        { low: axis.low ?? low - span * 0.04, high: axis.high ?? high + span * 0.04, label: axis.label }, 58);
      return svg('svg', { viewBox: `0 0 ${width} ${height}`, width, height, 'aria-hidden': 'true' },
        axes,
        best && svg('path', { class: 'idle', d: `M${atX(best.epoch)} ${inside.top}V${inside.bottom}` }),
        present.map(s => {
          const points = epochs.map(e => [atX(e.epoch), s.at(e)]).filter(([, v]) => Number.isFinite(v)).map(([x, v]) => [x.toFixed(1), atY(v).toFixed(1)]);
          return [
            svg('path', { class: `curve ${s.kind}`, d: points.map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${x} ${y}`).join('') }),
            points.length <= 40 && points.map(([x, y]) => svg('circle', { class: `mark ${s.kind}`, cx: x, cy: y, r: 2.6 })),
          ];
        }));
    }),
  ];
}

function trainingPage({ training }) {
  const { epochs, best } = training;
  const judged = training.validation_samples > 0;
  const last = epochs[epochs.length - 1];
  const share = value => value === undefined ? '' : `${(value * 100).toFixed(2)} %`;
  const rate = value => value === 0 ? '0' : value >= 0.0001 ? digits(value) : value.toExponential(1);
  // The interesting part of an accuracy is near its top.
  const accuracies = epochs.flatMap(e => [e.accuracy, e.validation_accuracy]).filter(Number.isFinite);
  const floor = Math.max(0, Math.floor((Math.min(...accuracies) - 0.02) * 20) / 20);
  const columns = [
    { title: 'Epoch', number: true, first: false, value: e => -e.epoch, cell: e => [e.epoch === best.epoch && el('span', { class: 'unit', title: 'its weights were kept' }, '★ '), String(e.epoch)] },
    { title: 'Learning rate', number: true, minor: true, value: e => e.learning_rate, cell: e => rate(e.learning_rate) },
    { title: 'Loss', number: true, value: e => e.loss, cell: e => digits(e.loss) },
    { title: 'Accuracy', number: true, value: e => e.accuracy, cell: e => share(e.accuracy) },
    ...(judged ? [
      { title: 'Validation loss', number: true, minor: true, value: e => e.validation_loss, cell: e => digits(e.validation_loss) },
      { title: 'Validation', number: true, value: e => e.validation_accuracy, cell: e => share(e.validation_accuracy) },
    ] : []),
    { title: 'Time', unit: 's', number: true, minor: true, value: e => e.seconds, cell: e => digits(e.seconds) },
  ];
  return [
    header(training.command, training.model, `${asCount(training.params)} parameters on ${training.samples} samples of `, plain(training.data)),
    el('div', { class: 'cards' },
      judged && card('Validation', share(best.validation_accuracy), null, `epoch ${best.epoch}, whose weights were kept`, `${training.validation_samples} samples held back`),
      card('Training', share(judged ? best.accuracy : last.accuracy), null, `epoch ${judged ? best.epoch : last.epoch}`, 'before each step’s update, samples as augmented'),
      card('Epochs', String(epochs.length), null, training.stopped_early ? 'stopped early' : 'as planned', `${training.steps} steps`),
      card('Throughput', asCount(training.samples_per_second), null, 'samples a second', `${asTime(training.seconds)} in steps`)),
    section('Accuracy', judged ? 'The dashed line is the epoch whose weights were kept.' : null, epochCurves(epochs, best, [
      { name: 'training', kind: 'first', at: e => e.accuracy },
      { name: 'validation', kind: 'second', at: e => e.validation_accuracy },
    ], { low: floor, high: 1, label: v => `${(v * 100).toFixed(0)} %` },
    `Accuracy over ${epochs.length} epochs: training ${share(epochs[0].accuracy)} to ${share(last.accuracy)}${judged ? `, validation ${share(epochs[0].validation_accuracy)} to ${share(last.validation_accuracy)}, best ${share(best.validation_accuracy)} in epoch ${best.epoch}` : ''}.`)),
    section('Loss', 'That of training holds label smoothing, regularisers and the teacher’s part; that of validation is cross-entropy alone.', epochCurves(epochs, best, [
      { name: 'training', kind: 'first', at: e => e.loss },
      { name: 'validation', kind: 'second', at: e => e.validation_loss },
    ], { low: 0, label: v => String(v) }, `Loss over ${epochs.length} epochs: training ${digits(epochs[0].loss)} to ${digits(last.loss)}${judged ? `, validation ${digits(epochs[0].validation_loss)} to ${digits(last.validation_loss)}` : ''}.`)),
    section('Learning rate', 'Of the last step of each epoch.', epochCurves(epochs, null, [
      { name: 'learning rate', kind: 'first', at: e => e.learning_rate },
    ], { low: 0, label: v => String(v) }, `Learning rate over ${epochs.length} epochs: ${rate(epochs[0].learning_rate)} to ${rate(last.learning_rate)}.`)),
    section('Epochs', null, dataTable({
      caption: 'Each epoch of the training', columns, rows: epochs, sortBy: 0, searchLabel: 'Search epochs', things: 'epochs', text: e => String(e.epoch),
    })),
    section('How it was trained', null, facts([...Object.entries(training.options).map(([name, value]) => [plain(name), plain(value)]), ['written to', plain(training.output)]])),
  ];
}
