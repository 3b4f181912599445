//! `leastgrant.findings/1` and `leastgrant.gate/1`, with their JSON Schemas.
//!
//! The shapes are separate from the types of `audit`, so that those may change and these do not.

use leastgrant_audit::{
    AppliedExemption, AuditOutcome, Confidence, Evidence, Finding, GateOutcome, GateResult, Limits,
    NotChecked, Ranked, ResourceType, Severity,
};
use leastgrant_inventory::{DataKind, Gap};
use rayon::prelude::*;
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::ser::SerializeSeq as _;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use crate::Error;
use crate::text::json_safe;

/// The `schema` of `audit --format json`.
pub(crate) const FINDINGS_SCHEMA: &str = "leastgrant.findings/1";
/// The `schema` of `gate --format json`.
pub(crate) const GATE_SCHEMA: &str = "leastgrant.gate/1";
/// The names that [`schema`] knows.
pub const SCHEMA_NAMES: [&str; 2] = ["findings", "gate"];

/// An audit as `leastgrant.findings/1`.
///
/// # Errors
/// [`Error::Render`] if the JSON writer refuses, which it has no reason to.
pub fn findings(outcome: &AuditOutcome) -> Result<String, Error> {
    // About what a finding and its place take.
    const BYTES: usize = 2_000;
    let room = String::with_capacity(BYTES.saturating_mul(outcome.findings.len()));
    let document = FindingsDocument {
        schema: FINDINGS_SCHEMA,
        as_of: outcome.as_of.to_string(),
        accounts: &outcome.accounts,
        findings: objects(&outcome.findings),
        ranking: objects(&outcome.ranking),
        not_checked: objects(&outcome.not_checked),
        notes: &outcome.notes,
        gaps: objects(&outcome.gaps),
    };
    written_to(room, &document)
}

/// A gate as `leastgrant.gate/1`.
///
/// # Errors
/// [`Error::Render`] if the JSON writer refuses, which it has no reason to.
pub fn gate(outcome: &GateOutcome) -> Result<String, Error> {
    written(&GateDocument {
        schema: GATE_SCHEMA,
        result: outcome.result.name(),
        as_of: outcome.as_of.to_string(),
        limits: LimitsObject::from(&outcome.limits),
        findings: objects(&outcome.findings),
        exempted: objects(&outcome.exempted),
        baselined: objects(&outcome.baselined),
        not_checked: objects(&outcome.not_checked),
        gaps: objects(&outcome.gaps),
    })
}

/// The JSON Schema of one of [`SCHEMA_NAMES`].
#[must_use]
pub fn schema(name: &str) -> Option<String> {
    let generator = SchemaSettings::draft2020_12()
        .for_serialize()
        .into_generator();
    let schema = match name {
        "findings" => generator.into_root_schema_for::<FindingsDocument<'_>>(),
        "gate" => generator.into_root_schema_for::<GateDocument<'_>>(),
        _ => return None,
    };
    written(&schema).ok()
}

fn written(document: &impl Serialize) -> Result<String, Error> {
    written_to(String::new(), document)
}

/// Writes to a text with room: one of a hundred megabytes that grows is copied again and again.
fn written_to(room: String, document: &impl Serialize) -> Result<String, Error> {
    let mut bytes = room.into_bytes();
    serde_json::to_writer_pretty(&mut bytes, document).map_err(Error::render("JSON"))?;
    bytes.push(b'\n');
    let text = String::from_utf8(bytes).map_err(Error::render("JSON"))?;
    Ok(json_safe(text))
}

/// Objects whose texts are in memory at once besides the document's, some ten megabytes.
const AT_ONCE: usize = 4_096;

/// Writes the objects of a list in a document, two levels deep, on all cores: there may be a hundred megabytes of them.
fn side_by_side<Object, Target>(
    objects: &[Object],
    target: Target,
) -> Result<Target::Ok, Target::Error>
where
    Object: Serialize + Sync,
    Target: Serializer,
{
    let text = |object: &Object| {
        // No text in JSON has a line break but those between its members.
        let text = serde_json::to_string_pretty(object)?.replace('\n', "\n    ");
        RawValue::from_string(text)
    };
    let mut list = target.serialize_seq(Some(objects.len()))?;
    for some in objects.chunks(AT_ONCE) {
        let texts: Result<Vec<Box<RawValue>>, serde_json::Error> =
            some.par_iter().map(text).collect();
        for text in texts.map_err(serde::ser::Error::custom)? {
            list.serialize_element(&text)?;
        }
    }
    list.end()
}

