//! `leastgrant.minimize/1`.

use leastgrant_minimize::{
    ActionConfidence, Confidence, Outcome, PolicyOutcome, PrincipalOutcome, SourceKind, Suggestion,
};
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;
use serde_json::value::RawValue;

use super::key;
use crate::Error;
use crate::text::json_safe;

/// The `schema` of `minimize.json`.
pub(crate) const SCHEMA: &str = "leastgrant.minimize/1";

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "minimize")]
struct Document<'a> {
    schema: &'static str,
    /// The date of the list of actions that "granted" and "unused" are counted over.
    catalog_date: &'a str,
    window: WindowObject,
    principals: Vec<Principal<'a>>,
    suggestions: Vec<SuggestionObject<'a>>,
}

/// The time that logs cover.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "window")]
struct WindowObject {
    from: Option<String>,
    to: Option<String>,
    sources: Vec<String>,
}

/// One user or role.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "principal")]
struct Principal<'a> {
    principal_arn: &'a str,
    #[schemars(schema_with = "status_names")]
    status: &'static str,
    reason: Option<&'a str>,
    policies: Vec<PolicyObject<'a>>,
    actions: Vec<Action<'a>>,
    certificate: Certificate,
    metrics: Metrics,
    /// Null without logs.
    confidence: Option<&'a Confidence>,
}

/// One of its identity policies, its groups' among them.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "policy")]
struct PolicyObject<'a> {
    source: SourceObject<'a>,
    /// The document as it is.
    #[schemars(schema_with = "any_object")]
    old: Box<RawValue>,
    /// Documents in its place; none where the policy can go.
    #[schemars(schema_with = "any_objects")]
    new: Vec<Box<RawValue>>,
    /// Resources and statements that go, besides actions that nobody needs.
    removed: Vec<RemovedObject<'a>>,
    /// Why it stays as it is, or what was done to make it fit.
    note: Option<&'a str>,
}

/// Resources of a statement of the old document, or all of it.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "removed")]
struct RemovedObject<'a> {
    /// Its place, from 0.
    statement: usize,
    sid: Option<&'a str>,
    /// Of which actions; of a statement that goes its entries as they are written.
    actions: &'a [String],
    /// Its resources as they are written.
    resources: &'a [String],
    /// In their place; none where the statement grants these actions no more.
    in_their_place: &'a [String],
    /// The chance at most, of 1, that one of these actions is needed in the 30 days after the window on a resource that goes; null where the
    /// actions themselves are not needed.
    chance_needed: Option<f64>,
    reason: &'a str,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "source")]
struct SourceObject<'a> {
    #[schemars(schema_with = "kind_names")]
    kind: &'static str,
    name: &'a str,
    /// The policy's ARN; of an inline policy the ARN of what it is part of.
    arn: &'a str,
    attached_to: &'a [String],
}

/// An action that is granted, or `service:*` for all granted ones of a service of which the same is known.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "action")]
struct Action<'a> {
    action: &'a str,
    #[schemars(schema_with = "verdict_names")]
    verdict: &'static str,
    evidence: &'a [String],
    /// Null without logs, and where a use could have gone unseen.
    confidence: Option<&'a ActionConfidence>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "certificate")]
struct Certificate {
    /// `proved`: by the checker, statement by statement, and by the comparison of whole documents. Without proof nothing changes.
    no_new_access: &'static str,
    refinements: Vec<Refinement>,
    observed: Observed,
}

/// A new Allow and the old one that it refines: document `[i]` and statement `#j`, from 0; texts for people count from 1.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "refinement")]
struct Refinement {
    new: String,
    old: String,
}

/// The replay of observed pairs of action and resource.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "observed")]
struct Observed {
    tuples: usize,
    allowed_before: usize,
    allowed_after: usize,
    /// Allowed only if conditions are met whose keys the record does not show.
    conditional: usize,
    /// Pairs that the old policies would not have allowed: the mapping, or a resource's policy, explains them, or a change.
    not_explained: Vec<Tuple>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "tuple")]
struct Tuple {
    action: String,
    /// Empty where it could not be told.
    resource: String,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "metrics")]
struct Metrics {
    /// Actions that its policies allow, Denies and boundary aside; what is granted in the end is counted by `permission-use.csv`.
    actions_before: usize,
    actions_after: usize,
    resources_wildcard_before: usize,
    resources_wildcard_after: usize,
    escalation_paths_before: usize,
    escalation_paths_after: usize,
}

/// What a person can decide besides.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "suggestion")]
struct SuggestionObject<'a> {
    #[schemars(schema_with = "suggestion_names")]
    suggestion: &'static str,
    policy_arn: &'a str,
    policy_name: &'a str,
    /// With `clone`: principals that need the same of it together.
    groups: Vec<&'a [String]>,
    /// With `clone`: for each group, in the same order, the documents of a copy for it, which have the same proof as others; null without
    /// proof.
    #[schemars(schema_with = "documents_of_groups")]
    documents: Vec<Option<Vec<Box<RawValue>>>>,
}

/// The whole file.
///
/// # Errors
/// [`Error::Render`] if the JSON writer refuses, which it has no reason to.
pub(crate) fn document(outcome: &Outcome, sources: Vec<String>) -> Result<String, Error> {
    let window = outcome.window;
    let document = Document {
        schema: SCHEMA,
        catalog_date: leastgrant_catalog::Catalog::get().version().date,
        window: WindowObject {
            from: window.map(|own| own.from.to_string()),
            to: window.map(|own| own.to.to_string()),
            sources,
        },
        principals: outcome
            .principals
            .iter()
            .map(|own| principal(outcome, own))
            .collect::<Result<_, _>>()?,
        suggestions: outcome
            .suggestions
            .iter()
            .filter_map(|own| suggestion(outcome, own).transpose())
            .collect::<Result<_, _>>()?,
    };
    let mut text = serde_json::to_string_pretty(&document).map_err(Error::render("JSON"))?;
    text.push('\n');
    Ok(json_safe(text))
}

