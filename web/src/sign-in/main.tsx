/** The sign-in entry: small on purpose, so that it is there at once. No component library, the same tokens. */
import "../design/tokens.css";
import "../design/base.css";
import { createRoot } from "react-dom/client";
import { activate } from "../i18n/i18n.tsx";
import { preferences } from "../i18n/preferences.ts";
import { SignInPage } from "./SignInPage.tsx";

async function start(): Promise<void> {
  await activate(preferences.get().language, "sign-in");
  createRoot(document.getElementById("root") as HTMLElement).render(<SignInPage />);
}

void start();
