//! Whether anybody would miss what a key does: a client whose every call is denied or tells nothing does no work.

use leastgrant_inventory::Timestamp;
use leastgrant_inventory::tables::AccessKeyRow;

use super::origin::KeyOrigin;

/// What the calls of a key come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Effect {
    /// Some call did something, or there is no call.
    Some,
    /// None did anything in as many days of logs as an absence needs.
    None,
    /// None that the logs have did, but this stands against it.
    NotTold(String),
}

/// As many days of logs as an absence needs, as everywhere.
const LEAST_LOG_DAYS: u32 = 90;

/// What last-accessed data show of the key's user. They know of data events too, which no trail need log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Accessed {
    /// They were not collected, or long before the logs end.
    NotKnown,
    /// Since the key was made, no service of which the logs have no call.
    NothingElse,
    /// This service as well.
    Other(String),
}

/// Judges all calls of a key in `log_days` days of logs without a gap since it was made.
pub(crate) fn effect_of(
    origin: &KeyOrigin,
    key: &AccessKeyRow,
    log_days: u32,
    accessed: &Accessed,
) -> Effect {
    if origin.calls == 0 || origin.effective() > 0 {
        return Effect::Some;
    }
    if origin.proofs > 0 {
        return Effect::NotTold(format!(
            "{} of the calls are `sts:GetCallerIdentity`, by which clients prove who they are to servers that are not in the logs, such as Kubernetes on EKS or Vault",
            origin.proofs
        ));
    }
    if log_days < LEAST_LOG_DAYS {
        return Effect::NotTold(format!(
            "the logs are of {log_days} days without a gap since the key was made, and {LEAST_LOG_DAYS} are needed to say that it does nothing else"
        ));
    }
    if !key.last_used_known {
        return Effect::NotTold("its last use was not collected".to_owned());
    }
    if let Some(region) = key
        .last_used_region
        .as_deref()
        .filter(|region| !is_region_in_logs(origin, region))
    {
        return Effect::NotTold(format!(
            "its last use was in the Region `{region}`, of which the logs have no call"
        ));
    }
    if let Some(service) = key
        .last_used_service
        .as_deref()
        .filter(|service| !is_in_logs(origin, service))
    {
        return Effect::NotTold(format!(
            "its last use was of `{service}`, of which the logs have no call: data events need not be logged"
        ));
    }
    match accessed {
        Accessed::NothingElse => {}
        Accessed::NotKnown => {
            return Effect::NotTold("no last-accessed data of the user show that it does nothing else: data events need not be logged".to_owned());
        }
        Accessed::Other(service) => {
            return Effect::NotTold(format!(
                "last-accessed data show that the user accessed `{service}`, of which the logs have no call: data events need not be logged"
            ));
        }
    }
    if let Some(at) = key
        .last_used_at
        .filter(|at| is_later(*at, origin.last_seen))
    {
        return Effect::NotTold(format!("it was used at {at}, which is later than the logs"));
    }
    Effect::None
}

/// Whether a service, as last-used data name it, is among those that the logs have calls of.
pub(crate) fn is_in_logs(origin: &KeyOrigin, service: &str) -> bool {
    let is_of = |host: &str| host.split('.').next() == Some(service);
    origin.services.iter().any(is_of) || origin.services.has_more()
}

/// Whether the logs have a call of the Region; what is no Region, as last-used data name a global service's, tells nothing.
fn is_region_in_logs(origin: &KeyOrigin, region: &str) -> bool {
    !region.contains('-')
        || origin.regions.has_more()
        || origin.regions.iter().any(|own| own == region)
}

/// Last-used data are exact to fifteen minutes and no more; a day is far beyond.
pub(crate) fn is_later(at: Timestamp, last_seen: Option<Timestamp>) -> bool {
    const DAY: i64 = 24 * 3600;
    last_seen.is_none_or(|last| at.as_second().saturating_sub(last.as_second()) > DAY)
}

#[cfg(test)]
mod tests {
    use leastgrant_inventory::tables::UsageOriginRow;

    use super::*;

    fn origin(name: &str, outcome: &str) -> KeyOrigin {
        let mut origin = KeyOrigin::default();
        origin.add(UsageOriginRow {
            event_source: "sts.amazonaws.com".into(),
            event_name: name.into(),
            outcome: outcome.into(),
            count: 3,
            last_seen: "2026-03-01T00:00:00Z".parse().ok(),
            ..UsageOriginRow::default()
        });
        origin
    }

    fn key(service: &str, at: &str) -> AccessKeyRow {
        AccessKeyRow {
            last_used_service: Some(service.to_owned()),
            last_used_at: at.parse().ok(),
            last_used_known: true,
            ..AccessKeyRow::default()
        }
    }

    const LAST: &str = "2026-03-01T00:00:00Z";

    #[test]
    fn a_key_that_may_prove_who_its_holder_is_does_something() {
        let proves = origin("GetCallerIdentity", "allowed");
        let effect = effect_of(&proves, &key("sts", LAST), 400, &Accessed::NothingElse);
        let Effect::NotTold(reason) = effect else {
            panic!("{effect:?}");
        };
        assert!(reason.contains("Kubernetes on EKS or Vault"), "{reason}");
    }

    #[test]
    fn a_key_does_nothing_only_if_all_that_could_show_otherwise_does_not() {
        let idle = origin("GetAccessKeyInfo", "allowed");
        let denied = origin("AssumeRole", "denied");
        let same = key("sts", LAST);
        let nothing = Accessed::NothingElse;
        let working = origin("AssumeRole", "allowed");
        assert_eq!(effect_of(&idle, &same, 90, &nothing), Effect::None);
        assert_eq!(effect_of(&denied, &same, 90, &nothing), Effect::None);
        assert_eq!(effect_of(&working, &same, 90, &nothing), Effect::Some);
        assert_eq!(
            effect_of(&KeyOrigin::default(), &same, 90, &nothing),
            Effect::Some
        );
        for (log_days, key, accessed) in [
            (89, same.clone(), nothing.clone()),
            (90, key("s3", LAST), nothing.clone()),
            (90, same.clone(), Accessed::Other("s3".to_owned())),
            (90, same.clone(), Accessed::NotKnown),
            (90, key("sts", "2026-03-02T00:00:01Z"), nothing.clone()),
            (
                90,
                AccessKeyRow {
                    last_used_known: false,
                    ..same.clone()
                },
                nothing.clone(),
            ),
            (
                90,
                AccessKeyRow {
                    last_used_region: Some("eu-west-1".into()),
                    ..same.clone()
                },
                nothing.clone(),
            ),
        ] {
            let effect = effect_of(&idle, &key, log_days, &accessed);
            assert!(matches!(effect, Effect::NotTold(_)), "{effect:?}");
        }
    }
}
