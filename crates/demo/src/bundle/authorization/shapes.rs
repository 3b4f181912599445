//! The answer of GetAccountAuthorizationDetails.

use serde::Serialize;

use crate::moment::Moment;
use crate::policy::Document;
use crate::policy::trust::TrustDocument;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct UserDetail<'a> {
    pub(super) path: &'a str,
    pub(super) user_name: &'a str,
    pub(super) user_id: &'a str,
    pub(super) arn: &'a str,
    pub(super) create_date: Moment,
    /// Left out where it is empty, as the API does it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) user_policy_list: Vec<NamedDocument<'a>>,
    pub(super) group_list: Vec<&'static str>,
    pub(super) attached_managed_policies: Vec<Attached>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) permissions_boundary: Option<Boundary>,
    pub(super) tags: Vec<Tag<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GroupDetail<'a> {
    pub(super) path: &'static str,
    pub(super) group_name: &'static str,
    pub(super) group_id: String,
    pub(super) arn: String,
    pub(super) create_date: Moment,
    pub(super) group_policy_list: Vec<NamedDocument<'a>>,
    pub(super) attached_managed_policies: Vec<Attached>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct RoleDetail<'a> {
    pub(super) path: &'a str,
    pub(super) role_name: &'a str,
    pub(super) role_id: &'a str,
    pub(super) arn: &'a str,
    pub(super) create_date: Moment,
    pub(super) assume_role_policy_document: TrustDocument<'a>,
    pub(super) instance_profile_list: Vec<InstanceProfile<'a>>,
    pub(super) role_policy_list: Vec<NamedDocument<'a>>,
    pub(super) attached_managed_policies: Vec<Attached>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) permissions_boundary: Option<Boundary>,
    pub(super) tags: Vec<Tag<'a>>,
    pub(super) role_last_used: RoleLastUsed,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct InstanceProfile<'a> {
    pub(super) path: &'static str,
    pub(super) instance_profile_name: &'static str,
    pub(super) instance_profile_id: String,
    pub(super) arn: String,
    pub(super) create_date: Moment,
    pub(super) roles: [RoleOfProfile<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct RoleOfProfile<'a> {
    pub(super) path: &'a str,
    pub(super) role_name: &'a str,
    pub(super) role_id: &'a str,
    pub(super) arn: &'a str,
    pub(super) create_date: Moment,
    pub(super) assume_role_policy_document: TrustDocument<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct RoleLastUsed {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) last_used_date: Option<Moment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) region: Option<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct NamedDocument<'a> {
    pub(super) policy_name: &'a str,
    pub(super) policy_document: Document<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Attached {
    pub(super) policy_name: &'static str,
    pub(super) policy_arn: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Boundary {
    pub(super) permissions_boundary_type: &'static str,
    pub(super) permissions_boundary_arn: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Tag<'a> {
    pub(super) key: &'a str,
    pub(super) value: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct PolicyDetail<'a> {
    pub(super) policy_name: &'static str,
    pub(super) policy_id: String,
    pub(super) arn: String,
    pub(super) path: &'static str,
    pub(super) default_version_id: &'static str,
    pub(super) attachment_count: usize,
    pub(super) permissions_boundary_usage_count: usize,
    pub(super) is_attachable: bool,
    pub(super) create_date: Moment,
    pub(super) update_date: Moment,
    pub(super) policy_version_list: Vec<VersionDetail<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct VersionDetail<'a> {
    pub(super) document: Document<'a>,
    pub(super) version_id: &'static str,
    pub(super) is_default_version: bool,
    pub(super) create_date: Moment,
}
