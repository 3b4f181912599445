//! Calls that open sessions or ask who one is.

use super::{ApiCall, change, read};
use crate::policy::grants;

/// `sts:AssumeRole`. The role's ARN is the caller's target.
pub(crate) static ASSUME_ROLE: ApiCall = ApiCall {
    resource: Some(("AWS::IAM::Role", "{target}")),
    ..read(
        "sts.amazonaws.com",
        "sts",
        "AssumeRole",
        r#"{"roleArn":"{target}","roleSessionName":"{app}","durationSeconds":3600}"#,
        &[&grants::ASSUME_TARGET],
    )
};

/// `sts:AssumeRoleWithSAML`, which needs no policy of the caller but the role's trust.
pub(crate) static ASSUME_ROLE_WITH_SAML: ApiCall = ApiCall {
    resource: Some(("AWS::IAM::Role", "{target}")),
    ..read(
        "sts.amazonaws.com",
        "sts",
        "AssumeRoleWithSAML",
        r#"{"roleArn":"{target}","durationSeconds":3600}"#,
        &[],
    )
};

/// `sts:AssumeRoleWithWebIdentity`, which needs no policy of the caller but the role's trust.
pub(crate) static ASSUME_ROLE_WITH_WEB_IDENTITY: ApiCall = ApiCall {
    resource: Some(("AWS::IAM::Role", "{target}")),
    ..read(
        "sts.amazonaws.com",
        "sts",
        "AssumeRoleWithWebIdentity",
        r#"{"roleArn":"{target}","roleSessionName":"{app}","durationSeconds":3600}"#,
        &[],
    )
};

/// `sts:GetCallerIdentity`, which needs no permission.
pub(crate) static GET_CALLER_IDENTITY: ApiCall =
    read("sts.amazonaws.com", "sts", "GetCallerIdentity", "null", &[]);

/// Signing in to the console, which is no API call.
pub(crate) static CONSOLE_LOGIN: ApiCall = ApiCall {
    home: Some("us-east-1"),
    ..change("signin.amazonaws.com", "", "ConsoleLogin", "null", &[])
};
