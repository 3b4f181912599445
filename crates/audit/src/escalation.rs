//! What the rules on escalation say of a way in common: its set, its target, the policies that grant it, its conditions.

use std::collections::{BTreeSet, HashSet};

use leastgrant_access::{
    Access, Confidence as Sure, EscalationTarget, Gain, NodeId, Subject, SubjectId, SubjectKind,
    Way,
};

use leastgrant_inventory::DataKind;
use leastgrant_policy::evaluate::Member;

use crate::context::Output;
use crate::contexts::GraphContext;
use crate::{Confidence, ResourceType};

/// More policies than these that grant one way are counted, not named.
const POLICIES: usize = 4;

/// The principals of the account that escalation is looked for: users and roles that are no service's, and of which
/// `admin-access` does not say that they are administrators. Who is one on some resources only is not left out.
pub(crate) fn principals<'a>(
    context: &'a GraphContext<'_>,
) -> impl Iterator<Item = (SubjectId, &'a Subject)> {
    let policies = context.policy.policies;
    let account_id = &context.policy.account.account.account_id;
    let reach = policies.reach(context.policy.account.as_of);
    let administrators: HashSet<&str> = reach
        .of_account(&policies.access, account_id)
        .filter(|own| own.reach.is_administrator())
        .map(|own| &*own.subject.arn)
        .collect();
    let all = policies.principals_of(account_id);
    all.filter(move |(_, subject)| {
        matches!(subject.kind, SubjectKind::User | SubjectKind::Role)
            && !subject.caller.is_service_linked_role()
            && !administrators.contains(&*subject.arn)
    })
}

/// What is said of a finding that a policy which is not known may make void.
pub(crate) const MAY_BE_CLOSED: &str =
    "; not all policies that may limit it are known (permissions boundary, organisation)";

/// Whether a permissions boundary or an organisation's policy of a node is not known, which may take its ways away.
pub(crate) fn may_be_closed(context: &GraphContext<'_>, node: NodeId) -> bool {
    let access = &context.policy.policies.access;
    let subject = context
        .graph
        .principal(node)
        .and_then(|id| access.subject(id));
    subject.is_some_and(|subject| {
        let assembled = access.policies_of(subject);
        let mut unknowns = assembled.unknowns.iter();
        unknowns.any(|own| matches!(own.member, Member::Boundary | Member::ServiceControl))
    })
}

/// Says of whom not all policies are known, which may grant more, or less.
pub(crate) fn report_unknown(context: &GraphContext<'_>, output: &mut Output) {
    let access = &context.policy.policies.access;
    let account_id = &context.policy.account.account.account_id;
    let (mut names, mut count) = (Vec::new(), 0);
    for (_, subject) in principals(context) {
        count += 1;
        if !access.policies_of(subject).unknowns.is_empty() {
            names.push(&*subject.name);
        }
    }
    let details = context
        .policy
        .account
        .account
        .source(DataKind::AuthorizationDetails);
    if details.is_none() && names.len() == count {
        output.not_checked("no policies were collected (authorization details)");
        return;
    }
    output.not_checked_for("not all policies are known", &names);
    let has = |kind: SubjectKind| {
        let mut all = context.policy.policies.principals_of(account_id);
        all.any(|(_, subject)| subject.kind == kind)
    };
    if has(SubjectKind::User) && !has(SubjectKind::Role) {
        output.not_checked(
            "no roles were collected, and every account has some: they may be targets or have ways",
        );
    }
    if !access.hiding_principals(account_id).is_empty() {
        output
            .not_checked("not all users and roles are known, and some may be targets or have ways");
    }
}

pub(crate) fn resource_type(subject: &Subject) -> ResourceType {
    match subject.kind {
        SubjectKind::Role => ResourceType::Role,
        _ => ResourceType::User,
    }
}

fn confidence(sure: Sure) -> Confidence {
    match sure {
        Sure::High => Confidence::High,
        Sure::Low => Confidence::Low,
    }
}

/// The resource part of an ARN in backticks: `` `role/x` ``.
pub(crate) fn short(arn: &str) -> String {
    format!("`{}`", arn.splitn(6, ':').nth(5).unwrap_or(arn))
}

/// A way in words.
pub(crate) struct WayInWords {
    /// The policies that grant it.
    pub(crate) source: String,
    pub(crate) fact: String,
    /// Whether conditions on what is not known have to be met.
    pub(crate) depends: bool,
}

