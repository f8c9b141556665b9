(() => {
  'use strict';
  // A press before the wasm has loaded is remembered. If it does not load, a message offers the code instead.
  const texts = document.currentScript.dataset;
  const TIMEOUT = 10_000;
  const isOff = typeof WebAssembly !== 'object';
  let broken = isOff;
  const showError = (button) => {
    button.removeAttribute('data-pressed');
    button.removeAttribute('aria-busy');
    const island = button.closest('leptos-island');
    if (!island || island.nextElementSibling?.hasAttribute('data-early')) return;
    const code = document.querySelector('form[action^="/actions/device/register"]');
    const notice = document.createElement('div');
    notice.className = 'notice notice-error';
    notice.setAttribute('role', 'alert');
    notice.setAttribute('data-early', '');
    const message = document.createElement('p');
    message.textContent =
      (isOff ? texts.noWebassembly : broken ? texts.notLoaded : texts.slow) +
      (code ? ` ${isOff ? texts.useCode : texts.orUseCode}` : isOff ? ` ${texts.otherBrowser}` : '');
    const icon = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
    icon.setAttribute('class', 'icon');
    icon.setAttribute('aria-hidden', 'true');
    icon.append(document.createElementNS(icon.namespaceURI, 'use'));
    icon.firstChild.setAttribute('href', '#i-warning');
    notice.append(icon, message);
    island.after(notice);
    const other = code?.closest('details');
    if (other) other.open = true;
  };
  const pressed = () => document.querySelectorAll('[data-passkey][data-pressed]');
  const fail = () => {
    broken = true;
    pressed().forEach(showError);
  };
  addEventListener('click', (event) => {
    const button = event.target instanceof Element && event.target.closest('[data-passkey]');
    if (!button || button.hasAttribute('data-awake')) return;
    if (broken) return showError(button);
    button.setAttribute('data-pressed', '');
    button.setAttribute('aria-busy', 'true');
    setTimeout(() => button.hasAttribute('data-pressed') && showError(button), TIMEOUT);
  }, true);
  const isAwake = () => document.querySelector('[data-awake]');
  addEventListener('unhandledrejection', () => isAwake() || fail());
  addEventListener('error', (event) => {
    if (!isAwake() && (event instanceof ErrorEvent || event.target instanceof HTMLScriptElement)) fail();
  }, true);
  // The fragment never reaches a server: the browser keeps it over redirects, also that of the address of a form.
  addEventListener('submit', (event) => {
    const form = event.target;
    if (!location.hash || !(form instanceof HTMLFormElement) || !form.querySelector('[name=return_to]')) return;
    form.setAttribute('action', form.getAttribute('action').split('#')[0] + location.hash);
  }, true);
  // A target that is too long for a redirect: continue at once, with the fragment.
  addEventListener('DOMContentLoaded', () => {
    const next = document.querySelector('a[data-continue]');
    if (next) location.replace(next.hash ? next.href : next.href + location.hash);
  });
  // Signed in in another tab meanwhile: continue here, too.
  const reloadIfSignedIn = async () => {
    if (document.visibilityState !== 'visible' || !document.querySelector('[data-passkey=sign-in]')) return;
    const page = await fetch(location.pathname + location.search, { method: 'HEAD', redirect: 'manual' }).catch(() => null);
    if (page?.type === 'opaqueredirect' || page?.headers.has('latchkey-continue')) location.reload();
  };
  addEventListener('focus', reloadIfSignedIn);
  document.addEventListener('visibilitychange', reloadIfSignedIn);
})();
