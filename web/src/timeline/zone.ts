/** A day and a time of the workspace's zone as an instant, and back. */
import { dayOf } from "../i18n/format.ts";
import { workspace } from "../i18n/workspace.ts";

/** `HH:MM` of an instant in the workspace's zone, in Latin digits as inputs want them. */
export function timeOf(instant: string): string {
  const zone = workspace.get().time_zone;
  const format = new Intl.DateTimeFormat("en-GB", { timeZone: zone, hour: "2-digit", minute: "2-digit" });
  return format.format(Date.parse(instant));
}

/** How far the zone is ahead of UTC at an instant, in milliseconds. */
function offset(instant: number): number {
  const shown = `${dayOf(instant)}T${timeOf(new Date(instant).toISOString())}:00Z`;
  const minute = Math.floor(instant / 60_000) * 60_000;
  return Date.parse(shown) - minute;
}

/** The instant of a local day and time; in a gap of a clock change, the moment after it. */
export function instantOf(day: string, time: string): string {
  const wanted = Date.parse(`${day}T${time}:00Z`);
  const first = wanted - offset(wanted);
  return new Date(wanted - offset(first)).toISOString();
}
