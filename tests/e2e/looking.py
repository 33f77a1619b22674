"""What the page tests ask of a page, as scripts that run in it."""

from __future__ import annotations

from pathlib import Path

AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"

# The router listens to the history; what stands now is marked, so that what comes can be told from it.
GO = """path => {
  if (location.pathname === path) return;
  for (const old of document.querySelectorAll("#content > *")) old.dataset.left = "";
  history.pushState(null, "", path);
}"""

# The page that was left is gone, nothing is being loaded, and the text is there, written or as a field's value.
READY = """text => {
  const content = document.getElementById("content");
  const page = content?.querySelector(":scope > :not([data-left]):not(.visually-hidden)");
  if (!page || content.querySelector(".mantine-Skeleton-root, [aria-busy=true], .mantine-Loader-root")) return false;
  const values = [...content.querySelectorAll("input, textarea")].map(one => one.value);
  return content.querySelector("h1") !== null && [content.innerText, ...values].some(one => one.includes(text));
}"""

LOOK = """async () => {
  const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
  const rules = { "target-size": { enabled: true } };
  const found = await axe.run(document, { runOnly: tags, rules, resultTypes: ["violations"] });
  const violations = found.violations.flatMap(({ id, nodes }) =>
    nodes.slice(0, 3).map(one => `${id}: ${one.html.slice(0, 160)} (${one.any[0]?.message ?? one.all[0]?.message})`));
  const { lang, dir } = document.documentElement;
  return { violations, lang, dir };
}"""

# Wider than the window, or standing outside of it where nothing brings it in. What scrolls by itself (tables) may.
CUT_OFF = """() => {
  const width = document.documentElement.clientWidth;
  const wrong = [];
  for (const one of [document.documentElement, document.getElementById("content")]) {
    if (one && one.scrollWidth > one.clientWidth + 1) wrong.push(`${one.tagName} is ${one.scrollWidth} px wide`);
  }
  const scrolls = one => one && (/auto|scroll/.test(getComputedStyle(one).overflowX) && one.id !== "content"
    ? one : scrolls(one.parentElement));
  for (const one of document.querySelectorAll("h1, h2, h3, p, button, a, input, textarea, label")) {
    const { left, right, width: wide, height } = one.getBoundingClientRect();
    if (wide < 2 || height < 2 || (left >= -1 && right <= width + 1) || !one.checkVisibility()) continue;
    if (getComputedStyle(one).position === "fixed" || one.closest(".visually-hidden")) continue;
    const scroller = scrolls(one.parentElement);
    if (scroller && scroller.scrollWidth > scroller.clientWidth + 1) continue;
    wrong.push(`${one.tagName} "${(one.innerText || one.ariaLabel || one.className).slice(0, 40)}" ${left}…${right}`);
  }
  return wrong;
}"""

# Letters outside of the box that holds them: cut off, or lying on what stands beside it. An ellipsis says so itself.
CLIPPED = """() => {
  const wrong = [];
  const say = (one, text) => wrong.push(`${one.tagName}.${String(one.className).slice(0, 40)} clips "${text.slice(0, 40)}"`);
  const fields = "input:not([type=checkbox], [type=radio], [type=file]), textarea:not([aria-hidden])";
  for (const one of document.querySelectorAll(fields)) {
    const letters = parseFloat(getComputedStyle(one).fontSize) * 1.2;
    if (one.clientHeight > 1 && one.clientHeight < letters) say(one, one.value || one.placeholder);
  }
  for (const row of document.querySelectorAll("[role=row] + [role=row], tr + tr")) {
    const { bottom } = row.previousElementSibling.getBoundingClientRect();
    if (bottom > row.getBoundingClientRect().top + 1) say(row, row.innerText);
  }
  const holders = "button, a, label, td, th, [role=row], [role=cell], [role=option]";
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  for (let text = texts.nextNode(); text; text = texts.nextNode()) {
    const first = text.parentElement;
    if (!text.data.trim() || !first.checkVisibility() || first.closest(".visually-hidden, script, style")) continue;
    range.selectNodeContents(text);
    const { top, bottom, left, right } = range.getBoundingClientRect();
    for (let box = first; box && box.id !== "content"; box = box.parentElement) {
      const style = getComputedStyle(box);
      const scrolls = /auto|scroll/.test(style.overflowY + style.overflowX);
      if (scrolls || style.textOverflow === "ellipsis" || style.webkitLineClamp !== "none") break;
      if (style.display === "inline" || !(style.overflowY !== "visible" || box.matches(holders))) continue;
      const edge = box.getBoundingClientRect();
      const outside = [edge.top - top, bottom - edge.bottom, edge.left - left, right - edge.right];
      if (Math.max(...outside) > 1) {
        say(box, text.data);
        break;
      }
    }
  }
  return wrong;
}"""

# Words two fifths longer, as a language that is not here yet would have them: every catalogue comes through JSON.parse.
LONGER = """(() => {
  const parse = JSON.parse;
  const longer = text => text.trim() ? text + "\u00b7".repeat(Math.ceil(text.length * 0.4)) : text;
  JSON.parse = (...given) => {
    const read = parse(...given);
    if (!read || typeof read !== "object" || !("shell.customers" in read)) return read;
    const entries = Object.entries(read).map(([key, said]) =>
      [key, typeof said === "string" ? longer(said) : said.map(part => typeof part === "string" ? longer(part) : part)]);
    return Object.fromEntries(entries);
  };
})()"""

# Buttons that are an icon alone, by their size. Those in a field or a pill belong to it.
SMALL_ICONS = """() => [...document.querySelectorAll("button, a")].flatMap(one => {
  const { width, height } = one.getBoundingClientRect();
  const icon = one.querySelector("svg") && !one.innerText.trim();
  if (!icon || !one.checkVisibility() || one.closest(".mantine-Input-section, .mantine-Pill-root, .visually-hidden")) return [];
  return Math.min(width, height) < 40 ? [`"${one.ariaLabel || one.outerHTML.slice(0, 80)}" ${width} × ${height} px`] : [];
})"""

SIDEWAYS = """() => [...document.querySelectorAll("#content *")].flatMap(one =>
  /auto|scroll/.test(getComputedStyle(one).overflowX) && one.scrollWidth > one.clientWidth + 1
    ? [`${one.className} is ${one.scrollWidth} px in ${one.clientWidth}`] : [])"""
