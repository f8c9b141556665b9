import { defineConfig } from '@playwright/test';

/**
 * `cargo xtask test browser` builds the binary, finds a Chromium and sets the two variables. By
 * hand: `LATCHKEY_BIN=../target/release/latchkey CHROMIUM=/usr/bin/chromium npx playwright test`.
 */
export default defineConfig({
  testDir: 'tests',
  outputDir: 'test-results',
  // One server serves the tests of a file, one after another; files run beside each other.
  fullyParallel: false,
  workers: 2,
  // A test that passes only now and then is a failing test.
  retries: 0,
  forbidOnly: !!process.env.CI,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  reporter: [['list'], ['json', { outputFile: 'test-results/report.json' }]],
  use: {
    browserName: 'chromium',
    // People read English dates here, whatever machine runs this.
    locale: 'en-GB',
    timezoneId: 'UTC',
    actionTimeout: 10_000,
    navigationTimeout: 20_000,
    launchOptions: {
      executablePath: process.env.CHROMIUM || undefined,
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
});
