/** One template: its text with variables on one side, a real customer's phone on the other. */
import { Button, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconTrash } from "@tabler/icons-react";
import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api, newIdempotencyKey, Problem } from "@/api/client.ts";
import { explain } from "@/api/explain.ts";
import type { Customer, Id } from "@/api/types.ts";
import { useCan } from "@/app/session.tsx";
import { CustomerPicker } from "@/customer-form/CustomerPicker.tsx";
import { t } from "@/i18n/i18n.tsx";
import { Notice } from "@/ui/states.tsx";
import { done, failed } from "@/ui/toasts.tsx";
import { GroupsPicker } from "../kit/GroupsPicker.tsx";
import kit from "../kit/kit.module.css";
import { CustomerName } from "../kit/names.tsx";
import { type Preview, type Template, templatesKey, useVariables } from "../messages/api.ts";
import { Bubble, Phone } from "../messages/Phone.tsx";
import { TextNotes } from "../messages/TextNotes.tsx";
import { VariableTextarea } from "../messages/VariableTextarea.tsx";
import { unknown } from "../messages/variables.ts";
import css from "./templates.module.css";

type EditorProps = {
  template: Template | null;
  onSaved: (template: Template) => void;
  onClose: () => void;
};

export function TemplateEditor({ template, onSaved, onClose }: EditorProps) {
  const queries = useQueryClient();
  const may = useCan()("templates.edit");
  const { data: variables = [] } = useVariables();
  const [name, setName] = useState(template?.name ?? "");
  const [body, setBody] = useState(template?.body ?? "");
  const [groups, setGroups] = useState<Id[]>(template?.group_ids ?? []);
  const [refused, setRefused] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const wrong = variables.length > 0 && unknown(body, variables).length > 0;
  const reload = () => queries.invalidateQueries({ queryKey: templatesKey });

  async function save(event: FormEvent) {
    event.preventDefault();
    setBusy(true);
    setRefused(null);
    const said = { name: name.trim(), body, group_ids: groups };
    try {
      const { data } = template
        ? await api.patch<Template>(`/templates/${template.id}`, said, { version: template.version })
        : await api.post<Template>(
            "/templates",
            { ...said, channel: "sms" },
            { idempotencyKey: newIdempotencyKey() },
          );
      await reload();
      done(t("messages.template_saved"));
      onSaved(data);
    } catch (problem) {
      setRefused(problem);
    } finally {
      setBusy(false);
    }
  }

  async function remove(gone: Template) {
    try {
      await api.delete(`/templates/${gone.id}`, { version: gone.version });
      await reload();
      const again = { name: gone.name, channel: gone.channel, body: gone.body, group_ids: gone.group_ids };
      done(t("messages.template_removed", { name: gone.name }), async () => {
        await api.post("/templates", again);
        await reload();
      });
      onClose();
    } catch (problem) {
      failed(problem);
    }
  }

  const taken = refused instanceof Problem && refused.code === "name_taken";
  return (
    <div className={css.editor}>
      <form className={kit.form} onSubmit={(event) => void save(event)}>
        <TextInput
          label={t("messages.template_name")}
          value={name}
          dir="auto"
          maxLength={200}
          required
          readOnly={!may}
          data-autofocus={template ? undefined : true}
          error={taken ? explain(refused) : undefined}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <VariableTextarea
          label={t("messages.text")}
          placeholder={t("messages.text_placeholder")}
          value={body}
          onChange={setBody}
          variables={variables}
        />
        <TextNotes text={body} onChange={setBody} variables={variables} />
        <GroupsPicker
          label={t("messages.template_groups")}
          description={t("messages.template_groups_hint")}
          placeholder={t("messages.template_general")}
          value={groups}
          onChange={setGroups}
          disabled={!may}
        />
        {refused && !taken ? <Notice>{explain(refused)}</Notice> : null}
        <div className={kit.buttons}>
          {template && may ? (
            <Button
              variant="subtle"
              color="red"
              leftSection={<IconTrash size={16} stroke={1.75} />}
              className={css.remove}
              onClick={() => void remove(template)}
            >
              {t("messages.remove_template")}
            </Button>
          ) : null}
          <Button variant="default" onClick={onClose}>
            {t("common.close")}
          </Button>
          {may ? (
            <Button type="submit" loading={busy} disabled={!name.trim() || !body.trim() || wrong}>
              {t("common.save")}
            </Button>
          ) : null}
        </div>
      </form>
      <Trial body={body} wrong={wrong} />
    </div>
  );
}

type TrialReply = Pick<Preview, "encoding" | "parts" | "forced_by"> & { text: string; units: number };

/** The text as one real customer gets it: the first one found, until another is chosen. */
function Trial({ body, wrong }: { body: string; wrong: boolean }) {
  const can = useCan();
  const [chosen, setChosen] = useState<Id | null>(null);
  const someone = useQuery({
    queryKey: ["search", "someone"],
    queryFn: async ({ signal }) =>
      (
        await api.post<{ items: Pick<Customer, "id">[] }>(
          "/customers:search",
          { limit: 1, count: false },
          { signal },
        )
      ).data.items[0]?.id ?? null,
  });
  const id = chosen ?? someone.data ?? null;
  const [rested] = useDebouncedValue(body, 300);
  const trial = useQuery({
    queryKey: ["template-trial", id, rested],
    queryFn: async ({ signal }) =>
      (
        await api.post<TrialReply>(
          "/templates:preview",
          { channel: "sms", body: rested, customer_id: id },
          { signal },
        )
      ).data,
    enabled: id !== null && rested.trim() !== "" && !wrong && can("messages.send"),
    placeholderData: keepPreviousData,
  });
  return (
    <div className={css.trial}>
      <CustomerPicker label={t("messages.try_with")} onPick={(hit) => setChosen(hit.id)} />
      <Phone title={id ? <CustomerName id={id} /> : t("messages.phone.title")}>
        {trial.data && body.trim() ? (
          <Bubble note={t("messages.size", { parts: trial.data.parts })}>{trial.data.text}</Bubble>
        ) : (
          <p className={kit.quiet}>
            {t(id || someone.isPending ? "messages.try_hint" : "messages.try_nobody")}
          </p>
        )}
      </Phone>
    </div>
  );
}
