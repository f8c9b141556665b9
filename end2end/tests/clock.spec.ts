/** The test clock exists in development builds only. */
import { expect, IS_RELEASE, TestClock, test } from '../fixtures';
import { Server } from '../fixtures/server';

test('a release build ignores the test clock', async () => {
  const own = new TestClock();
  const server = await Server.start({ env: own.environment });
  try {
    const day = 24 * 60 * 60;
    own.moveBy(day);
    await server.cli('user', 'add', 'grace@example.com');
    const { items } = await server.cli<{ items: { time: string }[] }>('audit', 'list');
    const ahead = (Date.parse(items[0]!.time) - Date.now()) / 1000;
    expect(Math.abs(ahead - (IS_RELEASE ? 0 : day)), `${ahead} s ahead`).toBeLessThan(60);
  } finally {
    await server.stop();
  }
});
