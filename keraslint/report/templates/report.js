"use strict";
(() => {
  const form = document.getElementById("filters");
  const findings = [...document.querySelectorAll("article.finding")];
  if (form) {
    const shown = document.getElementById("shown");
    const none = document.getElementById("none");
    const files = [...document.querySelectorAll("section.file")];
    const texts = new Map();
    const text = (one) => {
      if (!texts.has(one)) texts.set(one, one.textContent.toLowerCase());
      return texts.get(one);
    };
    const apply = () => {
      const asked = new FormData(form);
      const severities = new Set(asked.getAll("severity"));
      const rule = asked.get("rule");
      const file = asked.get("file");
      const words = asked.get("text").trim().toLowerCase();
      let count = 0;
      for (const section of files) {
        let some = false;
        for (const one of section.querySelectorAll("article.finding")) {
          const fits =
            severities.has(one.dataset.severity) &&
            (!rule || one.dataset.rule === rule) &&
            (!file || section.dataset.file === file) &&
            (!words || text(one).includes(words) || section.getAttribute("aria-label").toLowerCase().includes(words));
          one.hidden = !fits;
          some ||= fits;
          count += fits;
        }
        section.hidden = !some;
      }
      shown.textContent = `${count} of ${findings.length} shown`;
      none.hidden = count > 0;
    };
    form.hidden = false;
    for (const event of ["input", "change"]) form.addEventListener(event, apply);
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("reset", () => setTimeout(apply));
    apply();
  }

  // What a link leads to is shown: folded parts open, and a finding comes back from behind the filters.
  const reveal = () => {
    const target = document.getElementById(location.hash.slice(1));
    if (!target) return;
    if (form && target.closest("[hidden]")) form.reset();
    for (let one = target; one; one = one.parentElement) if (one.tagName === "DETAILS") one.open = true;
    setTimeout(() => target.scrollIntoView());
  };
  addEventListener("hashchange", reveal);
  if (location.hash) reveal();

  const folded = [];
  addEventListener("beforeprint", () => {
    for (const one of document.querySelectorAll("details:not([open])")) {
      one.open = true;
      folded.push(one);
    }
  });
  addEventListener("afterprint", () => {
    for (const one of folded.splice(0)) one.open = false;
  });
})();
