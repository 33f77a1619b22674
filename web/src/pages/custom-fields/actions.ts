/** What can be done to custom fields, sections and lists, each with its way back where there is an inverse. */
import { api, newIdempotencyKey } from "@/api/client.ts";
import { keys, queryClient } from "@/api/queryClient.ts";
import type { NewField } from "@/api/schema.gen.ts";
import type { CustomField, FieldSection } from "@/api/types.ts";
import { t } from "@/i18n/i18n.tsx";
import { done } from "@/ui/toasts.tsx";

export type FieldBody = Required<Omit<NewField, "position">>;

export async function reload(): Promise<void> {
  await Promise.all(
    [keys.fields, keys.sections, keys.lists].map((queryKey) => queryClient.invalidateQueries({ queryKey })),
  );
}

/** The version it has now: placing one moves its neighbours too. */
function latest(field: CustomField): number {
  return (
    queryClient.getQueryData<CustomField[]>(keys.fields)?.find((one) => one.id === field.id)?.version ??
    field.version
  );
}

export async function createField(body: FieldBody): Promise<void> {
  const { data } = await api.post<CustomField>("/custom-fields", body, {
    idempotencyKey: newIdempotencyKey(),
  });
  await reload();
  done(t("fields.created", { title: body.title }), async () => {
    await api.delete(`/custom-fields/${data.id}`, { version: latest(data) });
    await reload();
  });
}

export async function changeField(
  field: CustomField,
  change: Partial<FieldBody> & { position?: number },
): Promise<void> {
  const before = Object.fromEntries(Object.keys(change).map((key) => [key, field[key as keyof CustomField]]));
  const { data } = await api.patch<CustomField>(`/custom-fields/${field.id}`, change, {
    version: latest(field),
  });
  await reload();
  done(t("position" in change ? "fields.moved" : "fields.saved", { title: data.title }), async () => {
    await api.patch(`/custom-fields/${field.id}`, before, { version: latest(data) });
    await reload();
  });
}

/** Only fields without values can go, so that nothing is lost; taking it back makes the same field anew. */
export async function removeField(field: CustomField): Promise<void> {
  await api.delete(`/custom-fields/${field.id}`, { version: latest(field) });
  await reload();
  const { id: _id, version: _version, retired: _retired, ...body } = field;
  done(t("fields.removed", { title: field.title }), async () => {
    await api.post("/custom-fields", body);
    await reload();
  });
}

export async function createSection(title: string): Promise<FieldSection> {
  const { data } = await api.post<FieldSection>(
    "/field-sections",
    { title },
    { idempotencyKey: newIdempotencyKey() },
  );
  await reload();
  done(t("fields.section_created", { title }));
  return data;
}

export async function changeSection(
  section: FieldSection,
  change: { title?: string; position?: number },
): Promise<void> {
  const before = "title" in change ? { title: section.title } : { position: section.position };
  const { data } = await api.patch<FieldSection>(`/field-sections/${section.id}`, change, {
    version: section.version,
  });
  await reload();
  done(t("fields.section_saved"), async () => {
    const now = queryClient.getQueryData<FieldSection[]>(keys.sections)?.find(({ id }) => id === section.id);
    await api.patch(`/field-sections/${section.id}`, before, { version: now?.version ?? data.version });
    await reload();
  });
}

export async function removeSection(section: FieldSection): Promise<void> {
  await api.delete(`/field-sections/${section.id}`, { version: section.version });
  await reload();
  done(t("fields.section_removed", { title: section.title }), async () => {
    await api.post("/field-sections", { title: section.title, position: section.position });
    await reload();
  });
}

export async function createList(name: string, items: string[]): Promise<void> {
  await api.post("/lists", { name, items }, { idempotencyKey: newIdempotencyKey() });
  await reload();
}
