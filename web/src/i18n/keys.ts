/** The names of all messages, read off the English catalogues at type level only: nothing of them is bundled here. */
import type audit from "../locales/en/audit.json";
import type common from "../locales/en/common.json";
import type customer from "../locales/en/customer.json";
import type customers from "../locales/en/customers.json";
import type fields from "../locales/en/fields.json";
import type groups from "../locales/en/groups.json";
import type importing from "../locales/en/importing.json";
import type jobs from "../locales/en/jobs.json";
import type language from "../locales/en/language.json";
import type messages from "../locales/en/messages.json";
import type problem from "../locales/en/problem.json";
import type query from "../locales/en/query.json";
import type sandbox from "../locales/en/sandbox.json";
import type settings from "../locales/en/settings.json";
import type shell from "../locales/en/shell.json";
import type signIn from "../locales/en/sign-in.json";
import type system from "../locales/en/system.json";
import type tags from "../locales/en/tags.json";
import type timeline from "../locales/en/timeline.json";
import type users from "../locales/en/users.json";

type Areas = {
  audit: typeof audit;
  common: typeof common;
  customer: typeof customer;
  customers: typeof customers;
  fields: typeof fields;
  groups: typeof groups;
  importing: typeof importing;
  jobs: typeof jobs;
  language: typeof language;
  messages: typeof messages;
  problem: typeof problem;
  query: typeof query;
  sandbox: typeof sandbox;
  settings: typeof settings;
  shell: typeof shell;
  "sign-in": typeof signIn;
  system: typeof system;
  tags: typeof tags;
  timeline: typeof timeline;
  users: typeof users;
};

/** `area.key` of every message there is; a misspelt key does not compile. */
export type MessageKey = {
  [Area in keyof Areas]: `${Area}.${Extract<keyof Areas[Area], string>}`;
}[keyof Areas];
