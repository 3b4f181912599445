//! Whether a call was allowed, as its error code tells.
//!
//! Most errors come after authorisation, so that the call was allowed: a bucket policy that is absent, a wrong parameter.
//! Throttling can come before it and counts as allowed, the side on which nothing that is needed gets lost.

use std::borrow::Cow;
use std::sync::LazyLock;

use memchr::memmem::Finder;
use serde::Deserialize;

use crate::{Record, Text};

/// What is in both spellings of the member's name.
static NAME: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("rrorCode\""));

/// What became of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// There was no failure to authorise.
    Allowed,
    /// A policy, or the want of one, refused it.
    Denied,
    /// Nobody was authenticated, so no policy was asked.
    AuthenticationFailed,
}

/// Codes of requests that were not authenticated (AWS, "Common errors" of the services' API references), without case and signs
/// between.
const NOT_AUTHENTICATED: &[&str] = &[
    "consoleloginfailure",
    "invalidclienttokenid",
    "signaturedoesnotmatch",
    "expiredtoken",
    "expiredtokenexception",
    "unrecognizedclientexception",
    "incompletesignature",
    "missingauthenticationtoken",
    "invalidsignatureexception",
    "optinrequired",
    "requestexpired",
];

/// Parts of codes that say that the call was refused, without case and signs between.
const REFUSALS: &[&str] = &[
    "accessdenied",
    "unauthorized",
    "unauthorised",
    "notauthorized",
    "notauthorised",
    "authorizationerror",
    "forbidden",
    "authfailure",
    "allaccessdisabled",
    "accountproblem",
];

/// An error that a service tells within its answer.
#[derive(Deserialize)]
struct AnsweredError<'a> {
    #[serde(borrow, rename = "errorCode", alias = "ErrorCode")]
    error_code: Option<Text<'a>>,
}

/// How the sign-in page answers.
#[derive(Deserialize)]
struct SignInAnswer<'a> {
    #[serde(borrow, rename = "ConsoleLogin")]
    console_login: Option<Text<'a>>,
}

/// Stands for the error code that a sign-in with a wrong password does not have; `usage.sql` has the same.
const FAILED_SIGN_IN: &str = "ConsoleLogin Failure";

/// The record's `errorCode`, or that within `responseElements`, where some services put theirs (CloudTrail User Guide, "CloudTrail
/// record contents"). A sign-in that failed has none and says so in its answer (CloudTrail User Guide, "AWS Management Console
/// sign-in events").
pub(crate) fn error_code<'a>(record: &'a Record<'a>) -> Option<Cow<'a, str>> {
    let told = record.error_code.as_deref().filter(|code| !code.is_empty());
    if let Some(code) = told {
        return Some(Cow::Borrowed(code));
    }
    let answer = record.response_elements?.get();
    if record.event_name.as_deref() == Some("ConsoleLogin") {
        let told: Option<SignInAnswer<'a>> = serde_json::from_str(answer).ok();
        let told = told.and_then(|answer| answer.console_login);
        if told.is_some_and(|told| &*told.0 == "Failure") {
            return Some(Cow::Borrowed(FAILED_SIGN_IN));
        }
    }
    NAME.find(answer.as_bytes())?;
    let error: AnsweredError<'a> = serde_json::from_str(answer).ok()?;
    Some(error.error_code?.0)
}

impl Outcome {
    /// By an error code.
    #[must_use]
    pub fn of(error_code: Option<&str>) -> Self {
        let Some(code) = error_code.filter(|code| !code.is_empty()) else {
            return Self::Allowed;
        };
        let letters: String = code
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .take(256)
            .map(|letter| letter.to_ascii_lowercase())
            .collect();
        if NOT_AUTHENTICATED
            .iter()
            .any(|known| letters.ends_with(known))
        {
            Self::AuthenticationFailed
        } else if REFUSALS.iter().any(|part| letters.contains(part)) {
            Self::Denied
        } else {
            Self::Allowed
        }
    }

    /// As in the usage table.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Denied => "denied",
            Self::AuthenticationFailed => "authentication_failed",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_refusals_are_denied() {
        for code in [
            "AccessDenied",
            "AccessDeniedException",
            "Client.UnauthorizedOperation",
            "NotAuthorized",
            "VpceAccessDenied",
        ] {
            assert_eq!(Outcome::of(Some(code)), Outcome::Denied, "{code}");
        }
        for code in [
            "NoSuchBucketPolicy",
            "ThrottlingException",
            "Client.DryRunOperation",
            "ValidationException",
            "",
        ] {
            assert_eq!(Outcome::of(Some(code)), Outcome::Allowed, "{code}");
        }
        for code in [
            "SignatureDoesNotMatch",
            "ExpiredToken",
            "InvalidClientTokenId",
        ] {
            assert_eq!(
                Outcome::of(Some(code)),
                Outcome::AuthenticationFailed,
                "{code}"
            );
        }
        assert_eq!(Outcome::of(None), Outcome::Allowed);
    }
}
