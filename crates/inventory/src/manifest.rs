//! `manifest.json`: what an inventory was made from, when, and what is missing in it.

use std::collections::HashMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The schema that this version writes and reads.
pub const MANIFEST_SCHEMA: &str = "leastgrant.manifest/1";

/// The inventory's own description.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Manifest {
    /// Always [`MANIFEST_SCHEMA`].
    pub schema: String,
    /// The version of leastgrant that wrote the inventory.
    pub tool_version: String,
    /// The version of the built-in AWS catalogue, where one was used.
    pub catalogue_version: Option<String>,
    /// The accounts that the inventory covers: twelve digits each, sorted.
    pub accounts: Vec<String>,
    /// The latest `collected_at` of all sources: the default for `--as-of`.
    #[schemars(with = "Option<String>")]
    pub collected_at: Option<Timestamp>,
    /// The arguments that shaped the inventory; the output's path is not among them.
    pub arguments: Vec<String>,
    /// What was read, a line for each account and kind of data.
    pub sources: Vec<Source>,
    /// What could not be read, and what that makes unknowable.
    pub gaps: Vec<Gap>,
    /// The runs of `usage` that added CloudTrail evidence, in order.
    #[serde(default)]
    pub usage: Vec<UsageRun>,
    /// The tables and their numbers of rows.
    pub tables: Vec<TableEntry>,
}

/// One run of `usage`: what it read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UsageRun {
    /// `logs`, `s3`, `athena` or `event_history`.
    pub engine: String,
    /// The paths, or the URI or table.
    pub source: Vec<String>,
    /// The Regions that alone were asked for; none: all that the source has.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub asked_regions: Vec<String>,
    /// The first instant that was asked for; none: there was no such limit.
    #[schemars(with = "Option<String>")]
    pub since: Option<Timestamp>,
    /// The first instant past what was asked for; none: there was no such limit.
    #[schemars(with = "Option<String>")]
    pub until: Option<Timestamp>,
    /// How many files or objects were opened.
    pub files: u64,
    /// How many of them could not be read to their ends; each is a gap, as long as no later run has read it.
    pub files_unreadable: u64,
    /// What their gaps are called, so that the time is known that each of them is of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unreadable: Vec<String>,
    /// The absolute path of the folder that relative paths begin at, where there are files that could not be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folder: Option<String>,
    /// How many events were counted that no earlier run had counted.
    pub events: u64,
    /// How many records were met again, in this run or after an earlier one.
    pub duplicates: u64,
    /// The time of the first event, counted before or not.
    #[schemars(with = "Option<String>")]
    pub first_event: Option<Timestamp>,
    /// The time of the last event.
    #[schemars(with = "Option<String>")]
    pub last_event: Option<Timestamp>,
}

/// All answers of one kind in one account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Source {
    /// The account; none for data of the whole organisation.
    pub account_id: Option<String>,
    /// What kind of data it is.
    pub kind: DataKind,
    /// How many answers (files, pages or calls) were read.
    pub answers: u64,
    /// When the latest of them was true.
    #[schemars(with = "String")]
    pub collected_at: Timestamp,
    /// When the earliest of them was true.
    #[schemars(with = "String")]
    pub earliest: Timestamp,
    /// Where `collected_at` comes from.
    pub dated_by: DatedBy,
    /// Whether all of it could be read; `false` goes with a gap.
    pub complete: bool,
}

/// Where the date of a source comes from, the strongest first.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum DatedBy {
    /// `collect --as-of`, which overrides everything.
    Argument,
    /// The source states it (`GeneratedTime`, `JobCompletionDate`).
    Source,
    /// `account.json` states it.
    AccountFile,
    /// Nothing states it: the time of the run.
    Run,
}

/// A call or file that failed or was skipped.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Gap {
    /// The account, where it can be told.
    pub account_id: Option<String>,
    /// The file, with its place inside (`:LINE` or `#/JSON/POINTER`), or the call.
    pub source: String,
    /// What happened and what to do.
    pub reason: String,
    /// The code of an AWS error.
    pub error_code: Option<String>,
    /// What cannot be known for want of it. Empty: nothing that leastgrant uses.
    pub unknowable: Vec<DataKind>,
}

/// A table of the inventory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TableEntry {
    /// The table's name.
    pub name: String,
    /// Its file inside the inventory.
    pub file: String,
    /// Its number of rows.
    pub rows: u64,
}

