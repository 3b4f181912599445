//! The calls that a live collection makes, and the permission that each needs. `leastgrant policy` is made from this list.

/// One call of AWS's APIs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Call {
    /// The call as bundles name it, `service:Operation`, with the service's name in the `aws` CLI.
    pub name: &'static str,
    /// The IAM action that allows it.
    pub action: &'static str,
    /// What it is made for.
    pub part: Part,
}

/// A part of a collection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Each account by itself.
    Account,
    /// The organisation, and IAM Identity Center, from the management account or one that they are delegated to.
    Organization,
    /// Policies of each account's resources, where they are wanted.
    ResourcePolicies,
}

macro_rules! calls {
    ($($name:ident = $call:literal, $action:literal, $part:ident;)+) => {
        $(pub(super) const $name: &Call = &Call { name: $call, action: $action, part: Part::$part };)+
        /// All calls but `sts:GetCallerIdentity`, which needs no permission, and `sts:AssumeRole`, which needs one for each role.
        pub const CALLS: &[&Call] = &[$($name),+];
    };
}

/// Who the caller is.
pub(super) const GET_CALLER_IDENTITY: &str = "sts:GetCallerIdentity";
/// To be a role in another account.
pub(super) const ASSUME_ROLE: &str = "sts:AssumeRole";

