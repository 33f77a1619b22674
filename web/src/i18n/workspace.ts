/** The workspace's settings as everything that formats needs them; filled once from `GET /auth/me`. */
export type WorkspaceSettings = {
  region: string;
  time_zone: string;
  language: "en" | "fa";
  calendar: "gregorian" | "jalali";
};

let current: WorkspaceSettings = { region: "IR", time_zone: "UTC", language: "en", calendar: "gregorian" };

export const workspace = {
  get: (): WorkspaceSettings => current,
  set(settings: Partial<WorkspaceSettings>): void {
    current = { ...current, ...settings };
  },
};
