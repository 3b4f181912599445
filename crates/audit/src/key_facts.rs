//! What rules on who holds an access key ask: where keys were used from, and which services their users accessed.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, LazyLock};

use leastgrant_catalog::{AccessLevel, ActionId, ActionSet, Catalog, Logging, Service, logging_of};
use leastgrant_evidence::Evidence;
use leastgrant_inventory::tables::{AccessKeyRow, LastAccessedReportRow, LastAccessedServiceRow};
use leastgrant_inventory::{Error, Inventory, ShortText, Timestamp};

use crate::key_holder::{Accessed, KeyOrigin, KeyOrigins, is_in_logs, is_later, lines};
use crate::policy_facts::PolicyFacts;

/// The keys of all accounts in logs, and what last-accessed data show of their users.
#[derive(Debug, Default)]
pub(crate) struct KeyFacts {
    pub origins: KeyOrigins,
    /// Services with the last access, by user.
    services: HashMap<Arc<str>, Vec<(ShortText, Timestamp)>>,
    /// When the last-accessed data of a principal were true.
    known_until: HashMap<Arc<str>, Timestamp>,
    /// What the own policies of users may allow whose keys did nothing that the logs show; not those of whom some are not known.
    granted: HashMap<String, ActionSet>,
}

/// Last-accessed data that end this long before the logs do not tell of the logs' end.
const MOST_SECONDS_BEFORE_LOGS_END: i64 = 7 * 24 * 3600;

impl KeyFacts {
    pub(crate) fn load<'p>(
        inventory: &Inventory,
        as_of: Timestamp,
        policies: impl Fn() -> Result<&'p PolicyFacts, Error>,
    ) -> Result<Self, Error> {
        let origins = KeyOrigins::load(inventory, as_of)?;
        if origins.is_empty() {
            return Ok(Self::default());
        }
        let mut facts = Self {
            origins,
            ..Self::default()
        };
        let mut users: HashSet<Arc<str>> = HashSet::new();
        for row in inventory.read::<LastAccessedReportRow>()? {
            let Some(at) = row.completed_at.filter(|_| is_user(&row.principal_arn)) else {
                continue;
            };
            users.insert(Arc::clone(&row.principal_arn));
            let known = facts.known_until.entry(row.principal_arn).or_insert(at);
            *known = at.max(*known);
        }
        let rows =
            inventory.read_where_present::<LastAccessedServiceRow>("last_authenticated_at")?;
        for row in rows {
            if let Some(at) = row
                .last_authenticated_at
                .filter(|_| users.contains(&row.principal_arn))
            {
                let own = facts.services.entry(row.principal_arn).or_default();
                own.push((row.service_namespace, at));
            }
        }
        for own in facts.services.values_mut() {
            own.sort_unstable();
        }
        for key in inventory.read::<AccessKeyRow>()? {
            let origin = facts.origins.of_key(key.access_key_id.as_deref());
            if origin.is_some_and(|own| own.effective() == 0)
                && let Some(granted) = policies()?.all_granted(&key.user_arn)
            {
                facts.granted.insert(key.user_arn, granted);
            }
        }
        Ok(facts)
    }

    /// Whether a user may do this by its own policies or by those of resources.
    fn may_be_allowed(&self, user_arn: &str, service: &Service, action: ActionId) -> bool {
        has_resource_policies(service)
            || self
                .granted
                .get(user_arn)
                .is_none_or(|granted| granted.contains(action))
    }

    /// Which services last-accessed data show of the user since the key was made that the logs do not show of the key.
    pub(crate) fn accessed(
        &self,
        user_arn: &str,
        key: &AccessKeyRow,
        origin: &KeyOrigin,
    ) -> Accessed {
        let is_of_logs_end = |at: &&Timestamp| {
            origin.last_seen.is_some_and(|last| {
                last.as_second().saturating_sub(at.as_second()) <= MOST_SECONDS_BEFORE_LOGS_END
            })
        };
        if self
            .known_until
            .get(user_arn)
            .filter(is_of_logs_end)
            .is_none()
        {
            return Accessed::NotKnown;
        }
        let services = self
            .services
            .get(user_arn)
            .map(Vec::as_slice)
            .unwrap_or_default();
        let other = services.iter().find(|(service, at)| {
            key.created_at.is_none_or(|created| *at >= created)
                && (!is_in_logs(origin, service) || is_later(*at, origin.last_seen))
        });
        match other {
            Some((service, _)) => Accessed::Other(service.to_string()),
            None => Accessed::NothingElse,
        }
    }

    /// Why the logs could miss a call of the services that the key or its user used since the key was made; none if they show all
    /// that policies may allow.
    pub(crate) fn hidden(
        &self,
        evidence: &Evidence,
        user_arn: &str,
        account_id: &str,
        key: &AccessKeyRow,
    ) -> Option<String> {
        let covers_regions = evidence
            .coverage()
            .any(|own| own.account_id == account_id && own.logs_all_regions);
        if !covers_regions {
            return Some("no trail is known that logs all Regions".to_owned());
        }
        let own = self.services.get(user_arn);
        let accessed = own.into_iter().flatten();
        let accessed = accessed
            .filter(|(_, at)| key.created_at.is_none_or(|created| *at >= created))
            .map(|(service, _)| &**service);
        let complete = evidence.whole(user_arn).complete;
        accessed.chain(key.last_used_service.as_deref()).find_map(|prefix| {
            let Some(service) = Catalog::get().service(prefix) else {
                return Some(format!("how calls of `{prefix}` are logged is not known"));
            };
            let hidden = service.actions().find(|action| {
                let is_no_call = prefix == "sts"
                    && logging_of(prefix, action.lower_name()) == Logging::Never;
                // Rights to tag are asked for within other calls, which are asked about themselves.
                let is_within = action.levels().contains(AccessLevel::Tagging);
                !is_no_call
                    && !is_within
                    && !complete.contains(action.id())
                    && self.may_be_allowed(user_arn, service, action.id())
            })?;
            let by = if has_resource_policies(service) {
                ", which policies of resources may allow"
            } else {
                ""
            };
            Some(format!(
                "the user accessed `{prefix}`, and the logs need not show every call of it, such as `{}`{by}",
                hidden.name()
            ))
        })
    }
}

static RESOURCE_POLICIES: &str = include_str!("../data/services-with-resource-policies.tsv");

/// Whether the policies of a service's resources can allow what no policy of the caller does.
fn has_resource_policies(service: &Service) -> bool {
    static PREFIXES: LazyLock<HashSet<&str>> = LazyLock::new(|| {
        let lines = lines(RESOURCE_POLICIES);
        lines.filter_map(|line| line.split('\t').next()).collect()
    });
    // Of EC2 they are AWS Resource Access Manager's, which share with other accounts only.
    PREFIXES.contains(service.prefix())
        || service.prefix() != "ec2"
            && service
                .actions()
                .any(|action| action.lower_name().ends_with("resourcepolicy"))
}

fn is_user(arn: &str) -> bool {
    arn.split(':')
        .nth(5)
        .is_some_and(|resource| resource.starts_with("user/"))
}
