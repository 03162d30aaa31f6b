// Draws every [data-chart] with Plotly, in the colours of the theme, and again when it changes.

const FILLS = ["--fill-1", "--fill-2", "--blue", "--violet", "--amber", "--cyan", "--green"];

function token(styles, name) {
  return styles.getPropertyValue(name).trim();
}

function resolved(color) {
  // Plotly reads no light-dark(): let the browser work the colour out.
  const probe = document.createElement("span");
  probe.hidden = true;
  probe.style.color = color;
  document.body.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}

function draw(element) {
  const source = document.getElementById(element.dataset.chart);
  if (!source || !window.Plotly) return;
  const figure = JSON.parse(source.textContent);
  const styles = getComputedStyle(document.documentElement);
  const ink = resolved(token(styles, "--ink-2"));
  const line = resolved(token(styles, "--line"));
  const axis = { gridcolor: line, linecolor: line, zerolinecolor: line, fixedrange: true };
  const layout = {
    ...figure.layout,
    height: 260,
    margin: { l: 44, r: 12, t: 32, b: 32 },
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    font: { color: ink, family: "system-ui, sans-serif", size: 12 },
    colorway: FILLS.map((name) => token(styles, name)).filter(Boolean).map(resolved),
    hovermode: "x unified",
    legend: { orientation: "h", x: 0, y: 1, yanchor: "bottom", traceorder: "normal" },
    xaxis: { ...axis, ...(figure.layout || {}).xaxis },
    yaxis: { ...axis, ...(figure.layout || {}).yaxis },
  };
  window.Plotly.react(element, figure.data, layout, { displayModeBar: false, responsive: true });
}

function drawAll() {
  document.querySelectorAll("[data-chart]").forEach(draw);
}

drawAll();
document.body.addEventListener("htmx:afterSettle", drawAll);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
