//! `migrate-key`: access key can give way to something that is no long-lived secret.

use leastgrant_inventory::tables::AccessKeyRow;

use super::{Check, Rule, coverage};
use crate::context::{Draft, Output, key_name, key_use};
use crate::contexts::KeyContext;
use crate::facts::UserFacts;
use crate::key_holder::{
    self, Effect, Holder, HolderKind, KeyOrigin, LogDays, Place, Verdict, effect_of, listed,
    replacement, repository, rhythm_of,
};
use crate::ranking::Exposure;
use crate::{Confidence, RuleMetadata, Severity};

/// The rule's id.
pub const ID: &str = "migrate-key";

/// The rule.
pub static RULE: Rule = Rule {
    metadata: RuleMetadata {
        id: ID,
        severity: Severity::Low,
        worst_severity: Severity::Medium,
        summary: "Access key can give way to a role or Identity Center",
        what_it_does: "Reports every active access key of an IAM user, and says what holds it and what takes its place: a person (Identity Center), a workload on AWS (the role of its instance, task, pod or function), a CI system (OpenID Connect, with a trust policy for one repository and branch), a vendor's service (a role with an external id), a computer elsewhere (IAM Roles Anywhere). It tells the holder by what CloudTrail logs have of the key (user agents, addresses, VPC endpoints, days and hours) and by the user's name and tags; each mark is listed, those against it too. A key with marks of several holders is shared. A key whose every call was refused, or told nothing but where the caller is, can be deleted although it is used, if all of this holds: there are logs of 90 days without a gap since the key was made; they end at most a week before the audit; a trail is known that logs all Regions; Region, service and time of the key's last use are within the logs; the last-accessed data of its user, at least as late as the logs, show no other service since the key was made; and of each service that user or key used, the logs would show every call that the user's policies may allow. A key with calls of `sts:GetCallerIdentity` cannot: clients of Kubernetes on EKS, of Vault and of others prove by it who they are, and nothing else shows. Else the finding says which of them does not hold. Severity medium: such a key, a shared one, and one that lies with a vendor, in a CI system or outside of AWS by evidence of at least medium confidence. The root user's keys are those of `root-access-key`.",
        why_it_is_bad: "A key works for whoever has it, from anywhere, until somebody deletes it. The best key is the one that need not exist: it cannot be lost, and nobody has to rotate it.",
        evidence_needed: "The credential report, or ListAccessKeys; usage from CloudTrail to tell more than a name does.",
        limits: "User agents are what callers say of themselves, and anybody can write them: alone they give medium confidence at most, and names alone low. AWS's own public addresses are not told from others. Data events show only where a trail logs them. As many days of logs as there are cannot show what happens more rarely: a job that runs twice a year looks idle in 90 days. Of hours only the first and last of each kind of call are known. As every active key is a finding, `gate --fail-on low` passes only without keys, or with a baseline that has them; from medium on only keys count that lie where they should not.",
        remediation: "Ask the owner whether it is as it looks, put the replacement into use, deactivate the key, wait longer than the rarest job, look at its last use again, then delete it.",
        references: &[
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html",
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html",
            "https://docs.aws.amazon.com/singlesignon/latest/userguide/what-is.html",
            "https://docs.aws.amazon.com/rolesanywhere/latest/userguide/introduction.html",
        ],
    },
    check: Check::Keys(check),
};

/// What follows a replacement.
const THEN: &str = "Then deactivate the key, wait longer than the rarest job, look at its last use again, and delete it.";

fn check(context: &KeyContext<'_>, output: &mut Output) {
    coverage::report_missing_keys(&context.account, false, output);
    for facts in &context.account.account.users {
        for key in facts.active_keys() {
            let known = Known::of(context, facts, key);
            let draft = finding(context, facts, key, &known);
            if known.verdict.is_shared() {
                output.expose(key, Exposure::SharedKey);
            }
            if known.lies_elsewhere() {
                output.expose(key, Exposure::KeyElsewhere);
            }
            output.find(draft);
        }
    }
}

/// What is known of one key.
struct Known<'a> {
    origin: Option<&'a KeyOrigin>,
    /// The days of the account's logs.
    log_days: Option<LogDays>,
    effect: Effect,
    verdict: Verdict,
    /// Those that do not name the owner.
    tags: Vec<(String, String)>,
}

impl<'a> Known<'a> {
    fn of(context: &KeyContext<'a>, facts: &UserFacts, key: &AccessKeyRow) -> Self {
        let account = &context.account;
        let origins = &context.keys.origins;
        let origin = origins.of_key(key.access_key_id.as_deref());
        let log_days = origins.log_days(&account.account.account_id);
        let effect = match origin {
            Some(origin) => {
                let accessed = context.keys.accessed(&facts.user.arn, key, origin);
                let days = log_days.map_or(0, |own| own.unbroken_since(key.created_at));
                let effect = effect_of(origin, key, days, &accessed);
                if effect == Effect::None {
                    told_by_logs(context, &facts.user.arn, key, log_days)
                } else {
                    effect
                }
            }
            None => Effect::Some,
        };
        let tags = account.tags_but_owners(&facts.user.arn);
        let verdict = key_holder::judge(key_holder::HolderFacts {
            user_name: &facts.user.user_name,
            tags: &tags,
            has_password: facts.user.password_enabled == Some(true),
            origin,
        });
        Self {
            origin,
            log_days,
            effect,
            verdict,
            tags,
        }
    }

