// SPDX-License-Identifier: Apache-2.0
// Before the first paint, so that a dark page never flashes white: the scheme the reader chose on this machine.
(() => {
  document.documentElement.dataset.script = "on";
  const kept = localStorage.getItem("dure.scheme");
  if (kept === "light" || kept === "dark") document.documentElement.dataset.scheme = kept;
})();
