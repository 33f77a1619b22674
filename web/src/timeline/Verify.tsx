import { Button, Tooltip } from "@mantine/core";
import { IconShieldCheck, IconShieldX } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { api } from "../api/client.ts";
import type { Id, Verification } from "../api/types.ts";
import { date } from "../i18n/format.ts";
import { known, type MessageKey, t } from "../i18n/i18n.tsx";
import { Badge } from "../ui/Badge.tsx";
import { failed } from "../ui/toasts.tsx";

/** Checks the chain of the system's entries, and says what it found: a count, or the first broken link. */
export function Verify({ customerId }: { customerId: Id }) {
  const check = useMutation({
    mutationFn: async () => (await api.get<Verification>(`/customers/${customerId}/timeline:verify`)).data,
    onError: failed,
  });
  const found = check.data;
  if (!found) {
    return (
      <Tooltip label={t("timeline.verify_hint")}>
        <Button
          variant="subtle"
          color="gray"
          size="xs"
          loading={check.isPending}
          leftSection={<IconShieldCheck size={16} stroke={1.75} />}
          onClick={() => check.mutate()}
        >
          {t("timeline.verify")}
        </Button>
      </Tooltip>
    );
  }
  const checked = t("timeline.verified_at", { date: date(new Date().toISOString()) });
  return found.valid ? (
    <Tooltip label={checked}>
      <span role="status">
        <Badge tone="ok" icon={<IconShieldCheck size={14} stroke={1.75} />}>
          {t("timeline.valid", { count: found.entries })}
        </Badge>
      </span>
    </Tooltip>
  ) : (
    <span role="alert">
      <Badge tone="error" icon={<IconShieldX size={14} stroke={1.75} />}>
        {t("timeline.broken", { reason: reason(found) })}
      </Badge>
    </span>
  );
}

function reason({ broken }: Verification): string {
  const key = `timeline.broken_${broken?.reason}`;
  return known(key) ? t(key as MessageKey) : (broken?.reason ?? "");
}
