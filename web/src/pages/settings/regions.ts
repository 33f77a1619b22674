/** Countries by their ISO 3166-1 alpha-2 codes, named in the chosen language by the platform. */
import { locale } from "@/i18n/i18n.tsx";

const CODES =
  "AD AE AF AG AI AL AM AO AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BW BY BZ CA CC CD CF " +
  "CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF " +
  "GG GH GI GL GM GN GP GQ GR GT GU GW GY HK HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP " +
  "KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA " +
  "NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI " +
  "SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG US UY UZ VA VC VE VG VI VN " +
  "VU WF WS XK YE YT ZA ZM ZW";

const cache = new Map<string, { value: string; label: string }[]>();

/** Options of a select of countries, in the order of the language's alphabet. */
export function regionOptions(): { value: string; label: string }[] {
  const language = locale();
  const found = cache.get(language);
  if (found) return found;
  const names = new Intl.DisplayNames([language], { type: "region" });
  const made = CODES.split(" ")
    .map((value) => ({ value, label: names.of(value) ?? value }))
    .sort((one, other) => one.label.localeCompare(other.label, language));
  cache.set(language, made);
  return made;
}

/** Time zones the platform knows, with today's distance from UTC. */
export function timeZoneOptions(now = new Date()): { value: string; label: string }[] {
  const zones = new Set([...Intl.supportedValuesOf("timeZone"), "UTC"]);
  return [...zones].map((value) => ({
    value,
    label: `${value.replaceAll("_", " ")} (${distance(value, now)})`,
  }));
}

function distance(timeZone: string, now: Date): string {
  const parts = new Intl.DateTimeFormat("en", { timeZone, timeZoneName: "longOffset" }).formatToParts(now);
  return parts.find((part) => part.type === "timeZoneName")?.value.replace("GMT", "UTC") ?? "UTC";
}
