/** The public API's shapes (docs of the API: `/api/v1/openapi.json`). Only what the console reads or writes. */

export type Id = string;

export type Page<Item> = { items: Item[]; next: string | null };

export type FieldError = { field: string; code: string; detail: string };

export type ProblemBody = {
  type?: string;
  title?: string;
  status: number;
  code: string;
  detail?: string;
  errors?: FieldError[];
  current?: unknown;
};

// identity -----------------------------------------------------------------------------------------------------------

export type GroupAccess = { group_id: Id; view: boolean; edit: boolean; remove: boolean };

export type User = {
  id: Id;
  username: string;
  name: string | null;
  email: string | null;
  roles: Id[];
  group_access: GroupAccess[];
  disabled: boolean;
  password_change_required: boolean;
  last_sign_in_at: string | null;
  created_at: string;
  updated_at: string;
  version: number;
  /** A made password, only in the answer that made it. */
  password?: string | null;
};

/** What everybody may know of a user. */
export type UserName = { id: Id; username: string; name: string | null; removed: boolean };

/** `group_access` null means every group. */
export type Role = {
  id: Id;
  name: string;
  permissions: string[];
  group_access: GroupAccess[] | null;
  built_in: boolean;
  version: number;
};

export type Settings = {
  region: string;
  time_zone: string;
  language: "en" | "fa";
  calendar: "gregorian" | "jalali";
  version: number;
};

export type Me = {
  user: User;
  roles: Role[];
  permissions: string[];
  settings: Settings;
  csrf_token: string | null;
  password_change_required: boolean;
};

// customers ----------------------------------------------------------------------------------------------------------

export type ContactKind =
  | "phone"
  | "mobile"
  | "fax"
  | "email"
  | "address"
  | "website"
  | "social"
  | "whatsapp";

export type Contact = {
  kind: ContactKind;
  label?: string | null;
  value: string;
  e164?: string | null;
  primary?: boolean;
};

export type Address = Partial<
  Record<"city" | "province" | "country" | "postal_code" | "street", string | null>
>;

export type FieldValue = string | number | boolean | string[] | number[];

export type OrganizationLink = { id: Id; position?: string | null };

export type Member = { id: Id; display_name: string; position: string | null; enabled: boolean };

/** What a picker or a link shows of a customer. */
export type CustomerSummary = Pick<Customer, "id" | "version" | "kind" | "enabled"> & {
  display_name: string;
};

export type Customer = {
  id: Id;
  kind: "person" | "organization";
  title?: string | null;
  first_name?: string | null;
  last_name?: string | null;
  name?: string | null;
  company_name?: string | null;
  position?: string | null;
  description?: string | null;
  groups: Id[];
  contacts: Contact[];
  address?: Address | null;
  fields: Record<Id, FieldValue>;
  organizations?: OrganizationLink[];
  members?: Member[];
  related_to?: Id | null;
  enabled: boolean;
  created_at: string;
  created_by?: Id | null;
  updated_at: string;
  version: number;
};

export type NewCustomer = Partial<
  Omit<Customer, "id" | "version" | "created_at" | "created_by" | "updated_at">
> & {
  kind: Customer["kind"];
  groups: Id[];
};

export type Change = { field: string; from: unknown; to: unknown };

export type HistoryItem = {
  version: number;
  at: string;
  by: Id;
  /** `form`, `api_key:<id>`, `import:<id>`, `job:<id>`. */
  via: string;
  action: "created" | "changed" | "enabled" | "disabled";
  changes: Change[];
};

export type Group = {
  id: Id;
  name: string;
  parent_id: Id | null;
  position: number;
  count: number;
  version: number;
};

export type FieldType = "text" | "integer" | "boolean" | "date" | "list";

export type CustomField = {
  id: Id;
  title: string;
  type: FieldType;
  section_id: Id;
  position: number;
  group_ids: Id[];
  list: string | null;
  multiple: boolean;
  placement: "basic" | "additional";
  required: boolean;
  visible_in_search: boolean;
  retired: boolean;
  version: number;
};

export type FieldSection = { id: Id; title: string; position: number; built_in: boolean; version: number };

/** Customers hold the option's id. */
export type ListItem = { id: Id; label: string; position: number };

export type List = { id: Id; name: string; items: ListItem[]; version: number };

// search -------------------------------------------------------------------------------------------------------------

