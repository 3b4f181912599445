//! What CloudTrail shows of use: who used which permission on what, how often, from where.

use std::sync::Arc;

use crate::table::rows;
use crate::{Days, ShortText, Timestamp};

rows! {
    /// What one principal did with one key, permission, resource and outcome in one Region.
    "usage" UsageRow {
        /// Twelve digits: the account that received the record, else the caller's; empty where neither is known.
        account_id: ShortText,
        /// The IAM identity: of a user or role (never a session), a root user, a service's host or an account; empty where nothing is known.
        principal_arn: Arc<str>,
        /// `user`, `role`, `root`, `federated_user`, `web_identity`, `saml`, `identity_center`, `service`, `account` or `unknown`.
        principal_type: ShortText,
        /// The long-term access key; missing for temporary ones.
        access_key_id: Option<ShortText>,
        /// The service's host, such as `s3.amazonaws.com`.
        event_source: ShortText,
        /// The event's name, such as `ListBuckets`.
        event_name: ShortText,
        /// The action that the call needed, such as `s3:ListAllMyBuckets`; missing: it needed none, or none is known.
        action: Option<ShortText>,
        /// An ARN, `*` for an action without resource types, a common prefix with `*` where there were too many; missing where it could not be told.
        resource: Option<Arc<str>>,
        /// The Region.
        region: ShortText,
        /// `allowed`, `denied` or `authentication_failed`.
        outcome: ShortText,
        /// How many events.
        count: i64 => "events",
        /// The first of them.
        first_seen: Option<Timestamp>,
        /// The last of them.
        last_seen: Option<Timestamp>,
        /// The 20 smallest addresses or hosts that the calls came from; `…` last: there were more.
        source_ips: Vec<Arc<str>>,
        /// The 20 smallest user agents; `…` last: there were more.
        user_agents: Vec<Arc<str>>,
        /// The 20 smallest VPC endpoints; `…` last: there were more.
        vpc_endpoints: Vec<Arc<str>>,
        /// The 20 smallest services that made the calls for the principal; `…` last: there were more.
        invoked_by: Vec<Arc<str>>,
        /// On how many days in UTC.
        active_days: i64 => "days",
        /// Those days, as `yyyy-mm-dd`, in order.
        active_dates: Days,
        /// Whether `resource` is the common prefix of more resources than are kept apart.
        is_resource_folded: bool,
    }

    /// The columns of `usage` that say when a principal and its key last called.
    "usage" UsageTimeRow {
        /// The IAM identity; empty where nothing is known.
        principal_arn: Arc<str>,
        /// The long-term access key; missing for temporary ones.
        access_key_id: Option<ShortText>,
        /// The event's name.
        event_name: ShortText,
        /// `allowed`, `denied` or `authentication_failed`.
        outcome: ShortText,
        /// The last event.
        last_seen: Option<Timestamp>,
    }

    /// The columns of `usage` that say where a key was used from, by what, when and for what.
    "usage" UsageOriginRow {
        /// The long-term access key; missing for temporary ones.
        access_key_id: Option<ShortText>,
        /// The service's host, such as `s3.amazonaws.com`.
        event_source: ShortText,
        /// The event's name.
        event_name: ShortText,
        /// The action that the call needed; missing: it needed none, or none is known.
        action: Option<ShortText>,
        /// The Region.
        region: ShortText,
        /// `allowed`, `denied` or `authentication_failed`.
        outcome: ShortText,
        /// How many events.
        count: i64 => "events",
        /// The first of them.
        first_seen: Option<Timestamp>,
        /// The last of them.
        last_seen: Option<Timestamp>,
        /// The 20 smallest addresses or hosts that the calls came from; `…` last: there were more.
        source_ips: Vec<Arc<str>>,
        /// The 20 smallest user agents; `…` last: there were more.
        user_agents: Vec<Arc<str>>,
        /// The 20 smallest VPC endpoints; `…` last: there were more.
        vpc_endpoints: Vec<Arc<str>>,
        /// The days in UTC on which there were such events, as `yyyy-mm-dd`, in order.
        active_dates: Days,
    }

    /// What one run of `usage` read of one account and Region. The manifest's `usage` has the run itself.
    "usage_sources" UsageSourceRow {
        /// The number of the run, from 1 on.
        run: i64,
        /// `logs`, `s3`, `athena` or `event_history`, also of LookupEvents answers among files; `use_only`: events that were passed on, by
        /// EventBridge or CloudWatch Logs, or that do not tell their account, which show use and never that there was none.
        engine: ShortText,
        /// Twelve digits; empty where the records do not tell their account.
        account_id: ShortText,
        /// The Region.
        region: ShortText,
        /// The first instant that was asked for; missing: there was no such limit.
        since: Option<Timestamp>,
        /// The first instant past what was asked for; missing: there was no such limit.
        until: Option<Timestamp>,
        /// The first event of the account and Region.
        first_event: Option<Timestamp>,
        /// The last one.
        last_event: Option<Timestamp>,
        /// On how many days in UTC there were events.
        active_days: i64 => "days",
        /// Those days, as `yyyy-mm-dd`, in order.
        active_dates: Days,
        /// Those of the days on which there were events that are management events for certain; none in inventories of earlier versions.
        management_dates: Days,
        /// The Regions that alone were asked for; empty: all that the source has.
        asked_regions: Vec<Arc<str>>,
    }

    /// One event that is counted in `usage`, so that no later run counts it again.
    "usage_events" UsageEventRow {
        /// XXH64 of the event id, its bits as a signed number.
        event_id_hash: i64,
    }

    /// One event that several accounts got and that is counted in `usage`.
    "usage_shared_events" UsageSharedEventRow {
        /// XXH64 of the shared event id, its bits as a signed number.
        shared_event_id_hash: i64,
        /// Whether the record of the caller's own account was counted, which alone names the role; missing in inventories of earlier versions.
        is_callers_account: Option<bool>,
    }

    /// Records without an event id, alike in what tells them from others, that are counted in `usage`.
    "usage_records_without_id" UsageRecordWithoutIdRow {
        /// XXH64 of what tells them from others, its bits as a signed number.
        text_hash: i64,
        /// How many a single run has met at most.
        copies: i64 => "records",
    }
}
