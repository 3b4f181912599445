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
use aws_smithy_runtime_api::client::orchestrator::{HttpResponse, OrchestratorError};
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
use leastgrant_aws::{Failure, FailureKind, causes};
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

/// A page of HTML is no answer of AWS, and the next one would be no other. Who cannot be connected to is tried a second time.
#[derive(Debug)]
struct OnlyAnswersOfAws;

/// A name that is not resolved, a port that is closed and a certificate that is not trusted stay so.
const MOST_CONNECTS: usize = 2;

impl ClassifyRetry for OnlyAnswersOfAws {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        match context.response() {
            Some(response) if is_html(response) => RetryAction::RetryForbidden,
            None if is_not_reached(context) && is_the_last_connect() => RetryAction::RetryForbidden,
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

/// Whether no connection was made, by what hyper says of it.
fn is_not_reached(context: &InterceptorContext) -> bool {
    let error = context.output_or_error().and_then(Result::err);
    let error = error.and_then(OrchestratorError::as_connector_error);
    error.is_some_and(|error| {
        let causes = causes(error);
        causes.contains("(Connect)") || causes.contains("connect timeout")
    })
}

fn is_the_last_connect() -> bool {
    let count = HEARD.try_with(|heard| {
        let mut heard = heard.borrow_mut();
        heard.not_reached += 1;
        heard.not_reached
    });
    count.is_ok_and(|count| count >= MOST_CONNECTS)
}

fn is_html(response: &HttpResponse) -> bool {
    let kind = response.headers().get("content-type").unwrap_or_default();
    kind.starts_with("text/html")
}

/// What was heard of one call.
#[derive(Debug, Default)]
struct Heard {
    /// The body of the last response.
    body: Option<Vec<u8>>,
    /// How often nobody was reached.
    not_reached: usize,
}

tokio::task_local! {
    /// Of the call that this task waits for.
    static HEARD: RefCell<Heard>;
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
        let _ = HEARD.try_with(|heard| {
            heard.borrow_mut().body = context.response().body().bytes().map(<[u8]>::to_vec);
        });
        Ok(())
    }
}

/// What the SDK's `send` comes to.
pub(super) type Sent<O, E> = Result<O, SdkError<E, HttpResponse>>;

/// The answer of a service whose types have a shape of ours.
pub(super) fn shaped<O, E>(
    call: &'static Call,
    sent: impl Future<Output = Sent<O, E>>,
    shape: impl FnOnce(&O) -> Value,
) -> impl Future<Output = Result<String, Failure>>
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    answered(call, sent, move |answer, body| {
        expect_whole_xml(call, body)?;
        Ok(shape(answer).to_string())
    })
}

/// The answer of a service that speaks JSON, as it was sent.
pub(super) fn raw<O, E>(
    call: &'static Call,
    sent: impl Future<Output = Sent<O, E>>,
) -> impl Future<Output = Result<String, Failure>>
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    answered(call, sent, move |_, body| {
        whole_json(call, body).map(|json| json.get().to_owned())
    })
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
    answered(call, sent, move |answer, body| {
        whole_json(call, body)?;
        Ok(pick(answer).to_string())
    })
}

