//! The API calls that the made-up principals make, as CloudTrail logs them: management events only,
//! since the trails of the demo log no data events.

mod changing;
mod reading;
mod sessions;

pub(crate) use changing::{
    CREATE_ACCESS_KEY, CREATE_DB_SNAPSHOT, CREATE_INVALIDATION, CREATE_LOG_STREAM, RUN_INSTANCES,
    START_JOB, START_QUERY, TERMINATE_INSTANCES, UPDATE_FUNCTION_CODE, UPDATE_STACK,
};
pub(crate) use reading::{
    DECRYPT, DESCRIBE_ALARMS, DESCRIBE_CLUSTER, DESCRIBE_INSTANCES, DESCRIBE_STACKS,
    DESCRIBE_TABLE, GENERATE_CREDENTIAL_REPORT, GET_AUTHORIZATION_TOKEN, GET_BUCKET_LOCATION,
    GET_COST_AND_USAGE, GET_PARAMETER, GET_SECRET_VALUE, LIST_BUCKETS, LIST_HOSTED_ZONES,
};
pub(crate) use sessions::{
    ASSUME_ROLE, ASSUME_ROLE_WITH_SAML, ASSUME_ROLE_WITH_WEB_IDENTITY, CONSOLE_LOGIN,
    GET_CALLER_IDENTITY,
};

use crate::policy::Statement;

/// An API call as CloudTrail logs it, and what allows it.
#[derive(Debug)]
pub(crate) struct ApiCall {
    /// The event source, such as `ec2.amazonaws.com`.
    pub(crate) source: &'static str,
    /// The event name.
    pub(crate) name: &'static str,
    /// The IAM prefix of the action; empty where the call needs no permission.
    pub(crate) namespace: &'static str,
    /// The IAM action that the last-accessed data of the action level names.
    pub(crate) action: &'static str,
    /// The Region of a global service.
    pub(crate) home: Option<&'static str>,
    /// The Region that a key's last use is recorded with, where it is not that of the event.
    pub(crate) recorded_region: Option<&'static str>,
    /// Whether the call only reads.
    pub(crate) read_only: bool,
    /// The request parameters as JSON with placeholders.
    pub(crate) parameters: &'static str,
    /// The type and the ARN of the resource that the event names.
    pub(crate) resource: Option<(&'static str, &'static str)>,
    /// The error code when the call is denied.
    pub(crate) denial: &'static str,
    /// The resource that the error message names.
    pub(crate) denied_on: &'static str,
    /// The statements that allow the call.
    pub(crate) grants: &'static [&'static Statement],
}

impl ApiCall {
    /// The service as a key's last use names it: the event source without the domain.
    pub(crate) fn service(&self) -> &'static str {
        self.source
            .split_once('.')
            .map_or(self.source, |(service, _)| service)
    }
}

const fn read(
    source: &'static str,
    namespace: &'static str,
    name: &'static str,
    parameters: &'static str,
    grants: &'static [&'static Statement],
) -> ApiCall {
    ApiCall {
        source,
        name,
        namespace,
        action: name,
        home: None,
        recorded_region: None,
        read_only: true,
        parameters,
        resource: None,
        denial: "AccessDenied",
        denied_on: "*",
        grants,
    }
}

const fn change(
    source: &'static str,
    namespace: &'static str,
    name: &'static str,
    parameters: &'static str,
    grants: &'static [&'static Statement],
) -> ApiCall {
    ApiCall {
        read_only: false,
        ..read(source, namespace, name, parameters, grants)
    }
}
