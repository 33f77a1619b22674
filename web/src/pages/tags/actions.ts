/** What can be done to tags, each with its way back where there is an inverse. */
import { api, newIdempotencyKey } from "@/api/client.ts";
import { keys, queryClient } from "@/api/queryClient.ts";
import type { Tag } from "@/api/types.ts";
import { t } from "@/i18n/i18n.tsx";
import { done } from "@/ui/toasts.tsx";

const reload = () => queryClient.invalidateQueries({ queryKey: keys.tags });

export async function createTag(name: string): Promise<void> {
  const { data } = await api.post<Tag>("/tags", { name }, { idempotencyKey: newIdempotencyKey() });
  await reload();
  done(t("tags.created", { name }), async () => {
    await api.delete(`/tags/${data.id}`, { version: data.version });
    await reload();
  });
}

export async function verifyTags(tags: Tag[]): Promise<void> {
  for (const tag of tags) await api.post(`/tags/${tag.id}:verify`);
  await reload();
  const [only] = tags;
  done(
    tags.length === 1 && only
      ? t("tags.verified", { name: only.name })
      : t("tags.verified_many", { count: tags.length }),
  );
}

export async function renameTag(tag: Tag, name: string): Promise<void> {
  const { data } = await api.patch<Tag>(`/tags/${tag.id}`, { name }, { version: tag.version });
  await reload();
  done(t("tags.renamed", { name }), async () => {
    await api.patch(`/tags/${tag.id}`, { name: tag.name }, { version: data.version });
    await reload();
  });
}

export async function removeTag(tag: Tag): Promise<void> {
  await api.delete(`/tags/${tag.id}`, { version: tag.version });
  await reload();
  done(t("tags.removed", { name: tag.name }));
}

export async function replaceTag(tag: Tag, by: Tag): Promise<void> {
  await api.post(`/tags/${tag.id}:replace`, { by: by.id });
  await reload();
  done(t("tags.replaced", { name: tag.name, by: by.name }));
}