fn objects<'a, T, Object: From<&'a T>>(items: &'a [T]) -> Vec<Object> {
    items.iter().map(Object::from).collect()
}

/// What an audit found, what it could not judge, and what is missing in the inventory.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "findings")]
struct FindingsDocument<'a> {
    /// The version of this shape.
    #[schemars(extend("const" = FINDINGS_SCHEMA))]
    schema: &'static str,
    /// The time that ages are counted to.
    #[schemars(extend("format" = "date-time"))]
    as_of: String,
    /// The accounts audited, sorted.
    accounts: &'a [String],
    /// The worst first.
    #[serde(serialize_with = "side_by_side")]
    findings: Vec<FindingObject<'a>>,
    /// The open findings again, what to do first at the head.
    #[serde(serialize_with = "side_by_side")]
    ranking: Vec<RankedObject<'a>>,
    /// Rules that could not judge an account, wholly or in part.
    not_checked: Vec<NotCheckedObject<'a>>,
    /// What the inventory does not have, and no finding takes into account.
    notes: &'a [String],
    /// What is missing in the inventory.
    gaps: Vec<GapObject<'a>>,
}

/// The verdict of a gate at the given limits.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "gate")]
struct GateDocument<'a> {
    /// The version of this shape.
    #[schemars(extend("const" = GATE_SCHEMA))]
    schema: &'static str,
    /// `incomplete`: nothing fails, and something could not be judged.
    #[schemars(schema_with = "result_names")]
    result: &'static str,
    /// The time that ages are counted to.
    #[schemars(extend("format" = "date-time"))]
    as_of: String,
    /// What was asked for; null where a limit was not given.
    limits: LimitsObject,
    /// What fails the gate.
    findings: Vec<FindingObject<'a>>,
    /// What would fail it but for an exemption.
    exempted: Vec<FindingObject<'a>>,
    /// What would fail it but is in the baseline.
    baselined: Vec<FindingObject<'a>>,
    /// What could not be judged.
    not_checked: Vec<NotCheckedObject<'a>>,
    /// What is missing in the inventory.
    gaps: Vec<GapObject<'a>>,
}

/// The limits of a gate.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "limits")]
struct LimitsObject {
    /// Active keys may be this many days old.
    max_key_age_days: Option<u32>,
    /// Active keys, passwords and users may be unused for this many days.
    max_unused_days: Option<u32>,
    /// Findings of this severity or above fail.
    #[schemars(schema_with = "severity_names_or_null")]
    fail_on: Option<&'static str>,
    /// The inventory may be this many days old.
    max_inventory_age_days: Option<u32>,
}

/// One thing to act on.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "finding")]
struct FindingObject<'a> {
    /// The same fault has the same id in every run.
    id: &'a str,
    /// The rule; `leastgrant explain RULE` says more.
    rule: &'a str,
    /// How bad.
    #[schemars(schema_with = "severity_names")]
    severity: &'static str,
    /// How sure.
    #[schemars(schema_with = "confidence_names")]
    confidence: &'static str,
    /// Twelve digits.
    account_id: &'a str,
    /// The user, role, group, policy or account root that it is about.
    resource_arn: &'a str,
    /// What `resource_arn` is.
    #[schemars(schema_with = "resource_type_names")]
    resource_type: &'static str,
    /// The access key, where it is about one whose id can be told.
    access_key_id: Option<&'a str>,
    /// Who has to act; `unowned` where nobody is known.
    owner: &'a str,
    /// One line.
    title: &'a str,
    /// What was found, with ages and dates.
    detail: &'a str,
    /// What it rests on.
    evidence: Vec<EvidenceObject<'a>>,
    /// What to do.
    remediation: &'a str,
    /// The exemption that covers it; absent where none does.
    #[serde(skip_serializing_if = "Option::is_none")]
    exemption: Option<ExemptionObject<'a>>,
}

/// The place of an open finding among all of them.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ranked")]
struct RankedObject<'a> {
    /// The finding's id.
    id: &'a str,
    /// The product of the numbers in `because`; higher is more urgent.
    score: u32,
    /// Why it stands here: severity, time without use, what the principal can do, how exposed it is; what changes nothing is left out.
    because: &'a [String],
}

/// One fact and where it was read.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "evidence")]
struct EvidenceObject<'a> {
    /// Where it was read.
    source: &'a str,
    /// The fact.
    fact: &'a str,
}

/// Who answers for leaving a finding as it is.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "exemption")]
struct ExemptionObject<'a> {
    /// Who answers for it.
    owner: &'a str,
    /// Why.
    reason: &'a str,
    /// The last day, in UTC, on which it holds.
    #[schemars(extend("format" = "date"))]
    expires: &'a str,
}

