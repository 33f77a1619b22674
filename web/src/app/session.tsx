/** Who works here: loaded once before anything is shown. Owns the leave to the sign-in page. */
import { createContext, type ReactNode, useContext } from "react";
import { api, onSessionLost, setCsrfToken } from "../api/client.ts";
import type { Me } from "../api/types.ts";
import { workspace } from "../i18n/workspace.ts";

const Session = createContext<Me | null>(null);

/** Loads the session; leaves for the sign-in page (and never settles) when there is none. */
export async function openSession(): Promise<Me> {
  onSessionLost(() => toSignIn());
  const { data } = await api.get<Me>("/auth/me");
  if (data.password_change_required) {
    toSignIn();
    return new Promise(() => undefined);
  }
  setCsrfToken(data.csrf_token);
  workspace.set(data.settings);
  return data;
}

/** To the sign-in page, and back here afterwards. */
export function toSignIn(): void {
  const here = `${location.pathname}${location.search}`;
  const next = here === "/" ? "" : `?next=${encodeURIComponent(here)}`;
  location.replace(`/sign-in${next}`);
}

export async function signOut(): Promise<void> {
  await api.post("/auth/sign-out");
  location.replace("/sign-in");
}

export function SessionProvider({ me, children }: { me: Me; children: ReactNode }) {
  return <Session value={me}>{children}</Session>;
}

export function useMe(): Me {
  const me = useContext(Session);
  if (!me) throw new Error("useMe outside of a session");
  return me;
}

/** `const can = useCan(); can("messages.send")` */
export function useCan(): (permission: string) => boolean {
  const { permissions } = useMe();
  return (permission) => permissions.includes(permission);
}
