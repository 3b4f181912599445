//! Every table of the inventory: columns, types and units, each defined once.

mod account;
mod credential;
mod evidence;
mod identity;
mod identity_center;
mod organization;
mod policy;
mod usage;

use std::path::Path;

pub use account::{AccountRow, AccountSummaryRow, PasswordPolicyRow};
pub use credential::{AccessKeyMadeRow, AccessKeyRow, LongLivedCredentialRow, MfaDeviceRow};
pub use evidence::{
    AnalyzerFindingRow, EventDataStoreRow, LastAccessedActionRow, LastAccessedReportRow,
    LastAccessedServiceRow, LastAccessedTimeRow, TrailRow,
};
pub use identity::{
    GroupMembershipRow, GroupRow, IdentityProviderRow, InstanceProfileRow, RoleMadeRow, RoleRow,
    ServerCertificateRow, TagRow, UserMadeRow, UserRow,
};
pub use identity_center::{PermissionSetAssignmentRow, PermissionSetPolicyRow, PermissionSetRow};
pub use organization::{
    OrganizationAccountRow, OrganizationPolicyRow, OrganizationPolicyTargetRow, OrganizationRow,
    OrganizationalUnitRow,
};
pub use policy::{
    InlinePolicyNameRow, InlinePolicyRow, ManagedPolicyRow, PolicyAttachmentRow, PolicyVersionRow,
    ResourcePolicyRow,
};
pub use usage::{
    UsageEventRow, UsageOriginRow, UsageRecordWithoutIdRow, UsageRow, UsageSharedEventRow,
    UsageSourceRow, UsageTimeRow,
};

use crate::store::write_table;
use crate::{Error, Row, Table, TableEntry};

/// Lists the tables once: the dataset's members, the catalogue of tables, and their writing.
///
/// Tables are written, and their rows freed, in this order: the many small rows go before the documents, whose writing
/// takes the most memory.
macro_rules! dataset {
    ($($(#[doc = $doc:literal])+ $member:ident: $row:ident),+ $(,)?) => {
        /// All rows of an inventory, in memory.
        #[derive(Debug, Clone, Default, PartialEq, Eq)]
        pub struct Dataset {
            $($(#[doc = $doc])+ pub $member: Vec<$row>,)+
        }

        /// Every table, in the order in which `leastgrant tables` prints them.
        pub const ALL: &[Table] = &[$($row::TABLE),+];

        impl Dataset {
            /// Adds another dataset's rows to this one's.
            pub fn append(&mut self, mut other: Self) {
                $(self.$member.append(&mut other.$member);)+
            }

            /// Puts the rows of each table into their natural order and drops exact repetitions.
            pub fn sort(&mut self) {
                $(self.$member.sort_unstable(); self.$member.dedup();)+
            }

            /// Whether no table has a row.
            #[must_use]
            pub fn is_empty(&self) -> bool {
                true $(&& self.$member.is_empty())+
            }

            pub(crate) fn write_tables(self, folder: &Path) -> Result<Vec<TableEntry>, Error> {
                Ok(vec![$(write_table(folder, self.$member)?),+])
            }
        }
    };
}

dataset! {
    /// Accounts.
    accounts: AccountRow,
    /// Counters and quotas of accounts.
    account_summary: AccountSummaryRow,
    /// Password policies.
    password_policies: PasswordPolicyRow,
    /// IAM users and root users.
    users: UserRow,
    /// IAM groups.
    groups: GroupRow,
    /// Which user is in which group.
    group_memberships: GroupMembershipRow,
    /// IAM roles.
    roles: RoleRow,
    /// Instance profiles.
    instance_profiles: InstanceProfileRow,
    /// Tags of users, roles and policies.
    tags: TagRow,
    /// Access keys.
    access_keys: AccessKeyRow,
    /// The other long-lived credentials.
    long_lived_credentials: LongLivedCredentialRow,
    /// MFA devices.
    mfa_devices: MfaDeviceRow,
    /// Which principals have last-accessed data.
    last_accessed_reports: LastAccessedReportRow,
    /// Last access by service.
    last_accessed_services: LastAccessedServiceRow,
    /// Last access by action.
    last_accessed_actions: LastAccessedActionRow,
    /// Managed policies.
    managed_policies: ManagedPolicyRow,
    /// Versions of managed policies with their documents.
    policy_versions: PolicyVersionRow,
    /// Inline policies with their documents.
    inline_policies: InlinePolicyRow,
    /// Which managed policy is attached to which principal.
    policy_attachments: PolicyAttachmentRow,
    /// Policies of resources.
    resource_policies: ResourcePolicyRow,
    /// SAML and OpenID Connect providers.
    identity_providers: IdentityProviderRow,
    /// Server certificates.
    server_certificates: ServerCertificateRow,
    /// Organisations.
    organizations: OrganizationRow,
    /// Accounts of the organisation.
    organization_accounts: OrganizationAccountRow,
    /// Roots and organisational units.
    organizational_units: OrganizationalUnitRow,
    /// Service and resource control policies.
    organization_policies: OrganizationPolicyRow,
    /// What organisation policies are attached to.
    organization_policy_targets: OrganizationPolicyTargetRow,
    /// Permission sets.
    permission_sets: PermissionSetRow,
    /// Managed policies in permission sets.
    permission_set_policies: PermissionSetPolicyRow,
    /// Who has which permission set in which account.
    permission_set_assignments: PermissionSetAssignmentRow,
    /// Findings of IAM Access Analyzer.
    analyzer_findings: AnalyzerFindingRow,
    /// CloudTrail trails.
    trails: TrailRow,
    /// Event data stores of CloudTrail Lake.
    event_data_stores: EventDataStoreRow,
    /// Who used which permission on what, by CloudTrail.
    usage: UsageRow,
    /// What was read for `usage`.
    usage_sources: UsageSourceRow,
    /// Events that are counted.
    usage_events: UsageEventRow,
    /// Events of several accounts that are counted.
    usage_shared_events: UsageSharedEventRow,
    /// Records without an id that are counted.
    usage_records_without_id: UsageRecordWithoutIdRow,
}
