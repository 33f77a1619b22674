/** The console's entry: language and session first, then everything else. */
import "../design/mantine-parts.css";
import "../design/tokens.css";
import "../design/base.css";
import "../design/mantine.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { startLive } from "../api/live.ts";
import { followLive } from "../api/queryClient.ts";
import { activate } from "../i18n/i18n.tsx";
import { preferences } from "../i18n/preferences.ts";
import { App } from "./App.tsx";
import { router } from "./router.tsx";
import { StartFailure } from "./StartFailure.tsx";
import { openSession } from "./session.tsx";

const root = createRoot(document.getElementById("root") as HTMLElement);

async function start(): Promise<void> {
  const language = activate(preferences.get().language);
  void router.load(); // the page's own code comes while the session is asked for
  try {
    const me = await openSession();
    await language;
    followLive();
    startLive();
    root.render(
      <StrictMode>
        <App me={me} />
      </StrictMode>,
    );
  } catch (error) {
    await language;
    root.render(<StartFailure error={error} />);
  }
}

void start();
