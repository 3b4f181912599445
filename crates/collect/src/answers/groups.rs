//! Groups and who is in them.

use leastgrant_inventory::tables::{GroupMembershipRow, GroupRow};
use leastgrant_inventory::{DataKind, Timestamp};
use serde::Deserialize;

use super::shapes::{AttachedPolicy, InlinePolicy, attachment_pairs, common_account, inline_pairs};
use super::{Problem, Problems, Reader};
use crate::answer::Answer;
use crate::facts::{Piece, PrincipalFacts, account_of, path_of};
use crate::{elements, time};

pub(crate) const READERS: &[Reader] = &[
    Reader::new("iam:GetGroup", DataKind::Groups, "Group", one),
    Reader::new("iam:ListGroupsForUser", DataKind::Groups, "", of_user),
    Reader::new("iam:ListGroups", DataKind::Groups, "Groups", list),
];

/// All members that any answer shows of a group.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GroupDetail<'a> {
    arn: String,
    group_name: String,
    group_id: Option<String>,
    path: Option<String>,
    #[serde(default, deserialize_with = "time::optional")]
    create_date: Option<Timestamp>,
    #[serde(borrow)]
    group_policy_list: Option<Vec<InlinePolicy<'a>>>,
    attached_managed_policies: Option<Vec<AttachedPolicy>>,
}

impl GroupDetail<'_> {
    pub(crate) fn into_facts(
        self,
        has_details: bool,
        pointer: &str,
        problems: &mut Problems,
    ) -> PrincipalFacts<GroupRow> {
        PrincipalFacts {
            row: GroupRow {
                account_id: account_of(&self.arn).unwrap_or_default().to_owned(),
                group_name: self.group_name,
                group_id: self.group_id,
                path: self.path.unwrap_or_else(|| path_of(&self.arn)),
                created_at: self.create_date,
                arn: self.arn,
            },
            has_details,
            tags: Vec::new(),
            inline_policies: inline_pairs(
                self.group_policy_list,
                &format!("{pointer}/GroupPolicyList"),
                problems,
            ),
            attached_policies: attachment_pairs(self.attached_managed_policies),
        }
    }
}

fn list(answer: &Answer<'_>, piece: &mut Piece, problems: &mut Problems) {
    let groups: Vec<GroupDetail<'_>> = elements::required_list(answer, "Groups", problems);
    for (index, group) in groups.into_iter().enumerate() {
        piece.facts.entities.groups.push(group.into_facts(
            false,
            &format!("/Groups/{index}"),
            problems,
        ));
    }
    piece.account_id = common_account(
        piece
            .facts
            .entities
            .groups
            .iter()
            .map(|group| group.row.arn.as_str()),
    );
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Member {
    arn: String,
}

fn one(answer: &Answer<'_>, piece: &mut Piece, problems: &mut Problems) {
    let Some(group) = elements::one::<GroupDetail<'_>>(answer, "Group", problems) else {
        return;
    };
    let group = group.into_facts(false, "/Group", problems);
    piece.listing = format!("iam:GetGroup({})", group.row.arn);
    let members: Vec<Member> = elements::list(answer, "Users", problems);
    piece.account_id = account_of(&group.row.arn).map(str::to_owned);
    piece
        .facts
        .rows
        .group_memberships
        .extend(members.into_iter().map(|member| GroupMembershipRow {
            account_id: group.row.account_id.clone(),
            user_arn: member.arn,
            group_name: group.row.group_name.clone(),
            group_arn: Some(group.row.arn.clone()),
        }));
    piece.facts.entities.groups.push(group);
}

/// The answer names groups with their ARNs, but the user only by the call's parameter, without its path.
fn of_user(answer: &Answer<'_>, piece: &mut Piece, problems: &mut Problems) {
    list(answer, piece, problems);
    let Some(user_name) = answer.parameter("UserName") else {
        problems.push(Problem::at(
            "/Parameters/UserName",
            "the name of the user is missing in the wrapped call",
        ));
        return;
    };
    for group in &piece.facts.entities.groups {
        piece.facts.rows.group_memberships.push(GroupMembershipRow {
            account_id: group.row.account_id.clone(),
            // The assembly puts the user's ARN in the place of the name.
            user_arn: user_name.clone(),
            group_name: group.row.group_name.clone(),
            group_arn: Some(group.row.arn.clone()),
        });
    }
}
