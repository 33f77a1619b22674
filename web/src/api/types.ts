/**
 * The API's shapes under the names the console gives them. What the API's document says stands in schema.gen.ts; here is
 * only what the document leaves open (`unknown` objects) and what no answer of the API is.
 */
import type * as api from "./schema.gen.ts";

export type Id = string;

export type Page<Item> = { items: Item[]; next: string | null };

/** A refusal; the client makes one itself (`network`) when there was no answer, so only these two are sure. */
export type ProblemBody = Partial<api.Problem> & Pick<api.Problem, "code" | "status">;

// identity -----------------------------------------------------------------------------------------------------------

export type GroupAccess = api.GroupAccessOut;
/** `password`: a made one, only in the answer that made it. */
export type User = api.UserOut;
/** What everybody may know of a user. */
export type UserName = api.UserName;
/** `group_access` null means every group. */
export type Role = api.RoleOut;
export type Settings = api.SettingsOut;
export type Me = api.MeOut;

// customers ----------------------------------------------------------------------------------------------------------

export type Contact = Pick<api.ContactOut, "kind" | "value"> & Partial<api.ContactOut>;
export type ContactKind = Contact["kind"];
export type Address = Partial<api.AddressOut>;
export type FieldValue = string | number | boolean | string[] | number[];
export type OrganizationLink = Pick<api.LinkOut, "id"> & Partial<api.LinkOut>;
export type Member = api.MemberOut;
/** What a picker or a link shows of a customer. */
export type CustomerSummary = api.Summary;

export type Customer = Omit<api.CustomerOut, "contacts" | "address" | "fields" | "organizations"> & {
  contacts: Contact[];
  address: Address | null;
  fields: Record<Id, FieldValue>;
  organizations?: OrganizationLink[];
};

export type NewCustomer = Partial<
  Omit<Customer, "id" | "version" | "created_at" | "created_by" | "updated_at">
> & {
  kind: Customer["kind"];
  groups: Id[];
};

export type Change = api.ChangeOut;
/** `via`: `form`, `api_key:<id>`, `import:<id>`, `job:<id>`. */
export type HistoryItem = api.HistoryEntry;
export type Group = api.GroupOut;
export type CustomField = api.FieldOut;
export type FieldType = CustomField["type"];
export type FieldSection = api.SectionOut;
/** Customers hold the option's id. */
export type ListItem = api.ItemOut;
export type List = api.ListOut;

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

export type Facet = api.BucketAnswer;

export type Sort = Required<api.SortBody>;

/** `filter`: a fixed or saved one; the query narrows it. */
export type SearchRequest = Omit<api.SearchBody, "query" | "sort"> & { query?: Query | null; sort?: Sort[] };

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

export type SearchReply = Omit<api.SearchAnswer, "items"> & { items: SearchItem[] };

/** A hit of the quick search. */
export type QuickHit = SearchItem;

export type QuickReply = Omit<api.QuickAnswer, "items"> & { items: SearchItem[] };

export type Filter = Omit<api.FilterAnswer, "query" | "sort"> & { query: Query | null; sort: Sort[] };

// logging ------------------------------------------------------------------------------------------------------------

export type TagRef = api.TagRef;
export type TagState = TagRef["state"];
export type Tag = api.TagOut;
/** `pending` (how many wait for verification) for those who may verify. */
export type TagPage = api.TagList;
export type EntryAction = api.ActionOut;
export type NewEntryAction = Required<api.NewAction>;
export type Delivery = Omit<api.DeliveryOut, "state"> & { state: MessageState };
export type Entry = Omit<api.EntryOut, "delivery"> & { delivery: Delivery | null };
export type Verification = api.VerificationOut;

// messaging ----------------------------------------------------------------------------------------------------------

export type Message = api.MessageOut;
export type MessageState = Message["state"];
export type Consent = api.ConsentOut;

// jobs ---------------------------------------------------------------------------------------------------------------

export type JobState = api.JobOut["state"];
export type Job<Result = Record<string, unknown>> = Omit<
  api.JobOut,
  "progress" | "result" | "error" | "created_by" | "created_at" | "updated_at"
> &
  Partial<Pick<api.JobOut, "created_by" | "created_at" | "updated_at">> & {
    progress: { done: number; total: number | null };
    result: Result | null;
    error: { code?: string; detail?: string } | null;
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
