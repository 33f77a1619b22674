/** Choosing people one by one. */
import { Button, Pill } from "@mantine/core";
import { useState } from "react";
import { nameOf } from "@/api/queries.ts";
import type { Id } from "@/api/types.ts";
import { CustomerPicker } from "@/customer-form/CustomerPicker.tsx";
import { t } from "@/i18n/i18n.tsx";
import css from "./messages.module.css";

type Person = { id: Id; name: string };

export function People({ onDone }: { onDone: (ids: Id[], label: string) => void }) {
  const [people, setPeople] = useState<Person[]>([]);
  const label =
    people.length === 1 ? (people[0]?.name ?? "") : t("messages.some_people", { count: people.length });
  return (
    <div className={css.audienceForm}>
      <CustomerPicker
        label={t("messages.find_people")}
        exclude={people.map(({ id }) => id)}
        onPick={(hit) => setPeople([...people, { id: hit.id, name: nameOf(hit) }])}
      />
      {people.length > 0 ? (
        <>
          <Pill.Group>
            {people.map((one) => (
              <Pill
                key={one.id}
                withRemoveButton
                removeButtonProps={{ "aria-label": t("messages.remove_person", { name: one.name }) }}
                onRemove={() => setPeople(people.filter((other) => other.id !== one.id))}
              >
                <bdi>{one.name}</bdi>
              </Pill>
            ))}
          </Pill.Group>
          <Button
            variant="default"
            onClick={() =>
              onDone(
                people.map((one) => one.id),
                label,
              )
            }
          >
            {t("messages.write_to_these")}
          </Button>
        </>
      ) : null}
    </div>
  );
}
