/** Which columns one sees and in which order: kept on this device, or said by a saved filter. */
import { useLocalStorage } from "@mantine/hooks";
import { type Column, DEFAULT_COLUMNS, useAllColumns } from "./columns.tsx";

export type Chosen = { columns: Column[]; all: Column[]; ids: string[]; setIds: (ids: string[]) => void };

export function useColumns(ofFilter: string[]): Chosen {
  const all = useAllColumns();
  const [own, setIds] = useLocalStorage<string[]>({
    key: "rapport.columns",
    defaultValue: DEFAULT_COLUMNS,
    getInitialValueInEffect: false,
  });
  const ids = ofFilter.length ? ofFilter : own;
  const columns = ids.flatMap((id) => all.find((column) => column.id === id) ?? []);
  return { columns, all, ids, setIds };
}