/// A kind of data that an inventory is made from.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum DataKind {
    /// The file could be any of the kinds below.
    Anything,
    /// Users, groups, roles and policies in one answer (`iam:GetAccountAuthorizationDetails`).
    AuthorizationDetails,
    /// The credential report.
    CredentialReport,
    /// A user's access keys (`iam:ListAccessKeys`).
    AccessKeys,
    /// The last use of an access key (`iam:GetAccessKeyLastUsed`).
    AccessKeyLastUsed,
    /// Service last-accessed data of a principal.
    LastAccessed,
    /// The account summary.
    AccountSummary,
    /// The password policy.
    PasswordPolicy,
    /// The account's alias.
    AccountAlias,
    /// All users, as listed (`iam:ListUsers`).
    Users,
    /// One user (`iam:GetUser`), which says nothing of others.
    OneUser,
    /// Groups and their members.
    Groups,
    /// Roles as listed one by one (`iam:ListRoles`, `iam:GetRole`).
    Roles,
    /// Managed policies and their versions.
    Policies,
    /// Instance profiles.
    InstanceProfiles,
    /// MFA devices.
    MfaDevices,
    /// Console passwords (`iam:GetLoginProfile`).
    LoginProfiles,
    /// SSH public keys.
    SshPublicKeys,
    /// Service-specific credentials.
    ServiceSpecificCredentials,
    /// Signing certificates.
    SigningCertificates,
    /// SAML and OpenID Connect providers.
    IdentityProviders,
    /// Server certificates.
    ServerCertificates,
    /// Accounts, organisational units and policies of the organisation.
    Organization,
    /// Identity Center: permission sets and assignments.
    PermissionSets,
    /// Findings of IAM Access Analyzer.
    AccessAnalyzer,
    /// CloudTrail trails and their event selectors.
    Trails,
    /// Policies of resources.
    ResourcePolicies,
    /// CloudTrail's records of calls.
    CloudTrail,
}

impl DataKind {
    /// The kind in words, as messages name it.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Anything => "anything that the file held",
            Self::AuthorizationDetails => "users, groups, roles and policies",
            Self::CredentialReport => "the credential report",
            Self::AccessKeys => "access keys",
            Self::AccessKeyLastUsed => "the last use of access keys",
            Self::LastAccessed => "service last-accessed data",
            Self::AccountSummary => "the account summary",
            Self::PasswordPolicy => "the password policy",
            Self::AccountAlias => "the account alias",
            Self::Users => "users",
            Self::OneUser => "a user",
            Self::Groups => "groups",
            Self::Roles => "roles",
            Self::Policies => "managed policies",
            Self::InstanceProfiles => "instance profiles",
            Self::MfaDevices => "MFA devices",
            Self::LoginProfiles => "console passwords",
            Self::SshPublicKeys => "SSH public keys",
            Self::ServiceSpecificCredentials => "service-specific credentials",
            Self::SigningCertificates => "signing certificates",
            Self::IdentityProviders => "identity providers",
            Self::ServerCertificates => "server certificates",
            Self::Organization => "the organisation",
            Self::PermissionSets => "permission sets",
            Self::AccessAnalyzer => "Access Analyzer findings",
            Self::Trails => "CloudTrail trails",
            Self::ResourcePolicies => "resource policies",
            Self::CloudTrail => "CloudTrail events",
        }
    }
}

impl Manifest {
    /// The JSON Schema of `manifest.json`.
    #[must_use]
    pub fn json_schema() -> String {
        let schema = schemars::generate::SchemaSettings::draft2020_12()
            .for_serialize()
            .into_generator()
            .into_root_schema_for::<Self>();
        format!("{:#}\n", schema.as_value())
    }

    /// The source of one kind in each account that has one, looked up once for all accounts. Of several it is the first.
    #[must_use]
    pub fn sources_of(&self, kind: DataKind) -> HashMap<&str, &Source> {
        let sources = self.sources.iter().filter(|source| source.kind == kind);
        let mut by_account = HashMap::new();
        for source in sources {
            if let Some(account_id) = source.account_id.as_deref() {
                by_account.entry(account_id).or_insert(source);
            }
        }
        by_account
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::option::weighted;
    use proptest::prelude::*;

    use super::*;

    fn source() -> impl Strategy<Value = Source> {
        let kinds = [DataKind::AuthorizationDetails, DataKind::Users];
        let parts = (
            weighted(0.9, 0..6_u8),
            prop::sample::select(kinds.to_vec()),
            0..9_u64,
            any::<bool>(),
        );
        parts.prop_map(|(account, kind, answers, complete)| Source {
            account_id: account.map(|account| format!("{account:012}")),
            kind,
            answers,
            collected_at: Timestamp::UNIX_EPOCH,
            earliest: Timestamp::UNIX_EPOCH,
            dated_by: DatedBy::Run,
            complete,
        })
    }

    proptest! {
        #[test]
        fn sources_by_account_are_those_that_a_walk_for_each_account_finds(sources in vec(source(), 0..24)) {
            let manifest = Manifest {
                schema: MANIFEST_SCHEMA.to_owned(),
                tool_version: String::new(),
                catalogue_version: None,
                accounts: Vec::new(),
                collected_at: None,
                arguments: Vec::new(),
                sources,
                gaps: Vec::new(),
                usage: Vec::new(),
                tables: Vec::new(),
            };
            for kind in [DataKind::AuthorizationDetails, DataKind::Users, DataKind::Roles] {
                let by_account = manifest.sources_of(kind);
                for account in (0..6).map(|account| format!("{account:012}")) {
                    let found = manifest.sources.iter().find(|source| {
                        source.kind == kind && source.account_id.as_deref() == Some(&account)
                    });
                    prop_assert_eq!(by_account.get(&*account).copied(), found);
                }
            }
        }
    }
}
