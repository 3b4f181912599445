//! What rules on the rights of principals share: whom they judge, what is not known, and which statements grant what.

use std::collections::BTreeMap;

use leastgrant_access::{Answer, StatementRef, Subject, SubjectKind};
use leastgrant_catalog::{ActionInfo, ActionSet};
use leastgrant_inventory::DataKind;
use leastgrant_policy::evaluate::{Member, Request};
use leastgrant_policy::{Action, Effect, Statement};
use rayon::prelude::*;
use wildmatch::WildMatch;

use super::Rule;
use crate::action_lists;
use crate::context::{Draft, Output};
use crate::contexts::PolicyContext;
use crate::listing;
use crate::reach::{AllReach, PrincipalReach, Universe};
use crate::{Confidence, Evidence, ResourceType};

/// More services than these are not asked for their statements: those of the others are much the same.
const ASKED_SERVICES: usize = 3;
/// More statements than these are counted only.
const SHOWN_STATEMENTS: usize = 4;

impl PolicyContext<'_> {
    pub(super) fn reach(&self) -> &AllReach {
        self.policies.reach(self.account.as_of)
    }

    /// The users and roles of the account but service-linked ones, sorted by ARN.
    pub(super) fn principals(&self) -> impl Iterator<Item = PrincipalReach<'_>> {
        let account_id = &self.account.account.account_id;
        self.reach().of_account(&self.policies.access, account_id)
    }

    /// Whether the settings say that a principal is for emergencies.
    pub(super) fn is_break_glass(&self, arn: &str) -> bool {
        let patterns = &self.account.settings.minimize.break_glass;
        patterns
            .iter()
            .any(|pattern| WildMatch::new(pattern).matches(arn))
    }

    /// Says of which principals not all policies are known.
    pub(super) fn report_missing_policies(&self, output: &mut Output) {
        let account = self.account.account;
        if account.source(DataKind::AuthorizationDetails).is_none() {
            output.not_checked("no policies were collected (authorization details)");
            return;
        }
        let principals = self.principals();
        let unknown: Vec<&str> = principals
            .filter(|own| own.reach.may_be_more)
            .map(|own| &*own.subject.name)
            .collect();
        output.not_checked_for("not all policies are known", &unknown);
    }
}

/// What a rule looks for among what principals can do on any resource.
pub(super) struct Wanted {
    pub(super) rule: &'static Rule,
    pub(super) actions: &'static ActionSet,
    /// What they do, after "on any resource it may".
    pub(super) words: &'static str,
}

/// One finding for each principal that has some of the wanted actions on any resource. Administrators have all of them, which
/// another rule says; who is for emergencies is meant to.
pub(super) fn report(context: &PolicyContext<'_>, wanted: &Wanted, output: &mut Output) {
    each_limited(context, output, |principal| {
        let mut actions = principal.reach.anywhere.clone();
        actions.intersect_with(wanted.actions);
        if actions.is_empty() {
            return None;
        }
        let detail = format!(
            "on any resource it may {}: {}",
            wanted.words,
            listing::in_words(&actions)
        );
        let draft = draft(principal.subject, wanted.rule)
            .detail(detail)
            .remediation(wanted.rule.metadata.remediation);
        let mut draft = granted(context, principal, &actions, draft)?;
        if let Some(all) = listing::in_full(&actions) {
            draft = draft.evidence("all its policies together", all);
        }
        Some(draft)
    });
}

