//! What AWS, or the way to it, said in place of an answer.

use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use crate::message;
use crate::profile::Problem;

/// What became of a call that failed, once retries were used up.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{call}: {message}")]
pub struct Failure {
    /// The call, as in `s3:ListObjectsV2`.
    pub call: &'static str,
    /// How it failed.
    pub kind: FailureKind,
    /// AWS's code of the error; none where AWS was not reached or did not answer in its own way.
    pub code: Option<String>,
    /// AWS's code and message, or why it was not reached, as [`presentable`](crate::presentable) leaves it.
    pub message: String,
}

/// What somebody can do about a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureKind {
    /// A policy does not allow the call.
    Denied,
    /// What was asked for is not there.
    NotFound,
    /// Credentials are missing, wrong or have expired.
    Credentials,
    /// What a profile or the environment says besides credentials cannot be used. The message says what to do.
    Configuration,
    /// Anything else.
    Other,
}

impl Failure {
    /// Reads an SDK's error.
    pub fn of<E>(call: &'static str, error: &E) -> Self
    where
        E: ProvideErrorMetadata + std::error::Error,
    {
        if let Some(problem) = problem(error) {
            return Self {
                call,
                kind: match problem {
                    Problem::Certificates { .. } => FailureKind::Configuration,
                    Problem::NotThere { .. } | Problem::Mfa { .. } => FailureKind::Credentials,
                },
                code: None,
                message: message::presentable(&problem.to_string()),
            };
        }
        let code = message::code(error.code().unwrap_or_default());
        let message = match (code.as_str(), error.message()) {
            ("", _) => not_reached(causes(error)),
            (code, Some(message)) => format!("{code}: {message}"),
            (code, None) => code.to_owned(),
        };
        let kind = kind_of(&code, &message);
        Self {
            call,
            kind,
            code: Some(code).filter(|code| !code.is_empty()),
            message: message::presentable(&message),
        }
    }
}

/// What is wrong with the profile, if that is among the causes.
fn problem(error: &dyn std::error::Error) -> Option<&Problem> {
    let mut cause = error.source();
    while let Some(error) = cause {
        if let Some(problem) = error.downcast_ref() {
            return Some(problem);
        }
        cause = error.source();
    }
    None
}

/// Without the list of all places where credentials could have been, and with what does where a certificate is not trusted.
fn not_reached(message: String) -> String {
    let is_without = [
        "no credentials found in chain",
        "provider was not enabled",
        "failed to load IMDS session token",
    ];
    if is_without.iter().any(|text| message.contains(text)) {
        "no credentials were found in the environment, in a profile or on the machine".to_owned()
    } else if message.contains("invalid peer certificate") {
        format!(
            "{message}; name the file of the certificates to be trusted in `AWS_CA_BUNDLE`, or as `ca_bundle` of the profile"
        )
    } else {
        message
    }
}

/// An error with all that caused it, each text once.
#[must_use]
pub fn causes(error: &dyn std::error::Error) -> String {
    let mut texts = vec![without_output(error.to_string())];
    let mut cause = error.source();
    while let Some(error) = cause {
        let text = without_output(error.to_string());
        if texts.iter().all(|outer| !outer.contains(&text)) {
            texts.push(text);
        }
        cause = error.source();
    }
    texts.join(": ")
}

/// What a `credential_process` printed may be anything, and a secret; its exit code stays.
fn without_output(text: String) -> String {
    match text.split_once(" Stderr:") {
        Some((kept, _)) => kept.trim_end_matches('.').to_owned(),
        None => text,
    }
}

/// Codes of AWS's common errors and of the services that are asked; each service spells them in its own way.
fn kind_of(code: &str, message: &str) -> FailureKind {
    const CREDENTIALS: &[&str] = &[
        "ExpiredToken",
        "ExpiredTokenException",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    ];
    const DENIED: &[&str] = &[
        "AuthorizationError",
        "AuthorizationErrorException",
        "NotAuthorized",
        "NotAuthorizedException",
        "OptInRequired",
        "UnauthorizedException",
    ];
    if code.starts_with("AccessDenied")
        || code.contains("UnauthorizedOperation")
        || DENIED.contains(&code)
    {
        FailureKind::Denied
    } else if code.starts_with("NoSuch") || code.contains("NotFound") {
        FailureKind::NotFound
    } else if CREDENTIALS.contains(&code) || code.is_empty() && message.contains("credentials") {
        FailureKind::Credentials
    } else {
        FailureKind::Other
    }
}

#[cfg(test)]
mod tests {
    use aws_credential_types::provider::error::CredentialsError;

    use super::*;

    #[test]
    fn codes_tell_what_can_be_done() {
        assert_eq!(kind_of("AccessDeniedException", ""), FailureKind::Denied);
        for code in [
            "AuthorizationError",
            "OptInRequired",
            "NotAuthorized",
            "UnauthorizedException",
            "UnauthorizedOperation",
        ] {
            assert_eq!(kind_of(code, ""), FailureKind::Denied, "{code}");
        }
        assert_eq!(kind_of("NoSuchBucket", ""), FailureKind::NotFound);
        assert_eq!(kind_of("ExpiredToken", ""), FailureKind::Credentials);
        assert_eq!(
            kind_of("", "dispatch failure: no credentials in chain"),
            FailureKind::Credentials
        );
        assert_eq!(kind_of("ThrottlingException", ""), FailureKind::Other);
    }

    #[test]
    fn what_a_process_for_credentials_printed_is_left_out() {
        let error = CredentialsError::provider_error(
            "Error retrieving credentials: external process exited with code exit status: 3. Stderr: hunter2\n".to_owned(),
        );
        let text = causes(&error);
        assert!(text.contains("exit status: 3"), "{text}");
        assert!(!text.contains("hunter2"), "{text}");
    }

    #[test]
    fn a_certificate_that_is_not_trusted_is_told_with_what_does() {
        let told = not_reached(
            "dispatch failure: io error: invalid peer certificate: UnknownIssuer".to_owned(),
        );
        assert!(told.contains("`AWS_CA_BUNDLE`"), "{told}");
    }
}
