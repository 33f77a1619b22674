import { Button, SegmentedControl, Textarea, TextInput } from "@mantine/core";
import { IconSitemap } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { type FormEvent, type ReactNode, useState } from "react";
import { api, newIdempotencyKey } from "../../api/client.ts";
import { explain } from "../../api/explain.ts";
import { nameOf, useFields, useGroups } from "../../api/queries.ts";
import { keys } from "../../api/queryClient.ts";
import type { Customer, CustomField } from "../../api/types.ts";
import { ValueInput } from "../../customer-form/ValueInput.tsx";
import { type MessageKey, t } from "../../i18n/i18n.tsx";
import { useKeys } from "../../ui/keys.ts";
import { Page } from "../../ui/Page.tsx";
import { Empty, Notice } from "../../ui/states.tsx";
import { done } from "../../ui/toasts.tsx";
import { GroupsPicker } from "../kit/GroupsPicker.tsx";
import { ContactLines } from "./ContactLines.tsx";
import { Duplicates } from "./Duplicates.tsx";
import { askedFields, blank, bodyOf, fromNumber, type NewDraft, namesOf, wants } from "./draft.ts";
import classes from "./NewCustomer.module.css";

export default function NewCustomerPage() {
  const groups = useGroups();
  if (groups.data?.length === 0) {
    return (
      <Page title={t("customer.new_title")}>
        <Empty icon={IconSitemap} title={t("customer.new_title")} text={t("customer.new_no_groups")}>
          <Button component={Link} to="/groups">
            {t("customer.new_to_groups")}
          </Button>
        </Empty>
      </Page>
    );
  }
  return <NewCustomerForm />;
}

function useCreate(fields: CustomField[], onCreated: (customer: Customer) => void) {
  const client = useQueryClient();
  const [key, setKey] = useState(newIdempotencyKey);
  return useMutation({
    mutationFn: async (draft: NewDraft) =>
      (await api.post<Customer>("/customers", bodyOf(draft, fields), { idempotencyKey: key })).data,
    onSuccess: (customer) => {
      setKey(newIdempotencyKey());
      client.setQueryData(keys.customer(customer.id), customer);
      void client.invalidateQueries({ queryKey: keys.search });
      void client.invalidateQueries({ queryKey: keys.groups });
      onCreated(customer);
    },
    onError: () => setKey(newIdempotencyKey()),
  });
}

function NewCustomerForm() {
  const navigate = useNavigate();
  const fields = useFields().data ?? [];
  const { mobile } = useSearch({ strict: false }) as { mobile?: unknown };
  const [draft, setDraft] = useState(() => fromNumber(mobile));
  const [tried, setTried] = useState(false);
  const [next, setNext] = useState(false);
  const missing = wants(draft, fields);
  const open = (id: string) => navigate({ to: "/customers/$id", params: { id } });
  const create = useCreate(fields, (customer) => {
    done(t("customer.new_created", { name: nameOf(customer) }));
    if (!next) return void open(customer.id);
    setDraft(blank(draft.kind, draft.groups));
    setTried(false);
    requestAnimationFrame(() => document.querySelector<HTMLElement>("[data-first]")?.focus());
  });
  const submit = (another: boolean) => {
    setTried(true);
    setNext(another);
    if (Object.keys(missing).length === 0 && !create.isPending) create.mutate(draft);
  };
  useKeys({ "mod+Enter": () => submit(false) });
  return (
    <Page title={t("customer.new_title")} layout="wide">
      <div className={classes.layout}>
        <form
          className={classes.form}
          noValidate
          onSubmit={(event: FormEvent) => {
            event.preventDefault();
            submit(false);
          }}
        >
          <Inputs draft={draft} setDraft={setDraft} missing={tried ? missing : {}} fields={fields} />
          {create.error && <Notice>{explain(create.error)}</Notice>}
          <div className={classes.buttons}>
            <Button type="submit" loading={create.isPending && !next}>
              {t("customer.new_save")}
            </Button>
            <Button variant="default" loading={create.isPending && next} onClick={() => submit(true)}>
              {t("customer.new_save_another")}
            </Button>
          </div>
        </form>
        <Duplicates draft={draft} />
      </div>
    </Page>
  );
}

