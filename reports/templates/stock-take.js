"use strict";
(() => {
  const form = document.getElementById("filter");
  if (!form) return;
  const rows = [...document.querySelectorAll("table.findings tbody tr")];
  const text = document.getElementById("filter-text");
  const exempted = document.getElementById("filter-exempted");
  const count = document.getElementById("filter-count");
  const selects = ["severity", "rule", "owner"].map((name) => {
    const select = document.getElementById("filter-" + name);
    const values = [...new Set(rows.map((row) => row.dataset[name]))];
    // Severities keep the order of the rows, which is the worst first.
    if (name !== "severity") values.sort();
    for (const value of values) {
      const option = document.createElement("option");
      option.value = value;
      option.textContent = value;
      select.append(option);
    }
    return { name, select };
  });
  const words = rows.map((row) => row.textContent.toLowerCase());
  const apply = () => {
    const wanted = text.value.trim().toLowerCase();
    let shown = 0;
    rows.forEach((row, index) => {
      const fits = words[index].includes(wanted)
        && (exempted.checked || !row.classList.contains("exempted"))
        && selects.every(({ name, select }) => !select.value || select.value === row.dataset[name]);
      row.hidden = !fits;
      if (fits) shown += 1;
    });
    count.textContent = shown === rows.length ? rows.length + " findings" : shown + " of " + rows.length + " findings";
  };
  form.addEventListener("input", apply);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.hidden = false;
  apply();
})();
