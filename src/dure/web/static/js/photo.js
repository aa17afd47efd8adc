// SPDX-License-Identifier: Apache-2.0
// A photo is made small where it was taken, so that it goes through a thin connection and can wait on the phone.

const EDGE = 1280;
const QUALITIES = [0.8, 0.6, 0.4];
const MOST = 900_000; // of its base64; the city takes a megabyte of picture

/** The picture in `file` as a data address of a JPEG. Throws where it is none or stays too large. */
export async function small(file) {
  const image = await createImageBitmap(file);
  const share = Math.min(1, EDGE / Math.max(image.width, image.height));
  const canvas = new OffscreenCanvas(Math.round(image.width * share), Math.round(image.height * share));
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  for (const quality of QUALITIES) {
    const text = await asText(await canvas.convertToBlob({ type: "image/jpeg", quality }));
    if (text.length < MOST) return text;
  }
  throw new Error("the photo is too large");
}

function asText(blob) {
  return new Promise((kept, failed) => {
    const reader = new FileReader();
    reader.addEventListener("load", () => kept(reader.result));
    reader.addEventListener("error", failed);
    reader.readAsDataURL(blob);
  });
}
