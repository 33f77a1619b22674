import { t } from "../../i18n/i18n.tsx";
import { Page } from "../../ui/Page.tsx";

export default function CustomersPage() {
  return <Page title={t("shell.customers")}>{null}</Page>;
}
