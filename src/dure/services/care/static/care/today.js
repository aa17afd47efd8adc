// SPDX-License-Identifier: Apache-2.0
// Finds somebody in a long list by any part of what their row says, on the phone itself: no name leaves it.

const page = document.getElementById("today")?.parentElement;

function show() {
  const wanted = page.querySelector("#find")?.value.trim().toLowerCase() ?? "";
  let found = 0;
  for (const row of page.querySelectorAll(":is(#calm, #unknown) > li")) {
    row.hidden = !row.textContent.toLowerCase().includes(wanted);
    found += row.hidden ? 0 : 1;
  }
  const none = page.querySelector("#none");
  if (none && none.hidden !== found > 0) none.hidden = found > 0;
}

if (page) {
  page.addEventListener("input", ({ target }) => target.id === "find" && show());
  new MutationObserver(show).observe(page, { childList: true, subtree: true });
}
