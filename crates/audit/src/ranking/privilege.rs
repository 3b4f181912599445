//! What a principal can do at worst.

use std::collections::HashMap;

use leastgrant_access::{
    Access, Answer, Confidence as Sure, Graph, Question, Subject, SubjectId, SubjectKind,
};
use leastgrant_policy::{Action, Context};
use rayon::prelude::*;

/// The worst that a principal can do, as far as its place in the list needs it; the least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Privilege {
    /// The finding is about nobody who could do something, and nothing that lets somebody.
    NoPrincipal,
    /// None of what is asked for below.
    Little,
    /// It can write or delete data.
    WritesData,
    /// What it can do is not known.
    Unknown,
    /// It can read secrets.
    ReadsSecrets,
    /// It can give itself or others more rights.
    GrantsRights,
    /// It can perhaps become an administrator.
    MayBecomeAdministrator,
    /// It can become an administrator.
    BecomesAdministrator,
    /// It is an administrator.
    Everything,
}

impl Privilege {
    pub(super) fn factor(self) -> u32 {
        match self {
            Self::NoPrincipal | Self::Little => 1,
            Self::WritesData | Self::Unknown => 2,
            Self::ReadsSecrets => 3,
            Self::GrantsRights
            | Self::MayBecomeAdministrator
            | Self::BecomesAdministrator
            | Self::Everything => 4,
        }
    }

    /// Of what `who` can do: `it`, or `whoever has it`.
    pub(super) fn words(self, who: &str) -> String {
        let words = match self {
            Self::NoPrincipal => return "about no principal".to_owned(),
            Self::Unknown => return format!("what {who} can do is not known"),
            Self::Little => "can do little",
            Self::WritesData => "can write data",
            Self::ReadsSecrets => "can read secrets",
            Self::GrantsRights => "can grant rights",
            Self::MayBecomeAdministrator => "can perhaps become an administrator",
            Self::BecomesAdministrator => "can become an administrator",
            Self::Everything => "is an administrator",
        };
        format!("{who} {words}")
    }
}

/// What principals can do. The graph of who can become whom knows more than policies alone do.
pub(crate) trait Privileges {
    /// The worst that the principal of this ARN can do.
    fn of(&self, principal_arn: &str) -> Privilege;
}

/// Calls that stand for what they can lead to, on any resource.
pub(super) const QUESTIONS: &[(Privilege, &[&str])] = &[
    (
        Privilege::GrantsRights,
        &[
            "iam:AttachRolePolicy",
            "iam:AttachUserPolicy",
            "iam:CreateAccessKey",
            "iam:CreatePolicyVersion",
            "iam:PutRolePolicy",
            "iam:PutUserPolicy",
            "iam:UpdateAssumeRolePolicy",
        ],
    ),
    (
        Privilege::ReadsSecrets,
        &["secretsmanager:GetSecretValue", "ssm:GetParameter"],
    ),
    (
        Privilege::WritesData,
        &[
            "dynamodb:PutItem",
            "rds:DeleteDBInstance",
            "s3:DeleteObject",
            "s3:PutObject",
        ],
    ),
];

/// What policies allow, asked once for all principals, and who can become whom.
#[derive(Debug)]
pub(crate) struct AccessPrivileges<'a> {
    by_principal: HashMap<SubjectId, Privilege>,
    ids: HashMap<&'a str, SubjectId>,
}

impl<'a> AccessPrivileges<'a> {
    /// `graph`: who can become whom, where a rule asked for it.
    pub(crate) fn new(access: &'a Access, graph: Option<&Graph>) -> Self {
        let principals: Vec<(SubjectId, &Subject)> = access.principals().collect();
        let mut by_principal: HashMap<SubjectId, Privilege> = principals
            .par_iter()
            .map(|(id, subject)| {
                let by_graph = graph.and_then(|graph| by_graph(graph, *id));
                let privilege = match subject.kind {
                    SubjectKind::Root => Privilege::Everything,
                    _ => by_graph.unwrap_or(Privilege::Little),
                };
                (*id, privilege)
            })
            .collect();
        for (privilege, actions) in QUESTIONS {
            for action in actions.iter().filter_map(|name| Action::parse(name)) {
                let question = Question {
                    action,
                    resource: None,
                    context: Context::open(),
                };
                // No answer is worse than both.
                let worst = Privilege::Unknown.max(*privilege);
                let is_open = |id| by_principal.get(&id).is_none_or(|known| *known < worst);
                for row in access.who_can_among(&question, is_open).rows {
                    let Some(subject) = access.subject(row.subject) else {
                        continue;
                    };
                    let grants = row.grants.iter();
                    let answers = grants
                        .filter(|grant| {
                            !is_of_no_matter(&question.action, &grant.resource, subject)
                        })
                        .map(|grant| grant.answer);
                    let told = answers.filter_map(|answer| match answer {
                        Answer::Yes | Answer::Depends => Some(*privilege),
                        Answer::Unknown => Some(Privilege::Unknown),
                        Answer::No => None,
                    });
                    let Some(told) = told.max() else {
                        continue;
                    };
                    if let Some(known) = by_principal.get_mut(&row.subject) {
                        *known = told.max(*known);
                    }
                }
            }
        }
        Self {
            by_principal,
            ids: principals
                .into_iter()
                .map(|(id, subject)| (&*subject.arn, id))
                .collect(),
        }
    }
}

fn by_graph(graph: &Graph, principal: SubjectId) -> Option<Privilege> {
    let node = graph.node_of(principal);
    if graph.is_administrator(node) {
        return Some(Privilege::Everything);
    }
    let path = graph.path_to_administrator(node)?;
    Some(match path.confidence() {
        Sure::High => Privilege::BecomesAdministrator,
        Sure::Low => Privilege::MayBecomeAdministrator,
    })
}

/// What everybody may know, and keys of the caller itself.
fn is_of_no_matter(action: &Action, resource: &str, subject: &Subject) -> bool {
    // AWS Systems Manager User Guide, "Working with public parameters".
    let is_public = resource.contains(":parameter/aws/");
    let is_own_user = match resource.split_once(":user/") {
        Some((_, path_and_name)) => {
            let name = path_and_name.rsplit('/').next();
            resource == &*subject.arn
                || name.is_some_and(|name| {
                    name.eq_ignore_ascii_case("${aws:username}") || name == &*subject.name
                })
        }
        None => false,
    };
    let is_of_keys = action.name() == "createaccesskey" && subject.kind == SubjectKind::User;
    is_public || is_own_user && is_of_keys
}

impl Privileges for AccessPrivileges<'_> {
    fn of(&self, principal_arn: &str) -> Privilege {
        let id = self.ids.get(principal_arn);
        let known = id.and_then(|id| self.by_principal.get(id));
        known.copied().unwrap_or(Privilege::Unknown)
    }
}
