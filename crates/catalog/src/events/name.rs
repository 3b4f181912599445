//! Which actions events of a source and name can need.

use std::sync::Arc;

use crate::calls::Call;
use crate::{ActionInfo, Catalog};

use super::MappingStatus;
use super::condition::Conditions;
use super::event::Event;
use super::gateway::Route;
use super::needed::{Needed, What};
use super::parameters::Path;
use super::role::Role;
use super::tables;

/// The verbs of API Gateway's actions by how the names of its calls begin, for calls that its model does not have.
const API_GATEWAY_VERBS: &[(&str, &str)] = &[
    ("get", "GET"),
    ("create", "POST"),
    ("import", "POST"),
    ("update", "PATCH"),
    ("put", "PUT"),
    ("delete", "DELETE"),
];

/// Parameters that name the account whose resources a call is about, by the services' API references.
const ACCOUNTS: &[(&str, &str)] = &[
    ("appmesh", "meshOwner"),
    ("codeartifact", "domainOwner"),
    ("ecr", "registryId"),
    ("ecr-public", "registryId"),
    ("glue", "catalogId"),
    ("lakeformation", "catalogId"),
    ("sqs", "queueOwnerAWSAccountId"),
];

/// EC2 Auto Scaling and Application Auto Scaling are both called here, and have actions of the same names.
const SHARED_HOST: &str = "autoscaling";

/// What is found for a source and name.
pub(super) struct Found {
    pub(super) status: MappingStatus,
    pub(super) needed: Vec<Needed>,
    /// The parameter that names an account.
    pub(super) account: Option<Path>,
}

impl Found {
    fn nothing(status: MappingStatus) -> Self {
        Self {
            status,
            needed: Vec::new(),
            account: None,
        }
    }
}

/// The status of a source and name, and what its calls can need.
pub(super) fn found(catalog: &Catalog, source: &str, name: &str) -> Found {
    let lower = source.to_ascii_lowercase();
    let host = lower.strip_suffix(".amazonaws.com").unwrap_or(&lower);
    let prefixes = prefixes(catalog, host);
    // The raw name first: some actions end in what looks like a version.
    let names = [name, without_version(name)];
    for name in names {
        if host == SHARED_HOST {
            // Nothing tells which of both was called, and what is kept for a call that was not made breaks nobody.
            let both = prefixes
                .iter()
                .map(|prefix| of_service(catalog, prefix, name));
            let needed: Vec<Needed> = both.flatten().collect();
            if !needed.is_empty() {
                return Found {
                    status: MappingStatus::Mapped,
                    needed,
                    account: None,
                };
            }
        }
        for prefix in &prefixes {
            if needs_nothing(prefix, name) {
                return Found::nothing(MappingStatus::NeedsNothing);
            }
            let needed = of_service(catalog, prefix, name);
            if !needed.is_empty() {
                let account = ACCOUNTS.iter().find(|(service, _)| service == prefix);
                return Found {
                    status: MappingStatus::Mapped,
                    needed,
                    account: account.map(|(_, path)| Path::of(path)),
                };
            }
        }
    }
    if host == "signin" {
        return Found::nothing(MappingStatus::NeedsNothing);
    }
    // A service that is known has no action of this name; one of another service would be a guess, and a wrong one says that
    // somebody used what nobody used.
    let is_known = prefixes
        .iter()
        .any(|prefix| catalog.service(prefix).is_some());
    for name in names.into_iter().filter(|_| !is_known) {
        let services = catalog.services().iter();
        let mut found = services.filter(|service| {
            let action = catalog.action(&format!("{}:{name}", service.prefix()));
            action.is_some()
        });
        if let (Some(only), None) = (found.next(), found.next()) {
            return Found {
                status: MappingStatus::Mapped,
                needed: of_service(catalog, only.prefix(), name),
                account: None,
            };
        }
    }
    Found::nothing(MappingStatus::Unmapped)
}

/// The prefixes that the actions of a source can have: its own name, then what the table says, then what hosts and signatures of
/// AWS's interfaces are called.
pub(super) fn prefixes<'a>(catalog: &Catalog, host: &'a str) -> Vec<&'a str> {
    let mut prefixes = vec![host];
    let by_table = tables::sources(Some(host));
    prefixes.extend(by_table.map(|(_, prefix)| prefix));
    if catalog.service(host).is_none() && prefixes.len() == 1 {
        let by_sdk = catalog
            .sdk_services()
            .iter()
            .filter(|sdk| sdk.endpoint_prefix == host || sdk.signing_name == host)
            .filter_map(|sdk| sdk.prefix);
        for prefix in by_sdk {
            if !prefixes.contains(&prefix) {
                prefixes.push(prefix);
            }
        }
    }
    prefixes
}

