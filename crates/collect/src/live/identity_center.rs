//! IAM Identity Center: instances, permission sets with their policies, and assignments.
//!
//! An instance answers in its own Region only. That there is one is told by the roles that it makes in each account, and where it is by
//! their path (IAM Identity Center User Guide, referencing permission sets in resource policies).

use std::collections::BTreeSet;

use aws_sdk_ssoadmin::Client;
use aws_sdk_ssoadmin::config::Region;
use futures::StreamExt as _;
use futures::future::{join, join5};
use leastgrant_aws::{Failure, FailureKind};
use serde::Deserialize;
use serde_json::{Value, json};

use super::asker::Asker;
use super::calls::{
    DESCRIBE_PERMISSION_SET, GET_INLINE_POLICY_FOR_PERMISSION_SET,
    GET_PERMISSIONS_BOUNDARY_FOR_PERMISSION_SET, LIST_ACCOUNT_ASSIGNMENTS,
    LIST_ACCOUNTS_FOR_PROVISIONED_PERMISSION_SET,
    LIST_CUSTOMER_MANAGED_POLICY_REFERENCES_IN_PERMISSION_SET, LIST_INSTANCES,
    LIST_MANAGED_POLICIES_IN_PERMISSION_SET, LIST_PERMISSION_SETS,
};
use super::resources::is_region;
use super::wire::raw;
use crate::file::NO_INSTANCE;

