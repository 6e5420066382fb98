// How the doctor's findings read, and what they come to.

/** What one cannot do without a job's checks. */
const jobs = {
  main: 'the demo and npm test',
  machine: 'the guest in a virtual machine (npm run demo -- --vm, npm run test:full)',
  page: 'the tests of the page in a browser',
};

/** One line, and a second one with what mends it. */
export function findingLine({ name, ok, seen, mend }) {
  const line = `${ok ? 'ok     ' : 'missing'} ${name.padEnd(16)} ${seen}`;
  return mend ? `${line}\n        ${''.padEnd(16)} → ${mend}` : line;
}

/** @returns {{ text: string, exitCode: number }} */
export function verdict(results) {
  const lacking = Object.keys(jobs).filter((job) =>
    results.some((result) => result.job === job && !result.ok),
  );
  const lines = Object.entries(jobs).map(
    ([job, what]) => `${lacking.includes(job) ? 'cannot run' : 'can run   '} ${what}`,
  );
  return { text: lines.join('\n'), exitCode: lacking.includes('main') ? 1 : 0 };
}
