/** Users, roles and keys as identity gives them. */
import { useQuery } from "@tanstack/react-query";
import { api } from "@/api/client.ts";
import { keys } from "@/api/queryClient.ts";
import type { ApiKeyOut, PermissionSection } from "@/api/schema.gen.ts";
import type { Page, Role, User } from "@/api/types.ts";

export type ApiKey = ApiKeyOut;
export type { PermissionSection };

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
  useQuery({ queryKey: [...keys.users, "all"], queryFn: () => all<User>("/users"), enabled });

export const rolesKey = ["roles", "all"] as const;
export const useAllRoles = () => useQuery({ queryKey: rolesKey, queryFn: () => all<Role>("/roles") });

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
