//! Users: as authorization details show them, as ListUsers lists them, as GetUser answers.

use leastgrant_inventory::tables::UserRow;
use leastgrant_inventory::{DataKind, Timestamp};
use serde::Deserialize;

use super::shapes::{
    AttachedPolicy, Boundary, InlinePolicy, Tag, attachment_pairs, common_account, inline_pairs,
    tag_pairs,
};
use super::{Problems, Reader};
use crate::answer::{Answer, Members};
use crate::facts::{Piece, PrincipalFacts, UserFacts, account_of, path_of};
use crate::{elements, time};

pub(crate) const READERS: &[Reader] = &[
    Reader::new("iam:ListUsers", DataKind::Users, "Users", list)
        .if_only(|members: &Members<'_>| !members.has("Group")),
    Reader::new("iam:GetUser", DataKind::OneUser, "User", one),
];

/// All members that any answer shows of a user.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UserDetail<'a> {
    arn: String,
    /// The root user has none.
    user_name: Option<String>,
    user_id: Option<String>,
    path: Option<String>,
    #[serde(default, deserialize_with = "time::optional")]
    create_date: Option<Timestamp>,
    #[serde(default, deserialize_with = "time::optional")]
    password_last_used: Option<Timestamp>,
    permissions_boundary: Option<Boundary>,
    group_list: Option<Vec<String>>,
    #[serde(borrow)]
    user_policy_list: Option<Vec<InlinePolicy<'a>>>,
    attached_managed_policies: Option<Vec<AttachedPolicy>>,
    tags: Option<Vec<Tag>>,
}

impl UserDetail<'_> {
    pub(crate) fn into_facts(
        self,
        has_details: bool,
        pointer: &str,
        problems: &mut Problems,
    ) -> UserFacts {
        let is_root = self.arn.ends_with(":root");
        let name = self
            .user_name
            .unwrap_or_else(|| crate::facts::name_of(&self.arn).to_owned());
        let row = UserRow {
            account_id: account_of(&self.arn).unwrap_or_default().to_owned(),
            user_name: if is_root {
                crate::answers::credential_report::ROOT_USER.to_owned()
            } else {
                name
            },
            user_id: self.user_id,
            path: self.path.unwrap_or_else(|| path_of(&self.arn)),
            is_root,
            created_at: self.create_date,
            permissions_boundary_arn: self
                .permissions_boundary
                .and_then(|boundary| boundary.permissions_boundary_arn),
            details_known: has_details,
            arn: self.arn,
            ..UserRow::default()
        };
        UserFacts {
            principal: PrincipalFacts {
                row,
                has_details,
                tags: tag_pairs(self.tags),
                inline_policies: inline_pairs(
                    self.user_policy_list,
                    &format!("{pointer}/UserPolicyList"),
                    problems,
                ),
                attached_policies: attachment_pairs(self.attached_managed_policies),
            },
            groups: self.group_list.unwrap_or_default(),
            shows_password_last_used: !has_details,
            password_last_used: self.password_last_used,
        }
    }
}

fn list(answer: &Answer<'_>, piece: &mut Piece, problems: &mut Problems) {
    let users: Vec<UserDetail<'_>> = elements::required_list(answer, "Users", problems);
    for (index, user) in users.into_iter().enumerate() {
        piece.facts.entities.users.push(user.into_facts(
            false,
            &format!("/Users/{index}"),
            problems,
        ));
    }
    piece.account_id = common_account(
        piece
            .facts
            .entities
            .users
            .iter()
            .map(|user| user.principal.row.arn.as_str()),
    );
}

fn one(answer: &Answer<'_>, piece: &mut Piece, problems: &mut Problems) {
    if let Some(user) = elements::one::<UserDetail<'_>>(answer, "User", problems) {
        piece.account_id = account_of(&user.arn).map(str::to_owned);
        piece
            .facts
            .entities
            .users
            .push(user.into_facts(false, "/User", problems));
    }
}