/// What is made of the answer to a call and of its body.
///
/// A call of the SDK's is some ten kilobytes, which would all lie on the stack, one for each place where something is asked.
fn answered<O, E>(
    call: &'static Call,
    sent: impl Future<Output = Sent<O, E>>,
    read: impl FnOnce(&O, &[u8]) -> Result<String, Failure>,
) -> impl Future<Output = Result<String, Failure>>
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    let sent = Box::pin(with_body(sent));
    async move {
        let (sent, body) = sent.await;
        let answer = sent.map_err(|error| failure(call, &error))?;
        read(&answer, &body)
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
pub(super) async fn with_body<T>(sent: impl Future<Output = T>) -> (T, Vec<u8>) {
    let with_body = HEARD.scope(RefCell::default(), async {
        let sent = sent.await;
        (sent, HEARD.with(RefCell::take).body.unwrap_or_default())
    });
    with_body.await
}

/// The SDK takes the end of a body for the end of its elements, so that a list that was cut would be a shorter one, and one that is not
/// there an empty one. The policy of a bucket is a body by itself.
fn expect_whole_xml(call: &Call, body: &[u8]) -> Result<(), Failure> {
    let end = match call.name {
        "s3:GetBucketPolicy" => return whole_json(call, body).map(|_| ()),
        // S3 has a name of its own for it (S3 API Reference, "Response Syntax").
        "s3:ListBuckets" => "</ListAllMyBucketsResult>".to_owned(),
        name => format!("</{}Response>", name.rsplit(':').next().unwrap_or_default()),
    };
    if !body.trim_ascii_end().ends_with(end.as_bytes()) {
        return Err(no_answer(call, "the answer ends in the middle"));
    }
    let is_job_on_its_way = call.name == "iam:GetServiceLastAccessedDetails"
        && !has(body, b"<JobStatus>COMPLETED</JobStatus>");
    match member_of(call).filter(|member| !is_job_on_its_way && !has_element(body, member)) {
        Some(member) => Err(no_answer(call, &format!("the answer has no `{member}`"))),
        None => Ok(()),
    }
}

/// In a text, `<` is written otherwise.
fn has_element(body: &[u8], name: &str) -> bool {
    [">", "/>", " "]
        .iter()
        .any(|end| has(body, format!("<{name}{end}").as_bytes()))
}

fn has(body: &[u8], part: &[u8]) -> bool {
    body.windows(part.len()).any(|window| window == part)
}

/// The member that an answer has even if it is about nothing: the API references of the services, "Response Syntax". None is known of
/// other calls.
fn member_of(call: &Call) -> Option<&'static str> {
    Some(match call.name {
        "iam:ListUsers" => "Users",
        "iam:GenerateCredentialReport" => "State",
        "iam:GetCredentialReport" => "Content",
        "iam:GetAccountSummary" => "SummaryMap",
        "iam:GetAccountPasswordPolicy" => "PasswordPolicy",
        "iam:ListAccountAliases" => "AccountAliases",
        "iam:ListServerCertificates" => "ServerCertificateMetadataList",
        "iam:ListSAMLProviders" => "SAMLProviderList",
        "iam:ListOpenIDConnectProviders" => "OpenIDConnectProviderList",
        "iam:GetOpenIDConnectProvider" => "Url",
        "iam:ListAccessKeys" => "AccessKeyMetadata",
        "iam:GetAccessKeyLastUsed" => "AccessKeyLastUsed",
        "iam:GetLoginProfile" => "LoginProfile",
        "iam:ListMFADevices" => "MFADevices",
        "iam:ListSSHPublicKeys" => "SSHPublicKeys",
        "iam:ListServiceSpecificCredentials" => "ServiceSpecificCredentials",
        "iam:ListSigningCertificates" => "Certificates",
        "iam:GenerateServiceLastAccessedDetails" => "JobId",
        "iam:GetServiceLastAccessedDetails" => "ServicesLastAccessed",
        "s3:ListBuckets" => "Buckets",
        "sns:ListTopics" => "Topics",
        "sns:GetTopicAttributes" => "Attributes",
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
        "lambda:ListAliases" => "Aliases",
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::live::calls::CALLS;

    /// Its four lists are asked for by whoever reads them, and a bucket's policy is a body by itself.
    const WITHOUT_A_MEMBER: [&str; 2] =
        ["iam:GetAccountAuthorizationDetails", "s3:GetBucketPolicy"];

    #[test]
    fn an_answer_in_xml_without_what_it_is_about_is_none() {
        let is_xml = |call: &&&Call| {
            let services = ["iam:", "sns:", "s3:"];
            services
                .iter()
                .any(|service| call.name.starts_with(service))
                && !WITHOUT_A_MEMBER.contains(&call.name)
        };
        let mut count = 0;
        for call in CALLS.iter().filter(is_xml) {
            let (_, operation) = call.name.split_once(':').unwrap();
            let root = match operation {
                "ListBuckets" => "ListAllMyBucketsResult".to_owned(),
                operation => format!("{operation}Response"),
            };
            let member = member_of(call).expect(call.name);
            let told = |inner: &str| {
                let body = format!(
                    "<{root} xmlns=\"a\"><{operation}Result><JobStatus>COMPLETED</JobStatus>{inner}<IsTruncated>false</IsTruncated></{operation}Result></{root}>\n"
                );
                expect_whole_xml(call, body.as_bytes())
            };
            let failure =
                told(&format!("<Other>&lt;{member}&gt;</Other><{member}s/>")).unwrap_err();
            assert!(failure.message.contains(member), "{failure:?}");
            told(&format!("<{member}/>")).unwrap();
            told(&format!("<{member}><member/></{member}>")).unwrap();
            count += 1;
        }
        assert!(count > 20, "{count}");
    }

    #[test]
    fn a_job_on_its_way_has_no_result_yet() {
        let call = crate::live::calls::GET_SERVICE_LAST_ACCESSED_DETAILS;
        let body = |status: &str| {
            format!(
                "<GetServiceLastAccessedDetailsResponse><GetServiceLastAccessedDetailsResult><JobStatus>{status}</JobStatus></GetServiceLastAccessedDetailsResult></GetServiceLastAccessedDetailsResponse>"
            )
        };
        expect_whole_xml(call, body("IN_PROGRESS").as_bytes()).unwrap();
        expect_whole_xml(call, body("COMPLETED").as_bytes()).unwrap_err();
    }
}
