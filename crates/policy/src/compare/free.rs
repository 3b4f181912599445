//! What policies allow by themselves where a wildcard of a resource crosses colons.

use super::Kind;
use crate::condition::Truth;
use crate::document::Element;
use crate::evaluate::{Request, RequestParts, naming};
use crate::resource::ARN_FIELDS;
use crate::{Effect, Policy, ResourcePattern, ShortArn, Statement, Syntax, Wildcard};

/// Whether some Allow matches the request and no Deny does.
pub(super) fn allows(policies: &[&Policy], request: &Request, kind: Kind) -> bool {
    let matches = |effect: Effect| {
        policies
            .iter()
            .flat_map(|policy| &policy.statements)
            .any(|statement| statement.effect == effect && matches(statement, request, kind))
    };
    matches(Effect::Allow) && !matches(Effect::Deny)
}

fn matches(statement: &Statement, request: &Request, kind: Kind) -> bool {
    let mut actions = statement.action.entries.iter();
    let has_action = actions.any(|entry| entry.matches(&request.action));
    let has_resource = |element: &Element<ResourcePattern>| {
        let mut entries = element.entries.iter();
        entries.any(|entry| matches_resource(entry, request, kind)) != element.is_negated
    };
    let is_named = match (&statement.principal, kind) {
        (Some(element), _) => naming(element, statement.effect, &request.principal).is_some(),
        (None, Kind::Identity) => true,
        (None, Kind::Resource) => false,
    };
    has_action != statement.action.is_negated
        && statement.resource.as_ref().is_none_or(has_resource)
        && is_named
        && statement
            .conditions
            .iter()
            .all(|condition| condition.evaluate(&request.context) == Truth::Yes)
}

fn matches_resource(pattern: &ResourcePattern, request: &Request, kind: Kind) -> bool {
    let short = match kind {
        Kind::Identity => ShortArn::Anything,
        Kind::Resource => ShortArn::AnythingAfterWildcard,
    };
    let text = request.resource.as_str();
    let missing = ARN_FIELDS.saturating_sub(pattern.fields().len());
    let as_it_is = pattern
        .whole()
        .resolve(|variable| RequestParts::from(request).variable(variable))
        .is_some_and(|whole| whole.matches(text));
    if as_it_is || missing == 0 || request.resource.fields().is_none() {
        return as_it_is;
    }
    let whole = format!("{}{}", pattern.as_str(), ":*".repeat(missing));
    pattern.may_be_short(short) && Wildcard::parse(&whole, Syntax::WILDCARDS).matches(text)
}
