// Tells listeners what changed: messages on arrival, and the result of a swap.

const live = () => document.getElementById("live");
let waiting;

export function announce(words) {
  const region = live();
  if (!region || !words) return;
  region.textContent = "";
  // A live region speaks only about a change that comes after it was emptied.
  clearTimeout(waiting);
  waiting = setTimeout(() => {
    region.textContent = words;
  }, 60);
}

const words = (element) => element.textContent.replace(/\s+/g, " ").trim();

const toasts = [...document.querySelectorAll("[data-toast] .toast__words")];
announce(toasts.map(words).join(" "));

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-dismiss]");
  if (button) button.closest("[data-toast]").remove();
});

document.addEventListener("htmx:afterSwap", (event) => {
  // Going back in history swaps too, and then names its target only as the event's.
  const said = (event.detail?.target ?? event.target).querySelector("[data-announce]");
  if (said) announce(words(said));
});

for (const failure of ["htmx:responseError", "htmx:sendError"]) {
  document.addEventListener(failure, () => {
    const toast = document.createElement("div");
    toast.className = "toast";
    toast.dataset.toast = "";
    const text = document.createElement("span");
    text.className = "toast__words";
    text.textContent = "The list could not be loaded; what is shown is as before. Try again.";
    const button = document.createElement("button");
    button.className = "ghost";
    button.type = "button";
    button.dataset.dismiss = "";
    button.textContent = "Dismiss";
    toast.append(text, button);
    document.getElementById("toasts").append(toast);
    announce(text.textContent);
  });
}
