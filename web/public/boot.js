// Runs before the first paint, so that neither theme nor direction flashes, and asks for the words in the person's language. Kept apart from the bundles: a strict CSP allows it.
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
  const words = document.currentScript.dataset[root.lang];
  if (!words) return;
  const link = Object.assign(document.createElement("link"), { rel: "modulepreload", href: words });
  document.head.append(link);
})();
