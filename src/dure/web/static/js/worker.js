// SPDX-License-Identifier: Apache-2.0
// Service worker. Pages come from the server whenever it answers. Only an answer that says "Dure-Offline: keep" (the
// worker's own pages) is kept for a reload without connection; signing out throws all of that away, and so does a kept
// page that may not be opened any more.

const PAGES = "dure-pages";
const PARTS = "dure-parts";
const OFFLINE = "/offline/";
const AWAY = [502, 503, 504]; // somebody between us answers that the city does not
let thrownAway = 0; // how often: what was asked for before is not kept after

self.addEventListener("install", (event) => {
  event.waitUntil(keepOffline().then(() => self.skipWaiting()));
});
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (request.method !== "GET" || address.origin !== location.origin) return;
  if (request.mode === "navigate") event.respondWith(page(request, address));
  else if (request.headers.get("HX-Request-Type") === "full") event.respondWith(renewed(request));
  else if (address.pathname.startsWith("/static/")) event.respondWith(part(request));
});

// Asked for as nobody, so that it names nobody and may stay after signing out.
async function keepOffline() {
  const answer = await fetch(OFFLINE, { credentials: "omit" });
  await (await caches.open(PARTS)).put(OFFLINE, answer);
}

// A page that brings itself up to date (htmx) is kept as it is now; without an answer it stays as it stands.
async function renewed(request) {
  const before = thrownAway;
  const answer = await fetch(request);
  await keep(request, answer, before);
  return answer;
}

// One of each address, whoever asked for it: the browser's own requests carry other headers than a script's.
async function keep(request, answer, before) {
  if (before !== thrownAway || !answer.ok || answer.headers.get("Dure-Offline") !== "keep") return;
  const [copy, pages] = [answer.clone(), await caches.open(PAGES)];
  await pages.delete(request, { ignoreVary: true });
  await pages.put(request, copy);
}

async function page(request, address) {
  const before = thrownAway;
  try {
    const answer = await fetch(request);
    if (AWAY.includes(answer.status)) return (await kept(request)) ?? answer;
    await keep(request, answer, before);
    const refused = answer.status === 403 && (await found(request));
    if (refused || address.pathname.includes("/accounts/log")) await throwAway();
    return answer;
  } catch {
    return (await kept(request)) ?? (await asKept(await caches.match(OFFLINE))) ?? Response.error();
  }
}

function throwAway() {
  thrownAway += 1;
  return caches.delete(PAGES);
}

const found = (request) => caches.match(request, { cacheName: PAGES, ignoreVary: true });

async function kept(request) {
  return asKept(await found(request));
}

// It says that it is a kept one: the phone may think itself connected while the city cannot be reached.
async function asKept(answer) {
  if (!answer) return undefined;
  const text = (await answer.text()).replace("<html ", "<html data-kept ");
  return new Response(text, { headers: { "Content-Type": "text/html; charset=utf-8", ...policyOf(answer) } });
}

function policyOf(answer) {
  const policy = answer.headers.get("Content-Security-Policy");
  return policy ? { "Content-Security-Policy": policy } : {};
}

// From where the browser has it; without connection the kept one. Addresses name a version (web/static_files.py): one of
// each file is kept, so that a page kept before an update still has its looks after it.
async function part(request) {
  const parts = await caches.open(PARTS);
  const name = new URL(request.url).pathname.replace(/^\/static\/[0-9a-f]{12}\//, "/static/");
  try {
    const answer = await fetch(request);
    if (answer.ok) await parts.put(name, answer.clone());
    return answer;
  } catch {
    return (await parts.match(name)) ?? Response.error();
  }
}
