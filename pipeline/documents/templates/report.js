(function () {
  "use strict";
  // What is folded away on a screen is printed, but for what lies in files beside the page.
  let folded = [];
  window.addEventListener("beforeprint", () => {
    folded = Array.from(document.querySelectorAll("details:not([open]):not(.beside):not(.words)"));
    folded.forEach((part) => { part.open = true; });
  });
  window.addEventListener("afterprint", () => { folded.forEach((part) => { part.open = false; }); });

  const table = document.getElementById("topics-table");
  if (!table) return;
  const bodies = Array.from(table.tBodies);
  const button = (said) => {
    const made = document.createElement("button");
    made.type = "button"; made.textContent = said;
    return made;
  };
  function open(body, is) {
    body.classList.toggle("open", is);
    body.querySelector("th button").setAttribute("aria-expanded", String(is));
  }
  bodies.forEach((body) => {
    const head = body.querySelector("th"), opener = button(head.textContent);
    opener.setAttribute("aria-controls", body.id + "-more");
    opener.addEventListener("click", () => open(body, !body.classList.contains("open")));
    head.replaceChildren(opener);
    open(body, false);
  });
  table.querySelectorAll("th[data-sort]").forEach((head) => {
    const place = head.cellIndex, sorter = button(head.textContent);
    const value = (body) => body.rows[0].cells[place].dataset.value;
    sorter.addEventListener("click", () => {
      // Numbers are asked for largest first, words from the start of the alphabet.
      const first = head.dataset.sort === "number" ? "descending" : "ascending";
      const other = first === "descending" ? "ascending" : "descending";
      const order = head.getAttribute("aria-sort") === first ? other : first, sign = order === "ascending" ? 1 : -1;
      table.querySelectorAll("[aria-sort]").forEach((one) => one.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", order);
      bodies.sort((a, b) => sign * (head.dataset.sort === "number" ? value(a) - value(b) : value(a).localeCompare(value(b))));
      table.append(...bodies);
    });
    head.replaceChildren(sorter);
  });
  table.classList.add("scripted");
  // A link to a topic opens its row.
  function follow() {
    const body = bodies.find((one) => "#" + one.id === window.location.hash);
    if (body) { open(body, true); body.scrollIntoView(); }
  }
  document.querySelectorAll('a[href^="#topic-"]').forEach((link) => link.addEventListener("click", () => setTimeout(follow)));
  follow();
})();
