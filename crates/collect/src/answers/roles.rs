//! Roles: as authorization details show them, as ListRoles lists them, as GetRole answers; instance profiles.

use leastgrant_inventory::tables::RoleRow;
use leastgrant_inventory::{DataKind, Timestamp};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::shapes::{
    AttachedPolicy, Boundary, InlinePolicy, InstanceProfile, Tag, attachment_pairs, common_account,
    document_or_problem, inline_pairs, tag_pairs,
};
use super::{Problems, Reader};
use crate::answer::Answer;
use crate::facts::{Piece, PrincipalFacts, account_of, path_of};
use crate::{elements, time};

/// Roles below this path belong to an AWS service and cannot be changed by anybody else.
const SERVICE_LINKED_PATH: &str = "/aws-service-role/";

pub(crate) const READERS: &[Reader] = &[
    Reader::new("iam:ListRoles", DataKind::Roles, "Roles", list),
    Reader::new("iam:GetRole", DataKind::Roles, "Role", one),
    Reader::new(
        "iam:ListInstanceProfiles",
        DataKind::InstanceProfiles,
        "InstanceProfiles",
        instance_profiles,
    ),
];

/// All members that any answer shows of a role.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct RoleDetail<'a> {
    arn: String,
    role_name: String,
    role_id: Option<String>,
    path: Option<String>,
    #[serde(default, deserialize_with = "time::optional")]
    create_date: Option<Timestamp>,
    description: Option<String>,
    max_session_duration: Option<i64>,
    #[serde(borrow)]
    assume_role_policy_document: Option<&'a RawValue>,
    permissions_boundary: Option<Boundary>,
    /// An empty object says that there was no use; no member says nothing.
    role_last_used: Option<LastUsed>,
    #[serde(borrow)]
    role_policy_list: Option<Vec<InlinePolicy<'a>>>,
    attached_managed_policies: Option<Vec<AttachedPolicy>>,
    #[serde(default)]
    instance_profile_list: Vec<InstanceProfile>,
    tags: Option<Vec<Tag>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct LastUsed {
    #[serde(default, deserialize_with = "time::optional")]
    last_used_date: Option<Timestamp>,
    region: Option<String>,
}

impl RoleDetail<'_> {
    pub(crate) fn take_instance_profiles(&mut self) -> Vec<InstanceProfile> {
        std::mem::take(&mut self.instance_profile_list)
    }

    pub(crate) fn into_facts(
        self,
        has_details: bool,
        pointer: &str,
        problems: &mut Problems,
    ) -> PrincipalFacts<RoleRow> {
        let trust_policy = self.assume_role_policy_document.and_then(|raw| {
            document_or_problem(
                raw,
                || format!("{pointer}/AssumeRolePolicyDocument"),
                problems,
            )
        });
        let path = self.path.unwrap_or_else(|| path_of(&self.arn));
        let last_used_known = self.role_last_used.is_some();
        let (last_used_at, last_used_region) = self
            .role_last_used
            .map(|last_used| (last_used.last_used_date, last_used.region))
            .unwrap_or_default();
        PrincipalFacts {
            row: RoleRow {
                account_id: account_of(&self.arn).unwrap_or_default().to_owned(),
                role_name: self.role_name,
                role_id: self.role_id,
                is_service_linked: path.starts_with(SERVICE_LINKED_PATH),
                path,
                created_at: self.create_date,
                description: self.description,
                max_session_duration: self.max_session_duration,
                trust_policy,
                permissions_boundary_arn: self
                    .permissions_boundary
                    .and_then(|boundary| boundary.permissions_boundary_arn),
                last_used_known,
                last_used_at,
                last_used_region,
                as_of: None,
                arn: self.arn,
            },
            has_details,
            tags: tag_pairs(self.tags),
            inline_policies: inline_pairs(
                self.role_policy_list,
                &format!("{pointer}/RolePolicyList"),
                problems,
            ),
            attached_policies: attachment_pairs(self.attached_managed_policies),
        }
    }
}

fn list(answer: &Answer<'_>, piece: &mut Piece, problems: &mut Problems) {
    let roles: Vec<RoleDetail<'_>> = elements::required_list(answer, "Roles", problems);
    for (index, role) in roles.into_iter().enumerate() {
        piece.facts.entities.roles.push(role.into_facts(
            false,
            &format!("/Roles/{index}"),
            problems,
        ));
    }
    piece.account_id = common_account(
        piece
            .facts
            .entities
            .roles
            .iter()
            .map(|role| role.row.arn.as_str()),
    );
}

fn one(answer: &Answer<'_>, piece: &mut Piece, problems: &mut Problems) {
    if let Some(role) = elements::one::<RoleDetail<'_>>(answer, "Role", problems) {
        piece.account_id = account_of(&role.arn).map(str::to_owned);
        piece
            .facts
            .entities
            .roles
            .push(role.into_facts(false, "/Role", problems));
    }
}

fn instance_profiles(answer: &Answer<'_>, piece: &mut Piece, problems: &mut Problems) {
    let profiles: Vec<InstanceProfile> = elements::list(answer, "InstanceProfiles", problems);
    piece.account_id = common_account(profiles.iter().map(|profile| profile.arn.as_str()));
    piece.facts.rows.instance_profiles = profiles
        .into_iter()
        .map(InstanceProfile::into_row)
        .collect();
}
