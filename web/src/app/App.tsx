/** What is around the router: tokens, direction, server state, session. A change of language draws everything anew. */
import { DirectionProvider, MantineProvider } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { queryClient } from "../api/queryClient.ts";
import type { Me } from "../api/types.ts";
import { cssVariablesResolver, theme } from "../design/theme.ts";
import { activate, direction } from "../i18n/i18n.tsx";
import { usePreferences } from "../i18n/preferences.ts";
import { Toasts } from "../ui/toasts.tsx";
import { router } from "./router.tsx";
import { SessionProvider } from "./session.tsx";
import { useColorScheme } from "./useColorScheme.ts";

export function App({ me }: { me: Me }) {
  const scheme = useColorScheme();
  const words = useWords();
  return (
    <DirectionProvider key={words} initialDirection={direction()} detectDirection={false}>
      <MantineProvider theme={theme} cssVariablesResolver={cssVariablesResolver} forceColorScheme={scheme}>
        <QueryClientProvider client={queryClient}>
          <SessionProvider me={me}>
            <RouterProvider router={router} />
            <Toasts />
          </SessionProvider>
        </QueryClientProvider>
      </MantineProvider>
    </DirectionProvider>
  );
}

/** The language, digits and calendar in force; changes once their messages are there. */
function useWords(): string {
  const { language, digits, calendar } = usePreferences();
  const wanted = `${language}-${digits}-${calendar}`;
  const [words, setWords] = useState(wanted);
  useEffect(() => {
    let current = true;
    void activate(language).then(() => current && setWords(wanted));
    return () => {
      current = false;
    };
  }, [language, wanted]);
  return words;
}
