/** Permissions, their sections and the built-in roles in the chosen language. */
import type { Role } from "@/api/types.ts";
import { known, t } from "@/i18n/i18n.tsx";
import type { PermissionSection } from "./api.ts";

export function permissionText(name: string): string {
  const key = `users.permission.${name}`;
  return known(key) ? t(key) : name;
}

export function sectionText(section: PermissionSection): string {
  const key = `users.section.${section.section}`;
  return known(key) ? t(key) : section.title;
}

export function roleText(role: Pick<Role, "name" | "built_in">): string {
  const key = `users.role.${role.name}`;
  return role.built_in && known(key) ? t(key) : role.name;
}
