// Measures a page as it stands and tells the page that holds it: what sticks out, what is hard to read, where links go.
(() => {
  const look = () => {
    const out = { width: innerWidth, overflow: [], contrast: [], links: [], headings: [], scopes: 0, texts: 0 };
    const page = document.documentElement;
    out.scroll = page.scrollWidth;
    const name = (e) => e.tagName.toLowerCase() + (e.className.baseVal ?? e.className ? "." + (e.className.baseVal ?? e.className) : "")
      + " “" + (e.textContent || "").trim().slice(0, 40) + "”";
    const scrolls = (e) => { for (; e; e = e.parentElement) { if (getComputedStyle(e).overflowX !== "visible") return true; } return false; };
    const colour = (text) => {
      const parts = text.match(/[\d.]+/g);
      return parts ? { r: +parts[0], g: +parts[1], b: +parts[2], a: parts.length > 3 ? +parts[3] : 1 } : null;
    };
    const behind = (e) => {
      for (; e; e = e.parentElement) {
        const c = colour(getComputedStyle(e).backgroundColor);
        if (c && c.a > 0.99) return c;
      }
      return { r: 255, g: 255, b: 255, a: 1 };
    };
    const light = (c) => {
      const f = (v) => { v /= 255; return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; };
      return 0.2126 * f(c.r) + 0.7152 * f(c.g) + 0.0722 * f(c.b);
    };
    const ratio = (a, b) => { const [x, y] = [light(a), light(b)].sort((p, q) => q - p); return (x + 0.05) / (y + 0.05); };
    for (const e of document.querySelectorAll("body *")) {
      const box = e.getBoundingClientRect();
      const style = getComputedStyle(e);
      if (box.width === 0 || box.height === 0 || style.visibility === "hidden" || e.closest(".hidden")) continue;
      if (box.right > innerWidth + 1 && !scrolls(e)) out.overflow.push(name(e));
      const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
      if (!own) continue;
      out.texts += 1;
      const ink = colour(e instanceof SVGElement ? style.fill : style.color);
      const found = ink && ratio(ink, behind(e));
      if (!ink || found < 4.5) out.contrast.push(name(e) + " " + (ink ? found.toFixed(2) : "?"));
    }
    for (const a of document.querySelectorAll("a[href]")) {
      const href = a.getAttribute("href");
      if (!out.links.includes(href)) out.links.push(href);
      if (href.startsWith("#") && !document.getElementById(href.slice(1))) out.overflow.push("dead link " + href);
    }
    out.headings = [...document.querySelectorAll("h1,h2,h3,h4,h5,h6")].map((h) => +h.tagName[1]);
    out.scopes = [...document.querySelectorAll("th:not([scope])")].filter((th) => th.textContent.trim() !== "⋮").length;
    out.fetched = performance.getEntriesByType("resource").map((r) => r.name);
    parent.postMessage(JSON.stringify(out), "*");
  };
  if (document.readyState === "complete") look(); else addEventListener("load", look);
})();
