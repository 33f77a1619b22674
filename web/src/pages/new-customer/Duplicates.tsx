/** Customers that look like the one being written: by its numbers and addresses first, then by its name. */
import { useDebouncedValue } from "@mantine/hooks";
import { useQueries } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { api } from "../../api/client.ts";
import { keys } from "../../api/queryClient.ts";
import type { QuickReply, SearchItem } from "../../api/types.ts";
import { t } from "../../i18n/i18n.tsx";
import { latinDigits } from "../../i18n/jalali.ts";
import { CustomerLine } from "../../ui/CustomerLine.tsx";
import type { NewDraft } from "./draft.ts";
import classes from "./NewCustomer.module.css";

const SHOWN = 4;
const LEAST_DIGITS = 7;

/** What is worth asking for: whole-looking numbers, e-mail addresses, names of two words. */
export function probes(draft: NewDraft): string[] {
  const contacts = draft.contacts
    .map(({ value }) => value.trim())
    .filter((value) => latinDigits(value).replace(/\D/g, "").length >= LEAST_DIGITS || /@.+\../.test(value));
  const { first_name, last_name, name } = draft.names;
  const full = draft.kind === "person" ? [first_name, last_name].filter(Boolean).join(" ") : (name ?? "");
  const said = full.trim();
  const worth = draft.kind === "person" ? Boolean(first_name?.trim() && last_name?.trim()) : said.length >= 3;
  return worth ? [...contacts, said] : contacts;
}

function useLookAlikes(draft: NewDraft): SearchItem[] {
  const [asked] = useDebouncedValue(JSON.stringify(probes(draft)), 250);
  return useQueries({
    queries: (JSON.parse(asked) as string[]).slice(0, 4).map((q) => ({
      queryKey: [...keys.search, "quick", q, SHOWN],
      queryFn: async ({ signal }: { signal: AbortSignal }) =>
        (await api.get<QuickReply>("/customers:quick", { params: { q, limit: SHOWN }, signal })).data,
    })),
    combine: (results) => {
      const hits = results.flatMap(({ data }) => data?.items ?? []);
      return [...new Map(hits.map((hit) => [hit.id, hit])).values()].slice(0, SHOWN);
    },
  });
}

export function Duplicates({ draft }: { draft: NewDraft }) {
  const hits = useLookAlikes(draft);
  return (
    <aside className={classes.duplicates} aria-live="polite">
      {hits.length > 0 && (
        <div className={classes.alike}>
          <h2 className={classes.alikeTitle}>{t("customer.duplicates_title")}</h2>
          <p className={classes.hint}>{t("customer.duplicates_text")}</p>
          <ul>
            {hits.map((hit) => (
              <li key={hit.id}>
                <Link to="/customers/$id" params={{ id: hit.id }} className={classes.hit}>
                  <CustomerLine hit={hit} />
                </Link>
              </li>
            ))}
          </ul>
        </div>
      )}
    </aside>
  );
}
