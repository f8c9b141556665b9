(() => {
  'use strict';
  // Says on a page left open that its session has ended. Other tabs may have kept it alive, so the server is asked first.
  const region = document.currentScript.previousElementSibling;
  const template = region.querySelector('template');
  const { user, endsIn } = region.dataset;
  const root = document.documentElement;
  let timer, asking, hasEnded, askedAt = Date.now();
  const later = (seconds) => {
    clearTimeout(timer);
    timer = setTimeout(ask, seconds * 1000);
  };
  const request = async () => {
    const response = await fetch('/session', { headers: { accept: 'application/json' } }).catch(() => null);
    const session = response?.ok ? await response.json() : null;
    askedAt = Date.now();
    // Offline, or too many requests.
    if (!session) return endsIn && later(60);
    const isSame = session.user === user;
    if (isSame) delete root.dataset.restored;
    else if ('restored' in root.dataset) return location.reload();
    if (!endsIn) return;
    const isLive = isSame && session.ends_in > 0;
    // It ends when that many whole seconds are over.
    if (isLive) later(session.ends_in + 1);
    if (isLive === !hasEnded) return;
    hasEnded = !isLive;
    const shown = template.content.cloneNode(true).children[hasEnded ? 0 : 1];
    region.replaceChildren(template, shown);
  };
  const ask = () => (asking ??= request().finally(() => (asking = undefined)));
  // A timer stands still while a computer sleeps.
  const askAgain = () => {
    if (document.visibilityState === 'visible' && (hasEnded || Math.abs(Date.now() - askedAt) > 30_000)) ask();
  };
  if (endsIn) later(+endsIn + 1);
  addEventListener('focus', askAgain);
  document.addEventListener('visibilitychange', askAgain);
  // A page that the Back button restores is shown to the same user only.
  addEventListener('pagehide', (event) => {
    if (event.persisted) root.dataset.restored = '';
  });
  addEventListener('pageshow', (event) => {
    if (!event.persisted) return;
    root.dataset.restored = '';
    ask();
  });
})();
