/** Tags as rows: name, how often it is used, who made it, and what can be done to it. */
import { ActionIcon, Button, Menu, TextInput } from "@mantine/core";
import { IconArrowMerge, IconCheck, IconDots, IconPencil, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import type { Tag } from "@/api/types.ts";
import { useCan } from "@/app/session.tsx";
import { ago, dateTime, number } from "@/i18n/format.ts";
import { t } from "@/i18n/i18n.tsx";
import { Confirm } from "@/ui/dialogs.tsx";
import { failed } from "@/ui/toasts.tsx";
import kit from "../kit/kit.module.css";
import { UserName } from "../kit/names.tsx";
import { removeTag, renameTag, verifyTags } from "./actions.ts";
import { ReplaceDialog } from "./ReplaceDialog.tsx";

type Asked = { what: "replace" | "remove"; tag: Tag };

export function TagTable({ tags, view }: { tags: Tag[]; view: "unverified" | "verified" | "system" }) {
  const can = useCan();
  const [editing, setEditing] = useState<string | null>(null);
  const [asked, setAsked] = useState<Asked | null>(null);
  const mayEdit = can("tags.edit") && view !== "system";
  return (
    <>
      <div className={kit.tableWrap}>
        <table className={kit.table}>
          <thead>
            <tr>
              <th scope="col">{t("tags.tag")}</th>
              <th scope="col" data-end>
                {t("tags.uses")}
              </th>
              {view === "system" ? null : (
                <th scope="col" data-wide>
                  {t("tags.by")}
                </th>
              )}
              {view === "system" ? null : (
                <th scope="col" data-wide>
                  {t("tags.since")}
                </th>
              )}
              <th scope="col" data-actions>
                <span className="visually-hidden">{t("tags.actions")}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {tags.map((tag) => (
              <tr key={tag.id}>
                <td>
                  {editing === tag.id ? (
                    <Rename tag={tag} onClose={() => setEditing(null)} />
                  ) : (
                    <bdi className={kit.strong}>{tag.name}</bdi>
                  )}
                </td>
                <td data-end>{number(tag.count ?? 0)}</td>
                {view === "system" ? null : (
                  <>
                    <td data-wide>
                      <UserName id={tag.created_by} />
                    </td>
                    <td
                      data-wide
                      data-quiet
                      data-nowrap
                      title={tag.created_at ? dateTime(tag.created_at) : undefined}
                    >
                      {tag.created_at ? ago(tag.created_at) : null}
                    </td>
                  </>
                )}
                <td data-actions>
                  {view === "unverified" && can("tags.verify") ? (
                    <Button
                      size="compact-sm"
                      variant="light"
                      leftSection={<IconCheck size={14} stroke={2} />}
                      onClick={() => void verifyTags([tag]).catch(failed)}
                    >
                      {t("tags.verify")}
                    </Button>
                  ) : null}
                  {mayEdit ? (
                    <Menu>
                      <Menu.Target>
                        <ActionIcon aria-label={t("tags.actions_of", { name: tag.name })}>
                          <IconDots size={16} stroke={1.75} />
                        </ActionIcon>
                      </Menu.Target>
                      <Menu.Dropdown>
                        <Menu.Item leftSection={<IconPencil size={16} />} onClick={() => setEditing(tag.id)}>
                          {t("common.rename")}
                        </Menu.Item>
                        <Menu.Item
                          leftSection={<IconArrowMerge size={16} />}
                          onClick={() => setAsked({ what: "replace", tag })}
                        >
                          {t("tags.replace")}
                        </Menu.Item>
                        <Menu.Item
                          color="red"
                          leftSection={<IconTrash size={16} />}
                          onClick={() => setAsked({ what: "remove", tag })}
                        >
                          {t("common.remove")}
                        </Menu.Item>
                      </Menu.Dropdown>
                    </Menu>
                  ) : null}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {asked?.what === "replace" ? <ReplaceDialog tag={asked.tag} onClose={() => setAsked(null)} /> : null}
      {asked?.what === "remove" ? (
        <Confirm
          opened
          danger
          title={t("tags.remove_title", { name: asked.tag.name })}
          confirm={t("common.remove")}
          onClose={() => setAsked(null)}
          onConfirm={() => {
            void removeTag(asked.tag).catch(failed);
            setAsked(null);
          }}
        >
          {t("tags.remove_text", { count: asked.tag.count ?? 0 })}
        </Confirm>
      ) : null}
    </>
  );
}

function Rename({ tag, onClose }: { tag: Tag; onClose: () => void }) {
  const [name, setName] = useState(tag.name);
  async function save() {
    const wanted = name.trim();
    if (wanted && wanted !== tag.name) await renameTag(tag, wanted).catch(failed);
    onClose();
  }
  return (
    <TextInput
      aria-label={t("tags.rename_of", { name: tag.name })}
      value={name}
      dir="auto"
      maxLength={100}
      autoFocus
      size="xs"
      onFocus={(event) => event.currentTarget.select()}
      onChange={(event) => setName(event.currentTarget.value)}
      onBlur={() => void save()}
      onKeyDown={(event) => {
        if (event.key === "Enter") event.currentTarget.blur();
        if (event.key === "Escape") onClose();
      }}
    />
  );
}