export type Operator =
  | "is"
  | "is_not"
  | "in"
  | "contains"
  | "starts_with"
  | "gt"
  | "gte"
  | "lt"
  | "lte"
  | "between"
  | "filled"
  | "empty"
  | "within_last"
  | "within_next"
  | "older_than";

export type Unit = "day" | "week" | "month" | "year";

export type Period = { amount: number; unit: Unit };

export type GroupValue = { id: Id; subgroups: boolean };

export type ConditionValue =
  | string
  | number
  | boolean
  | string[]
  | number[]
  | Period
  | GroupValue
  | GroupValue[]
  | null;

export type Condition = { field: string; op: Operator; value?: ConditionValue };

export type Query = { all: Query[] } | { any: Query[] } | { none: Query[] } | Condition;

export type Sort = { field: string; direction: "asc" | "desc" };

export type Facet = { value: string; label: string; count: number };

export type SearchRequest = {
  query?: Query | null;
  /** A fixed or saved filter; the query narrows it. */
  filter?: Id;
  sort?: Sort[];
  limit?: number;
  after?: string | null;
  count?: boolean;
  facets?: string[];
};

/** A row of results: what a table shows of a customer. */
export type SearchItem = Pick<Customer, "id" | "version" | "kind" | "groups" | "fields" | "enabled"> &
  Partial<
    Pick<
      Customer,
      | "title"
      | "first_name"
      | "last_name"
      | "name"
      | "company_name"
      | "position"
      | "created_at"
      | "created_by"
      | "updated_at"
    >
  > & { display_name: string; phone: string | null; email: string | null; city: string | null };

export type SearchReply = Page<SearchItem> & {
  count: number;
  facets: Record<string, Facet[]>;
  as_of: string;
};

/** A hit of the quick search. */
export type QuickHit = SearchItem;

export type QuickReply = { items: SearchItem[]; as_of: string };

export type Filter = {
  id: Id;
  name: string;
  fixed: boolean;
  own: boolean;
  query: Query | null;
  columns: string[];
  sort: Sort[];
  shared_with: Id[];
  version: number;
};

// logging ------------------------------------------------------------------------------------------------------------

export type TagState = "system" | "verified" | "unverified";

export type TagRef = { id: Id; name: string; state: TagState };

export type Tag = TagRef & { count: number; created_by: Id | null; created_at: string; version: number };

/** `pending` (how many wait for verification) for those who may verify. */
export type TagPage = Page<Tag> & { pending: number | null };

export type EntryAction = { text: string; tags: TagRef[] };

export type NewEntryAction = { text: string; tags: string[] };

export type Delivery = { state: MessageState; reason: string | null; at: string };

export type Entry = {
  id: Id;
  kind: string;
  system: boolean;
  customer_ids: Id[];
  more_customers: boolean;
  occurred_at: string;
  recorded_at: string;
  recorded_by: Id | null;
  recorded_by_name: string | null;
  actions: EntryAction[];
  description: string | null;
  described_by: Id | null;
  described_at: string | null;
  delivery: Delivery | null;
  link: { type: string; id: Id; url: string } | null;
  data: Record<string, unknown>;
  version: number;
};

export type Verification = {
  valid: boolean;
  entries: number;
  broken: { chain: number; position: number | null; entry_id: Id | null; reason: string } | null;
};

// messaging ----------------------------------------------------------------------------------------------------------

export type MessageState =
  | "queued"
  | "sending"
  | "sent"
  | "delivered"
  | "failed"
  | "undeliverable"
  | "unknown"
  | "received";

export type Message = {
  id: Id;
  channel: "sms";
  direction: "in" | "out";
  customer_id: Id | null;
  address: string;
  body: string;
  state: MessageState;
  reason: string | null;
  at: string;
};

export type Consent = { state: "in" | "out" | "none"; at: string | null; how: string | null };

// jobs ---------------------------------------------------------------------------------------------------------------

export type JobState = "queued" | "running" | "paused" | "done" | "failed" | "cancelled";

export type Job<Result = Record<string, unknown>> = {
  id: Id;
  kind: string;
  state: JobState;
  progress: { done: number; total: number | null };
  result: Result | null;
  error: string | { code?: string; detail?: string } | null;
  created_at?: string;
};

// live ---------------------------------------------------------------------------------------------------------------

export type LiveType =
  | "customer"
  | "group"
  | "custom_field"
  | "timeline"
  | "tag"
  | "message"
  | "user"
  | "job";

export type LiveChange = { type: LiveType; id: Id; version: number };
