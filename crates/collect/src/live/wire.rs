//! The SDK's clients of one account, and what is heard of each call: its answer as JSON, or its failure.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::HashMap;
use std::future::Future;
use std::time::Duration;

use aws_smithy_runtime::client::retries::{RetryPartition, TokenBucket};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::{
    AfterDeserializationInterceptorContextRef, InterceptorContext,
};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_runtime_api::client::retries::classifiers::{
    ClassifyRetry, RetryAction, RetryClassifierPriority,
};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SdkConfig;
use aws_types::region::Region;
use leastgrant_aws::{Failure, FailureKind};
use serde_json::Value;
use serde_json::value::RawValue;

use super::calls::Call;
use crate::file::NO_ANSWER_OF_AWS;

/// The longest answer, a page of authorization details, takes some seconds.
const LONGEST_ATTEMPT: Duration = Duration::from_secs(60);
const LONGEST_CONNECT: Duration = Duration::from_secs(10);

/// One client for each service, all of one account, which they share no retries with another account's.
#[derive(Debug, Clone)]
pub(super) struct Clients {
    pub iam: aws_sdk_iam::Client,
    pub organizations: aws_sdk_organizations::Client,
    pub sso_admin: aws_sdk_ssoadmin::Client,
    pub access_analyzer: aws_sdk_accessanalyzer::Client,
    pub cloudtrail: aws_sdk_cloudtrail::Client,
    pub account: aws_sdk_account::Client,
    pub sts: aws_sdk_sts::Client,
    config: SdkConfig,
    name: String,
}

/// The same for services whose resources have policies, in one Region.
#[derive(Debug, Clone)]
pub(super) struct ResourceClients {
    pub s3: aws_sdk_s3::Client,
    pub kms: aws_sdk_kms::Client,
    pub sns: aws_sdk_sns::Client,
    pub sqs: aws_sdk_sqs::Client,
    pub lambda: aws_sdk_lambda::Client,
    pub secrets_manager: aws_sdk_secretsmanager::Client,
    pub ecr: aws_sdk_ecr::Client,
}

macro_rules! builder {
    ($service:ident, $config:expr, $name:expr) => {
        $service::config::Builder::from($config)
            .retry_classifier(OnlyAnswersOfAws)
            // The attempts of each call are bounded; a budget for all of them would give up on an account that
            // throttles for a while.
            .retry_partition(
                RetryPartition::custom(format!("{} {}", stringify!($service), $name))
                    .token_bucket(TokenBucket::unlimited())
                    .build(),
            )
            .timeout_config(
                TimeoutConfig::builder()
                    .connect_timeout(LONGEST_CONNECT)
                    .operation_attempt_timeout(LONGEST_ATTEMPT)
                    .build(),
            )
            .interceptor(KeepBody)
    };
}

macro_rules! client {
    ($service:ident, $config:expr, $name:expr) => {
        $service::Client::from_conf(builder!($service, $config, $name).build())
    };
}

impl Clients {
    /// `name` tells this account's clients from all others.
    pub(super) fn new(config: &SdkConfig, name: &str) -> Self {
        Self {
            iam: client!(aws_sdk_iam, config, name),
            organizations: client!(aws_sdk_organizations, config, name),
            sso_admin: client!(aws_sdk_ssoadmin, config, name),
            access_analyzer: client!(aws_sdk_accessanalyzer, config, name),
            cloudtrail: client!(aws_sdk_cloudtrail, config, name),
            account: client!(aws_sdk_account, config, name),
            sts: client!(aws_sdk_sts, config, name),
            config: config.clone(),
            name: name.to_owned(),
        }
    }

    /// The Region that is asked where nothing names another one.
    pub(super) fn region(&self) -> &str {
        self.config.region().map_or("", |region| region.as_ref())
    }