fn needs_nothing(prefix: &str, name: &str) -> bool {
    tables::actions(Some(prefix)).any(|row| row.action == "-" && row.is_of(prefix, name))
}

fn of_service(catalog: &Catalog, prefix: &str, name: &str) -> Vec<Needed> {
    let own = catalog.action(&format!("{prefix}:{name}"));
    let call = catalog.calls().find(prefix, name).unwrap_or_default();
    let event = Event {
        prefix,
        name,
        call: &call,
    };
    let mut needed: Vec<Needed> = Vec::new();
    let mut add = |action: ActionInfo, when: Conditions| {
        needed.push(Needed::of(action, when, &event));
    };
    let mut is_own_in_table = false;
    for row in tables::actions(Some(prefix)).filter(|row| row.is_of(prefix, name)) {
        let is_pattern = row.event.ends_with('*');
        let Some(action) = catalog.action(row.action) else {
            continue;
        };
        if is_pattern && own.is_some() {
            continue;
        }
        is_own_in_table |= own == Some(action);
        add(action, Conditions::of(row.when));
    }
    if let Some(own) = own.filter(|_| !is_own_in_table) {
        add(own, Conditions::default());
    }
    if prefix == "apigateway" && needed.is_empty() {
        needed.extend(routes(catalog, &call, name));
    }
    if needed.is_empty() {
        return needed;
    }
    needed.extend(tagging(catalog, &event, own));
    needed.extend(passing(catalog, prefix, name));
    needed.sort_by(|a, b| a.action.cmp(&b.action));
    needed
}

fn routes(catalog: &Catalog, call: &Call, name: &str) -> Option<Needed> {
    let mut routes: Vec<Route> = Vec::new();
    for (verb, path) in &call.paths {
        let action = catalog.action(&format!("apigateway:{verb}"))?;
        routes.push(Route::of(action.to_string().into(), path));
    }
    if routes.is_empty() {
        let lower = name.to_ascii_lowercase();
        let verb = API_GATEWAY_VERBS
            .iter()
            .find(|(start, _)| lower.starts_with(start));
        let action = catalog.action(&format!("apigateway:{}", verb?.1))?;
        // Without a path there is no ARN.
        return Some(Needed {
            action: action.to_string().into(),
            when: Conditions::default(),
            what: What::Untold,
        });
    }
    let action: Arc<str> = routes.first().map(|route| Arc::clone(&route.action))?;
    Some(Needed {
        action,
        when: Conditions::default(),
        what: What::Routes(routes),
    })
}

/// What tagging needs in the call that makes what is tagged.
fn tagging(catalog: &Catalog, event: &Event<'_>, own: Option<ActionInfo>) -> Option<Needed> {
    let (parameter, action) = event.call.tags?;
    let action = catalog.action(&format!("{}:{action}", event.prefix))?;
    Some(Needed::of_tagging(action, parameter, event, own))
}

fn passing(catalog: &Catalog, prefix: &str, name: &str) -> Option<Needed> {
    let rows = tables::roles(Some(prefix)).filter(|row| row.event.eq_ignore_ascii_case(name));
    let roles: Vec<Role> = rows.map(|row| Role::of(row.role)).collect();
    let action = catalog
        .action("iam:PassRole")
        .filter(|_| !roles.is_empty())?;
    Needed::of_roles(action, roles)
}

/// A name without the version that Lambda (`20150331v2`) and CloudFront (`2020_05_31`) add.
pub(super) fn without_version(name: &str) -> &str {
    let Some((at, _)) = name.rmatch_indices("20").find(|(at, _)| {
        let end = name.get(*at..).unwrap_or_default();
        let shape: String = end
            .chars()
            .map(|one| if one.is_ascii_digit() { '0' } else { one })
            .collect();
        shape == "0000_00_00"
            || shape == "00000000"
            || shape
                .strip_prefix("00000000v")
                .is_some_and(|rest| !rest.is_empty() && rest.chars().all(|one| one == '0'))
    }) else {
        return name;
    };
    name.get(..at).unwrap_or(name)
}
