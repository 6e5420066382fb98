// The framebuffer's region: one frame record, written by the guest inside an odd sequence word, and two words by which
// the host says what it needs no more. The pixels themselves stay in the guest's graphics buffers.
import { array, atomicU32, nested, pad, struct, u32 } from '@vsoc/struct';
import { defineRegion } from '@vsoc/vsoc/layout';

/** RGBA_8888, numbered as Android does: the one format that is shown. */
export const shownFormat = 1;

/** More rectangles than this are given as one whole picture. */
export const damageLimit = 16;

export const damageRect = struct('framebuffer_rect', 'Pixels that changed since the frame before.', {
  x: u32({ unit: 'px', doc: 'left edge' }),
  y: u32({ unit: 'px', doc: 'top edge' }),
  width: u32({ unit: 'px', doc: 'to the right' }),
  height: u32({ unit: 'px', doc: 'downwards' }),
});

export const frameRecord = struct('framebuffer_frame', 'What the guest presented last.', {
  serial: u32({ doc: 'counts presented frames, wraps; the first is 1' }),
  epoch: u32({ doc: 'of the buffer: life of the guest' }),
  entry: u32({ doc: 'of the buffer: place in the gralloc table' }),
  generation: u32({ doc: 'of the buffer' }),
  ageUs: u32({
    unit: 'µs',
    doc: 'from the first pixel drawn to the record written: a duration, the clocks differ',
  }),
  damageCount: u32({ doc: 'rectangles that count; 0: nothing changed; above the limit: everything' }),
  damage: array(damageRect, damageLimit, { doc: 'since the frame with the serial before' }),
});

export const framebuffer = defineRegion({
  name: 'framebuffer',
  version: { current: 1, minCompatible: 1 },
  doc: 'Frames that the guest presents.',
  data: struct('framebuffer_data', 'One display.', {
    sequence: atomicU32({
      signalledBy: 'guest',
      doc: 'even: the record can be read; odd: it is being written',
    }),
    frame: nested(frameRecord, { doc: 'guarded by the sequence word' }),
    guestLine: pad(100),
    released: atomicU32({
      signalledBy: 'host',
      doc: 'serial up to which the host half has read what it wants',
    }),
    hostGeneration: atomicU32({
      signalledBy: 'host',
      doc: 'raised by each host half that attaches; 0: none ever did',
    }),
  }),
});
