//! IAM's answers as the `aws` CLI prints them: the SDK's types have no JSON of their own, and the wire's is XML.
//!
//! Only members that some reader takes are here. A member that AWS left out is left out or null, never made up.

use aws_sdk_iam::operation::get_account_authorization_details::GetAccountAuthorizationDetailsOutput as AuthorizationDetails;
use aws_sdk_iam::operation::get_credential_report::GetCredentialReportOutput as CredentialReport;
use aws_sdk_iam::operation::get_service_last_accessed_details::GetServiceLastAccessedDetailsOutput as LastAccessed;
use aws_sdk_iam::types::{
    AccessKeyLastUsed, AccessKeyMetadata, AttachedPermissionsBoundary, AttachedPolicy, GroupDetail,
    InstanceProfile, LoginProfile, ManagedPolicyDetail, MfaDevice, PasswordPolicy, PolicyDetail,
    PolicyVersion, RoleDetail, ServerCertificateMetadata, ServiceLastAccessed,
    ServiceSpecificCredentialMetadata, SigningCertificate, SshPublicKeyMetadata, Tag,
    TrackedActionLastAccessed, User, UserDetail,
};
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use base64::Engine as _;
use serde_json::{Map, Value, json};

/// A date as RFC 3339. Where AWS leaves out one that it is to send, the SDK puts the epoch, which is no date of IAM's.
pub(super) fn date(at: Option<&DateTime>) -> Option<String> {
    let at = at.filter(|at| at.secs() != 0)?;
    at.fmt(Format::DateTime).ok()
}

/// A text. Where AWS leaves out one that it is to send, the SDK puts an empty one.
fn text(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}

/// A list of which each element has one shape.
pub(super) fn list<T>(items: &[T], shape: fn(&T) -> Value) -> Value {
    items.iter().map(shape).collect()
}

/// A list that AWS may leave out, which says something else than an empty one.
fn optional_list<T>(items: Option<&Vec<T>>, shape: fn(&T) -> Value) -> Value {
    items.map_or(Value::Null, |items| list(items, shape))
}

/// A page: its list, and where the next one begins.
pub(super) fn page(
    member: &str,
    items: Value,
    is_truncated: bool,
    marker: Option<&String>,
) -> Value {
    let mut members = Map::new();
    members.insert(member.to_owned(), items);
    members.insert("IsTruncated".to_owned(), json!(is_truncated));
    members.insert("Marker".to_owned(), json!(marker));
    Value::Object(members)
}

pub(super) fn authorization_details(answer: &AuthorizationDetails) -> Value {
    json!({
        "UserDetailList": optional_list(answer.user_detail_list.as_ref(), user_detail),
        "GroupDetailList": optional_list(answer.group_detail_list.as_ref(), group_detail),
        "RoleDetailList": optional_list(answer.role_detail_list.as_ref(), role_detail),
        "Policies": optional_list(answer.policies.as_ref(), managed_policy),
        "IsTruncated": answer.is_truncated,
        "Marker": answer.marker,
    })
}

fn user_detail(user: &UserDetail) -> Value {
    json!({
        "Arn": user.arn,
        "UserName": user.user_name,
        "UserId": user.user_id,
        "Path": user.path,
        "CreateDate": date(user.create_date.as_ref()),
        "PermissionsBoundary": boundary(user.permissions_boundary.as_ref()),
        "GroupList": user.group_list,
        "UserPolicyList": optional_list(user.user_policy_list.as_ref(), inline_policy),
        "AttachedManagedPolicies": optional_list(user.attached_managed_policies.as_ref(), attached_policy),
        "Tags": optional_list(user.tags.as_ref(), tag),
    })
}

fn group_detail(group: &GroupDetail) -> Value {
    json!({
        "Arn": group.arn,
        "GroupName": group.group_name,
        "GroupId": group.group_id,
        "Path": group.path,
        "CreateDate": date(group.create_date.as_ref()),
        "GroupPolicyList": optional_list(group.group_policy_list.as_ref(), inline_policy),
        "AttachedManagedPolicies": optional_list(group.attached_managed_policies.as_ref(), attached_policy),
    })
}

