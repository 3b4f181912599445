//! What AWS itself says of use and exposure: last-accessed data, Access Analyzer, trails.
//!
//! An account has a row of last-accessed data for each principal and service, so those rows share their long texts and
//! hold the short ones in place.

use std::sync::Arc;

use crate::table::rows;
use crate::{ShortText, Timestamp};

rows! {
    /// One finished last-accessed job of one principal.
    "last_accessed_reports" LastAccessedReportRow {
        /// Twelve digits.
        account_id: ShortText,
        /// The ARN of the user, role, group or policy.
        principal_arn: Arc<str>,
        /// `service` or `action`: how finely the job reports.
        granularity: ShortText,
        /// When the job was finished.
        completed_at: Option<Timestamp>,
    }

    /// The last access of one principal to one service; attempts that were denied count too.
    "last_accessed_services" LastAccessedServiceRow {
        /// Twelve digits.
        account_id: ShortText,
        /// The ARN of the user, role, group or policy.
        principal_arn: Arc<str>,
        /// The service's prefix in actions, such as `s3`.
        service_namespace: ShortText,
        /// The last access; missing: none in the time that AWS tracks (400 days).
        last_authenticated_at: Option<Timestamp>,
        /// Who it was, for groups and policies.
        last_authenticated_entity: Option<Arc<str>>,
        /// The Region of the last access.
        last_authenticated_region: Option<ShortText>,
        /// How many principals accessed the service, for groups and policies.
        total_authenticated_entities: Option<i64> => "principals",
    }

    /// The two columns of `last_accessed_services` that say when a principal was last active.
    "last_accessed_services" LastAccessedTimeRow {
        /// The ARN of the user, role, group or policy.
        principal_arn: String,
        /// The last access; missing: none in the time that AWS tracks (400 days).
        last_authenticated_at: Option<Timestamp>,
    }

    /// The last access of one principal to one tracked action.
    "last_accessed_actions" LastAccessedActionRow {
        /// Twelve digits.
        account_id: ShortText,
        /// The ARN of the user, role, group or policy.
        principal_arn: Arc<str>,
        /// The service's prefix in actions.
        service_namespace: ShortText,
        /// The action's name without the prefix.
        action_name: ShortText,
        /// The last access; missing: none in the time that AWS tracks the action.
        last_accessed_at: Option<Timestamp>,
        /// Who it was, for groups and policies.
        last_accessed_entity: Option<Arc<str>>,
        /// The Region of the last access.
        last_accessed_region: Option<ShortText>,
    }

    /// One finding of IAM Access Analyzer.
    "analyzer_findings" AnalyzerFindingRow {
        /// The account that owns the resource, else the account whose data it was met in.
        account_id: String,
        /// The finding's id.
        finding_id: String,
        /// `ExternalAccess`, `UnusedPermission` and so on.
        finding_type: Option<String>,
        /// The resource's ARN.
        resource_arn: Option<String>,
        /// Such as `AWS::IAM::Role`.
        resource_type: Option<String>,
        /// `ACTIVE`, `ARCHIVED` or `RESOLVED`.
        status: Option<String>,
        /// When it was made.
        created_at: Option<Timestamp>,
        /// When it was last changed.
        updated_at: Option<Timestamp>,
        /// The whole finding as JSON.
        finding: String,
    }

    /// One CloudTrail trail, as one account sees it: its own, or one of its organisation that logs it.
    "trails" TrailRow {
        /// The account whose data it was met in; the trail's own where that could not be told.
        account_id: String,
        /// The trail's ARN.
        arn: String,
        /// Its name.
        name: String,
        /// The Region it was made in.
        home_region: Option<String>,
        /// Whether it logs every Region.
        is_multi_region: Option<bool>,
        /// Whether it logs every account of the organisation.
        is_organization_trail: Option<bool>,
        /// Whether it logs global services such as IAM.
        include_global_service_events: Option<bool>,
        /// The bucket that it writes to.
        s3_bucket_name: Option<String>,
        /// The prefix inside the bucket.
        s3_key_prefix: Option<String>,
        /// Whether it has event selectors of its own; without any, it logs all management events and no data events.
        has_custom_event_selectors: Option<bool>,
        /// The answer of cloudtrail:GetEventSelectors as JSON, where it was collected.
        event_selectors: Option<String>,
        /// Whether it logs, by cloudtrail:GetTrailStatus; missing: its status was not collected.
        is_logging: Option<bool>,
        /// When it last began to log; missing: never, or its status was not collected.
        started_logging_at: Option<Timestamp>,
        /// When it last stopped; missing: never, or its status was not collected.
        stopped_logging_at: Option<Timestamp>,
        /// When it last delivered files to its bucket; missing: never, or its status was not collected.
        last_delivered_at: Option<Timestamp>,
        /// The error of its last delivery, such as `AccessDenied`; missing: there was none, or its status was not collected.
        delivery_error: Option<String>,
    }

    /// One event data store of CloudTrail Lake. Its events are not read: what it keeps says what could be asked of it.
    "event_data_stores" EventDataStoreRow {
        /// The account whose data it was met in.
        account_id: String,
        /// The store's ARN.
        arn: String,
        /// Its name.
        name: Option<String>,
        /// Such as `ENABLED` or `STOPPED_INGESTION`.
        status: Option<String>,
        /// Whether it keeps events of every Region.
        is_multi_region: Option<bool>,
        /// Whether it keeps events of every account of the organisation.
        is_organization_store: Option<bool>,
        /// For how many days it keeps them.
        retention_days: Option<i64> => "days",
        /// When it was made.
        created_at: Option<Timestamp>,
        /// The advanced event selectors as JSON: which events it keeps.
        event_selectors: Option<String>,
    }
}
