// On a phone rows are laid out as blocks, and some browsers then forget that a table is one.
// Explicit roles keep rows, headers and cells for listeners.

const ROLES = [
  ["thead, tbody, tfoot", "rowgroup"],
  ["tr", "row"],
  ["td", "cell"],
  ["th[scope=col]", "columnheader"],
  ["th[scope=row], th[scope=rowgroup]", "rowheader"],
];

function keepRoles() {
  for (const table of document.querySelectorAll("table.table:not([role])")) {
    table.setAttribute("role", "table");
    for (const [selector, role] of ROLES) {
      for (const part of table.querySelectorAll(selector)) part.setAttribute("role", role);
    }
  }
}

keepRoles();
document.addEventListener("htmx:afterSwap", keepRoles);