/// A rule that could not judge an account, wholly or in part.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "not_checked")]
struct NotCheckedObject<'a> {
    /// The rule.
    rule: &'a str,
    /// Twelve digits.
    account_id: &'a str,
    /// What was missing.
    reason: &'a str,
}

/// A call or file that failed or was skipped.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "gap")]
struct GapObject<'a> {
    /// Twelve digits; null where the account cannot be told.
    account_id: Option<&'a str>,
    /// The file with its place inside, or the call.
    source: &'a str,
    /// What happened and what to do.
    reason: &'a str,
    /// The code of an AWS error.
    error_code: Option<&'a str>,
    /// The kinds of data that cannot be known for want of it, named as in `manifest.json`.
    #[schemars(with = "Vec<String>")]
    unknowable: &'a [DataKind],
}

impl<'a> From<&'a Finding> for FindingObject<'a> {
    fn from(finding: &'a Finding) -> Self {
        Self {
            id: &finding.id,
            rule: finding.rule,
            severity: finding.severity.name(),
            confidence: finding.confidence.name(),
            account_id: &finding.account_id,
            resource_arn: &finding.resource_arn,
            resource_type: finding.resource_type.name(),
            access_key_id: finding.access_key_id.as_deref(),
            owner: &finding.owner,
            title: &finding.title,
            detail: &finding.detail,
            evidence: objects(&finding.evidence),
            remediation: &finding.remediation,
            exemption: finding.exemption.as_ref().map(ExemptionObject::from),
        }
    }
}

impl<'a> From<&'a Ranked> for RankedObject<'a> {
    fn from(ranked: &'a Ranked) -> Self {
        Self {
            id: &ranked.finding_id,
            score: ranked.score,
            because: &ranked.because,
        }
    }
}

impl<'a> From<&'a Evidence> for EvidenceObject<'a> {
    fn from(evidence: &'a Evidence) -> Self {
        Self {
            source: &evidence.source,
            fact: &evidence.fact,
        }
    }
}

impl<'a> From<&'a AppliedExemption> for ExemptionObject<'a> {
    fn from(exemption: &'a AppliedExemption) -> Self {
        Self {
            owner: &exemption.owner,
            reason: &exemption.reason,
            expires: &exemption.expires,
        }
    }
}

impl<'a> From<&'a NotChecked> for NotCheckedObject<'a> {
    fn from(not_checked: &'a NotChecked) -> Self {
        Self {
            rule: not_checked.rule,
            account_id: &not_checked.account_id,
            reason: &not_checked.reason,
        }
    }
}

impl<'a> From<&'a Gap> for GapObject<'a> {
    fn from(gap: &'a Gap) -> Self {
        Self {
            account_id: gap.account_id.as_deref(),
            source: &gap.source,
            reason: &gap.reason,
            error_code: gap.error_code.as_deref(),
            unknowable: &gap.unknowable,
        }
    }
}

impl From<&Limits> for LimitsObject {
    fn from(limits: &Limits) -> Self {
        Self {
            max_key_age_days: limits.max_key_age_days,
            max_unused_days: limits.max_unused_days,
            fail_on: limits.fail_on.map(Severity::name),
            max_inventory_age_days: limits.max_inventory_age_days,
        }
    }
}

fn severity_names(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "enum": Severity::ALL.map(Severity::name) })
}

fn severity_names_or_null(_: &mut SchemaGenerator) -> Schema {
    let names = Severity::ALL.map(|severity| Some(severity.name()));
    let names: Vec<Option<&str>> = names.into_iter().chain([None]).collect();
    json_schema!({ "type": ["string", "null"], "enum": names })
}

fn confidence_names(_: &mut SchemaGenerator) -> Schema {
    let names = [Confidence::Low, Confidence::Medium, Confidence::High].map(Confidence::name);
    json_schema!({ "type": "string", "enum": names })
}

fn resource_type_names(_: &mut SchemaGenerator) -> Schema {
    let names = [
        ResourceType::Root,
        ResourceType::User,
        ResourceType::Role,
        ResourceType::Group,
        ResourceType::Policy,
        ResourceType::PermissionSet,
    ]
    .map(ResourceType::name);
    json_schema!({ "type": "string", "enum": names })
}

fn result_names(_: &mut SchemaGenerator) -> Schema {
    let names = [GateResult::Pass, GateResult::Fail, GateResult::Incomplete].map(GateResult::name);
    json_schema!({ "type": "string", "enum": names })
}
