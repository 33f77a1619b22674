/** The line on which a new group is typed: Enter creates it and opens the next, Tab goes deeper, a pasted list becomes groups. */
import { TextInput } from "@mantine/core";
import { type ClipboardEvent, type KeyboardEvent, useState } from "react";
import type { Group } from "@/api/types.ts";
import { t } from "@/i18n/i18n.tsx";
import { failed } from "@/ui/toasts.tsx";
import { createGroup, createLines } from "./actions.ts";
import { after, children, type Place, parseOutline } from "./outline.ts";

type Props = {
  place: Place;
  groups: Group[];
  /** Where the next one goes; null ends typing. */
  onNext: (place: Place | null) => void;
  onClose: () => void;
};

export function NameInput({ place, groups, onNext, onClose }: Props) {
  const [name, setName] = useState("");
  const [busy, setBusy] = useState(false);

  async function attempt(run: () => Promise<void>) {
    setBusy(true);
    try {
      await run();
    } catch (problem) {
      failed(problem);
    } finally {
      setBusy(false);
    }
  }

  const create = (then: (made: Group) => Place | null) =>
    attempt(async () => {
      const made = await createGroup(name.trim(), place);
      setName("");
      onNext(then(made));
    });

  function key(event: KeyboardEvent) {
    if (event.nativeEvent.isComposing) return;
    if (event.key === "Escape") onClose();
    if (event.key === "Enter" && name.trim()) {
      event.preventDefault();
      void create(() => ({ ...place, position: place.position + 1 }));
    }
    if (event.key === "Tab" && groups.length > 0) {
      const next = event.shiftKey ? outward(groups, place) : inward(groups, place);
      if (!next) return;
      event.preventDefault();
      onNext(next);
    }
  }

  function paste(event: ClipboardEvent) {
    const lines = parseOutline(event.clipboardData.getData("text/plain"));
    if (lines.length < 2) return;
    event.preventDefault();
    void attempt(async () => {
      await createLines(lines, place);
      onNext(null);
    });
  }

  return (
    <TextInput
      aria-label={t("groups.name")}
      placeholder={t("groups.name_placeholder")}
      dir="auto"
      maxLength={200}
      autoFocus
      value={name}
      disabled={busy}
      onChange={(event) => setName(event.currentTarget.value)}
      onKeyDown={key}
      onPaste={paste}
      onBlur={() => {
        if (name.trim() && !busy) void create(() => null);
        else if (!busy) onClose();
      }}
    />
  );
}

function inward(groups: Group[], place: Place): Place | null {
  const above = children(groups, place.parent_id)[place.position - 1];
  return above ? { parent_id: above.id, position: children(groups, above.id).length } : null;
}

function outward(groups: Group[], place: Place): Place | null {
  const parent = groups.find((group) => group.id === place.parent_id);
  return parent ? after(groups, parent) : null;
}
