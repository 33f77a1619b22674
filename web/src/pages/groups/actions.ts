/** What can be done to groups, each with its way back where there is one. */
import { api, newIdempotencyKey } from "@/api/client.ts";
import { keys, queryClient } from "@/api/queryClient.ts";
import type { Group, Id, Job } from "@/api/types.ts";
import { t } from "@/i18n/i18n.tsx";
import { done } from "@/ui/toasts.tsx";
import { type Line, type Place, placeOf } from "./outline.ts";

const reload = () => queryClient.invalidateQueries({ queryKey: keys.groups });

/** The version a group has now: a neighbour's move may have changed it since the page was drawn. */
const latest = (group: Group): number =>
  queryClient.getQueryData<Group[]>(keys.groups)?.find((one) => one.id === group.id)?.version ??
  group.version;

export async function createGroup(name: string, place: Place): Promise<Group> {
  const { data } = await api.post<Group>(
    "/groups",
    { name, ...place },
    { idempotencyKey: newIdempotencyKey() },
  );
  await reload();
  done(t("groups.created", { name }), async () => {
    await api.delete(`/groups/${data.id}`, { version: latest(data) });
    await reload();
  });
  return data;
}

/** Creates a pasted list below `place`; gives how many were made. */
export async function createLines(lines: Line[], place: Place): Promise<number> {
  const parents: (Id | null)[] = [place.parent_id];
  let position = place.position;
  for (const { name, depth } of lines) {
    const parent_id = parents[depth] ?? null;
    const body = depth === 0 ? { name, parent_id, position: position++ } : { name, parent_id };
    const { data } = await api.post<Group>("/groups", body, { idempotencyKey: newIdempotencyKey() });
    parents[depth + 1] = data.id;
  }
  await reload();
  done(t("groups.created_many", { count: lines.length }));
  return lines.length;
}

export async function renameGroup(group: Group, name: string): Promise<void> {
  const { data } = await api.patch<Group>(`/groups/${group.id}`, { name }, { version: group.version });
  await reload();
  done(t("groups.renamed", { name }), async () => {
    await api.patch(`/groups/${group.id}`, { name: group.name }, { version: latest(data) });
    await reload();
  });
}

export async function moveGroup(groups: Group[], group: Group, place: Place): Promise<void> {
  const before = placeOf(groups, group);
  const { data } = await api.patch<Group>(`/groups/${group.id}`, place, { version: group.version });
  await reload();
  done(t("groups.moved", { name: group.name }), async () => {
    await api.patch(`/groups/${group.id}`, before, { version: latest(data) });
    await reload();
  });
}

/** Removes a group; its customers and subgroups go to the replacement. */
export async function removeGroup(groups: Group[], group: Group, replacement: Id | null): Promise<void> {
  const place = placeOf(groups, group);
  const params = { replacement };
  const { data, status } = await api.delete<Job | undefined>(`/groups/${group.id}`, {
    version: group.version,
    params,
  });
  await reload();
  if (status === 202 && data) {
    done(t("groups.moving_customers", { name: group.name }));
    return;
  }
  const undo = async () => {
    await api.post("/groups", { name: group.name, ...place });
    await reload();
  };
  done(t("groups.removed", { name: group.name }), replacement ? undefined : undo);
}
