//! Whether one statement matches a request.

use super::{Member, RequestParts};
use crate::document::Element;
use crate::principal::{CallerKind, Naming};
use crate::{Effect, Principal, PrincipalPattern, ResourcePattern, Statement, Truth, Variable};

/// Whether the statement matches, and how its Principal element names the caller.
pub(super) fn matches(
    statement: &Statement,
    request: RequestParts<'_>,
    member: Member,
) -> (Truth, Option<Naming>) {
    const NO: (Truth, Option<Naming>) = (Truth::No, None);
    let action = &statement.action;
    let in_list = action
        .entries
        .iter()
        .any(|entry| entry.matches(request.action));
    if in_list == action.is_negated {
        return NO;
    }
    let resource = match &statement.resource {
        Some(resource) => matches_resource(resource, request, member),
        None => Truth::Yes,
    };
    if resource == Truth::No {
        return NO;
    }
    let naming = match &statement.principal {
        Some(principal) => match naming(principal, statement.effect, request.principal) {
            Some(naming) => Some(naming),
            None => return NO,
        },
        // IAM refuses a resource policy without a principal.
        None if member == Member::Resource => return NO,
        None => None,
    };
    let mut truth = resource;
    for condition in &statement.conditions {
        truth = truth.and(condition.evaluate(request.context));
        if truth == Truth::No {
            return NO;
        }
    }
    (truth, naming)
}

/// Whether the statement's resources are surely those of the request.
pub(super) fn is_about(statement: &Statement, request: RequestParts<'_>, member: Member) -> bool {
    let resources = statement.resource.as_ref();
    resources.is_none_or(|own| matches_resource(own, request, member) == Truth::Yes)
}

fn matches_resource(
    element: &Element<ResourcePattern>,
    request: RequestParts<'_>,
    member: Member,
) -> Truth {
    let mut in_list = Truth::No;
    let mut has_unresolved = false;
    for entry in &element.entries {
        let is_untold = |variable: &Variable| request.is_not_told(variable);
        if entry.whole().variables().any(is_untold) {
            // Of NotResource it counts whether the variable has a value at all, whatever the value is.
            if entry.might_match(request.resource, element.is_negated) {
                in_list = Truth::Unknown;
            }
            continue;
        }
        let matched = entry.matches(request.resource, member.short_arn(), |variable| {
            request.variable(variable)
        });
        match matched {
            Some(true) => return Truth::from(!element.is_negated),
            Some(false) => {}
            None => has_unresolved = true,
        }
    }
    if !element.is_negated {
        return in_list;
    }
    // Of NotResource with a variable without a value, sources contradict each other. The statement is taken not to match,
    // as cloud-copilot/iam-simulate@46890ef has it; the comparison calls such statements unknown.
    if has_unresolved && in_list == Truth::No {
        return Truth::No;
    }
    in_list.negated()
}

/// How the element names the caller; `None` if the statement is not about it.
pub(crate) fn naming(
    element: &Element<PrincipalPattern>,
    effect: Effect,
    caller: &Principal,
) -> Option<Naming> {
    let named = element
        .entries
        .iter()
        .filter_map(|entry| entry.names(caller));
    if !element.is_negated {
        return named.max();
    }
    let mut has = [false; 4];
    for naming in named {
        let index = match naming {
            Naming::Account => 0,
            Naming::Everyone => 1,
            Naming::Role => 2,
            Naming::Itself => 3,
        };
        if let Some(has) = has.get_mut(index) {
            *has = true;
        }
    }
    let [account, everyone, role, itself] = has;
    let is_exempt = match effect {
        Effect::Allow => account || everyone || role || itself,
        // A Deny spares only a caller whose account is listed too, and for a session also its role (IAM User Guide,
        // "AWS JSON policy elements: NotPrincipal").
        Effect::Deny => {
            everyone
                || match caller.kind() {
                    CallerKind::Session { .. } => account && role && itself,
                    CallerKind::Role { .. } => account && role,
                    CallerKind::Root { .. } => account,
                    CallerKind::User { .. } | CallerKind::FederatedUser { .. } => account && itself,
                    CallerKind::Service | CallerKind::Federated | CallerKind::Anonymous => itself,
                }
        }
    };
    (!is_exempt).then_some(Naming::Everyone)
}
