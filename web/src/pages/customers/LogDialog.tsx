import { Modal } from "@mantine/core";
import { t } from "../../i18n/i18n.tsx";
import { Composer } from "../../timeline/Composer.tsx";
import { done } from "../../ui/toasts.tsx";

type LogDialogProps = { customerIds: string[]; onClose: () => void; onSaved: () => void };

/** One entry for many customers at once. */
export function LogDialog({ customerIds, onClose, onSaved }: LogDialogProps) {
  const count = customerIds.length;
  return (
    <Modal
      opened
      onClose={onClose}
      size={560}
      title={t("customers.log_title", { count })}
      closeButtonProps={{ "aria-label": t("common.close") }}
    >
      <Composer
        customerIds={customerIds}
        autoFocus
        onSaved={() => {
          onSaved();
          done(t("customers.logged", { count }));
        }}
      />
    </Modal>
  );
}
