/** No result: names the condition that is to blame, with what would be found without it. */
import { Button } from "@mantine/core";
import { IconFilterOff, IconUserPlus, IconUsers } from "@tabler/icons-react";
import { useQueries } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { keys } from "../../api/queryClient.ts";
import { AREAS } from "../../app/areas.ts";
import { useCan } from "../../app/session.tsx";
import { T, t } from "../../i18n/i18n.tsx";
import { asQuery, childrenOf, type GroupNode, modeOf, removeAt } from "../../query/tree.ts";
import { sentenceOf, useKnown } from "../../query/words.ts";
import { Empty } from "../../ui/states.tsx";
import classes from "./NothingFound.module.css";
import { SetupChecklist } from "./SetupChecklist.tsx";
import { type Search, search } from "./useSearch.ts";

type Props = { asked: Search; root: GroupNode; onChange: (root: GroupNode) => void };

export function NothingFound({ asked, root, onChange }: Props) {
  const asksNothing = asked.query === null;
  if (asksNothing && !asked.filter) return <NoCustomers />;
  return (
    <Empty icon={IconFilterOff} title={t("customers.nothing_title")} text={t("customers.nothing_text")}>
      <Killers asked={asked} root={root} onChange={onChange} />
    </Empty>
  );
}

function Killers({ asked, root, onChange }: Props) {
  const known = useKnown(root);
  const children = childrenOf(root);
  const counts = useQueries({
    queries: children.map((_, index) => {
      const without = removeAt(root, [index]);
      const body = { filter: asked.filter, query: asQuery(without), limit: 0 };
      return { queryKey: [...keys.search, "without", body], queryFn: async () => (await search(body)).count };
    }),
    combine: (results) => results.map(({ data }) => data ?? 0),
  });
  if (modeOf(root) !== "all") return null;
  return (
    <div className={classes.killers}>
      {children.map((child, index) => {
        const count = counts[index] ?? 0;
        const words = sentenceOf(child, known);
        return count > 0 ? (
          <p key={JSON.stringify(child)} className={classes.killer}>
            <span>
              <T id="customers.without" values={{ condition: <bdi>{words}</bdi>, count }} />
            </span>
            <Button size="xs" variant="default" onClick={() => onChange(removeAt(root, [index]))}>
              {t("customers.remove_it")}
            </Button>
          </p>
        ) : null;
      })}
    </div>
  );
}

/** The very first time: setting up, for who may; else how to have customers. */
function NoCustomers() {
  const can = useCan();
  if (can("settings.edit")) return <SetupChecklist />;
  const imports = AREAS.find(({ path }) => path === "/import");
  return (
    <Empty icon={IconUsers} title={t("customers.none_title")} text={t("customers.none_text")}>
      {imports && can("imports.run") && (
        <Button component={Link} to={imports.path}>
          {t("customers.import_file")}
        </Button>
      )}
      {can("customers.create") && (
        <Button
          component={Link}
          to="/customers/new"
          variant="default"
          leftSection={<IconUserPlus size={16} stroke={1.75} />}
        >
          {t("shell.new_customer")}
        </Button>
      )}
    </Empty>
  );
}
