// Counts the ticked rows of a bulk form, writes the count and says it.
import { announce } from "./announce.js";

const ticks = (form) => [...form.querySelectorAll(".row-check:not([data-all])")];

function recount(form) {
  const all = ticks(form);
  const chosen = all.filter((box) => box.checked).length;
  const words = `${chosen} selected`;
  for (const place of form.querySelectorAll(".bulk__count")) place.textContent = words;
  for (const box of form.querySelectorAll("[data-all]")) {
    box.checked = chosen > 0 && chosen === all.length;
    box.indeterminate = chosen > 0 && chosen < all.length;
  }
  return words;
}

document.addEventListener("change", (event) => {
  const form = event.target.closest(".bulkable");
  if (!form || !event.target.matches(".row-check")) return;
  if (event.target.matches("[data-all]")) {
    for (const box of ticks(form)) box.checked = event.target.checked;
  }
  announce(recount(form));
});

document.addEventListener("reset", (event) => {
  if (event.target.matches(".bulkable")) setTimeout(() => announce(recount(event.target)));
});

const recountAll = () => document.querySelectorAll(".bulkable").forEach(recount);
recountAll();
document.addEventListener("htmx:afterSwap", recountAll);