    /// Whether the key lies with somebody else by more than a name.
    fn lies_elsewhere(&self) -> bool {
        let is_elsewhere = |holder: Holder| {
            matches!(
                holder.kind,
                HolderKind::Ci | HolderKind::Saas | HolderKind::OtherCloud
            )
        };
        self.verdict.holder.is_some_and(is_elsewhere)
            && self.verdict.confidence >= Confidence::Medium
    }
}

/// A key of which no call did anything does nothing only if the logs reach today and would show every call.
fn told_by_logs(
    context: &KeyContext<'_>,
    user_arn: &str,
    key: &AccessKeyRow,
    log_days: Option<LogDays>,
) -> Effect {
    let account = &context.account;
    if log_days.is_none_or(|own| !own.reach(account.as_of)) {
        return Effect::NotTold("the logs end more than a week before the audit".to_owned());
    }
    let account_id = &account.account.account_id;
    let hidden = context
        .keys
        .hidden(context.evidence, user_arn, account_id, key);
    hidden.map_or(Effect::None, Effect::NotTold)
}

fn finding(
    context: &KeyContext<'_>,
    facts: &UserFacts,
    key: &AccessKeyRow,
    known: &Known<'_>,
) -> Draft {
    let account = &context.account;
    let is_idle = known.effect == Effect::None;
    let mut draft = Draft::key(facts, key, title(known))
        .detail(detail(key, known))
        .confidence(confidence(known));
    draft.severity = is_worse(known).then_some(Severity::Medium);
    for mark in &known.verdict.marks {
        let holder = Holder {
            kind: mark.kind,
            name: mark.name,
        };
        let side = if mark.is_for { "for" } else { "against" };
        draft = draft.evidence(
            mark.source.words(),
            format!("{side} {}: {}", holder.words(), mark.fact),
        );
    }
    if let Some(origin) = known.origin {
        draft = draft.evidence("CloudTrail logs", origin_in_words(origin));
    }
    if let Effect::NotTold(reason) = &known.effect {
        let fact =
            format!("no call did anything, but it is not told that the key is idle: {reason}");
        draft = draft.evidence("CloudTrail logs", fact);
    }
    let place = |holder| Place {
        partition: &account.account.partition,
        account_id: &account.account.account_id,
        region: known.origin.and_then(only_region),
        repository: repository(&known.tags),
        holder,
    };
    draft.remediation(if is_idle {
        idle_remedy()
    } else {
        remedy(key, known, place)
    })
}

