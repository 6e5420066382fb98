// What is missing is named together with the line that installs it.

import { expect, it } from 'vitest';
import { checkRequirements, missingRequirements } from './requirements.js';

it('on an empty path everything is missing, and one line mends it', () => {
  expect(() => checkRequirements({ PATH: '' })).toThrow(
    /needs qemu-system-x86_64 \(the emulator\), setpriv .*apt-get install .*qemu-system-x86 util-linux xz-utils/,
  );
});

it('programs are found where the path says', () => {
  const missing = missingRequirements({ PATH: '/nowhere:/usr/bin:/bin' }).map(({ program }) => program);
  expect(missing).not.toContain('dpkg-deb');
});