fn role_detail(role: &RoleDetail) -> Value {
    json!({
        "Arn": role.arn,
        "RoleName": role.role_name,
        "RoleId": role.role_id,
        "Path": role.path,
        "CreateDate": date(role.create_date.as_ref()),
        "AssumeRolePolicyDocument": role.assume_role_policy_document,
        "PermissionsBoundary": boundary(role.permissions_boundary.as_ref()),
        "RoleLastUsed": role.role_last_used.as_ref().map(|used| json!({
            "LastUsedDate": date(used.last_used_date.as_ref()),
            "Region": used.region,
        })),
        "RolePolicyList": optional_list(role.role_policy_list.as_ref(), inline_policy),
        "AttachedManagedPolicies": optional_list(role.attached_managed_policies.as_ref(), attached_policy),
        "InstanceProfileList": list(role.instance_profile_list(), instance_profile),
        "Tags": optional_list(role.tags.as_ref(), tag),
    })
}

fn instance_profile(profile: &InstanceProfile) -> Value {
    json!({
        "Arn": profile.arn,
        "InstanceProfileName": profile.instance_profile_name,
        "InstanceProfileId": profile.instance_profile_id,
        "Path": profile.path,
        "CreateDate": date(Some(&profile.create_date)),
        "Roles": profile.roles.iter().map(|role| json!({
            "Arn": role.arn,
            "RoleName": role.role_name,
        })).collect::<Value>(),
    })
}

fn managed_policy(policy: &ManagedPolicyDetail) -> Value {
    json!({
        "Arn": policy.arn,
        "PolicyName": policy.policy_name,
        "PolicyId": policy.policy_id,
        "Path": policy.path,
        "DefaultVersionId": policy.default_version_id,
        "AttachmentCount": policy.attachment_count,
        "PermissionsBoundaryUsageCount": policy.permissions_boundary_usage_count,
        "IsAttachable": policy.is_attachable,
        "Description": policy.description,
        "CreateDate": date(policy.create_date.as_ref()),
        "UpdateDate": date(policy.update_date.as_ref()),
        "PolicyVersionList": list(policy.policy_version_list(), policy_version),
    })
}

fn policy_version(version: &PolicyVersion) -> Value {
    json!({
        "VersionId": version.version_id,
        "IsDefaultVersion": version.is_default_version,
        "CreateDate": date(version.create_date.as_ref()),
        "Document": version.document,
    })
}

fn inline_policy(policy: &PolicyDetail) -> Value {
    json!({"PolicyName": policy.policy_name, "PolicyDocument": policy.policy_document})
}

fn attached_policy(policy: &AttachedPolicy) -> Value {
    json!({"PolicyName": policy.policy_name, "PolicyArn": policy.policy_arn})
}

fn boundary(boundary: Option<&AttachedPermissionsBoundary>) -> Option<Value> {
    boundary.map(|boundary| json!({"PermissionsBoundaryArn": boundary.permissions_boundary_arn}))
}

fn tag(tag: &Tag) -> Value {
    json!({"Key": tag.key, "Value": tag.value})
}

pub(super) fn user(user: &User) -> Value {
    json!({
        "Arn": user.arn,
        "UserName": user.user_name,
        "UserId": user.user_id,
        "Path": user.path,
        "CreateDate": date(Some(&user.create_date)),
        "PasswordLastUsed": date(user.password_last_used.as_ref()),
    })
}

pub(super) fn login_profile(profile: &LoginProfile) -> Value {
    json!({
        "UserName": profile.user_name,
        "CreateDate": date(Some(&profile.create_date)),
    })
}

pub(super) fn credential_report(answer: &CredentialReport) -> Value {
    let content = answer
        .content
        .as_ref()
        .map(|content| base64::engine::general_purpose::STANDARD.encode(content.as_ref()));
    json!({
        "Content": content,
        "ReportFormat": "text/csv",
        "GeneratedTime": date(answer.generated_time.as_ref()),
    })
}

