//! `s3://BUCKET/PREFIX`.

use std::fmt;
use std::str::FromStr;

const SCHEME: &str = "s3://";

/// A bucket, and where in it to begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct S3Location {
    /// The bucket's name.
    pub bucket: String,
    /// Empty, or the beginning of the keys: a folder, with or without the `/` at its end, or one object's key.
    pub prefix: String,
}

/// Why a text is no location.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum S3LocationError {
    /// A URL, a path or an ARN.
    #[error("it does not begin with `s3://`: give `s3://BUCKET` or `s3://BUCKET/PREFIX`")]
    Scheme,
    /// No bucket could be called so.
    #[error(
        "`{name}` is no name of a bucket, which has 3 to 63 letters, digits, dots and hyphens: give `s3://BUCKET/PREFIX`"
    )]
    Bucket {
        /// What stands there.
        name: String,
    },
}

impl FromStr for S3Location {
    type Err = S3LocationError;

    fn from_str(text: &str) -> Result<Self, S3LocationError> {
        let rest = text.strip_prefix(SCHEME).ok_or(S3LocationError::Scheme)?;
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        // Buckets of the first years may have capitals, underscores and up to 255 characters.
        let is_name = (3..=255).contains(&bucket.len())
            && bucket
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte));
        if !is_name {
            return Err(S3LocationError::Bucket {
                name: bucket.to_owned(),
            });
        }
        Ok(Self {
            bucket: bucket.to_owned(),
            prefix: prefix.to_owned(),
        })
    }
}

impl fmt::Display for S3Location {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{SCHEME}{}/{}", self.bucket, self.prefix)
    }
}

impl S3Location {
    /// An object or a folder of the same bucket, for messages.
    pub(super) fn at(&self, key: &str) -> String {
        format!("{SCHEME}{}/{key}", self.bucket)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_with_or_without_a_prefix() {
        let location: S3Location = "s3://trail-logs".parse().unwrap();
        assert_eq!(location.to_string(), "s3://trail-logs/");
        let location: S3Location = "s3://trail-logs/a//b".parse().unwrap();
        assert_eq!(location.prefix, "a//b");
        for wrong in [
            "trail-logs/a",
            "s3:/trail-logs",
            "https://trail-logs.s3.amazonaws.com/a",
        ] {
            assert_eq!(wrong.parse::<S3Location>(), Err(S3LocationError::Scheme));
        }
        for wrong in [
            "s3://",
            "s3:///a",
            "s3://ab",
            "s3://a b c/d",
            "s3://arn:aws:s3:::logs/a",
        ] {
            assert!(matches!(
                wrong.parse::<S3Location>(),
                Err(S3LocationError::Bucket { .. })
            ));
        }
    }
}
