//! How a parameter's text is read as what stands in an ARN.

use std::borrow::Cow;

/// A way to read a text; the table of resources names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// A name or id without the signs that separate an ARN's parts.
    Id,
    /// The same in small letters; how AWS writes large ones in an ARN depends on the service.
    Small,
    /// A name or id, or an ARN that ends with it.
    Last,
    /// As the last one; AWS's own word `default` is none.
    NotDefault,
    /// A name that can hold slashes.
    Slashes,
    /// Anything.
    Any,
    /// A bucket's name, which an access point's alias can stand for.
    Bucket,
    /// A name of which the ARN leaves the first slash away.
    Parameter,
    /// `alias/name`.
    Alias,
    /// A web address without its scheme.
    Url,
    /// A name of AWS's models.
    Model,
    /// An id that begins so; others are ids of something else.
    Beginning(&'static str),
}

/// What a text says.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Read<'a> {
    /// This.
    Told(Cow<'a, str>),
    /// That something is meant which the text does not tell.
    Unclear,
    /// Nothing about this kind of resource.
    Other,
}

/// Makers of Bedrock's foundation models, with which their ids begin; ids of inference profiles begin with a group of Regions.
const MODEL_MAKERS: [&str; 13] = [
    "ai21.",
    "amazon.",
    "anthropic.",
    "cohere.",
    "deepseek.",
    "luma.",
    "meta.",
    "mistral.",
    "openai.",
    "qwen.",
    "stability.",
    "twelvelabs.",
    "writer.",
];

impl Reading {
    /// The reading of this name in a table.
    pub(super) fn of(name: &'static str) -> Option<Self> {
        Some(match name {
            "id" => Self::Id,
            "last" => Self::Last,
            "not-default" => Self::NotDefault,
            "slashes" => Self::Slashes,
            "any" => Self::Any,
            "bucket" => Self::Bucket,
            "parameter" => Self::Parameter,
            "alias" => Self::Alias,
            "url" => Self::Url,
            "model" => Self::Model,
            name if name.ends_with('-') => Self::Beginning(name),
            _ => return None,
        })
    }

    pub(super) fn read(self, text: Cow<'_, str>) -> Read<'_> {
        let is_id = |text: &str| !text.contains([':', '/']);
        match self {
            Self::Id => {
                let is_right = is_id(&text);
                told_as(text, is_right)
            }
            Self::Small => {
                let has_large = text
                    .bytes()
                    .any(|byte| byte.is_ascii_uppercase() || byte == b' ');
                let is_right = is_id(&text) && !has_large;
                told_as(text, is_right)
            }
            Self::Last | Self::NotDefault => {
                let text = if text.starts_with("arn:") {
                    cut(text, |text| text.rsplit(['/', ':']).next())
                } else {
                    text
                };
                if self == Self::NotDefault && text == "default" {
                    return Read::Other;
                }
                let is_right = is_id(&text);
                told_as(text, is_right)
            }
            Self::Slashes => {
                let is_right = !text.contains(':');
                told_as(text, is_right)
            }
            Self::Any => told_as(text, true),
            Self::Bucket => {
                let is_alias = ["-s3alias", "--ol-s3", "--x-s3", ".mrap"]
                    .iter()
                    .any(|end| text.ends_with(end));
                let is_right = is_id(&text) && !is_alias;
                told_as(text, is_right)
            }
            Self::Parameter => {
                // AWS's own, such as `/aws/service/ami-amazon-linux-latest/…`, belong to no account.
                let is_right = !text.contains(':') && !text.starts_with("/aws/service/");
                told_as(
                    cut(text, |text| text.strip_prefix('/').or(Some(text))),
                    is_right,
                )
            }
            Self::Alias => match text.strip_prefix("alias/") {
                Some(_) => told_as(cut(text, |text| text.strip_prefix("alias/")), true),
                None => Read::Unclear,
            },
            Self::Url => {
                let text = cut(text, |text| text.strip_prefix("https://").or(Some(text)));
                let is_right = !text.contains(':') && !text.ends_with('/');
                told_as(text, is_right)
            }
            Self::Model => {
                let is_right =
                    !text.contains('/') && MODEL_MAKERS.iter().any(|maker| text.starts_with(maker));
                told_as(text, is_right)
            }
            Self::Beginning(beginning) => {
                if !text.starts_with(beginning) {
                    return Read::Other;
                }
                let is_right = is_id(&text);
                told_as(text, is_right)
            }
        }
    }
}

fn told_as(text: Cow<'_, str>, is_right: bool) -> Read<'_> {
    if is_right && !text.is_empty() {
        Read::Told(text)
    } else {
        Read::Unclear
    }
}

/// A part of a text; an empty one where there is no such part.
fn cut<'a>(text: Cow<'a, str>, part: impl Fn(&str) -> Option<&str>) -> Cow<'a, str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(part(text).unwrap_or_default()),
        Cow::Owned(text) => Cow::Owned(part(&text).unwrap_or_default().to_owned()),
    }
}