pub(super) fn password_policy(policy: &PasswordPolicy) -> Value {
    json!({"PasswordPolicy": {
        "MinimumPasswordLength": policy.minimum_password_length,
        "RequireSymbols": policy.require_symbols,
        "RequireNumbers": policy.require_numbers,
        "RequireUppercaseCharacters": policy.require_uppercase_characters,
        "RequireLowercaseCharacters": policy.require_lowercase_characters,
        "AllowUsersToChangePassword": policy.allow_users_to_change_password,
        "ExpirePasswords": policy.expire_passwords,
        "MaxPasswordAge": policy.max_password_age,
        "PasswordReusePrevention": policy.password_reuse_prevention,
        "HardExpiry": policy.hard_expiry,
    }})
}

pub(super) fn server_certificate(certificate: &ServerCertificateMetadata) -> Value {
    json!({
        "Arn": certificate.arn,
        "ServerCertificateName": certificate.server_certificate_name,
        "UploadDate": date(certificate.upload_date.as_ref()),
        "Expiration": date(certificate.expiration.as_ref()),
    })
}

pub(super) fn access_key(key: &AccessKeyMetadata) -> Value {
    json!({
        "UserName": key.user_name,
        "AccessKeyId": key.access_key_id,
        "Status": key.status.as_ref().map(|status| status.as_str()),
        "CreateDate": date(key.create_date.as_ref()),
    })
}

pub(super) fn access_key_last_used(used: &AccessKeyLastUsed) -> Value {
    json!({
        "LastUsedDate": date(used.last_used_date.as_ref()),
        "ServiceName": used.service_name,
        "Region": used.region,
    })
}

pub(super) fn mfa_device(device: &MfaDevice) -> Value {
    json!({
        "UserName": text(&device.user_name),
        "SerialNumber": device.serial_number,
        "EnableDate": date(Some(&device.enable_date)),
    })
}

pub(super) fn ssh_public_key(key: &SshPublicKeyMetadata) -> Value {
    json!({
        "UserName": text(&key.user_name),
        "SSHPublicKeyId": key.ssh_public_key_id,
        "Status": key.status.as_str(),
        "UploadDate": date(Some(&key.upload_date)),
    })
}

pub(super) fn service_specific_credential(credential: &ServiceSpecificCredentialMetadata) -> Value {
    json!({
        "UserName": text(&credential.user_name),
        "ServiceSpecificCredentialId": credential.service_specific_credential_id,
        "ServiceName": credential.service_name,
        "Status": credential.status.as_str(),
        "CreateDate": date(Some(&credential.create_date)),
        "ExpirationDate": date(credential.expiration_date.as_ref()),
    })
}

/// Without the certificate itself, which nothing reads.
pub(super) fn signing_certificate(certificate: &SigningCertificate) -> Value {
    json!({
        "UserName": text(&certificate.user_name),
        "CertificateId": certificate.certificate_id,
        "Status": certificate.status.as_str(),
        "UploadDate": date(certificate.upload_date.as_ref()),
    })
}

pub(super) fn last_accessed(answer: &LastAccessed) -> Value {
    json!({
        "JobStatus": answer.job_status.as_str(),
        "JobType": answer.job_type.as_ref().map(|job_type| job_type.as_str()),
        "JobCreationDate": date(Some(&answer.job_creation_date)),
        "JobCompletionDate": date(Some(&answer.job_completion_date)),
        "ServicesLastAccessed": list(&answer.services_last_accessed, service),
        "IsTruncated": answer.is_truncated,
        "Marker": answer.marker,
        "Error": answer.error.as_ref().map(|error| json!({"Code": error.code, "Message": error.message})),
    })
}

fn service(service: &ServiceLastAccessed) -> Value {
    let actions = service.tracked_actions_last_accessed.as_ref();
    json!({
        "ServiceNamespace": service.service_namespace,
        "LastAuthenticated": date(service.last_authenticated.as_ref()),
        "LastAuthenticatedEntity": service.last_authenticated_entity,
        "LastAuthenticatedRegion": service.last_authenticated_region,
        "TotalAuthenticatedEntities": service.total_authenticated_entities,
        "TrackedActionsLastAccessed": optional_list(actions, action),
    })
}

fn action(action: &TrackedActionLastAccessed) -> Value {
    json!({
        "ActionName": action.action_name,
        "LastAccessedTime": date(action.last_accessed_time.as_ref()),
        "LastAccessedEntity": action.last_accessed_entity,
        "LastAccessedRegion": action.last_accessed_region,
    })
}