fn principal<'a>(outcome: &'a Outcome, own: &'a PrincipalOutcome) -> Result<Principal<'a>, Error> {
    let policies = || {
        own.policies
            .iter()
            .filter_map(|number| outcome.policies.get(*number))
    };
    let metrics = own.metrics;
    Ok(Principal {
        principal_arn: &own.arn,
        status: own.status.name(),
        reason: own.reason.as_deref(),
        policies: policies().map(policy).collect::<Result<_, _>>()?,
        actions: own
            .actions
            .iter()
            .map(|row| Action {
                action: &row.action,
                verdict: row.verdict.name(),
                evidence: &row.evidence,
                confidence: row.confidence.as_ref(),
            })
            .collect(),
        certificate: Certificate {
            no_new_access: "proved",
            refinements: policies()
                .flat_map(|policy| refinements(policy, &own.arn))
                .collect(),
            observed: Observed {
                tuples: own.observed.tuples,
                allowed_before: own.observed.allowed_before,
                allowed_after: own.observed.allowed_after,
                conditional: own.observed.conditional,
                not_explained: own
                    .observed
                    .not_explained
                    .iter()
                    .map(|(action, resource)| Tuple {
                        action: action.clone(),
                        resource: resource.clone(),
                    })
                    .collect(),
            },
        },
        metrics: Metrics {
            actions_before: metrics.actions_before,
            actions_after: metrics.actions_after,
            resources_wildcard_before: metrics.resources_wildcard_before,
            resources_wildcard_after: metrics.resources_wildcard_after,
            escalation_paths_before: metrics.escalation_paths_before,
            escalation_paths_after: metrics.escalation_paths_after,
        },
        confidence: own.confidence.as_ref(),
    })
}

fn refinements(policy: &PolicyOutcome, principal_arn: &str) -> Vec<Refinement> {
    let key = key(policy, principal_arn);
    let rows = policy.refinements.iter();
    rows.map(|(document, statement, old)| Refinement {
        new: format!("{key}[{document}]#{statement}"),
        old: format!("{key}[0]#{old}"),
    })
    .collect()
}

fn policy(own: &PolicyOutcome) -> Result<PolicyObject<'_>, Error> {
    Ok(PolicyObject {
        source: SourceObject {
            kind: match own.source.kind {
                SourceKind::Inline => "inline",
                SourceKind::CustomerManaged | SourceKind::AwsManaged => "managed",
            },
            name: &own.source.name,
            arn: &own.source.arn,
            attached_to: &own.attached_to,
        },
        old: raw(&own.old)?,
        new: own
            .new
            .iter()
            .map(|text| raw(text))
            .collect::<Result<_, _>>()?,
        removed: own
            .removed
            .iter()
            .map(|row| RemovedObject {
                statement: row.statement,
                sid: row.sid.as_deref(),
                actions: &row.actions,
                resources: &row.resources,
                in_their_place: &row.in_their_place,
                chance_needed: row.chance_needed,
                reason: &row.reason,
            })
            .collect(),
        note: own.note.as_deref(),
    })
}

fn raw(text: &str) -> Result<Box<RawValue>, Error> {
    RawValue::from_string(text.trim().to_owned()).map_err(Error::render("JSON"))
}

fn suggestion<'a>(
    outcome: &'a Outcome,
    own: &'a Suggestion,
) -> Result<Option<SuggestionObject<'a>>, Error> {
    let of = |suggestion, number: usize| {
        let source = &outcome.policies.get(number)?.source;
        Some(SuggestionObject {
            suggestion,
            policy_arn: &source.arn,
            policy_name: &source.name,
            groups: Vec::new(),
            documents: Vec::new(),
        })
    };
    Ok(match own {
        Suggestion::Delete { policy } => of("delete", *policy),
        Suggestion::Clone { policy, groups } => {
            let documents = groups.iter().map(|group| {
                let texts = group.documents.as_ref();
                texts
                    .map(|texts| texts.iter().map(|text| raw(text)).collect())
                    .transpose()
            });
            let documents = documents.collect::<Result<_, _>>()?;
            of("clone", *policy).map(|object| SuggestionObject {
                groups: groups
                    .iter()
                    .map(|group| group.principals.as_slice())
                    .collect(),
                documents,
                ..object
            })
        }
        Suggestion::DeleteUnattached { arn, .. } => Some(SuggestionObject {
            suggestion: "delete_unattached",
            policy_arn: arn,
            policy_name: arn.rsplit('/').next().unwrap_or(arn),
            groups: Vec::new(),
            documents: Vec::new(),
        }),
    })
}

/// The JSON Schema of the file.
#[must_use]
pub fn schema() -> Option<String> {
    let generator = SchemaSettings::draft2020_12()
        .for_serialize()
        .into_generator();
    let schema = generator.into_root_schema_for::<Document<'_>>();
    let mut text = serde_json::to_string_pretty(&schema).ok()?;
    text.push('\n');
    Some(text)
}

fn status_names(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "enum": ["minimized", "unchanged", "skipped"] })
}

fn kind_names(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "enum": ["inline", "managed"] })
}

fn verdict_names(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "enum": ["used", "unused", "unknown", "kept"] })
}

fn suggestion_names(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "enum": ["delete", "delete_unattached", "clone"] })
}

fn any_object(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": ["object", "null"] })
}

fn any_objects(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "array", "items": { "type": "object" } })
}

fn documents_of_groups(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "array", "items": { "type": ["array", "null"], "items": { "type": "object" } } })
}
