(() => {
  'use strict';
  // How the fields of a form are typed, and how this page is pointed at and touched: times and summaries, as one line in a hidden field. Neither
  // keys nor events are kept. What was not typed key by key (autofill, paste, dictation, corrections) is not measured at all.
  const output = document.querySelector('input[data-behaviour]');
  if (!output) return;
  const MOST_KEYS = 48;
  const PAUSE = 100;
  const LONGEST = 60_000;
  const list = (letter, values, steps = 1) => letter + values.map((value) => Math.round(value * steps) / steps).join(',');
  const keep = (values, value, most) => {
    values.push(value);
    if (values.length > most) values.shift();
  };
  const quantiles = (values, count) => {
    const sorted = [...values].sort((a, b) => a - b);
    return Array.from({ length: count }, (_, place) => sorted[Math.floor(((place + 0.5) / count) * sorted.length)] ?? 0);
  };

  const rhythm = (field) => {
    let presses, holds, down, isTyped;
    const restart = () => {
      [presses, holds, down, isTyped] = [[], [], new Map(), true];
    };
    restart();
    field.addEventListener('keydown', (event) => {
      if (event.repeat || ['Shift', 'CapsLock', 'AltGraph', 'Tab', 'Enter'].includes(event.key)) return;
      if (!field.value) restart();
      const isCommand = event.metaKey || (event.ctrlKey && !event.getModifierState('AltGraph'));
      if (isCommand || event.isComposing || event.key.length !== 1) {
        isTyped = false;
        return;
      }
      // Which key it is, is known until it is released.
      down.set(event.code, presses.length);
      presses.push(event.timeStamp);
    });
    field.addEventListener('keyup', (event) => {
      const place = down.get(event.code);
      if (place !== undefined) holds[place] = event.timeStamp - presses[place];
      down.delete(event.code);
      write();
    });
    field.addEventListener('input', (event) => {
      if (event.inputType !== 'insertText' || event.data?.length !== 1) isTyped = false;
    });
    const line = () => {
      const isWhole = isTyped && presses.length > 1 && presses.length === field.value.length;
      if (!isWhole || presses.some((_, place) => holds[place] === undefined)) return '';
      const times = presses.slice(0, MOST_KEYS);
      const between = times.slice(1).map((press, place) => press - times[place]);
      return `${field.name} ${list('h', holds.slice(0, MOST_KEYS))} ${list('p', between)}`;
    };
    return { restart, line };
  };

  let speeds, curves, pauses, last, sizes, cadence, touched;
  const rest = () => {
    [speeds, curves, pauses, last] = [[], [], [], null];
    [sizes, cadence, touched] = [[], [], null];
  };
  rest();
  const move = ({ timeStamp: at, clientX: x, clientY: y }) => {
    const before = last;
    last = { at, x, y };
    if (!before) return;
    const [time, length] = [at - before.at, Math.hypot(x - before.x, y - before.y)];
    if (time > PAUSE) {
      if (time < LONGEST) keep(pauses, time, 64);
    } else if (time > 0 && length > 0) {
      last.angle = Math.atan2(y - before.y, x - before.x);
      keep(speeds, Math.min(length / time, 1000), 256);
      if (before.angle === undefined) return;
      const turn = last.angle - before.angle;
      keep(curves, Math.min(Math.abs(Math.atan2(Math.sin(turn), Math.cos(turn))) / length, 100), 256);
    }
  };
  addEventListener('pointermove', (event) => {
    if (event.pointerType !== 'mouse') return;
    move(event);
    if (speeds.length % 16 === 0) write();
  }, { passive: true });
  addEventListener('pointerdown', ({ pointerType, width, height, timeStamp }) => {
    if (pointerType !== 'touch') return;
    // The mean radius, in hundreds of pixels.
    keep(sizes, (width + height) / 400, 32);
    if (touched !== null && timeStamp - touched < LONGEST) keep(cadence, timeStamp - touched, 32);
    touched = timeStamp;
    write();
  }, { capture: true, passive: true });
  const pointer = () =>
    speeds.length < 24 || curves.length < 24
      ? ''
      : `pointer ${list('s', quantiles(speeds, 5), 1000)} ${list('c', quantiles(curves, 5), 1000)} ${list('r', quantiles(pauses, 3))}`;
  const touch = () =>
    sizes.length < 4 || cadence.length < 3
      ? ''
      : `touch ${list('z', quantiles(sizes, 3), 1000)} ${list('t', quantiles(cadence, 2))}`;

  const fields = [...(output.form?.elements ?? [])].filter(({ name }) => name === 'email' || name === 'code').map(rhythm);
  const write = () => {
    output.value = [...fields.map(({ line }) => line()), pointer(), touch()].filter(Boolean).join(';');
  };
  // What was sent once is not sent again: a copy would look like one.
  const forget = () => {
    rest();
    fields.forEach(({ restart }) => restart());
    output.value = '';
  };
  forget();
  addEventListener('pageshow', ({ persisted }) => persisted && forget());
  addEventListener('click', write, true);
  addEventListener('submit', write, true);
})();
