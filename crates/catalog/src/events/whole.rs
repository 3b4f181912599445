//! Parameters of which a whole ARN is made by a rule of the service's own.

use leastgrant_policy::principal::is_account_id;

use super::parameters::{Parameters, Path, Values, is_plain};
use super::template::{Place, Template};
use super::told::Told;

/// Readers that make whole ARNs; the table of resources names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whole {
    /// `https://sqs.REGION.amazonaws.com/ACCOUNT/NAME`.
    Queue,
    /// A name, `name:qualifier`, `ACCOUNT:function:name` or an ARN, and a qualifier besides.
    Function,
    /// A log group's name or ARN, to `…:log-group:NAME:*`.
    LogGroup,
    /// An ARN that ends with the six signs that Secrets Manager adds to a name.
    Secret,
    /// A document of Systems Manager; AWS's own belong to no account.
    Document,
    /// `family:revision`.
    TaskDefinition,
    /// `bucket/key` of an object that is copied.
    CopySource,
}

impl Whole {
    /// The reader of this name in a table.
    pub(super) fn of(name: &str) -> Option<Self> {
        Some(match name {
            "queue" => Self::Queue,
            "function" => Self::Function,
            "log-group" => Self::LogGroup,
            "secret" => Self::Secret,
            "document" => Self::Document,
            "task-definition" => Self::TaskDefinition,
            "copy-source" => Self::CopySource,
            _ => return None,
        })
    }

    pub(super) fn told(
        self,
        template: &Template,
        paths: &[Path],
        parameters: &Parameters<'_>,
        place: &Place<'_>,
        told: &mut Told,
    ) {
        let Some((first, others)) = paths.split_first() else {
            return;
        };
        let (paths, others) = match self {
            Self::Function => (std::slice::from_ref(first), others),
            _ => (paths, [].as_slice()),
        };
        // ARNs of log groups end with `:*`, and a version follows a `?`.
        let found = Values {
            takes_patterns: matches!(self, Self::LogGroup | Self::CopySource),
            ..Values::default()
        };
        let found = parameters.all_into(paths, found);
        let more = parameters.all(others);
        told.is_unclear |= found.is_unclear || more.is_unclear;
        for text in found.texts {
            match self {
                Self::Queue => told.push(queue(template, &text, place)),
                Self::Function => functions(template, &text, &more.texts, place, told),
                Self::Secret => told.push(
                    Some(text.into_owned())
                        .filter(|arn| template.fit(arn).is_some() && has_secret_suffix(arn)),
                ),
                Self::Document => told.push(document(template, &text, place)),
                Self::TaskDefinition => told.push(if text.starts_with("arn:") {
                    let has_revision = text.rsplit('/').next().is_some_and(|end| end.contains(':'));
                    (template.fit(&text).is_some() && has_revision).then(|| text.into_owned())
                } else {
                    let parts: Vec<&str> = text.split(':').collect();
                    let is_right = parts.len() == 2 && !text.contains('/');
                    is_right.then(|| template.filled(place, &parts)).flatten()
                }),
                Self::CopySource => told.push(copied(template, &text, place)),
                Self::LogGroup => told.push(log_group(template, &text, place)),
            }
        }
    }
}

fn queue(template: &Template, url: &str, place: &Place<'_>) -> Option<String> {
    let rest = url
        .strip_prefix("https://")
        .or_else(|| url.strip_prefix("http://"))?;
    let mut parts = rest.split('/');
    let (_host, account, name) = (parts.next()?, parts.next()?, parts.next()?);
    let is_right = parts.next().is_none() && is_account_id(account) && !name.contains(':');
    let place = Place { account, ..*place };
    is_right.then(|| template.filled(&place, &[name])).flatten()
}

