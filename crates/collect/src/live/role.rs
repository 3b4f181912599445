//! The role in an account of an organisation: assumed before anything is asked in it, so that it is known why it cannot be.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use aws_config::sts::AssumeRoleProvider;
use aws_credential_types::Credentials;
use aws_credential_types::provider::{ProvideCredentials, future};
use aws_sdk_sts::operation::assume_role::AssumeRoleError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_types::SdkConfig;
use aws_types::sdk_config::SharedCredentialsProvider;
use leastgrant_aws::{Failure, FailureKind, causes, presentable};

use super::calls::ASSUME_ROLE;

/// Some attempts of AssumeRole.
pub(super) const LONGEST_ASSUMING: Duration = Duration::from_secs(90);

/// The role to be in each account of an organisation.
#[derive(Debug, Clone)]
pub struct Member {
    /// Its name, with a path before it if it has one.
    pub role_name: String,
    /// What its trust policy may ask for.
    pub external_id: Option<String>,
    /// How CloudTrail names the sessions.
    pub session_name: String,
    /// Tags of the sessions.
    pub session_tags: Vec<(String, String)>,
}

/// What STS said to AssumeRole, if that is among the causes of an error.
pub(super) fn refused_role(error: &(dyn std::error::Error + 'static)) -> Option<Failure> {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(refused) = error.downcast_ref::<SdkError<AssumeRoleError, HttpResponse>>() {
            return Some(Failure::of(ASSUME_ROLE, refused));
        }
        cause = error.source();
    }
    None
}

/// The role's credentials: the first are had before anything is asked with them, so that it is known why there are none.
#[derive(Debug)]
struct Assumed {
    first: Mutex<Option<Credentials>>,
    role: AssumeRoleProvider,
}

impl ProvideCredentials for Assumed {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        let mut first = self.first.lock().unwrap_or_else(PoisonError::into_inner);
        match first.take() {
            Some(first) => future::ProvideCredentials::ready(Ok(first)),
            None => self.role.provide_credentials(),
        }
    }
}

/// The configuration of whom is in the role, which is assumed within a time, all attempts together.
pub(super) async fn in_role(
    config: &SdkConfig,
    arn: &str,
    role: &Member,
    longest: Duration,
) -> Result<SdkConfig, Failure> {
    let mut provider = AssumeRoleProvider::builder(arn)
        .session_name(&role.session_name)
        .tags(role.session_tags.iter().cloned())
        .configure(config);
    if let Some(external_id) = &role.external_id {
        provider = provider.external_id(external_id);
    }
    let role = provider.build().await;
    let not_assumed = |message: &str| Failure {
        call: ASSUME_ROLE,
        kind: FailureKind::Other,
        code: None,
        message: presentable(message),
    };
    let first = Box::pin(role.provide_credentials());
    let first = match tokio::time::timeout(longest, first).await {
        Ok(Ok(first)) => first,
        Ok(Err(error)) => {
            return Err(refused_role(&error).unwrap_or_else(|| not_assumed(&causes(&error))));
        }
        Err(_) => {
            let seconds = longest.as_secs();
            return Err(not_assumed(&format!("STS gave no answer in {seconds} s")));
        }
    };
    let provider = Assumed {
        first: Mutex::new(Some(first)),
        role,
    };
    Ok(config
        .to_builder()
        .credentials_provider(SharedCredentialsProvider::new(provider))
        .build())
}
