//! What readers hand to the assembly: facts without account or date, and where they came from.

use std::ops::{Deref, DerefMut};
use std::path::Path;
use std::sync::Arc;

use leastgrant_inventory::tables::{
    AccessKeyRow, GroupRow, LastAccessedActionRow, LastAccessedReportRow, LastAccessedServiceRow,
    LongLivedCredentialRow, ManagedPolicyRow, MfaDeviceRow, PolicyVersionRow, RoleRow, UserRow,
};
use leastgrant_inventory::{DataKind, Dataset, Gap, Text, Timestamp};

/// One answer, read.
#[derive(Debug)]
pub(crate) struct Piece {
    /// The file.
    pub path: Arc<Path>,
    /// The place inside the file: `#/JSON/POINTER`, or empty for all of it.
    pub place: String,
    /// What kind of data it is.
    pub kind: Option<DataKind>,
    /// The account, where the answer itself tells it.
    pub account_id: Option<String>,
    /// When the answer was true, where it states that.
    pub stated_at: Option<Timestamp>,
    /// The listing that this is a page of, where it is one: call and parameters.
    pub listing: String,
    /// Whether more pages follow.
    pub truncated: bool,
    /// The tokens of this page and of the next one, where the wrapped call and the answer show them.
    pub pages: Option<Box<PageTokens>>,
    /// Whether part of the answer could not be read.
    pub damaged: bool,
    /// What the answer says.
    pub facts: Facts,
}

impl Default for Piece {
    fn default() -> Self {
        Self {
            path: Arc::from(Path::new("")),
            place: String::new(),
            kind: None,
            account_id: None,
            stated_at: None,
            listing: String::new(),
            truncated: false,
            pages: None,
            damaged: false,
            facts: Facts::default(),
        }
    }
}

impl Piece {
    /// The file and the place inside it, as gaps name it.
    pub(crate) fn source(&self) -> String {
        format!("{}{}", self.path.display(), self.place)
    }
}

/// Where a page stands in its listing.
#[derive(Debug, Default)]
pub(crate) struct PageTokens {
    pub this: Option<String>,
    pub next: Option<String>,
}

/// A gap, and the file that decides which account it belongs to.
#[derive(Debug)]
pub(crate) struct PlacedGap {
    pub path: Arc<Path>,
    pub gap: Gap,
}

impl PlacedGap {
    pub(crate) fn new(path: &Path, gap: Gap) -> Self {
        Self {
            path: Arc::from(path),
            gap,
        }
    }
}

/// Facts of one answer. Rows have an empty `account_id` where the answer does not tell the account.
///
/// An answer has one or two of the parts, and there are tens of thousands of answers.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    pub entities: Lazy<Entities>,
    pub credentials: Lazy<CredentialFacts>,
    pub last_accessed: Lazy<LastAccessedFacts>,
    /// Rows that need nothing but their account.
    pub rows: Lazy<Dataset>,
}

/// Who and what there is.
#[derive(Debug, Default)]
pub(crate) struct Entities {
    pub account: Option<AccountFile>,
    pub users: Vec<UserFacts>,
    pub groups: Vec<PrincipalFacts<GroupRow>>,
    pub roles: Vec<PrincipalFacts<RoleRow>>,
    pub policies: Vec<PolicyFacts>,
    pub report: Option<Vec<ReportUser>>,
}

/// What users sign in with.
#[derive(Debug, Default)]
pub(crate) struct CredentialFacts {
    pub key_lists: Vec<OwnedList<ListedKey>>,
    pub key_uses: Vec<(String, KeyUse)>,
    pub mfa_lists: Vec<OwnedList<MfaDeviceRow>>,
    pub long_lived_lists: Vec<OwnedList<LongLivedCredentialRow>>,
    pub login_profiles: Vec<LoginProfileFacts>,
}

/// One finished last-accessed job.
#[derive(Debug, Default)]
pub(crate) struct LastAccessedFacts {
    pub report: Option<LastAccessedReportRow>,
    pub services: Vec<LastAccessedServiceRow>,
    pub actions: Vec<LastAccessedActionRow>,
}

/// A value that takes room only once something is written to it.
#[derive(Debug)]
pub(crate) struct Lazy<T>(Option<Box<T>>);

impl<T> Lazy<T> {
    pub(crate) fn take(&mut self) -> Option<Box<T>> {
        self.0.take()
    }

    pub(crate) fn get_mut(&mut self) -> Option<&mut T> {
        self.0.as_deref_mut()
    }
}

impl<T> Default for Lazy<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T: Empty> Deref for Lazy<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.0.as_deref().unwrap_or_else(|| T::empty())
    }
}

impl<T: Empty> DerefMut for Lazy<T> {
    fn deref_mut(&mut self) -> &mut T {
        self.0.get_or_insert_default()
    }
}

/// What stands for a value that was never written to.
pub(crate) trait Empty: Default + 'static {
    fn empty() -> &'static Self;
}

macro_rules! empty {
    ($($type:ty),+) => {$(
        impl Empty for $type {
            fn empty() -> &'static Self {
                static EMPTY: std::sync::OnceLock<$type> = std::sync::OnceLock::new();
                EMPTY.get_or_init(Self::default)
            }
        }
    )+};
}

empty!(Entities, CredentialFacts, LastAccessedFacts, Dataset);

/// `account.json` or the answer of sts:GetCallerIdentity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AccountFile {
    pub account_id: String,
    pub partition: Option<String>,
    pub caller_arn: Option<String>,
    pub collected_at: Option<Timestamp>,
}

