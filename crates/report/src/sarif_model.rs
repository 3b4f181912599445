//! The part of SARIF 2.1.0 that leastgrant writes. The names are the standard's.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Serialize;

#[derive(Serialize)]
pub(crate) struct Log<'a> {
    #[serde(rename = "$schema")]
    pub(crate) schema: &'static str,
    pub(crate) version: &'static str,
    pub(crate) runs: [Run<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Run<'a> {
    pub(crate) tool: Tool<'a>,
    pub(crate) automation_details: AutomationDetails,
    pub(crate) invocations: [Invocation; 1],
    pub(crate) results: Vec<SarifResult<'a>>,
}

#[derive(Serialize)]
pub(crate) struct Tool<'a> {
    pub(crate) driver: Driver<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Driver<'a> {
    pub(crate) name: &'static str,
    pub(crate) version: &'static str,
    pub(crate) information_uri: &'static str,
    pub(crate) rules: Vec<Rule<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Rule<'a> {
    pub(crate) id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) short_description: Option<Message>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) full_description: Option<Message>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) help: Option<Help>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) help_uri: Option<&'a str>,
    pub(crate) default_configuration: Configuration,
    pub(crate) properties: RuleProperties,
}

#[derive(Serialize)]
pub(crate) struct Message {
    pub(crate) text: String,
}

#[derive(Serialize)]
pub(crate) struct Help {
    pub(crate) text: String,
    pub(crate) markdown: String,
}

#[derive(Serialize)]
pub(crate) struct Configuration {
    pub(crate) level: &'static str,
}

/// GitHub sorts alerts by `security-severity`, and only those tagged `security`.
#[derive(Serialize)]
pub(crate) struct RuleProperties {
    #[serde(rename = "security-severity")]
    pub(crate) security_severity: &'static str,
    pub(crate) tags: [&'static str; 2],
}

#[derive(Serialize)]
pub(crate) struct AutomationDetails {
    pub(crate) id: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Invocation {
    pub(crate) execution_successful: bool,
    pub(crate) tool_execution_notifications: Vec<Notification>,
}

#[derive(Serialize)]
pub(crate) struct Notification {
    pub(crate) level: &'static str,
    pub(crate) message: Message,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SarifResult<'a> {
    pub(crate) rule_id: &'a str,
    pub(crate) rule_index: usize,
    pub(crate) level: &'static str,
    pub(crate) message: Message,
    pub(crate) locations: [Location<'a>; 1],
    pub(crate) partial_fingerprints: BTreeMap<&'static str, String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) suppressions: Vec<Suppression>,
    pub(crate) properties: ResultProperties<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Location<'a> {
    pub(crate) physical_location: PhysicalLocation<'a>,
    pub(crate) logical_locations: [LogicalLocation<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PhysicalLocation<'a> {
    pub(crate) artifact_location: ArtifactLocation<'a>,
    pub(crate) region: Region,
}

#[derive(Serialize)]
pub(crate) struct ArtifactLocation<'a> {
    pub(crate) uri: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Region {
    pub(crate) start_line: u32,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LogicalLocation<'a> {
    pub(crate) name: Cow<'a, str>,
    pub(crate) fully_qualified_name: &'a str,
    pub(crate) kind: &'static str,
}

#[derive(Serialize)]
pub(crate) struct Suppression {
    pub(crate) kind: &'static str,
    pub(crate) status: &'static str,
    pub(crate) justification: String,
}

/// leastgrant's own members, named as in `leastgrant.findings/1`.
#[derive(Serialize)]
pub(crate) struct ResultProperties<'a> {
    pub(crate) severity: &'static str,
    pub(crate) confidence: &'static str,
    pub(crate) account_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) access_key_id: Option<&'a str>,
    pub(crate) owner: &'a str,
}
