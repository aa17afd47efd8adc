// SPDX-License-Identifier: Apache-2.0
// The agent's keyboard: Alt with a number uses a suggestion, also while typing; letters alone only where nobody types.
// It listens before the page is painted, so that no key is lost that is pressed as soon as something is seen.
(() => {
  const typing = (target) => target.closest("input, select, textarea, dialog, [contenteditable]");

  document.addEventListener("keydown", (event) => {
    if (event.altKey && !event.ctrlKey && !event.metaKey) {
      const pressed = event.code.startsWith("Digit") ? `Alt+${event.code.slice(5)}` : `Alt+${event.key.toLowerCase()}`;
      const button = document.querySelector(`[aria-keyshortcuts="${CSS.escape(pressed)}"]`);
      if (!button) return;
      event.preventDefault();
      return button.matches("textarea, select, input, summary") ? reveal(button) : button.click();
    }
    if (event.ctrlKey && event.key === "Enter") {
      const send = event.target.closest("form")?.querySelector("[data-send]");
      if (!send || send.disabled) return;
      event.preventDefault();
      return send.form.requestSubmit(send);
    }
    if (event.ctrlKey || event.metaKey || typing(event.target)) return;
    const rows = [...document.querySelectorAll("[data-row]")];
    const at = rows.findIndex((row) => row.closest("tr")?.contains(document.activeElement));
    const to = { j: rows[at + 1], k: rows[at - 1], "/": document.querySelector("#filters select") }[event.key];
    const press = { n: document.querySelector("[data-key=n]"), t: rows[at]?.closest("tr").querySelector("[data-take]") }[event.key];
    if (!to && !press) return;
    event.preventDefault();
    to?.focus();
    press?.click();
  });

  function reveal(control) {
    const part = control.closest("details");
    if (part) part.open = true;
    control.focus();
  }
})();
