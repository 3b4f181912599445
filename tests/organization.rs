//! Organisation, Identity Center, Access Analyzer, trails and the other wrapped calls.

use leastgrant_inventory::tables::{
    AnalyzerFindingRow, IdentityProviderRow, OrganizationAccountRow, OrganizationPolicyRow,
    OrganizationPolicyTargetRow, OrganizationRow, OrganizationalUnitRow,
    PermissionSetAssignmentRow, PermissionSetPolicyRow, PermissionSetRow, ResourcePolicyRow,
    TrailRow,
};

use crate::support::{ACCOUNT, Sandbox, with_report};

fn calls(list: &[(&str, &str, &str)]) -> String {
    let calls: Vec<_> = list
        .iter()
        .map(|(call, parameters, answer)| {
            format!(r#"{{"Call":"{call}","Parameters":{parameters},"Answer":{answer}}}"#)
        })
        .collect();
    format!(r#"{{"Calls":[{}]}}"#, calls.join(","))
}

fn collected(name: &str, content: &str) -> Sandbox {
    let sandbox = with_report(&[]);
    sandbox.write(&format!("bundle/{name}"), content);
    sandbox.collect(0);
    sandbox
}

#[test]
fn the_tree_of_an_organisation_comes_from_several_calls() {
    let sandbox = collected(
        "organization.json",
        &calls(&[
            (
                "organizations:DescribeOrganization",
                "{}",
                r#"{"Organization":{"Id":"o-1","Arn":"arn:aws:organizations::1:organization/o-1","MasterAccountId":"111122223333","FeatureSet":"ALL"}}"#,
            ),
            (
                "organizations:ListRoots",
                "{}",
                r#"{"Roots":[{"Id":"r-1","Name":"Root"}]}"#,
            ),
            (
                "organizations:ListOrganizationalUnitsForParent",
                r#"{"ParentId":"r-1"}"#,
                r#"{"OrganizationalUnits":[{"Id":"ou-1","Name":"prod"}]}"#,
            ),
            (
                "organizations:ListAccounts",
                "{}",
                r#"{"Accounts":[{"Id":"111122223333","Name":"main","Status":"ACTIVE","JoinedTimestamp":"2020-01-01T00:00:00Z"}]}"#,
            ),
            (
                "organizations:ListAccountsForParent",
                r#"{"ParentId":"ou-1"}"#,
                r#"{"Accounts":[{"Id":"111122223333"}]}"#,
            ),
            (
                "organizations:ListPolicies",
                r#"{"Filter":"SERVICE_CONTROL_POLICY"}"#,
                r#"{"Policies":[{"Id":"p-1","Name":"deny","Type":"SERVICE_CONTROL_POLICY","AwsManaged":false}]}"#,
            ),
            (
                "organizations:DescribePolicy",
                r#"{"PolicyId":"p-1"}"#,
                r#"{"Policy":{"PolicySummary":{"Id":"p-1","Name":"deny","Type":"SERVICE_CONTROL_POLICY","AwsManaged":false},"Content":"{\"Version\":\"2012-10-17\",\"Statement\":[]}"}}"#,
            ),
            (
                "organizations:ListTargetsForPolicy",
                r#"{"PolicyId":"p-1"}"#,
                r#"{"Targets":[{"TargetId":"ou-1","Type":"ORGANIZATIONAL_UNIT"}]}"#,
            ),
        ]),
    );
    assert_eq!(
        sandbox.rows::<OrganizationRow>()[0]
            .management_account_id
            .as_deref(),
        Some(ACCOUNT)
    );
    let account = &sandbox.rows::<OrganizationAccountRow>()[0];
    assert_eq!(
        (account.name.as_deref(), account.parent_id.as_deref()),
        (Some("main"), Some("ou-1"))
    );
    let units: Vec<_> = sandbox
        .rows::<OrganizationalUnitRow>()
        .into_iter()
        .map(|unit| (unit.id, unit.parent_id))
        .collect();
    assert_eq!(
        units,
        [
            ("ou-1".to_owned(), Some("r-1".to_owned())),
            ("r-1".to_owned(), None)
        ]
    );
    let policy = &sandbox.rows::<OrganizationPolicyRow>()[0];
    assert_eq!(
        (policy.policy_id.as_str(), policy.document.as_deref()),
        ("p-1", Some(r#"{"Version":"2012-10-17","Statement":[]}"#))
    );
    assert_eq!(
        sandbox.rows::<OrganizationPolicyTargetRow>()[0]
            .target_type
            .as_deref(),
        Some("ORGANIZATIONAL_UNIT")
    );
}

#[test]
fn permission_sets_are_put_together_from_their_calls() {
    let asked = r#"{"InstanceArn":"arn:aws:sso:::instance/i","PermissionSetArn":"arn:aws:sso:::permissionSet/i/ps"}"#;
    let sandbox = collected(
        "permission-sets.json",
        &calls(&[
            (
                "sso-admin:ListInstances",
                "{}",
                r#"{"Instances":[{"InstanceArn":"arn:aws:sso:::instance/i"}]}"#,
            ),
            (
                "sso-admin:ListPermissionSets",
                r#"{"InstanceArn":"arn:aws:sso:::instance/i"}"#,
                r#"{"PermissionSets":["arn:aws:sso:::permissionSet/i/ps"]}"#,
            ),
            (
                "sso-admin:DescribePermissionSet",
                asked,
                r#"{"PermissionSet":{"PermissionSetArn":"arn:aws:sso:::permissionSet/i/ps","Name":"Admin","SessionDuration":"PT1H","CreatedDate":1700000000.5}}"#,
            ),
            (
                "sso-admin:GetInlinePolicyForPermissionSet",
                asked,
                r#"{"InlinePolicy":"{\"Statement\":[]}"}"#,
            ),
            (
                "sso-admin:ListManagedPoliciesInPermissionSet",
                asked,
                r#"{"AttachedManagedPolicies":[{"Name":"ReadOnlyAccess","Arn":"arn:aws:iam::aws:policy/ReadOnlyAccess"}]}"#,
            ),
            (
                "sso-admin:ListCustomerManagedPolicyReferencesInPermissionSet",
                asked,
                r#"{"CustomerManagedPolicyReferences":[{"Name":"ours","Path":"/x/"}]}"#,
            ),
            (
                "sso-admin:ListAccountAssignments",
                asked,
                r#"{"AccountAssignments":[{"AccountId":"111122223333","PermissionSetArn":"arn:aws:sso:::permissionSet/i/ps","PrincipalType":"GROUP","PrincipalId":"g-1"}]}"#,
            ),
        ]),
    );
    let set = &sandbox.rows::<PermissionSetRow>()[0];
    assert_eq!(
        (set.name.as_deref(), set.inline_policy.as_deref()),
        (Some("Admin"), Some(r#"{"Statement":[]}"#))
    );
    assert!(set.created_at.is_some());
    assert_eq!(sandbox.rows::<PermissionSetPolicyRow>().len(), 2);
    assert_eq!(
        sandbox.rows::<PermissionSetAssignmentRow>()[0]
            .principal_id
            .as_deref(),
        Some("g-1")
    );
}

#[test]
fn findings_of_access_analyzer_are_kept_whole() {
    let finding = r#"{"id":"f-1","findingType":"UnusedPermission","resource":"arn:aws:iam::111122223333:role/r","resourceType":"AWS::IAM::Role","resourceOwnerAccount":"111122223333","status":"ACTIVE","createdAt":"2026-01-01T00:00:00Z"}"#;
    let sandbox = collected(
        "access-analyzer.json",
        &format!(r#"{{"findings":[{finding}]}}"#),
    );
    let row = &sandbox.rows::<AnalyzerFindingRow>()[0];
    assert_eq!(
        (row.finding_type.as_deref(), row.finding.as_str()),
        (Some("UnusedPermission"), finding)
    );
}

#[test]
fn trails_carry_their_event_selectors() {
    let selectors = r#"{"AdvancedEventSelectors":[]}"#;
    let sandbox = collected(
        "trails.json",
        &format!(
            r#"{{"trailList":[{{"TrailARN":"arn:aws:cloudtrail:eu-west-1:{ACCOUNT}:trail/t","Name":"t","IsMultiRegionTrail":true,"EventSelectors":{selectors}}}]}}"#
        ),
    );
    let trail = &sandbox.rows::<TrailRow>()[0];
    assert_eq!(
        (trail.is_multi_region, trail.event_selectors.as_deref()),
        (Some(true), Some(selectors))
    );
    assert_eq!(
        (trail.is_logging, trail.has_custom_event_selectors),
        (None, None)
    );
}

#[test]
fn trails_carry_their_status_from_beside_them_or_from_a_call_of_its_own() {
    let arn = format!("arn:aws:cloudtrail:eu-west-1:{ACCOUNT}:trail/t");
    let status = r#"{"IsLogging":false,"StartLoggingTime":1767225600.0,"StopLoggingTime":"2026-02-01T00:00:00+00:00","LatestDeliveryTime":"2026-01-31T00:00:00Z","LatestDeliveryError":"AccessDenied","TimeLoggingStarted":""}"#;
    let trail = |rest: &str| {
        format!(r#"{{"trailList":[{{"TrailARN":"{arn}","HasCustomEventSelectors":true{rest}}}]}}"#)
    };
    let beside = collected("trails.json", &trail(&format!(r#","Status":{status}"#)));
    let own_call = collected(
        "calls/1.json",
        &calls(&[
            ("cloudtrail:DescribeTrails", "{}", &trail("")),
            (
                "cloudtrail:GetTrailStatus",
                &format!(r#"{{"Name":"{arn}"}}"#),
                status,
            ),
        ]),
    );
    for sandbox in [beside, own_call] {
        let trails = sandbox.rows::<TrailRow>();
        let [trail] = trails.as_slice() else {
            panic!("one trail: {trails:?}");
        };
        let times = [
            trail.started_logging_at,
            trail.stopped_logging_at,
            trail.last_delivered_at,
        ];
        assert_eq!(
            times.map(|time| time.unwrap().to_string()),
            [
                "2026-01-01T00:00:00Z",
                "2026-02-01T00:00:00Z",
                "2026-01-31T00:00:00Z"
            ]
        );
        assert_eq!(
            (
                trail.is_logging,
                trail.delivery_error.as_deref(),
                trail.has_custom_event_selectors
            ),
            (Some(false), Some("AccessDenied"), Some(true))
        );
    }
}

#[test]
fn a_trail_of_the_organization_is_a_row_of_each_account_that_sees_it() {
    let sandbox = Sandbox::new();
    let management = "999988887777";
    let arn = format!("arn:aws:cloudtrail:eu-west-1:{management}:trail/all");
    for account in [ACCOUNT, management] {
        sandbox.write(
            &format!("bundle/{account}/account.json"),
            format!(r#"{{"Account":"{account}"}}"#),
        );
        sandbox.write(
            &format!("bundle/{account}/trails.json"),
            format!(r#"{{"trailList":[{{"TrailARN":"{arn}","IsOrganizationTrail":true}}]}}"#),
        );
    }
    // To a member account AWS says that the trail is not there when it is asked for its selectors: no failure.
    sandbox.write(
        &format!("bundle/{ACCOUNT}/calls/1.json"),
        format!(
            r#"{{"Call":"cloudtrail:GetEventSelectors","Parameters":{{"TrailName":"{arn}"}},"Error":{{"Code":"TrailNotFoundException","Message":"x"}}}}"#
        ),
    );
    sandbox.collect(0);
    let seen: Vec<(String, String)> = sandbox
        .rows::<TrailRow>()
        .into_iter()
        .map(|row| (row.account_id, row.arn))
        .collect();
    assert_eq!(
        seen,
        [
            (ACCOUNT.to_owned(), arn.clone()),
            (management.to_owned(), arn)
        ]
    );
}

#[test]
fn providers_and_resource_policies_name_their_resource_in_the_call() {
    let arn = format!("arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com");
    let sandbox = collected(
        "calls/1.json",
        &calls(&[
            (
                "iam:GetOpenIDConnectProvider",
                &format!(r#"{{"OpenIDConnectProviderArn":"{arn}"}}"#),
                r#"{"Url":"token.actions.githubusercontent.com","ClientIDList":["sts.amazonaws.com"],"CreateDate":"2020-01-01T00:00:00Z"}"#,
            ),
            (
                "s3:GetBucketPolicy",
                r#"{"ResourceArn":"arn:aws:s3:::bucket"}"#,
                r#"{"Policy":"{\"Statement\":[]}"}"#,
            ),
            (
                "sqs:GetQueueAttributes",
                r#"{"ResourceArn":"arn:aws:sqs:eu-west-1:111122223333:q"}"#,
                r#"{"Attributes":{"Policy":"{\"Statement\":[]}"}}"#,
            ),
        ]),
    );
    assert_eq!(
        sandbox.rows::<IdentityProviderRow>()[0].client_ids,
        ["sts.amazonaws.com"]
    );
    let policies: Vec<_> = sandbox
        .rows::<ResourcePolicyRow>()
        .into_iter()
        .map(|row| (row.account_id, row.resource_arn))
        .collect();
    assert_eq!(
        policies,
        [
            (ACCOUNT.to_owned(), "arn:aws:s3:::bucket".to_owned()),
            (
                ACCOUNT.to_owned(),
                "arn:aws:sqs:eu-west-1:111122223333:q".to_owned()
            )
        ]
    );
}
