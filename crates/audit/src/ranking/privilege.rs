//! What a principal can do at worst.

use std::collections::HashMap;

use leastgrant_access::{
    Access, Answer, Confidence as Sure, Graph, Question, Subject, SubjectId, SubjectKind,
};
use leastgrant_policy::{Action, Context};

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
    by_principal: HashMap<Box<str>, Privilege>,
    ids: HashMap<&'a str, SubjectId>,
    /// Who can become whom, where a rule asked for it.
    graph: Option<&'a Graph>,
}

impl<'a> AccessPrivileges<'a> {
    pub(crate) fn new(access: &'a Access, graph: Option<&'a Graph>) -> Self {
        let mut by_principal: HashMap<Box<str>, Privilege> = access
            .principals()
            .map(|(_, subject)| {
                let privilege = match subject.kind {
                    SubjectKind::Root => Privilege::Everything,
                    _ => Privilege::Little,
                };
                (subject.arn.clone(), privilege)
            })
            .collect();
        for (privilege, actions) in QUESTIONS {
            for action in actions.iter().filter_map(|name| Action::parse(name)) {
                let question = Question {
                    action,
                    resource: None,
                    context: Context::open(),
                };
                for row in access.who_can(&question).rows {
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
                    if let Some(known) = by_principal.get_mut(&subject.arn) {
                        *known = told.max(*known);
                    }
                }
            }
        }
        let ids = access.principals().map(|(id, subject)| (&*subject.arn, id));
        Self {
            by_principal,
            ids: ids.collect(),
            graph,
        }
    }

    fn by_graph(&self, principal_arn: &str) -> Option<Privilege> {
        let graph = self.graph?;
        let node = graph.node_of(*self.ids.get(principal_arn)?);
        if graph.is_administrator(node) {
            return Some(Privilege::Everything);
        }
        let path = graph.path_to_administrator(node)?;
        Some(match path.confidence() {
            Sure::High => Privilege::BecomesAdministrator,
            Sure::Low => Privilege::MayBecomeAdministrator,
        })
    }
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
        let known = self.by_principal.get(principal_arn).copied();
        let known = known.unwrap_or(Privilege::Unknown);
        self.by_graph(principal_arn)
            .map_or(known, |own| own.max(known))
    }
}
