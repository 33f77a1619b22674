/** Users, roles and keys as identity gives them. */
import { useQuery } from "@tanstack/react-query";
import { api } from "@/api/client.ts";
import { keys } from "@/api/queryClient.ts";
import type { GroupAccess, Id, Page } from "@/api/types.ts";

export type FullUser = {
  id: Id;
  username: string;
  name: string | null;
  email: string | null;
  roles: Id[];
  group_access: GroupAccess[];
  disabled: boolean;
  password_change_required: boolean;
  last_sign_in_at: string | null;
  version: number;
  /** Only in the answer that made it. */
  password?: string | null;
};

export type FullRole = {
  id: Id;
  name: string;
  permissions: string[];
  /** Null: every group. */
  group_access: GroupAccess[] | null;
  built_in: boolean;
  version: number;
};

export type ApiKey = {
  id: Id;
  user_id: Id;
  name: string;
  hint: string;
  permissions: string[] | null;
  created_at: string;
  last_used_at: string | null;
};

export type PermissionSection = { section: string; title: string; permissions: string[] };

async function all<Item>(path: string, params: Record<string, string | number> = {}): Promise<Item[]> {
  const found: Item[] = [];
  let after: string | null = null;
  do {
    const { data }: { data: Page<Item> } = await api.get<Page<Item>>(path, {
      params: { limit: 500, ...params, after },
    });
    found.push(...data.items);
    after = data.next;
  } while (after);
  return found;
}

export const useUsers = (enabled = true) =>
  useQuery({ queryKey: [...keys.users, "all"], queryFn: () => all<FullUser>("/users"), enabled });

export const rolesKey = ["roles", "all"] as const;
export const useAllRoles = () => useQuery({ queryKey: rolesKey, queryFn: () => all<FullRole>("/roles") });

export const apiKeysKey = ["api-keys"] as const;
export const useApiKeys = (everybody: boolean) =>
  useQuery({
    queryKey: [...apiKeysKey, everybody],
    queryFn: () => all<ApiKey>("/api-keys", everybody ? { user_id: "*" } : {}),
  });

export const usePermissions = () =>
  useQuery({
    queryKey: ["permissions"],
    queryFn: async () => (await api.get<Page<PermissionSection>>("/permissions")).data.items,
    staleTime: Number.POSITIVE_INFINITY,
  });
