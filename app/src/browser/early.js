(() => {
  'use strict';
  // A press before the wasm has arrived is remembered; one that it never answers gets words, and the way with a code.
  const PATIENCE = 10_000;
  const isOff = typeof WebAssembly !== 'object';
  let broken = isOff;
  const tell = (button) => {
    button.removeAttribute('data-pressed');
    button.removeAttribute('aria-busy');
    const island = button.closest('leptos-island');
    if (!island || island.nextElementSibling?.hasAttribute('data-early')) return;
    const code = document.querySelector('form[action^="/api/device/register"]');
    const notice = document.createElement('div');
    notice.className = 'notice notice-error';
    notice.setAttribute('role', 'alert');
    notice.setAttribute('data-early', '');
    const words = document.createElement('p');
    words.textContent =
      (isOff
        ? 'Passkeys cannot be used: WebAssembly is disabled in this browser, for example by Lockdown Mode.'
        : broken
          ? 'Passkey support could not be loaded. Reload the page to try again.'
          : 'Passkey support has not loaded within ten seconds. Wait, or reload the page.') +
      (code ? ` ${isOff ? 'Use' : 'Or use'} a code from your authenticator app, below.` : isOff ? ' Use another browser.' : '');
    const icon = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
    icon.setAttribute('class', 'icon');
    icon.setAttribute('aria-hidden', 'true');
    icon.append(document.createElementNS(icon.namespaceURI, 'use'));
    icon.firstChild.setAttribute('href', '#i-warning');
    notice.append(icon, words);
    island.after(notice);
    const other = code?.closest('details');
    if (other) other.open = true;
  };
  const pressed = () => document.querySelectorAll('[data-passkey][data-pressed]');
  const fail = () => {
    broken = true;
    pressed().forEach(tell);
  };
  addEventListener('click', (event) => {
    const button = event.target instanceof Element && event.target.closest('[data-passkey]');
    if (!button || button.hasAttribute('data-awake')) return;
    if (broken) return tell(button);
    button.setAttribute('data-pressed', '');
    button.setAttribute('aria-busy', 'true');
    setTimeout(() => button.hasAttribute('data-pressed') && tell(button), PATIENCE);
  }, true);
  const isAwake = () => document.querySelector('[data-awake]');
  addEventListener('unhandledrejection', () => isAwake() || fail());
  addEventListener('error', (event) => {
    if (!isAwake() && (event instanceof ErrorEvent || event.target instanceof HTMLScriptElement)) fail();
  }, true);
  // What stands behind # never reaches a server: the browser hands it from redirect to redirect, also from a form's address.
  addEventListener('submit', (event) => {
    const form = event.target;
    if (!location.hash || !(form instanceof HTMLFormElement) || !form.querySelector('[name=return_to]')) return;
    form.setAttribute('action', form.getAttribute('action').split('#')[0] + location.hash);
  }, true);
  // A target that is too long for a redirect: go on at once, with what stands behind #.
  addEventListener('DOMContentLoaded', () => {
    const onward = document.querySelector('a[data-onward]');
    if (onward) location.replace(onward.hash ? onward.href : onward.href + location.hash);
  });
  // Signed in meanwhile in another tab: go on here too.
  const look = async () => {
    if (document.visibilityState !== 'visible' || !document.querySelector('[data-passkey=sign-in]')) return;
    const page = await fetch(location.pathname + location.search, { method: 'HEAD', redirect: 'manual' }).catch(() => null);
    if (page?.type === 'opaqueredirect' || page?.headers.has('latchkey-onward')) location.reload();
  };
  addEventListener('focus', look);
  document.addEventListener('visibilitychange', look);
})();
