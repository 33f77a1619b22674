import { Button } from "@mantine/core";
import { IconMapOff } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { t } from "../i18n/i18n.tsx";
import { Empty } from "../ui/states.tsx";

export function NotFound() {
  return (
    <Empty icon={IconMapOff} title={t("common.not_found_title")} text={t("common.not_found_text")}>
      <Button component={Link} to="/customers">
        {t("common.to_customers")}
      </Button>
    </Empty>
  );
}