    /// The same account's clients in a Region.
    pub(super) fn of_resources(&self, region: &str) -> ResourceClients {
        let config = self.config.to_builder();
        let config = &config.region(Region::new(region.to_owned())).build();
        let name = format!("{} {region}", self.name);
        // A test server has no host for each bucket.
        let is_one_host = config.endpoint_url().is_some();
        ResourceClients {
            s3: aws_sdk_s3::Client::from_conf(
                builder!(aws_sdk_s3, config, name)
                    .force_path_style(is_one_host)
                    .build(),
            ),
            kms: client!(aws_sdk_kms, config, name),
            sns: client!(aws_sdk_sns, config, name),
            sqs: client!(aws_sdk_sqs, config, name),
            lambda: client!(aws_sdk_lambda, config, name),
            secrets_manager: client!(aws_sdk_secretsmanager, config, name),
            ecr: client!(aws_sdk_ecr, config, name),
        }
    }
}

/// A page of HTML is no answer of AWS, and the next one would be no other.
#[derive(Debug)]
struct OnlyAnswersOfAws;

impl ClassifyRetry for OnlyAnswersOfAws {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        match context.response() {
            Some(response) if is_html(response) => RetryAction::RetryForbidden,
            _ => RetryAction::NoActionIndicated,
        }
    }

    fn name(&self) -> &'static str {
        "only answers of AWS"
    }

    fn priority(&self) -> RetryClassifierPriority {
        // The last word.
        RetryClassifierPriority::run_after(RetryClassifierPriority::transient_error_classifier())
    }
}

fn is_html(response: &HttpResponse) -> bool {
    let kind = response.headers().get("content-type").unwrap_or_default();
    kind.starts_with("text/html")
}

tokio::task_local! {
    /// The body of the last response of the call that this task waits for.
    static BODY: RefCell<Option<Vec<u8>>>;
}

/// Keeps the body for [`raw`], as a service that speaks JSON sends what the `aws` CLI prints, and for [`shaped`], to see its end.
#[derive(Debug)]
struct KeepBody;

impl Intercept for KeepBody {
    fn name(&self) -> &'static str {
        "keep body"
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        // Elsewhere nobody wants it.
        let _ = BODY.try_with(|body| {
            *body.borrow_mut() = context.response().body().bytes().map(<[u8]>::to_vec);
        });
        Ok(())
    }
}

/// What the SDK's `send` comes to.
pub(super) type Sent<O, E> = Result<O, SdkError<E, HttpResponse>>;

/// The answer of a service whose types have a shape of ours.
///
/// A call of the SDK's is some ten kilobytes, which would all lie on the stack, one for each place where something is asked.
pub(super) fn shaped<O, E>(
    call: &'static Call,
    sent: impl Future<Output = Sent<O, E>>,
    shape: impl FnOnce(&O) -> Value,
) -> impl Future<Output = Result<String, Failure>>
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    let sent = Box::pin(with_body(sent));
    async move {
        let (sent, body) = sent.await;
        let answer = sent.map_err(|error| failure(call, &error))?;
        if !is_whole(call, &body) {
            return Err(no_answer(call, "the answer ends in the middle"));
        }
        Ok(shape(&answer).to_string())
    }
}

/// The answer of a service that speaks JSON, as it was sent.
pub(super) fn raw<O, E>(
    call: &'static Call,
    sent: impl Future<Output = Sent<O, E>>,
) -> impl Future<Output = Result<String, Failure>>
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    let sent = Box::pin(with_body(sent));
    async move {
        let (sent, body) = sent.await;
        sent.map_err(|error| failure(call, &error))?;
        whole_json(call, &body).map(|json| json.get().to_owned())
    }
}

/// What is to be kept of the answer of a service that speaks JSON. Answers about functions and secrets hold what is nobody's business.
pub(super) fn picked<O, E>(
    call: &'static Call,
    sent: impl Future<Output = Sent<O, E>>,
    pick: impl FnOnce(&O) -> Value,
) -> impl Future<Output = Result<String, Failure>>
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    let sent = Box::pin(with_body(sent));
    async move {
        let (sent, body) = sent.await;
        let answer = sent.map_err(|error| failure(call, &error))?;
        whole_json(call, &body)?;
        Ok(pick(&answer).to_string())
    }
}

fn whole_json<'a>(call: &Call, body: &'a [u8]) -> Result<&'a RawValue, Failure> {
    let Ok(json) = serde_json::from_slice::<&RawValue>(body) else {
        return Err(no_answer(call, "the answer is no JSON"));
    };
    match member_of(call).filter(|member| !has_member(json, member)) {
        Some(member) => Err(no_answer(call, &format!("the answer has no `{member}`"))),
        None => Ok(json),
    }
}