/// Permission sets on their way at a time; their calls still wait for their turn.
const SETS_AT_A_TIME: usize = 10;

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Page {
    instances: Vec<Instance>,
    permission_sets: Vec<String>,
    account_ids: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Instance {
    instance_arn: String,
}

/// The path of the roles of permission sets.
const PATH_OF_ROLES: &str = ":role/aws-reserved/sso.amazonaws.com/";
/// The Region whose roles do not name it.
const REGION_WITHOUT_NAME: &str = "us-east-1";

/// The Region of the instance that made a role, if it is that of a permission set.
pub(super) fn region_of_role(arn: &str) -> Option<&str> {
    let (_, name) = arn.split_once(PATH_OF_ROLES)?;
    let region = name
        .split_once('/')
        .map_or(REGION_WITHOUT_NAME, |(region, _)| region);
    Some(region).filter(|region| is_region(region))
}

/// Collects the instances that answer in the client's Region, and says whether it is sure that none does.
pub(super) async fn collect(asker: &Asker<'_>, sso: &Client) -> bool {
    instances(asker, sso, &json!({})).await
}

/// Asks in the Regions that the account's roles name, where the client's has no instance. If none has, permission sets are not known.
pub(super) async fn collect_elsewhere(asker: &Asker<'_>, sso: &Client, regions: &BTreeSet<String>) {
    let asked = sso.config().region().map_or("", |region| region.as_ref());
    for region in regions.iter().filter(|region| *region != asked) {
        let there = sso.config().to_builder();
        let there = Client::from_conf(there.region(Region::new(region.clone())).build());
        if !instances(asker, &there, &json!({"Region": region})).await {
            return;
        }
    }
    if regions.is_empty() {
        return;
    }
    let mut regions = regions.clone();
    regions.insert(asked.to_owned());
    let regions: Vec<String> = regions.iter().map(|region| format!("`{region}`")).collect();
    asker.keep_failure(&Failure {
        call: LIST_INSTANCES.name,
        kind: FailureKind::Other,
        code: Some(NO_INSTANCE.to_owned()),
        message: format!(
            "the account has roles of permission sets, and no instance of IAM Identity Center is seen in {}; give `--region` the instance's Region, and collect from the management account or the one that it is delegated to",
            regions.join(", ")
        ),
    });
}

async fn instances(asker: &Asker<'_>, sso: &Client, parameters: &Value) -> bool {
    let listed = asker
        .pages(LIST_INSTANCES, parameters, "NextToken", |token| {
            raw(
                LIST_INSTANCES,
                sso.list_instances().set_next_token(token).send(),
            )
        })
        .await;
    let instances = listed.items(asker, |page: Page| page.instances);
    let is_none = listed.is_whole() && instances.is_empty();
    for Instance { instance_arn } in instances {
        let listed = asker
            .pages(
                LIST_PERMISSION_SETS,
                &json!({"InstanceArn": instance_arn}),
                "NextToken",
                |token| {
                    raw(
                        LIST_PERMISSION_SETS,
                        sso.list_permission_sets()
                            .instance_arn(&instance_arn)
                            .set_next_token(token)
                            .send(),
                    )
                },
            )
            .await;
        let sets = listed.items(asker, |page: Page| page.permission_sets);
        let instance_arn = &*instance_arn;
        futures::stream::iter(&sets)
            .for_each_concurrent(SETS_AT_A_TIME, |set| async move {
                join(
                    policies(asker, sso, instance_arn, set),
                    assignments(asker, sso, instance_arn, set),
                )
                .await;
            })
            .await;
    }
    is_none
}

/// A call about one permission set with one answer.
macro_rules! ask {
    ($asker:ident, $sso:ident, $call:ident, $request:ident, $instance:ident, $set:ident) => {
        async {
            let request = $sso
                .$request()
                .instance_arn($instance)
                .permission_set_arn($set);
            let attempt = $asker.in_turn(raw($call, request.send()));
            let parameters = json!({"InstanceArn": $instance, "PermissionSetArn": $set});
            $asker.ask($call, &parameters, attempt).await;
        }
    };
}

/// The same with pages.
macro_rules! pages {
    ($asker:ident, $sso:ident, $call:ident, $request:ident, $instance:ident, $set:ident) => {
        async {
            let parameters = json!({"InstanceArn": $instance, "PermissionSetArn": $set});
            $asker
                .pages($call, &parameters, "NextToken", |token| {
                    let request = $sso
                        .$request()
                        .instance_arn($instance)
                        .permission_set_arn($set)
                        .set_next_token(token);
                    raw($call, request.send())
                })
                .await
        }
    };
}

async fn policies(asker: &Asker<'_>, sso: &Client, instance: &str, set: &str) {
    join5(
        ask!(
            asker,
            sso,
            DESCRIBE_PERMISSION_SET,
            describe_permission_set,
            instance,
            set
        ),
        ask!(
            asker,
            sso,
            GET_INLINE_POLICY_FOR_PERMISSION_SET,
            get_inline_policy_for_permission_set,
            instance,
            set
        ),
        ask!(
            asker,
            sso,
            GET_PERMISSIONS_BOUNDARY_FOR_PERMISSION_SET,
            get_permissions_boundary_for_permission_set,
            instance,
            set
        ),
        pages!(
            asker,
            sso,
            LIST_MANAGED_POLICIES_IN_PERMISSION_SET,
            list_managed_policies_in_permission_set,
            instance,
            set
        ),
        pages!(
            asker,
            sso,
            LIST_CUSTOMER_MANAGED_POLICY_REFERENCES_IN_PERMISSION_SET,
            list_customer_managed_policy_references_in_permission_set,
            instance,
            set
        ),
    )
    .await;
}

async fn assignments(asker: &Asker<'_>, sso: &Client, instance: &str, set: &str) {
    let provisioned = pages!(
        asker,
        sso,
        LIST_ACCOUNTS_FOR_PROVISIONED_PERMISSION_SET,
        list_accounts_for_provisioned_permission_set,
        instance,
        set
    )
    .await;
    let accounts = provisioned.items(asker, |page: Page| page.account_ids);
    let each = accounts.iter().map(|account_id| async move {
        let parameters =
            json!({"InstanceArn": instance, "AccountId": account_id, "PermissionSetArn": set});
        asker
            .pages(
                LIST_ACCOUNT_ASSIGNMENTS,
                &parameters,
                "NextToken",
                |token| {
                    raw(
                        LIST_ACCOUNT_ASSIGNMENTS,
                        sso.list_account_assignments()
                            .instance_arn(instance)
                            .account_id(account_id)
                            .permission_set_arn(set)
                            .set_next_token(token)
                            .send(),
                    )
                },
            )
            .await;
    });
    futures::future::join_all(each).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_of_permission_sets_name_the_region_of_their_instance() {
        for (role, region) in [
            (
                "aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_Admin_0123456789abcdef",
                Some("eu-west-1"),
            ),
            (
                "aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_0123456789abcdef",
                Some("us-east-1"),
            ),
            (
                "aws-reserved/sso.amazonaws.com/evil.example/AWSReservedSSO_A_0",
                None,
            ),
            ("aws-reserved/sso.amazonaws.com//AWSReservedSSO_A_0", None),
            ("team/AWSReservedSSO_Admin_0123456789abcdef", None),
        ] {
            let arn = format!("arn:aws:iam::111122223333:role/{role}");
            assert_eq!(region_of_role(&arn), region, "{role}");
        }
    }
}
