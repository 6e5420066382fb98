// Adds up what vitest's JSON reports say. Pure: a report is data, a missing one is undefined, and everything
// that would let a green line lie (skipped tests, unreadable files, silence) comes out as a problem.

/**
 * @param {{ name: string, report: object | undefined }[]} reports one per project that must have reported
 * @returns {{ passed: number, failed: number, problems: string[] }}
 */
export function addUp(reports) {
  const total = { passed: 0, failed: 0, problems: [] };
  for (const { name, report } of reports) {
    if (!report) {
      total.problems.push(`${name}: no report (its tests did not run to the end)`);
      continue;
    }
    const { numPassedTests, numFailedTests, numPendingTests, numTodoTests } = report;
    total.passed += numPassedTests;
    total.failed += numFailedTests;
    // A file that cannot be loaded has no tests to count: it counts as one failure, or "0 failed" would lie.
    const unloadable = report.testResults.filter(
      (f) => f.status === 'failed' && f.assertionResults.length === 0,
    );
    total.failed += unloadable.length;
    for (const file of unloadable) total.problems.push(`${name}: ${file.name} could not be loaded`);
    const skipped = numPendingTests + numTodoTests;
    if (skipped > 0) total.problems.push(`${name}: ${skipped} skipped`);
    if (!report.success && numFailedTests === 0 && unloadable.length === 0)
      total.problems.push(`${name}: not a success`);
  }
  if (total.passed + total.failed === 0) total.problems.push('no test ran');
  return total;
}