/// How sure is what needs conditions to be met, such as MFA or an address.
pub(crate) fn confidence_if_met(sure: Sure, depends: bool) -> Confidence {
    match confidence(sure) {
        Confidence::High if depends => Confidence::Medium,
        own => own,
    }
}

/// The policies that grant a way of a principal for one of its targets, and the way in words.
pub(crate) fn evidence(
    context: &GraphContext<'_>,
    node: NodeId,
    way: &Way,
    target: Option<NodeId>,
    more: usize,
) -> WayInWords {
    let access = &context.policy.policies.access;
    let evidence = context.graph.evidence(access, node, way, target);
    let mut policies: BTreeSet<String> = BTreeSet::new();
    for statement in evidence.granted.iter().flat_map(|own| &own.statements) {
        let Some(policy) = access.policy(statement.policy) else {
            continue;
        };
        let group = statement.group.as_deref();
        let group = group.map_or_else(String::new, |group| format!(" through the group `{group}`"));
        policies.insert(format!(
            "{}{group}, statement {}",
            policy.words(),
            statement.index + 1
        ));
    }
    let count = policies.len();
    let mut source = policies
        .into_iter()
        .take(POLICIES)
        .collect::<Vec<_>>()
        .join("; ");
    if count > POLICIES {
        source.push_str(&format!("; and {} more", count - POLICIES));
    }
    let actions: Vec<String> = evidence
        .granted
        .iter()
        .map(|own| match &own.resource {
            Some(resource) => format!("`{}` on `{resource}`", own.action),
            None => format!("`{}`", own.action),
        })
        .collect();
    let mut fact = format!(
        "{}: {}; {}",
        way.set.name,
        actions.join(", "),
        gain(context, access, way, target)
    );
    if more > 0 {
        fact.push_str(&format!("; the same with {more} other targets"));
    }
    if !evidence.keys.is_empty() {
        fact.push_str(&format!("; depends on `{}`", evidence.keys.join("`, `")));
    }
    WayInWords {
        source,
        fact,
        depends: !evidence.keys.is_empty(),
    }
}

fn gain(context: &GraphContext<'_>, access: &Access, way: &Way, target: Option<NodeId>) -> String {
    let whom = target.map(|target| short(context.graph.arn(access, target)));
    let whom = whom.as_deref();
    let is_administrator = target.is_some_and(|target| context.graph.is_administrator(target));
    let is_group = target.is_some_and(|target| context.graph.principal(target).is_none());
    let perhaps = match way.confidence {
        Sure::High => "",
        Sure::Low => "perhaps ",
    };
    match (way.gain, whom) {
        (gain, whom) if way.set.target == EscalationTarget::OwnBoundary => match (gain, whom) {
            (Gain::Administrator, _) => "has, or gives itself, any right without it".to_owned(),
            (Gain::Becomes, Some(whom)) => format!("becomes {whom} without it"),
            _ => "is not bound by it".to_owned(),
        },
        (Gain::Administrator, None) => match way.set.target {
            EscalationTarget::NewPrincipal => "makes an administrator and becomes it".to_owned(),
            EscalationTarget::Group => {
                "joins groups, and by their policies and its own gives itself any right".to_owned()
            }
            _ => "gives itself any right".to_owned(),
        },
        (Gain::Administrator, Some(whom)) if is_group => {
            format!("gives {whom} any right and becomes a member of it")
        }
        (Gain::Administrator, Some(whom)) => format!("gives {whom} any right and becomes it"),
        (Gain::Becomes, Some(whom)) if is_group => {
            format!("joins {whom}")
        }
        (Gain::Becomes, Some(whom)) if way.set.target == EscalationTarget::Group => {
            format!("joins groups, and by their policies and its own becomes {whom}")
        }
        (Gain::Becomes, Some(whom)) if is_administrator => {
            format!("{perhaps}becomes the administrator {whom}")
        }
        (Gain::Becomes, whom) => format!("{perhaps}becomes {}", whom.unwrap_or("another")),
        (Gain::OwnRights, _) => format!("{perhaps}gives itself more rights, within a limit"),
        (Gain::OthersRights, whom) => format!(
            "gives {} more rights, and cannot become it",
            whom.unwrap_or("others")
        ),
        (Gain::ServiceRole, _) => "perhaps becomes a role that the service makes".to_owned(),
    }
}