/// A user, group or role with all that hangs on it.
#[derive(Debug, Clone, Default)]
pub(crate) struct PrincipalFacts<R> {
    pub row: R,
    /// Whether policies, boundary and tags were in the answer; listings leave them out.
    pub has_details: bool,
    pub tags: Vec<(String, String)>,
    /// Names and documents.
    pub inline_policies: Vec<(String, Text)>,
    /// ARNs and names.
    pub attached_policies: Vec<(String, String)>,
}

/// A user as an answer of IAM shows it.
#[derive(Debug, Clone, Default)]
pub(crate) struct UserFacts {
    pub principal: PrincipalFacts<UserRow>,
    pub groups: Vec<String>,
    /// Whether the answer is one that shows PasswordLastUsed (ListUsers and GetUser do).
    pub shows_password_last_used: bool,
    pub password_last_used: Option<Timestamp>,
}

/// A managed policy with the versions that the answer shows.
#[derive(Debug, Clone, Default)]
pub(crate) struct PolicyFacts {
    pub row: ManagedPolicyRow,
    pub has_counts: bool,
    pub tags: Vec<(String, String)>,
    pub versions: Vec<PolicyVersionRow>,
}

/// A whole list of something of one user, so that what is not in it is not there.
#[derive(Debug, Clone)]
pub(crate) struct OwnedList<T> {
    pub user_name: String,
    /// Whether the list goes on in another page.
    pub truncated: bool,
    pub kind: DataKind,
    pub items: Vec<T>,
}

/// An access key as ListAccessKeys shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ListedKey {
    pub access_key_id: String,
    pub is_active: bool,
    pub created_at: Option<Timestamp>,
    pub last_use: Option<KeyUse>,
}

/// The last use of a key; all empty if it was never used.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct KeyUse {
    pub at: Option<Timestamp>,
    pub service: Option<String>,
    pub region: Option<String>,
}

/// Whether a user has a console password, by GetLoginProfile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LoginProfileFacts {
    pub user_name: String,
    pub created_at: Option<Timestamp>,
    pub exists: bool,
}

/// One row of a credential report.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct ReportUser {
    pub line: u64,
    pub user_name: String,
    pub arn: String,
    pub is_root: bool,
    pub created_at: Option<Timestamp>,
    pub password_enabled: Option<bool>,
    pub password_last_used_at: Option<Timestamp>,
    pub password_last_changed_at: Option<Timestamp>,
    pub password_next_rotation_at: Option<Timestamp>,
    pub mfa_active: Option<bool>,
    /// The slots that hold a key, active or not.
    pub keys: Vec<ReportKey>,
    /// The slots that hold a signing certificate, active or not.
    pub certificates: Vec<ReportCertificate>,
    pub additional_credentials_info: Option<String>,
}

/// A key's slot in a credential report.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ReportKey {
    pub slot: i64,
    pub is_active: bool,
    pub created_at: Option<Timestamp>,
    pub last_use: KeyUse,
}

/// A signing certificate's slot in a credential report.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ReportCertificate {
    pub slot: i64,
    pub is_active: bool,
    pub created_at: Option<Timestamp>,
}

/// The account in an ARN, if it has one of its own (`aws` stands for policies that AWS owns).
pub(crate) fn account_of(arn: &str) -> Option<&str> {
    let account = arn.split(':').nth(4)?;
    (!account.is_empty() && account.bytes().all(|byte| byte.is_ascii_digit())).then_some(account)
}

/// The partition in an ARN.
pub(crate) fn partition_of(arn: &str) -> Option<&str> {
    let mut fields = arn.split(':');
    (fields.next() == Some("arn"))
        .then(|| fields.next())
        .flatten()
        .filter(|partition| !partition.is_empty())
}

/// The name at the end of an IAM ARN.
pub(crate) fn name_of(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

/// The path inside an IAM ARN such as `…:user/team/a/carol`: `/team/a/`.
pub(crate) fn path_of(arn: &str) -> String {
    let resource = arn.splitn(6, ':').nth(5).unwrap_or_default();
    match (resource.find('/'), resource.rfind('/')) {
        (Some(first), Some(last)) => resource.get(first..=last).unwrap_or("/").to_owned(),
        _ => "/".to_owned(),
    }
}

/// A key row with the fields that do not depend on how the key was found.
pub(crate) fn key_row(user: &UserRow) -> AccessKeyRow {
    AccessKeyRow {
        account_id: user.account_id.clone(),
        user_arn: user.arn.clone(),
        user_name: user.user_name.clone(),
        ..AccessKeyRow::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_an_arn() {
        let arn = "arn:aws-us-gov:iam::123456789012:user/team/a/carol";
        assert_eq!(account_of(arn), Some("123456789012"));
        assert_eq!(partition_of(arn), Some("aws-us-gov"));
        assert_eq!(name_of(arn), "carol");
        assert_eq!(path_of(arn), "/team/a/");
        assert_eq!(path_of("arn:aws:iam::123456789012:user/dave,ops"), "/");
        assert_eq!(path_of("arn:aws:iam::123456789012:root"), "/");
    }

    #[test]
    fn policies_of_aws_have_no_account() {
        assert_eq!(account_of("arn:aws:iam::aws:policy/ReadOnlyAccess"), None);
    }

    #[test]
    fn text_that_is_no_arn_has_no_parts() {
        assert_eq!(account_of("x"), None);
        assert_eq!(partition_of("a:b:c"), None);
    }
}
