// Reads vitest's JSON results: names every skipped test and fails, for a CI machine lacks nothing. Prints the count.
import { readFileSync } from 'node:fs'

const { testResults, numPassedTests, numFailedTests } = JSON.parse(readFileSync(process.argv[2], 'utf8'))
const skipped = testResults
  .flatMap(({ assertionResults }) => assertionResults)
  .filter(({ status }) => status !== 'passed' && status !== 'failed')
for (const { fullName } of skipped) console.error(`skipped: ${fullName}`)
console.log(`${numPassedTests} passed, ${numFailedTests + skipped.length} failed`)
process.exit(skipped.length > 0 || numFailedTests > 0 ? 1 : 0)
