//! The quirks of listings: what they leave out, how documents are written, who is who.

use leastgrant_inventory::tables::{
    GroupMembershipRow, InlinePolicyRow, ManagedPolicyRow, PolicyAttachmentRow, PolicyVersionRow,
    RoleRow, TagRow, UserRow,
};

use crate::support::{ACCOUNT, NOW, Sandbox, account_json};

fn role(name: &str, path: &str, extra: &str) -> String {
    format!(
        r#"{{"RoleName":"{name}","Path":"{path}","RoleId":"AROA{name}","Arn":"arn:aws:iam::{ACCOUNT}:role{path}{name}","CreateDate":"2020-01-01T00:00:00Z"{extra}}}"#
    )
}

fn with_details(users: &str, roles: &str, policies: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("bundle/account.json", account_json(NOW));
    sandbox.write(
        "bundle/authorization-details.json",
        format!(r#"{{"UserDetailList":[{users}],"GroupDetailList":[],"RoleDetailList":[{roles}],"Policies":[{policies}]}}"#),
    );
    sandbox
}

fn stale_roles(sandbox: &Sandbox) -> Vec<String> {
    sandbox.findings(&["--rules", "stale-role"])
}

// 1: listings leave things out.
#[test]
fn a_listed_role_says_nothing_of_its_use() {
    let sandbox = Sandbox::new();
    sandbox.write("bundle/account.json", account_json(NOW));
    sandbox.write(
        "bundle/roles.json",
        format!(r#"{{"Roles":[{}]}}"#, role("r", "/", "")),
    );
    sandbox.collect(0);
    assert_eq!(stale_roles(&sandbox), Vec::<String>::new());
    assert!(
        sandbox
            .not_checked()
            .contains(&"stale-role: the last use was not collected of `r`".to_owned())
    );
}

#[test]
fn a_listing_adds_nothing_to_and_takes_nothing_from_details() {
    let detail = role(
        "r",
        "/",
        r#","RoleLastUsed":{"LastUsedDate":"2026-06-29T00:00:00Z"},"Tags":[{"Key":"owner","Value":"ada"}],"AttachedManagedPolicies":[{"PolicyName":"P","PolicyArn":"arn:aws:iam::aws:policy/P"}]"#,
    );
    let sandbox = with_details("", &detail, "");
    sandbox.write(
        "bundle/roles.json",
        format!(r#"{{"Roles":[{}]}}"#, role("r", "/", "")),
    );
    sandbox.collect(0);
    assert_eq!(sandbox.rows::<RoleRow>().len(), 1);
    assert!(sandbox.rows::<RoleRow>()[0].last_used_known);
    assert_eq!(sandbox.rows::<TagRow>().len(), 1);
    assert_eq!(sandbox.rows::<PolicyAttachmentRow>().len(), 1);
}

// 2: documents.
#[test]
fn documents_are_the_same_as_objects_as_text_and_url_encoded() {
    let plain = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:Get*","Resource":"arn:aws:s3:::b/a b+c"}}"#;
    let encoded: String = plain
        .bytes()
        .map(|byte| {
            if byte.is_ascii_alphanumeric() {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect();
    for document in [
        plain.to_owned(),
        format!("\"{encoded}\""),
        serde_json::to_string(plain).unwrap(),
    ] {
        let user = format!(
            r#"{{"UserName":"u","Arn":"arn:aws:iam::{ACCOUNT}:user/u","UserPolicyList":[{{"PolicyName":"p","PolicyDocument":{document}}}]}}"#
        );
        let sandbox = with_details(&user, "", "");
        sandbox.collect(0);
        assert_eq!(sandbox.rows::<InlinePolicyRow>()[0].document, plain);
    }
}

#[test]
fn a_document_that_cannot_be_decoded_is_a_gap_at_its_pointer_and_the_rest_is_kept() {
    let user = format!(
        r#"{{"UserName":"u","Arn":"arn:aws:iam::{ACCOUNT}:user/u","UserPolicyList":[{{"PolicyName":"bad","PolicyDocument":"%7B%22"}},{{"PolicyName":"good","PolicyDocument":{{}}}}]}}"#
    );
    let sandbox = with_details(&user, "", "");
    sandbox.collect(3);
    assert_eq!(
        sandbox.gaps(),
        [
            "bundle/authorization-details.json#/UserDetailList/0/UserPolicyList/0/PolicyDocument: the policy document in the text is not JSON: EOF while parsing a string at line 1 column 2"
        ]
    );
    assert_eq!(sandbox.rows::<InlinePolicyRow>().len(), 1);
}

// 3 and 4: versions, and policies that are only boundaries.
#[test]
fn only_the_default_version_is_in_force_and_a_boundary_is_loaded_like_any_policy() {
    let policy = format!(
        r#"{{"PolicyName":"b","PolicyId":"ANPAB","Arn":"arn:aws:iam::{ACCOUNT}:policy/b","Path":"/","DefaultVersionId":"v2","AttachmentCount":0,"PermissionsBoundaryUsageCount":3,"IsAttachable":true,
        "PolicyVersionList":[{{"VersionId":"v2","IsDefaultVersion":true,"Document":{{}}}},{{"VersionId":"v1","IsDefaultVersion":false,"Document":{{}}}}]}}"#
    );
    let user = format!(
        r#"{{"UserName":"u","Arn":"arn:aws:iam::{ACCOUNT}:user/u","PermissionsBoundary":{{"PermissionsBoundaryType":"Policy","PermissionsBoundaryArn":"arn:aws:iam::{ACCOUNT}:policy/b"}}}}"#
    );
    let sandbox = with_details(&user, "", &policy);
    sandbox.collect(0);
    let versions: Vec<_> = sandbox
        .rows::<PolicyVersionRow>()
        .into_iter()
        .map(|version| (version.version_id, version.is_default))
        .collect();
    assert_eq!(
        versions,
        [("v1".to_owned(), false), ("v2".to_owned(), true)]
    );
    let boundary = &sandbox.rows::<ManagedPolicyRow>()[0];
    assert_eq!(
        (
            boundary.attachment_count,
            boundary.permissions_boundary_usage_count
        ),
        (Some(0), Some(3))
    );
    assert_eq!(
        sandbox.rows::<UserRow>()[0]
            .permissions_boundary_arn
            .as_deref(),
        Some(boundary.arn.as_str())
    );
}

// 5: namesakes.
#[test]
fn a_role_made_again_under_the_same_name_keeps_nothing_of_the_former_one() {
    let sandbox = with_details(
        "",
        &role(
            "r",
            "/team/",
            r#","Tags":[{"Key":"owner","Value":"old"}],"RoleLastUsed":{"LastUsedDate":"2020-02-02T00:00:00Z"}"#,
        ),
        "",
    );
    let later = role("r", "/team/", r#","RoleLastUsed":{}"#)
        .replace("AROAr", "AROANEW")
        .replace("2020-01-01", "2026-06-29");
    sandbox.write("bundle/later.json", format!(r#"{{"Call":"iam:GetRole","Parameters":{{"RoleName":"r"}},"Answer":{{"Role":{later}}}}}"#));
    sandbox.collect(0);
    let roles = sandbox.rows::<RoleRow>();
    assert_eq!(
        (
            roles.len(),
            roles[0].role_id.as_deref(),
            roles[0].path.as_str()
        ),
        (1, Some("AROANEW"), "/team/")
    );
    assert_eq!(sandbox.rows::<TagRow>(), []);
    assert_eq!(stale_roles(&sandbox), Vec::<String>::new());
}

// 6: paths that mean something.
#[test]
fn service_linked_roles_are_never_stale_and_other_paths_are_ordinary() {
    let roles = [
        role(
            "AWSServiceRoleForSupport",
            "/aws-service-role/support.amazonaws.com/",
            r#","RoleLastUsed":{}"#,
        ),
        role(
            "AWSReservedSSO_Admin_0123456789abcdef",
            "/aws-reserved/sso.amazonaws.com/eu-west-1/",
            r#","RoleLastUsed":{}"#,
        ),
        role("codebuild", "/service-role/", r#","RoleLastUsed":{}"#),
    ];
    let sandbox = with_details("", &roles.join(","), "");
    sandbox.collect(0);
    assert_eq!(
        stale_roles(&sandbox),
        [
            "stale-role role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_Admin_0123456789abcdef -",
            "stale-role role/service-role/codebuild -"
        ]
    );
}

// 7: 400 days.
#[test]
fn an_empty_last_use_is_said_to_cover_400_days_and_no_more() {
    let sandbox = with_details("", &role("r", "/", r#","RoleLastUsed":{}"#), "");
    sandbox.collect(0);
    let document = sandbox
        .run(&["audit", "inv", "--rules", "stale-role", "--format", "json"])
        .json();
    assert_eq!(
        document["findings"][0]["detail"],
        "no use in the 400 days that AWS tracks, as of 2026-06-30T12:00:00Z; the limit is 90 days"
    );
    sandbox.write("leastgrant.toml", "[thresholds]\nstale_role_days = 500\n");
    assert_eq!(stale_roles(&sandbox), Vec::<String>::new());
    assert!(
        sandbox
            .not_checked()
            .contains(&"stale-role: the last use was not collected of `r`".to_owned())
    );
}

#[test]
fn last_accessed_data_that_show_a_later_use_count_as_use() {
    let sandbox = with_details(
        "",
        &role(
            "r",
            "/",
            r#","RoleLastUsed":{"LastUsedDate":"2020-01-02T00:00:00Z"}"#,
        ),
        "",
    );
    let accessed = |at: &str| {
        format!(
            r#"{{"Arn":"arn:aws:iam::{ACCOUNT}:role/r","JobStatus":"COMPLETED","JobCompletionDate":"{NOW}","ServicesLastAccessed":[{{"ServiceName":"Amazon S3","ServiceNamespace":"s3","LastAuthenticated":"{at}"}}]}}"#
        )
    };
    sandbox.write(
        "bundle/last-accessed/r.json",
        accessed("2020-02-02T00:00:00Z"),
    );
    sandbox.collect(0);
    assert_eq!(stale_roles(&sandbox).len(), 1);
    sandbox.write(
        "bundle/last-accessed/r.json",
        accessed("2026-06-01T00:00:00Z"),
    );
    sandbox.collect(0);
    assert_eq!(stale_roles(&sandbox), Vec::<String>::new());
}

#[test]
fn pages_as_files_and_as_one_list_are_one_listing() {
    let page = |user: &str, rest: &str| {
        format!(
            r#"{{"UserDetailList":[{{"UserName":"{user}","Arn":"arn:aws:iam::{ACCOUNT}:user/{user}","GroupList":["g"]}}],"GroupDetailList":[{{"GroupName":"g","Arn":"arn:aws:iam::{ACCOUNT}:group/x/g"}}],{rest}}}"#
        )
    };
    let (first, last) = (
        page("a", r#""IsTruncated":true,"Marker":"m""#),
        page("b", r#""IsTruncated":false"#),
    );
    let as_files = Sandbox::new();
    as_files.write("bundle/account.json", account_json(NOW));
    as_files.write("bundle/1.json", &first);
    as_files.write("bundle/2.json", &last);
    as_files.collect(0);
    let as_list = Sandbox::new();
    as_list.write("bundle/account.json", account_json(NOW));
    as_list.write("bundle/all.json", format!("[{first},{last}]"));
    as_list.collect(0);
    assert_eq!(as_files.rows::<UserRow>(), as_list.rows::<UserRow>());
    let memberships = as_files.rows::<GroupMembershipRow>();
    assert_eq!(memberships.len(), 2);
    assert_eq!(
        memberships[0].group_arn.as_deref(),
        Some("arn:aws:iam::111122223333:group/x/g")
    );
}

#[test]
fn a_listing_that_ends_in_the_middle_is_a_gap() {
    let sandbox = Sandbox::new();
    sandbox.write("bundle/account.json", account_json(NOW));
    sandbox.write("bundle/1.json", format!(r#"{{"UserDetailList":[{{"UserName":"a","Arn":"arn:aws:iam::{ACCOUNT}:user/a"}}],"IsTruncated":true,"Marker":"m"}}"#));
    sandbox.collect(3);
    assert_eq!(
        sandbox.gaps(),
        [
            "bundle/1.json: the listing goes on after this page and the next one is missing (`iam:GetAccountAuthorizationDetails`); export all pages"
        ]
    );
}
