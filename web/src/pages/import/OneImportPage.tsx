/** One import: its mapping until it is run, then its progress, then what became of it. */

import { useParams } from "@tanstack/react-router";
import { Fragment } from "react";
import { useUserName } from "@/api/queries.ts";
import { dateTime } from "@/i18n/format.ts";
import { t } from "@/i18n/i18n.tsx";
import { Page } from "@/ui/Page.tsx";
import { Failure, Lines } from "@/ui/states.tsx";
import { useImport } from "./api.ts";
import { Mapping } from "./Mapping.tsx";
import { Running } from "./Running.tsx";

export default function OneImportPage() {
  const { importId } = useParams({ strict: false }) as { importId: string };
  const found = useImport(importId);
  const by = useUserName(found.data?.created_by);
  if (found.isPending) {
    return (
      <Page title={t("importing.title")}>
        <Lines count={10} />
      </Page>
    );
  }
  if (found.isError) {
    return (
      <Page title={t("importing.title")}>
        <Failure error={found.error} retry={() => void found.refetch()} />
      </Page>
    );
  }
  const one = found.data;
  const facts = [by, dateTime(one.created_at), fileSize(one.size)].filter(Boolean);
  return (
    <Page
      title={one.file_name}
      aside={facts.map((fact, index) => (
        <Fragment key={fact}>
          {index > 0 && " · "}
          <bdi>{fact}</bdi>
        </Fragment>
      ))}
    >
      {one.state === "ready" ? <Mapping key={one.id} found={one} /> : <Running found={one} />}
    </Page>
  );
}

function fileSize(bytes: number): string {
  if (bytes < 1024 * 1024) return t("importing.size_kb", { count: Math.max(1, Math.round(bytes / 1024)) });
  return t("importing.size_mb", { count: Math.round((bytes / 1024 / 1024) * 10) / 10 });
}