type InputsProps = {
  draft: NewDraft;
  setDraft: (draft: NewDraft) => void;
  missing: ReturnType<typeof wants>;
  fields: CustomField[];
};

function Inputs({ draft, setDraft, missing, fields }: InputsProps) {
  const asked = askedFields(fields, draft.groups);
  return (
    <>
      <Part title={t("customer.new_group")}>
        <GroupsPicker
          label={<span className="visually-hidden">{t("customer.new_group")}</span>}
          placeholder={t("customer.new_group_hint")}
          value={draft.groups}
          onChange={(groups) => setDraft({ ...draft, groups })}
          creatable
          error={missing.groups && t("customer.new_group_needed")}
        />
      </Part>
      <Part title={t("customer.new_who")}>
        <Who draft={draft} setDraft={setDraft} />
        {missing.name && <Notice tone="warn">{t("customer.new_name_needed")}</Notice>}
      </Part>
      <Part title={t("customer.new_contact")}>
        <ContactLines lines={draft.contacts} onChange={(contacts) => setDraft({ ...draft, contacts })} />
      </Part>
      {asked.length > 0 && (
        <Part title={t("customer.new_more_fields")}>
          <div className={classes.grid}>
            {asked.map((field) => (
              <ValueInput
                key={field.id}
                field={field}
                label={field.title}
                value={draft.fields[field.id] ?? null}
                error={missing[field.id] && t("customer.needed", { field: field.title })}
                onChange={(value) => setDraft({ ...draft, fields: { ...draft.fields, [field.id]: value } })}
              />
            ))}
          </div>
        </Part>
      )}
      <Part title={t("customer.section_address")}>
        <Place draft={draft} setDraft={setDraft} />
      </Part>
    </>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className={classes.part}>
      <h2 className={classes.partTitle}>{title}</h2>
      <div className={classes.partBody}>{children}</div>
    </section>
  );
}

type HalfProps = Pick<InputsProps, "draft" | "setDraft">;

function Who({ draft, setDraft }: HalfProps) {
  return (
    <>
      <SegmentedControl
        aria-label={t("query.field_kind")}
        className={classes.kind}
        value={draft.kind}
        onChange={(kind) => setDraft({ ...draft, kind: kind as NewDraft["kind"] })}
        data={[
          { value: "person", label: t("common.person") },
          { value: "organization", label: t("common.organization") },
        ]}
      />
      <div className={classes.grid} data-kind={draft.kind}>
        {namesOf(draft.kind).map((name) => (
          <TextInput
            key={name}
            dir="auto"
            data-name={name}
            data-first={name === "first_name" || name === "name" ? true : undefined}
            autoComplete="off"
            label={t(`customer.field_${name}` as MessageKey)}
            value={draft.names[name] ?? ""}
            onChange={(event) =>
              setDraft({ ...draft, names: { ...draft.names, [name]: event.currentTarget.value } })
            }
          />
        ))}
      </div>
    </>
  );
}

function Place({ draft, setDraft }: HalfProps) {
  return (
    <>
      <div className={classes.grid}>
        {["city", "province", "street", "postal_code", "country"].map((name) => (
          <TextInput
            key={name}
            dir="auto"
            autoComplete="off"
            label={t(`customer.field_${name}` as MessageKey)}
            value={draft.address[name] ?? ""}
            onChange={(event) =>
              setDraft({ ...draft, address: { ...draft.address, [name]: event.currentTarget.value } })
            }
          />
        ))}
      </div>
      <Textarea
        autosize
        minRows={2}
        dir="auto"
        label={t("customer.field_description")}
        value={draft.description}
        onChange={(event) => setDraft({ ...draft, description: event.currentTarget.value })}
      />
    </>
  );
}
