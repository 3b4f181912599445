//! What the parameters of one request say.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use super::EventRequest;
use super::listed::LONGEST_ARN;
use super::name::Needed;
use super::parameters::EMPTY_VALUES;

/// The parameters of a request, by their names in lower case; none where they cannot be read.
pub(super) struct Parameters<'a>(Option<BTreeMap<String, &'a RawValue>>);

impl<'a> Parameters<'a> {
    pub(super) fn of(request: &EventRequest<'a>) -> Self {
        let Some(text) = request.parameters.filter(|text| *text != "null") else {
            return Self(Some(BTreeMap::new()));
        };
        let read = serde_json::from_str::<BTreeMap<String, &RawValue>>(text).ok();
        Self(read.map(|read| {
            let lower = |(name, value): (String, &'a RawValue)| (name.to_ascii_lowercase(), value);
            read.into_iter().map(lower).collect()
        }))
    }

    /// Whether a condition holds; parameters that cannot be read fulfil every condition.
    pub(super) fn hold(&self, when: &str) -> bool {
        let Some(parameters) = &self.0 else {
            return true;
        };
        let has = |name: &str| {
            let value = parameters.get(&name.to_ascii_lowercase());
            value.is_some_and(|value| !EMPTY_VALUES.contains(&value.get()))
        };
        match when.strip_prefix('!') {
            Some(name) => !has(name),
            None => when.is_empty() || has(when),
        }
    }

    /// The resource of a need: an ARN, `*`, or empty where it cannot be told.
    pub(super) fn resource(&self, needed: &Needed, region: &str) -> String {
        if needed.resource_types.is_empty() {
            return "*".to_owned();
        }
        let arn = if needed.action == "sts:AssumeRole" {
            self.text("roleArn")
                .filter(|arn| arn.starts_with("arn:") && arn.contains(":role/"))
        } else if needed.action == "iam:PassRole" {
            self.text(needed.when)
                .filter(|arn| arn.starts_with("arn:") && arn.contains(":role/"))
        } else {
            self.of_s3(needed, region)
        };
        arn.filter(|arn| arn.len() <= LONGEST_ARN)
            .unwrap_or_default()
    }

    fn of_s3(&self, needed: &Needed, region: &str) -> Option<String> {
        let is_s3 = needed.is_on_bucket || needed.is_on_object;
        let bucket = is_s3.then(|| self.text("bucketname")).flatten()?;
        if bucket.contains([':', '/']) {
            return None;
        }
        let partition = match region {
            region if region.starts_with("cn-") => "aws-cn",
            region if region.starts_with("us-gov-") => "aws-us-gov",
            _ => "aws",
        };
        if needed.is_on_bucket {
            return Some(format!("arn:{partition}:s3:::{bucket}"));
        }
        let key = self.text("key")?;
        Some(format!("arn:{partition}:s3:::{bucket}/{key}"))
    }

    /// A text that is not masked and that a policy would not read as a pattern.
    fn text(&self, name: &str) -> Option<String> {
        let value = self.0.as_ref()?.get(&name.to_ascii_lowercase())?;
        let text: String = serde_json::from_str(value.get()).ok()?;
        let is_plain = !text.is_empty()
            && !text.contains("HIDDEN_DUE_TO_SECURITY_REASONS")
            && !text.contains(['*', '?', '$'])
            && !text.chars().any(char::is_control);
        is_plain.then_some(text)
    }
}