/// Judges all principals but administrators and those for emergencies, on all cores, and says of which not all policies are known.
pub(super) fn each_limited(
    context: &PolicyContext<'_>,
    output: &mut Output,
    judge: impl Fn(PrincipalReach<'_>) -> Option<Draft> + Sync,
) {
    context.report_missing_policies(output);
    let principals: Vec<PrincipalReach<'_>> = context.principals().collect();
    let drafts: Vec<Draft> = principals
        .par_iter()
        .filter(|own| !own.reach.is_administrator() && !context.is_break_glass(&own.subject.arn))
        .filter_map(|own| judge(*own))
        .collect();
    drafts.into_iter().for_each(|draft| output.find(draft));
}

/// A finding about a user or role.
pub(super) fn draft(subject: &Subject, rule: &Rule) -> Draft {
    let kind = match subject.kind {
        SubjectKind::User => ResourceType::User,
        SubjectKind::Role => ResourceType::Role,
        SubjectKind::Root | SubjectKind::Other => ResourceType::Root,
    };
    Draft::new(&subject.arn, kind, rule.metadata.summary)
}

/// Adds the statements that grant actions on any resource, what they depend on, and how sure it is. None: their conditions exclude
/// each other.
pub(super) fn granted(
    context: &PolicyContext<'_>,
    principal: PrincipalReach<'_>,
    actions: &ActionSet,
    draft: Draft,
) -> Option<Draft> {
    let grant = grant_of(context, principal, actions);
    let is_always = !actions.is_subset(&principal.reach.sometimes);
    if grant.is_refused && !is_always {
        return None;
    }
    let mut draft = draft;
    draft.evidence.extend(grant.evidence);
    if !grant.keys.is_empty() {
        let keys = listing::some_of(grant.keys.iter().map(String::as_str), 4);
        draft.detail.push_str(&format!("; it depends on {keys}"));
    }
    draft.confidence = match () {
        () if principal.reach.may_be_closed || grant.is_unknown => Confidence::Low,
        () if is_always => Confidence::High,
        () => Confidence::Medium,
    };
    if principal.reach.may_be_closed || grant.is_unknown {
        draft.detail.push_str(
            "; not all policies that may limit it are known (permissions boundary, organisation)",
        );
    }
    Some(draft)
}

struct Granted {
    evidence: Vec<Evidence>,
    keys: Vec<String>,
    /// Whether an organisation's policy or a boundary that is not known may deny it.
    is_unknown: bool,
    /// Whether all that was asked for is in no context allowed.
    is_refused: bool,
}

/// Asks for one action of each of the first services.
fn grant_of(
    context: &PolicyContext<'_>,
    principal: PrincipalReach<'_>,
    actions: &ActionSet,
) -> Granted {
    let access = &context.policies.access;
    let subject = principal.subject;
    let told = context.reach().context_of(access, subject);
    let partition = subject.arn.split(':').nth(1).unwrap_or("aws");
    let mut statements: BTreeMap<StatementRef, ActionInfo> = BTreeMap::new();
    let mut granted = Granted {
        evidence: Vec::new(),
        keys: Vec::new(),
        is_unknown: false,
        is_refused: false,
    };
    let (mut asked_for, mut refused) = (0, 0);
    let mut request: Option<Request> = None;
    for action in listing::first_of_each_service(actions).take(ASKED_SERVICES) {
        let Some(asked) = Action::parse(&action.to_string()) else {
            continue;
        };
        let universe = Universe::get();
        let resources = universe.resources_of(action, partition, &subject.account_id);
        let mut decide = |resource| {
            let request =
                request.get_or_insert_with(|| access.request(subject, &asked, resource, &told));
            request.action.clone_from(&asked);
            access.put_resource(subject, request, resource);
            access.decide_request(subject, request)
        };
        let mut verdicts = resources.iter().map(&mut decide).peekable();
        // Of several kinds of resources some may be closed, and say nothing of what is open.
        let first = verdicts.peek().cloned();
        let Some(verdict) = verdicts.find(|own| own.answer != Answer::No).or(first) else {
            continue;
        };
        asked_for += 1;
        refused += usize::from(verdict.answer == Answer::No);
        let mut unknowns = verdict.unknowns.iter();
        // What a resource's own policy says is of that resource.
        granted.is_unknown |= verdict.answer == Answer::Unknown
            && unknowns.any(|own| !matches!(own.member, Member::Resource | Member::Identity));
        granted.keys.extend(verdict.keys);
        for reference in verdict.statements {
            if reference.member == Member::Identity {
                statements.entry(reference).or_insert(action);
            }
        }
    }
    granted.is_refused = asked_for > 0 && refused == asked_for;
    granted.keys.sort();
    granted.keys.dedup();
    let allowing = statements.iter().filter_map(|(reference, action)| {
        let (_, statement) = access.statement(reference)?;
        (statement.effect == Effect::Allow).then_some((reference, statement, action))
    });
    let evidence = allowing.map(|(reference, statement, action)| {
        let gives = action_lists::gives(*action);
        let gives = gives.map(|gives| format!(": {gives}")).unwrap_or_default();
        let words = statement_words(statement, reference.index);
        Evidence {
            source: policy_words(context, reference),
            fact: format!("{words} allows `{action}`{gives}"),
        }
    });
    granted.evidence = evidence.take(SHOWN_STATEMENTS).collect();
    granted
}

/// The policy of a statement, and the group through which it is held.
pub(super) fn policy_words(context: &PolicyContext<'_>, reference: &StatementRef) -> String {
    let policy = context.policies.access.policy(reference.policy);
    let words = policy.map(|policy| policy.words()).unwrap_or_default();
    match &reference.group {
        Some(group) => format!("{words}, by the group `{group}`"),
        None => words,
    }
}

/// A statement in words: where it is, and what it says of actions and resources.
pub(super) fn statement_words(statement: &Statement, index: usize) -> String {
    const SHOWN_ENTRIES: usize = 3;
    let sid = statement.sid.as_ref().filter(|sid| !sid.is_empty());
    let sid = sid
        .map(|sid| format!(" ({})", listing::quoted(sid)))
        .unwrap_or_default();
    let action = &statement.action;
    let actions = listing::some_of(
        action.entries.iter().map(|entry| entry.as_str()),
        SHOWN_ENTRIES,
    );
    let not = |is_negated: bool| if is_negated { "all but " } else { "" };
    let resources = statement.resource.as_ref().map(|list| {
        let entries = list.entries.iter().map(|entry| entry.as_str());
        format!(
            " on {}{}",
            not(list.is_negated),
            listing::some_of(entries, SHOWN_ENTRIES)
        )
    });
    format!(
        "statement {}{sid} with {}{actions}{}",
        index + 1,
        not(action.is_negated),
        resources.unwrap_or_default()
    )
}
