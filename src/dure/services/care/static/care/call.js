// SPDX-License-Identifier: Apache-2.0
// Plays what the call says. Where the city has no voice the words on the page are enough, and it says so.

const button = document.getElementById("hear");

button?.addEventListener("click", async () => {
  try {
    await new Audio(button.dataset.sound).play();
  } catch {
    document.getElementById("no-voice").hidden = false;
  }
});
