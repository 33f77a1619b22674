/** The way to the next page of an endless list. */
import { Button } from "@mantine/core";
import { t } from "@/i18n/i18n.tsx";
import css from "./kit.module.css";

type Pages = { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => Promise<unknown> };

export function More({ pages }: { pages: Pages }) {
  if (!pages.hasNextPage) return null;
  return (
    <div className={css.more}>
      <Button variant="default" loading={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
        {t("common.show_more")}
      </Button>
    </div>
  );
}