calls! {
    GET_ACCOUNT_AUTHORIZATION_DETAILS = "iam:GetAccountAuthorizationDetails", "iam:GetAccountAuthorizationDetails", Account;
    LIST_USERS = "iam:ListUsers", "iam:ListUsers", Account;
    GENERATE_CREDENTIAL_REPORT = "iam:GenerateCredentialReport", "iam:GenerateCredentialReport", Account;
    GET_CREDENTIAL_REPORT = "iam:GetCredentialReport", "iam:GetCredentialReport", Account;
    GET_ACCOUNT_SUMMARY = "iam:GetAccountSummary", "iam:GetAccountSummary", Account;
    GET_ACCOUNT_PASSWORD_POLICY = "iam:GetAccountPasswordPolicy", "iam:GetAccountPasswordPolicy", Account;
    LIST_ACCOUNT_ALIASES = "iam:ListAccountAliases", "iam:ListAccountAliases", Account;
    LIST_SERVER_CERTIFICATES = "iam:ListServerCertificates", "iam:ListServerCertificates", Account;
    LIST_SAML_PROVIDERS = "iam:ListSAMLProviders", "iam:ListSAMLProviders", Account;
    LIST_OPEN_ID_CONNECT_PROVIDERS = "iam:ListOpenIDConnectProviders", "iam:ListOpenIDConnectProviders", Account;
    GET_OPEN_ID_CONNECT_PROVIDER = "iam:GetOpenIDConnectProvider", "iam:GetOpenIDConnectProvider", Account;
    LIST_ACCESS_KEYS = "iam:ListAccessKeys", "iam:ListAccessKeys", Account;
    GET_ACCESS_KEY_LAST_USED = "iam:GetAccessKeyLastUsed", "iam:GetAccessKeyLastUsed", Account;
    GET_LOGIN_PROFILE = "iam:GetLoginProfile", "iam:GetLoginProfile", Account;
    LIST_MFA_DEVICES = "iam:ListMFADevices", "iam:ListMFADevices", Account;
    LIST_SSH_PUBLIC_KEYS = "iam:ListSSHPublicKeys", "iam:ListSSHPublicKeys", Account;
    LIST_SERVICE_SPECIFIC_CREDENTIALS = "iam:ListServiceSpecificCredentials", "iam:ListServiceSpecificCredentials", Account;
    LIST_SIGNING_CERTIFICATES = "iam:ListSigningCertificates", "iam:ListSigningCertificates", Account;
    GENERATE_SERVICE_LAST_ACCESSED_DETAILS = "iam:GenerateServiceLastAccessedDetails", "iam:GenerateServiceLastAccessedDetails", Account;
    GET_SERVICE_LAST_ACCESSED_DETAILS = "iam:GetServiceLastAccessedDetails", "iam:GetServiceLastAccessedDetails", Account;
    LIST_ANALYZERS = "access-analyzer:ListAnalyzers", "access-analyzer:ListAnalyzers", Account;
    LIST_FINDINGS = "access-analyzer:ListFindingsV2", "access-analyzer:ListFindings", Account;
    DESCRIBE_TRAILS = "cloudtrail:DescribeTrails", "cloudtrail:DescribeTrails", Account;
    LIST_TRAILS = "cloudtrail:ListTrails", "cloudtrail:ListTrails", Account;
    GET_EVENT_SELECTORS = "cloudtrail:GetEventSelectors", "cloudtrail:GetEventSelectors", Account;
    GET_TRAIL_STATUS = "cloudtrail:GetTrailStatus", "cloudtrail:GetTrailStatus", Account;
    LIST_EVENT_DATA_STORES = "cloudtrail:ListEventDataStores", "cloudtrail:ListEventDataStores", Account;
    GET_EVENT_DATA_STORE = "cloudtrail:GetEventDataStore", "cloudtrail:GetEventDataStore", Account;
    DESCRIBE_ORGANIZATION = "organizations:DescribeOrganization", "organizations:DescribeOrganization", Organization;
    LIST_ACCOUNTS = "organizations:ListAccounts", "organizations:ListAccounts", Organization;
    LIST_ROOTS = "organizations:ListRoots", "organizations:ListRoots", Organization;
    LIST_ACCOUNTS_FOR_PARENT = "organizations:ListAccountsForParent", "organizations:ListAccountsForParent", Organization;
    LIST_ORGANIZATIONAL_UNITS_FOR_PARENT = "organizations:ListOrganizationalUnitsForParent", "organizations:ListOrganizationalUnitsForParent", Organization;
    LIST_POLICIES = "organizations:ListPolicies", "organizations:ListPolicies", Organization;
    DESCRIBE_POLICY = "organizations:DescribePolicy", "organizations:DescribePolicy", Organization;
    LIST_TARGETS_FOR_POLICY = "organizations:ListTargetsForPolicy", "organizations:ListTargetsForPolicy", Organization;
    LIST_INSTANCES = "sso-admin:ListInstances", "sso:ListInstances", Organization;
    LIST_PERMISSION_SETS = "sso-admin:ListPermissionSets", "sso:ListPermissionSets", Organization;
    DESCRIBE_PERMISSION_SET = "sso-admin:DescribePermissionSet", "sso:DescribePermissionSet", Organization;
    GET_INLINE_POLICY_FOR_PERMISSION_SET = "sso-admin:GetInlinePolicyForPermissionSet", "sso:GetInlinePolicyForPermissionSet", Organization;
    GET_PERMISSIONS_BOUNDARY_FOR_PERMISSION_SET = "sso-admin:GetPermissionsBoundaryForPermissionSet", "sso:GetPermissionsBoundaryForPermissionSet", Organization;
    LIST_MANAGED_POLICIES_IN_PERMISSION_SET = "sso-admin:ListManagedPoliciesInPermissionSet", "sso:ListManagedPoliciesInPermissionSet", Organization;
    LIST_CUSTOMER_MANAGED_POLICY_REFERENCES_IN_PERMISSION_SET = "sso-admin:ListCustomerManagedPolicyReferencesInPermissionSet", "sso:ListCustomerManagedPolicyReferencesInPermissionSet", Organization;
    LIST_ACCOUNTS_FOR_PROVISIONED_PERMISSION_SET = "sso-admin:ListAccountsForProvisionedPermissionSet", "sso:ListAccountsForProvisionedPermissionSet", Organization;
    LIST_ACCOUNT_ASSIGNMENTS = "sso-admin:ListAccountAssignments", "sso:ListAccountAssignments", Organization;
    LIST_REGIONS = "account:ListRegions", "account:ListRegions", ResourcePolicies;
    LIST_BUCKETS = "s3:ListBuckets", "s3:ListAllMyBuckets", ResourcePolicies;
    GET_BUCKET_POLICY = "s3:GetBucketPolicy", "s3:GetBucketPolicy", ResourcePolicies;
    LIST_KEYS = "kms:ListKeys", "kms:ListKeys", ResourcePolicies;
    GET_KEY_POLICY = "kms:GetKeyPolicy", "kms:GetKeyPolicy", ResourcePolicies;
    LIST_TOPICS = "sns:ListTopics", "sns:ListTopics", ResourcePolicies;
    GET_TOPIC_ATTRIBUTES = "sns:GetTopicAttributes", "sns:GetTopicAttributes", ResourcePolicies;
    LIST_QUEUES = "sqs:ListQueues", "sqs:ListQueues", ResourcePolicies;
    GET_QUEUE_ATTRIBUTES = "sqs:GetQueueAttributes", "sqs:GetQueueAttributes", ResourcePolicies;
    LIST_FUNCTIONS = "lambda:ListFunctions", "lambda:ListFunctions", ResourcePolicies;
    LIST_ALIASES = "lambda:ListAliases", "lambda:ListAliases", ResourcePolicies;
    GET_FUNCTION_POLICY = "lambda:GetPolicy", "lambda:GetPolicy", ResourcePolicies;
    LIST_SECRETS = "secretsmanager:ListSecrets", "secretsmanager:ListSecrets", ResourcePolicies;
    GET_RESOURCE_POLICY = "secretsmanager:GetResourcePolicy", "secretsmanager:GetResourcePolicy", ResourcePolicies;
    DESCRIBE_REPOSITORIES = "ecr:DescribeRepositories", "ecr:DescribeRepositories", ResourcePolicies;
    GET_REPOSITORY_POLICY = "ecr:GetRepositoryPolicy", "ecr:GetRepositoryPolicy", ResourcePolicies;
}