/// A version or alias has an ARN of its own, and which of the two AWS asks for depends on the action: both are told.
fn functions(
    template: &Template,
    text: &str,
    qualifiers: &[std::borrow::Cow<'_, str>],
    place: &Place<'_>,
    told: &mut Told,
) {
    let parts: Vec<&str> = text.split(':').collect();
    let (given, rest) = match parts.as_slice() {
        ["arn", _, "lambda", region, account, "function", rest @ ..] => {
            (Place { region, account }, rest)
        }
        rest => short_function(rest, place),
    };
    let (name, own) = match rest {
        [name] => (name, None),
        [name, own] => (name, Some(*own)),
        _ => return told.is_unclear = true,
    };
    if name.contains('/') {
        return told.is_unclear = true;
    }
    told.push(template.filled(&given, &[name]));
    let qualifiers = qualifiers.iter().map(|qualifier| &**qualifier).chain(own);
    for qualifier in qualifiers {
        if qualifier.contains([':', '/']) {
            told.is_unclear = true;
        } else {
            told.push(template.filled(&given, &[&format!("{name}:{qualifier}")]));
        }
    }
}

/// The Region, the account and the word `function` may each stand before a function's name, by the reference of `Invoke`.
fn short_function<'a>(mut parts: &'a [&'a str], place: &Place<'a>) -> (Place<'a>, &'a [&'a str]) {
    let mut given = *place;
    if let [region, account, rest @ ..] = parts
        && !rest.is_empty()
        && is_account_id(account)
    {
        given.region = region;
        parts = parts.get(1..).unwrap_or_default();
    }
    if let [account, rest @ ..] = parts
        && !rest.is_empty()
        && is_account_id(account)
    {
        given.account = account;
        parts = rest;
    }
    match parts {
        ["function", rest @ ..] if !rest.is_empty() => (given, rest),
        rest => (given, rest),
    }
}

/// A policy must name a log group as `…:log-group:NAME:*`, by the CloudWatch Logs user guide.
fn log_group(template: &Template, text: &str, place: &Place<'_>) -> Option<String> {
    let text = text.strip_suffix(":*").unwrap_or(text);
    let arn = if text.starts_with("arn:") {
        let is_group = text.split(':').count() == 7 && template.fit(text).is_some();
        is_group.then(|| text.to_owned())
    } else {
        let is_right = !text.contains(':') && is_plain(text);
        is_right.then(|| template.filled(place, &[text])).flatten()
    };
    arn.map(|arn| format!("{arn}:*"))
}

/// Whether an ARN ends with a hyphen and six letters or digits. A name can end so by chance, as `my-secret` and `app-db2025` do, so
/// that ends without a large letter are left aside.
fn has_secret_suffix(arn: &str) -> bool {
    let Some((_, end)) = arn.rsplit_once('-') else {
        return false;
    };
    end.len() == 6
        && end.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && end.bytes().any(|byte| byte.is_ascii_uppercase())
}

/// The beginnings of names that only AWS's documents have, by the reference of `CreateDocument`.
fn document(template: &Template, text: &str, place: &Place<'_>) -> Option<String> {
    if text.starts_with("arn:") {
        return template.fit(text).map(|_| text.to_owned());
    }
    if text.contains([':', '/']) {
        return None;
    }
    let lower = text.to_ascii_lowercase();
    let arn = template.filled(place, &[text])?;
    if ["aws", "amazon", "amzn"]
        .iter()
        .any(|own| lower.starts_with(own))
    {
        return Some(arn.replacen(&format!(":{}:", place.account), "::", 1));
    }
    Some(arn)
}

/// The source is `bucket/key` or `/bucket/key`, each sign of the key encoded as in an address, then perhaps the version.
fn copied(template: &Template, text: &str, place: &Place<'_>) -> Option<String> {
    if text.starts_with("arn:") {
        return None;
    }
    let text = text.strip_prefix('/').unwrap_or(text);
    let (bucket, key) = text.split_once('/')?;
    let key = decoded(key.split('?').next()?)?;
    let is_right = !bucket.contains([':', '%']) && !bucket.ends_with("-s3alias");
    is_right
        .then(|| template.filled(place, &[bucket, &key]))
        .flatten()
}

/// A text without `%20` and the like.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digit = |byte: u8| char::from(byte).to_digit(16);
            let value = digit(rest.next()?)? * 16 + digit(rest.next()?)?;
            bytes.push(u8::try_from(value).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}