fn title(known: &Known<'_>) -> &'static str {
    if known.effect == Effect::None {
        return "Access key is used, and does nothing";
    }
    if known.verdict.is_shared() {
        return "Access key is shared by several holders";
    }
    known
        .verdict
        .holder
        .map_or(RULE.metadata.summary, |holder| {
            holder.kind.holder_type().title
        })
}

/// That a key is idle rests on logs of so many days; that it is held by somebody on the marks.
fn confidence(known: &Known<'_>) -> Confidence {
    match (&known.effect, known.log_days) {
        // AWS's own last-accessed data go back as far.
        (
            Effect::None,
            Some(LogDays {
                unbroken: 400.., ..
            }),
        ) => Confidence::High,
        (Effect::None, _) => Confidence::Medium,
        _ => known.verdict.confidence,
    }
}

fn is_worse(known: &Known<'_>) -> bool {
    known.effect == Effect::None || known.verdict.is_shared() || known.lies_elsewhere()
}

fn detail(key: &AccessKeyRow, known: &Known<'_>) -> String {
    let name = key_name(key);
    let confidence = known.verdict.confidence.name();
    let holder = match known.verdict.holder {
        None if is_never_used(key, known) => "nobody is known to use it".to_owned(),
        None => "nothing tells what holds it".to_owned(),
        Some(holder) if known.verdict.is_shared() => format!(
            "it seems to be shared by {} and {} ({confidence} confidence)",
            holder.words(),
            words_of(&known.verdict.others)
        ),
        Some(holder) => format!(
            "it seems to be held by {} ({confidence} confidence)",
            holder.words()
        ),
    };
    let effect = match (&known.effect, known.origin) {
        (Effect::None, Some(origin)) => format!(
            "; all {} calls in {} days of logs did nothing: {} were refused, and {} only asked where the caller is",
            origin.calls,
            known.log_days.map_or(0, |own| own.unbroken),
            origin.refused,
            origin.without_effect
        ),
        _ => String::new(),
    };
    format!("{name}: {holder}; {}{effect}", use_in_words(key, known))
}

/// How often it is used, and what the logs cannot tell of it.
fn use_in_words(key: &AccessKeyRow, known: &Known<'_>) -> String {
    let Some(LogDays { days: log_days, .. }) = known.log_days else {
        let reported = if key.last_used_known {
            key_use(key)
        } else {
            "its last use was not collected".to_owned()
        };
        return format!("{reported}; no CloudTrail logs of the account were read");
    };
    let Some(origin) = known.origin else {
        let reported = if key.last_used_known {
            format!("; reported: {}", key_use(key))
        } else {
            String::new()
        };
        return format!("no call in {log_days} days of logs{reported}");
    };
    let rhythm = rhythm_of(origin);
    let days = if rhythm.active_days == 1 {
        "1 day".to_owned()
    } else {
        format!("{} days", rhythm.active_days)
    };
    let mut words = format!("used on {days} of {log_days} days of logs");
    if let Some(last) = origin.last_seen {
        words.push_str(&format!(", last {last}"));
    }
    // Few days far apart are a rare job; one that is rarer than the logs are long does not show.
    const FEW: u32 = 8;
    if rhythm.active_days <= FEW && rhythm.longest_gap_days >= 28 {
        words.push_str(&format!(
            "; it is used rarely, up to {} days apart, and may be needed in spite of that",
            rhythm.longest_gap_days
        ));
    } else if rhythm.active_days <= FEW {
        words.push_str(&format!(
            "; {log_days} days cannot tell whether and how often it will be used again"
        ));
    }
    words
}

fn is_never_used(key: &AccessKeyRow, known: &Known<'_>) -> bool {
    known.origin.is_none() && key.last_used_known && key.last_used_at.is_none()
}

fn origin_in_words(origin: &KeyOrigin) -> String {
    let list = |words: &str, values: &dyn Fn() -> String, count: String| {
        format!("{words} ({count}): {}", values())
    };
    let mut lists = vec![
        list(
            "addresses",
            &|| listed(origin.addresses.iter(), origin.addresses.has_more()),
            origin.addresses.count(),
        ),
        list(
            "user agents",
            &|| listed(origin.user_agents.iter(), origin.user_agents.has_more()),
            origin.user_agents.count(),
        ),
        list(
            "services",
            &|| listed(origin.services.iter(), origin.services.has_more()),
            origin.services.count(),
        ),
        list(
            "Regions",
            &|| listed(origin.regions.iter(), origin.regions.has_more()),
            origin.regions.count(),
        ),
    ];
    if !origin.vpc_endpoints.is_empty() {
        let endpoints = &origin.vpc_endpoints;
        lists.push(list(
            "VPC endpoints",
            &|| listed(endpoints.iter(), endpoints.has_more()),
            endpoints.count(),
        ));
    }
    format!("{} calls; {}", origin.calls, lists.join("; "))
}

/// The Region that all calls are of, if it can stand in an ARN. Global services are logged in theirs besides.
fn only_region(origin: &KeyOrigin) -> Option<&str> {
    let mut regions = origin.regions.iter();
    let region = regions.next().filter(|_| !origin.regions.has_more())?;
    let is_plain = region
        .bytes()
        .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    (regions.next().is_none() && is_plain && !region.is_empty()).then_some(region)
}

fn words_of(holders: &[Holder]) -> String {
    const SHOWN: usize = 3;
    let words: Vec<String> = holders
        .iter()
        .take(SHOWN)
        .map(|holder| holder.words())
        .collect();
    let more = if holders.len() > SHOWN {
        " and others"
    } else {
        ""
    };
    format!("{}{more}", words.join(" and "))
}

fn idle_remedy() -> String {
    format!(
        "Stop the client that uses it, if anybody knows it: nothing depends on what it does. {}",
        THEN.replace("Then deactivate", "Deactivate")
    )
}

fn remedy<'a>(
    key: &AccessKeyRow,
    known: &Known<'_>,
    place: impl Fn(Holder) -> Place<'a>,
) -> String {
    let Some(holder) = known.verdict.holder else {
        if is_never_used(key, known) {
            return "Ask the owner whether anything needs it; nothing has used it. Deactivate it, wait, look at its last use again, then delete it.".to_owned();
        }
        return format!(
            "Ask the owner what holds it. A person gets an Identity Center assignment, a workload on AWS the role of its instance, task, pod or function, a CI system an OpenID Connect provider, a vendor a role with an external id, a computer elsewhere IAM Roles Anywhere. {THEN}"
        );
    };
    let first = replacement(&place(holder));
    if known.verdict.is_shared() {
        return format!(
            "Give each holder access of its own, so that each can be told and ended by itself. For {}: {first}. For {}: what fits it, likewise. {THEN}",
            holder.words(),
            words_of(&known.verdict.others)
        );
    }
    match known.verdict.confidence {
        Confidence::Low => format!(
            "Ask the owner whether it is {}. If so: {first}. {THEN}",
            holder.words()
        ),
        _ => format!("{first}. {THEN}"),
    }
}
