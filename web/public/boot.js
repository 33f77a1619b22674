// Runs before the first paint, so that neither theme nor direction flashes. Kept apart from the bundles: a strict CSP allows it.
(() => {
  const read = (key) => {
    try {
      return localStorage.getItem(key);
    } catch {
      return null;
    }
  };
  const root = document.documentElement;
  const theme = read("rapport.theme") || "auto";
  const dark = theme === "dark" || (theme === "auto" && matchMedia("(prefers-color-scheme: dark)").matches);
  root.setAttribute("data-mantine-color-scheme", dark ? "dark" : "light");
  const language = read("rapport.language") || (navigator.language || "en").slice(0, 2);
  root.lang = language === "fa" ? "fa" : "en";
  root.dir = language === "fa" ? "rtl" : "ltr";
})();
