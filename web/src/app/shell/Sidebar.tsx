import { Tooltip } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { direction, type MessageKey, t } from "../../i18n/i18n.tsx";
import { AREAS, type Area, type NavSection } from "../areas.ts";
import { useCan } from "../session.tsx";
import { Logo } from "./Logo.tsx";
import classes from "./Sidebar.module.css";

const SECTIONS: [NavSection, MessageKey][] = [
  ["work", "shell.section_work"],
  ["setup", "shell.section_setup"],
  ["operate", "shell.section_operate"],
];

/** The pages one may open, in three groups. */
export function Sidebar({ narrow }: { narrow: boolean }) {
  const can = useCan();
  const open = AREAS.filter((area) => area.nav && (!area.permission || can(area.permission)));
  return (
    <nav className={classes.nav} data-narrow={narrow || undefined} aria-label={t("shell.navigation")}>
      <Link to="/customers" className={classes.brand} aria-label={t("shell.home")}>
        <Logo size={24} />
        {!narrow && <span className={classes.word}>Rapport</span>}
      </Link>
      {SECTIONS.map(([section, label]) => {
        const areas = open.filter((area) => area.nav?.section === section);
        return areas.length ? (
          <div key={section} className={classes.section}>
            {!narrow && section !== "work" && <h2 className={classes.heading}>{t(label)}</h2>}
            <ul>
              {areas.map((area) => (
                <Entry key={area.path} area={area} narrow={narrow} />
              ))}
            </ul>
          </div>
        ) : null;
      })}
    </nav>
  );
}

function Entry({ area, narrow }: { area: Area; narrow: boolean }) {
  if (!area.nav) return null;
  const { icon: Picture, label } = area.nav;
  const side = direction() === "rtl" ? "left" : "right";
  return (
    <li>
      <Tooltip label={t(label)} position={side} disabled={!narrow}>
        <Link to={area.path} className={classes.entry} aria-label={narrow ? t(label) : undefined}>
          <Picture size={18} stroke={1.75} />
          {!narrow && <span>{t(label)}</span>}
        </Link>
      </Tooltip>
    </li>
  );
}
