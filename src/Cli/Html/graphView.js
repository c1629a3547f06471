// What part of a graph is seen, and how large: by mouse, by touch, with the keyboard.

const smallestScale = 0.05;
const largestScale = 3;
const readableScale = 0.42;

/** Moves and scales the scene. */
function viewOf(picture, scene, graph) {
  let [x, y, scale] = [0, 0, 1];
  let drag = null;
  let wasMoved = false;
  const size = () => [picture.clientWidth || 800, picture.clientHeight || 600];

  function apply() {
    scene.setAttribute('transform', `translate(${x.toFixed(2)} ${y.toFixed(2)}) scale(${scale.toFixed(4)})`);
    scene.classList.toggle('far', scale < readableScale);
  }

  function zoomAt(factor, cx, cy) {
    const next = Math.min(largestScale, Math.max(smallestScale, scale * factor));
    x = cx - (cx - x) * next / scale;
    y = cy - (cy - y) * next / scale;
    scale = next;
    apply();
  }

  function centre(cx, cy) {
    const [w, h] = size();
    x = w / 2 - cx * scale;
    y = h / 2 - cy * scale;
    apply();
  }

  const pointers = new Map();
  picture.addEventListener('pointerdown', event => {
    pointers.set(event.pointerId, event);
    drag = { x: event.clientX - x, y: event.clientY - y, startX: event.clientX, startY: event.clientY };
    wasMoved = false;
  });
  picture.addEventListener('pointermove', event => {
    if (!pointers.has(event.pointerId) || drag === null) {
      return;
    }
    if (pointers.size === 2) {
      const [other] = [...pointers.values()].filter(p => p.pointerId !== event.pointerId);
      const before = pointers.get(event.pointerId);
      const distance = p => Math.hypot(p.clientX - other.clientX, p.clientY - other.clientY);
      const box = picture.getBoundingClientRect();
      zoomAt(distance(event) / Math.max(1, distance(before)), (event.clientX + other.clientX) / 2 - box.left, (event.clientY + other.clientY) / 2 - box.top);
      pointers.set(event.pointerId, event);
      wasMoved = true;
      return;
    }
    if (wasMoved || Math.hypot(event.clientX - drag.startX, event.clientY - drag.startY) > 4) {
      wasMoved = true;
      picture.classList.add('moving');
      picture.setPointerCapture(event.pointerId);
      x = event.clientX - drag.x;
      y = event.clientY - drag.y;
      apply();
    }
  });
  for (const end of ['pointerup', 'pointercancel']) {
    picture.addEventListener(end, event => {
      pointers.delete(event.pointerId);
      drag = null;
      picture.classList.remove('moving');
    });
  }
  picture.addEventListener('wheel', event => {
    event.preventDefault();
    const box = picture.getBoundingClientRect();
    if (event.ctrlKey || event.metaKey) {
      zoomAt(Math.exp(-event.deltaY * 0.002), event.clientX - box.left, event.clientY - box.top);
    } else {
      x -= event.shiftKey ? event.deltaY : event.deltaX;
      y -= event.shiftKey ? 0 : event.deltaY;
      apply();
    }
  }, { passive: false });

  const zoom = factor => zoomAt(factor, size()[0] / 2, size()[1] / 2);
  function fit() {
    const [w, h] = size();
    scale = Math.min(1, Math.max(smallestScale, Math.min(w / graph.width, h / graph.height)));
    centre(graph.width / 2, graph.height / 2);
  }
  return {
    zoom,
    fit,
    /** The beginning, as wide as fits and large enough to be read. */
    start() {
      const [w] = size();
      scale = Math.min(1, Math.max(0.6, w / graph.width));
      x = w / 2 - (graph.boxes[0]?.x ?? 0) * scale;
      if (graph.width * scale <= w) {
        x = (w - graph.width * scale) / 2;
      }
      y = 0;
      apply();
    },
    show(box) {
      scale = Math.max(scale, 0.6);
      centre(box.x, box.y + graph.box_height / 2);
    },
    /** Moves to the first of some boxes where none of them is in sight. */
    reach(some) {
      const [w, h] = size();
      const inSight = some.some(b => b.x * scale + x > 0 && b.x * scale + x < w && b.y * scale + y > 0 && b.y * scale + y < h);
      if (!inSight && some.length > 0) {
        centre(some[0].x, some[0].y);
      }
    },
    /** True where the press that just ended moved the scene and was no click. */
    moved: () => wasMoved,
    key(event) {
      const step = { ArrowUp: [0, 60], ArrowDown: [0, -60], ArrowLeft: [60, 0], ArrowRight: [-60, 0] }[event.key];
      if (step && event.shiftKey) {
        x += step[0];
        y += step[1];
        apply();
      } else if (event.key === '+' || event.key === '=') {
        zoom(1.3);
      } else if (event.key === '-') {
        zoom(1 / 1.3);
      } else if (event.key === '0') {
        fit();
      } else {
        return false;
      }
      return true;
    },
  };
}