/// What is sent, and the body of the answer.
async fn with_body<T>(sent: impl Future<Output = T>) -> (T, Vec<u8>) {
    let with_body = BODY.scope(RefCell::new(None), async {
        let sent = sent.await;
        (sent, BODY.with(RefCell::take).unwrap_or_default())
    });
    with_body.await
}

/// The SDK takes the end of a body for the end of its elements, so that a list that was cut would be a shorter one. The policy of a bucket
/// is a body by itself.
fn is_whole(call: &Call, body: &[u8]) -> bool {
    let end = match call.name {
        "s3:GetBucketPolicy" => return serde_json::from_slice::<&RawValue>(body).is_ok(),
        // S3 has a name of its own for it (S3 API Reference, "Response Syntax").
        "s3:ListBuckets" => "</ListAllMyBucketsResult>".to_owned(),
        name => format!("</{}Response>", name.rsplit(':').next().unwrap_or_default()),
    };
    body.trim_ascii_end().ends_with(end.as_bytes())
}

/// The member that an answer has even if it is about nothing: the API references of the services, "Response Syntax". None is known of
/// other calls.
fn member_of(call: &Call) -> Option<&'static str> {
    Some(match call.name {
        "organizations:DescribeOrganization" => "Organization",
        "organizations:ListRoots" => "Roots",
        "organizations:ListAccounts" | "organizations:ListAccountsForParent" => "Accounts",
        "organizations:ListOrganizationalUnitsForParent" => "OrganizationalUnits",
        "organizations:ListPolicies" => "Policies",
        "organizations:DescribePolicy" => "Policy",
        "organizations:ListTargetsForPolicy" => "Targets",
        "sso-admin:ListInstances" => "Instances",
        "sso-admin:ListPermissionSets" => "PermissionSets",
        "sso-admin:DescribePermissionSet" => "PermissionSet",
        "sso-admin:ListAccountAssignments" => "AccountAssignments",
        "sso-admin:ListAccountsForProvisionedPermissionSet" => "AccountIds",
        "access-analyzer:ListAnalyzers" => "analyzers",
        "access-analyzer:ListFindingsV2" => "findings",
        "cloudtrail:DescribeTrails" => "trailList",
        "cloudtrail:ListTrails" => "Trails",
        "cloudtrail:GetEventSelectors" => "TrailARN",
        "cloudtrail:GetTrailStatus" => "IsLogging",
        "cloudtrail:ListEventDataStores" => "EventDataStores",
        "cloudtrail:GetEventDataStore" => "EventDataStoreArn",
        "account:ListRegions" => "Regions",
        "kms:ListKeys" => "Keys",
        "kms:GetKeyPolicy" | "lambda:GetPolicy" => "Policy",
        "lambda:ListFunctions" => "Functions",
        "secretsmanager:ListSecrets" => "SecretList",
        "secretsmanager:GetResourcePolicy" => "ARN",
        "ecr:DescribeRepositories" => "repositories",
        "ecr:GetRepositoryPolicy" => "policyText",
        _ => return None,
    })
}

fn has_member(json: &RawValue, member: &str) -> bool {
    let members: Result<HashMap<Cow<'_, str>, &RawValue>, _> = serde_json::from_str(json.get());
    members.is_ok_and(|members| {
        members
            .get(member)
            .is_some_and(|value| value.get() != "null")
    })
}

fn failure<E>(call: &Call, error: &SdkError<E, HttpResponse>) -> Failure
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    let failure = Failure::of(call.name, error);
    match error.raw_response() {
        Some(response) if failure.code.is_none() => no_answer(
            call,
            &format!(
                "status {} with `{}`; is this AWS, or a proxy before it?",
                response.status().as_u16(),
                response.headers().get("content-type").unwrap_or_default()
            ),
        ),
        _ => failure,
    }
}

fn no_answer(call: &Call, message: &str) -> Failure {
    Failure {
        call: call.name,
        kind: FailureKind::Other,
        code: Some(NO_ANSWER_OF_AWS.to_owned()),
        message: message.to_owned(),
    }
}
