import { IconAlertTriangle, IconCheck, IconChecks, IconClock, IconHelp } from "@tabler/icons-react";
import type { ComponentType } from "react";
import type { Delivery, MessageState } from "../api/types.ts";
import { known, type MessageKey, t } from "../i18n/i18n.tsx";
import { Badge, type Tone } from "../ui/Badge.tsx";
import { U } from "../ui/text.tsx";

type Look = [tone: Tone, icon: ComponentType<{ size?: number; stroke?: number }>];

const LOOKS: Record<MessageState, Look> = {
  queued: ["plain", IconClock],
  sending: ["plain", IconClock],
  sent: ["info", IconCheck],
  delivered: ["ok", IconChecks],
  failed: ["error", IconAlertTriangle],
  undeliverable: ["error", IconAlertTriangle],
  unknown: ["warn", IconHelp],
  received: ["info", IconCheck],
};

/** How far a message got, as a word with its sign; the reason when it failed. */
export function DeliveryBadge({ delivery }: { delivery: Delivery }) {
  const [tone, Picture] = LOOKS[delivery.state] ?? LOOKS.unknown;
  const reason = `timeline.reason_${delivery.reason}`;
  return (
    <Badge tone={tone} icon={<Picture size={14} stroke={1.75} />}>
      {t(`timeline.state_${delivery.state}`)}
      {delivery.reason && <U>{known(reason) ? t(reason as MessageKey) : delivery.reason}</U>}
    </Badge>
  );
}
