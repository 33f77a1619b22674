import { Drawer } from "@mantine/core";
import { direction, t } from "../../i18n/i18n.tsx";
import classes from "./Sidebar.module.css";
import { Sidebar } from "./Sidebar.tsx";

/** The sidebar where there is no room for one. */
export function PhoneMenu({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Drawer
      opened={opened}
      onClose={onClose}
      size={264}
      padding={0}
      withCloseButton={false}
      classNames={{ content: classes.phoneMenu }}
      position={direction() === "rtl" ? "right" : "left"}
      attributes={{ content: { "aria-label": t("shell.navigation") } }}
    >
      <Sidebar narrow={false} />
    </Drawer>
  );
}
