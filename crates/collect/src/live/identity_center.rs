//! IAM Identity Center: instances, permission sets with their policies, and assignments.

use aws_sdk_ssoadmin::Client;
use futures::StreamExt as _;
use futures::future::{join, join5};
use serde::Deserialize;
use serde_json::json;

use super::asker::Asker;
use super::calls::{
    DESCRIBE_PERMISSION_SET, GET_INLINE_POLICY_FOR_PERMISSION_SET,
    GET_PERMISSIONS_BOUNDARY_FOR_PERMISSION_SET, LIST_ACCOUNT_ASSIGNMENTS,
    LIST_ACCOUNTS_FOR_PROVISIONED_PERMISSION_SET,
    LIST_CUSTOMER_MANAGED_POLICY_REFERENCES_IN_PERMISSION_SET, LIST_INSTANCES,
    LIST_MANAGED_POLICIES_IN_PERMISSION_SET, LIST_PERMISSION_SETS,
};
use super::wire::raw;

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

pub(super) async fn collect(asker: &Asker<'_>, sso: &Client) {
    let instances = asker
        .pages(LIST_INSTANCES, &json!({}), "NextToken", |token| {
            raw(
                LIST_INSTANCES,
                sso.list_instances().set_next_token(token).send(),
            )
        })
        .await;
    for Instance { instance_arn } in instances.items(asker, |page: Page| page.instances) {
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
