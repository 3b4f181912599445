//! The rules about trust, over one inventory of roles: each role's name says what its trust policy does.

use crate::made_up::{NEIGHBOUR, STRANGER, VENDOR, World};

const RULES: &[&str] = &[
    "public-trust",
    "cross-account-trust",
    "confused-deputy",
    "oidc-without-subject",
    "oidc-wide-subject",
    "saml-without-audience",
    "trusts-deleted-principal",
];

const ASSUME: &str = "sts:AssumeRole";
const WEB: &str = "sts:AssumeRoleWithWebIdentity";

fn statement(effect: &str, principal: &str, action: &str, condition: &str) -> String {
    let condition = match condition {
        "" => String::new(),
        other => format!(r#","Condition":{{{other}}}"#),
    };
    format!(r#"{{"Effect":"{effect}",{principal},"Action":"{action}"{condition}}}"#)
}

fn document(statements: &[String]) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{}]}}"#,
        statements.join(",")
    )
}

/// A trust policy of one Allow.
fn allow(principal: &str, action: &str, condition: &str) -> String {
    document(&[statement(
        "Allow",
        &format!(r#""Principal":{principal}"#),
        action,
        condition,
    )])
}

/// A trust policy of an Allow without a condition, and a Deny for everyone under one.
fn allow_but_deny(principal: &str, action: &str, condition: &str) -> String {
    document(&[
        statement("Allow", &format!(r#""Principal":{principal}"#), action, ""),
        statement("Deny", r#""Principal":"*""#, action, condition),
    ])
}

fn account(id: &str) -> String {
    format!(r#"{{"AWS":"arn:aws:iam::{id}:root"}}"#)
}

fn judge(roles: &[(&str, String)]) -> String {
    let mut world = World::in_organization();
    world.settings = format!(
        "[trust]\nown_accounts = [\"222233334444\"]\nthird_party_accounts = [\"{VENDOR}\"]\norganizations = [\"o-sister00000\"]\n"
    );
    for (name, trust) in roles {
        world.role(name, Some(trust));
    }
    world.judge(RULES)
}

#[test]
fn everybody_is_let_in_or_kept_out() {
    let star = r#"{"AWS":"*"}"#;
    let one = |condition: &str| allow(star, ASSUME, condition);
    let roles = [
        ("star", one("")),
        ("star-written-short", allow(r#""*""#, ASSUME, "")),
        (
            "safe-own-organization",
            one(r#""StringEquals":{"aws:PrincipalOrgID":"o-ours000000"}"#),
        ),
        (
            "safe-sister-organization",
            one(r#""StringEquals":{"aws:PrincipalOrgID":"o-sister00000"}"#),
        ),
        (
            "any-organization",
            one(r#""StringLike":{"aws:PrincipalOrgID":"o-*"}"#),
        ),
        (
            "any-organization-by-null",
            one(r#""Null":{"aws:PrincipalOrgID":"false"}"#),
        ),
        (
            "no-organization-by-if-exists",
            one(r#""StringEqualsIfExists":{"aws:PrincipalOrgID":"o-ours000000"}"#),
        ),
        (
            "no-organization-by-for-all-values",
            one(r#""ForAllValues:StringLike":{"aws:PrincipalOrgPaths":"o-ours000000/*"}"#),
        ),
        (
            "safe-for-any-value",
            one(r#""ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"o-ours000000/*"}"#),
        ),
        (
            "safe-deny-outside",
            allow_but_deny(
                star,
                ASSUME,
                r#""StringNotEquals":{"aws:PrincipalOrgID":"o-ours000000"}"#,
            ),
        ),
        (
            "deny-that-spares-who-is-in-none",
            allow_but_deny(
                star,
                ASSUME,
                r#""StringNotEqualsIfExists":{"aws:PrincipalOrgID":"o-ours000000"},"Null":{"aws:PrincipalOrgID":"false"}"#,
            ),
        ),
        (
            "external-id",
            one(r#""StringEquals":{"sts:ExternalId":"s3cret"}"#),
        ),
        (
            "tag-of-the-caller",
            one(r#""StringEquals":{"aws:PrincipalTag/team":"blue"}"#),
        ),
        (
            "name-in-any-account",
            one(r#""ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/deploy-*"}"#),
        ),
        (
            "safe-name-in-own-account",
            one(r#""ArnLike":{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/deploy-*"}"#),
        ),
        (
            "account-by-condition",
            one(r#""StringEquals":{"aws:PrincipalAccount":["555566667777","111122223333"]}"#),
        ),
        (
            "other-organization",
            one(r#""StringEquals":{"aws:PrincipalOrgID":"o-other000000"}"#),
        ),
        (
            "safe-address",
            one(r#""IpAddress":{"aws:SourceIp":"198.51.100.0/24"}"#),
        ),
        (
            "any-address",
            one(r#""IpAddress":{"aws:SourceIp":["0.0.0.0/1","128.0.0.0/1"]}"#),
        ),
        (
            "safe-endpoint",
            one(r#""StringEquals":{"aws:SourceVpce":"vpce-1"}"#),
        ),
        (
            "safe-over",
            one(r#""DateLessThan":{"aws:CurrentTime":"2020-01-01T00:00:00Z"}"#),
        ),
        (
            "all-but-one",
            document(&[statement(
                "Allow",
                r#""NotPrincipal":{"AWS":"arn:aws:iam::444455556666:root"}"#,
                ASSUME,
                "",
            )]),
        ),
        ("safe-other-action", allow(star, "sts:TagSession", "")),
    ];
    insta::assert_snapshot!(judge(&roles), @r#"
    account-by-condition: confused-deputy medium high: the account 555566667777 can assume it without an external id
    account-by-condition: cross-account-trust medium high: principals of the account 555566667777 can assume it
    all-but-one: public-trust critical high: principals of any AWS account can assume it
    any-address: public-trust critical high: principals of any AWS account can assume it
    any-organization-by-null: public-trust critical high: principals of any AWS account can assume it
    any-organization: public-trust critical high: principals of any AWS account can assume it
    deny-that-spares-who-is-in-none: public-trust critical high: principals of any AWS account can assume it
    external-id: public-trust high medium: principals of any AWS account can assume it, if they know the external id
    name-in-any-account: public-trust critical high: principals of any AWS account can assume it
    no-organization-by-for-all-values: public-trust critical high: principals of any AWS account can assume it
    no-organization-by-if-exists: public-trust critical high: principals of any AWS account can assume it
    other-organization: cross-account-trust medium high: principals of any account of the organization `o-other000000` can assume it
    star-written-short: public-trust critical high: principals of any AWS account can assume it
    star: public-trust critical high: principals of any AWS account can assume it
    tag-of-the-caller: public-trust critical medium: principals of any AWS account can assume it, if their request has the right `aws:principaltag/team`
    "#);
}

#[test]
fn other_accounts_are_known_or_not_and_need_an_external_id() {
    let vendor = account(VENDOR);
    let stranger = account(STRANGER);
    let roles = [
        ("safe-neighbour", allow(&account(NEIGHBOUR), ASSUME, "")),
        (
            "safe-own-by-settings",
            allow(&account("222233334444"), ASSUME, ""),
        ),
        ("stranger", allow(&stranger, ASSUME, "")),
        (
            "stranger-by-digits",
            allow(r#"{"AWS":"555566667777"}"#, ASSUME, ""),
        ),
        (
            "stranger-by-role",
            allow(
                r#"{"AWS":"arn:aws:iam::555566667777:role/service"}"#,
                ASSUME,
                "",
            ),
        ),
        (
            "stranger-with-external-id",
            allow(
                &stranger,
                ASSUME,
                r#""StringEquals":{"sts:ExternalId":"s3cret"}"#,
            ),
        ),
        (
            "stranger-from-an-address",
            allow(
                &stranger,
                ASSUME,
                r#""IpAddress":{"aws:SourceIp":"198.51.100.0/24"},"StringEquals":{"sts:ExternalId":"s3cret"}"#,
            ),
        ),
        (
            "safe-stranger-denied",
            allow_but_deny(
                &stranger,
                ASSUME,
                r#""StringNotEquals":{"aws:PrincipalOrgID":"o-ours000000"}"#,
            ),
        ),
        (
            "safe-vendor",
            allow(
                &vendor,
                ASSUME,
                r#""StringEquals":{"sts:ExternalId":"s3cret"}"#,
            ),
        ),
        ("vendor-without-external-id", allow(&vendor, ASSUME, "")),
        (
            "vendor-with-external-id-if-exists",
            allow(
                &vendor,
                ASSUME,
                r#""StringEqualsIfExists":{"sts:ExternalId":"s3cret"}"#,
            ),
        ),
        (
            "safe-vendor-with-mfa",
            allow(
                &vendor,
                ASSUME,
                r#""Bool":{"aws:MultiFactorAuthPresent":"true"}"#,
            ),
        ),
        (
            "vendor-with-mfa-if-exists",
            allow(
                &vendor,
                ASSUME,
                r#""BoolIfExists":{"aws:MultiFactorAuthPresent":"true"}"#,
            ),
        ),
        (
            "deleted",
            allow(
                r#"{"AWS":["AIDAQQQQQQQQQQQQQQQQQ","arn:aws:iam::111122223333:user/ann"]}"#,
                ASSUME,
                "",
            ),
        ),
        (
            "deleted-alone",
            allow(r#"{"AWS":"AROAQQQQQQQQQQQQQQQQQ"}"#, ASSUME, ""),
        ),
        (
            "safe-deleted-denied",
            document(&[statement(
                "Deny",
                r#""Principal":{"AWS":"AIDAQQQQQQQQQQQQQQQQQ"}"#,
                ASSUME,
                "",
            )]),
        ),
    ];
    insta::assert_snapshot!(judge(&roles), @r#"
    deleted-alone: trusts-deleted-principal low high: it trusts `AROAQQQQQQQQQQQQQQQQQ`, the id of a role that was deleted, and nobody else
    deleted: trusts-deleted-principal low high: it trusts `AIDAQQQQQQQQQQQQQQQQQ`, the id of a user that was deleted
    stranger-by-digits: confused-deputy medium high: the account 555566667777 can assume it without an external id
    stranger-by-digits: cross-account-trust medium high: principals of the account 555566667777 can assume it
    stranger-by-role: confused-deputy medium high: the account 555566667777 can assume it without an external id
    stranger-by-role: cross-account-trust medium high: principals of the account 555566667777 can assume it
    stranger-from-an-address: cross-account-trust medium high: principals of the account 555566667777 can assume it, if they know the external id, if their request has the right `aws:sourceip`
    stranger-with-external-id: cross-account-trust medium high: principals of the account 555566667777 can assume it, if they know the external id
    stranger: confused-deputy medium high: the account 555566667777 can assume it without an external id
    stranger: cross-account-trust medium high: principals of the account 555566667777 can assume it
    vendor-with-external-id-if-exists: confused-deputy medium high: the account 999988887777 can assume it without an external id
    vendor-with-mfa-if-exists: confused-deputy medium high: the account 999988887777 can assume it without an external id
    vendor-without-external-id: confused-deputy medium high: the account 999988887777 can assume it without an external id
    "#);
}

#[test]
fn services_say_for_whom_they_call_where_aws_documents_it() {
    let states = r#"{"Service":"states.amazonaws.com"}"#;
    let one = |condition: &str| allow(states, ASSUME, condition);
    let roles = [
        (
            "safe-ec2-and-lambda",
            allow(
                r#"{"Service":["ec2.amazonaws.com","lambda.amazonaws.com"]}"#,
                ASSUME,
                "",
            ),
        ),
        ("states", one("")),
        (
            "states-of-a-region",
            allow(
                r#"{"Service":"states.eu-west-1.amazonaws.com"}"#,
                ASSUME,
                "",
            ),
        ),
        (
            "safe-source-account",
            one(r#""StringEquals":{"aws:SourceAccount":"111122223333"}"#),
        ),
        (
            "safe-source-arn",
            one(r#""ArnLike":{"aws:SourceArn":"arn:aws:states:*:111122223333:stateMachine:*"}"#),
        ),
        (
            "source-arn-of-any-account",
            one(r#""ArnLike":{"aws:SourceArn":"arn:aws:states:*:*:stateMachine:x*"}"#),
        ),
        (
            "safe-source-organization",
            one(r#""StringEquals":{"aws:SourceOrgID":"o-ours000000"}"#),
        ),
        (
            "source-organization-if-exists",
            one(r#""StringEqualsIfExists":{"aws:SourceOrgID":"o-ours000000"}"#),
        ),
        (
            "safe-source-denied",
            allow_but_deny(
                states,
                ASSUME,
                r#""StringNotEquals":{"aws:SourceAccount":"111122223333"}"#,
            ),
        ),
    ];
    insta::assert_snapshot!(judge(&roles), @r#"
    source-arn-of-any-account: confused-deputy low medium: the service `states.amazonaws.com` can assume it, for whomever it calls
    source-organization-if-exists: confused-deputy low medium: the service `states.amazonaws.com` can assume it, for whomever it calls
    states-of-a-region: confused-deputy low medium: the service `states.eu-west-1.amazonaws.com` can assume it, for whomever it calls
    states: confused-deputy low medium: the service `states.amazonaws.com` can assume it, for whomever it calls
    "#);
}

fn provider(issuer: &str) -> String {
    format!(r#"{{"Federated":"arn:aws:iam::111122223333:oidc-provider/{issuer}"}}"#)
}

const GITHUB: &str = "token.actions.githubusercontent.com";

fn github(operator: &str, claim: &str, value: &str) -> String {
    allow(
        &provider(GITHUB),
        WEB,
        &format!(r#""{operator}":{{"{GITHUB}:{claim}":"{value}"}}"#),
    )
}

#[test]
fn github_lets_in_what_the_subject_leaves_open() {
    let like = |value: &str| github("StringLike", "sub", value);
    let roles = [
        ("no-condition", allow(&provider(GITHUB), WEB, "")),
        (
            "only-audience",
            github("StringEquals", "aud", "sts.amazonaws.com"),
        ),
        ("any-subject", like("*")),
        ("any-owner", like("repo:*")),
        ("any-owner-main", like("repo:*:ref:refs/heads/main")),
        ("any-owner-by-ending", like("*:environment:prod")),
        ("owner-that-begins-so", like("repo:my-org*")),
        ("any-owner-one-name", like("repo:*/app:*")),
        ("any-repository", like("repo:my-org/*")),
        (
            "any-repository-main",
            like("repo:my-org/*:ref:refs/heads/main"),
        ),
        ("some-repositories", like("repo:my-org/infra-*:*")),
        ("one-repository", like("repo:my-org/app:*")),
        (
            "one-repository-branches",
            like("repo:my-org/app:ref:refs/heads/*"),
        ),
        (
            "safe-branch",
            github("StringEquals", "sub", "repo:my-org/app:ref:refs/heads/main"),
        ),
        (
            "safe-branches-by-name",
            like("repo:my-org/app:ref:refs/heads/release-*"),
        ),
        (
            "safe-star-is-literal",
            github("StringEquals", "sub", "repo:my-org/*"),
        ),
        (
            "safe-with-ids",
            like("repo:*@123456/*@456789:ref:refs/heads/main"),
        ),
        ("repository-with-ids", like("repo:*@123456/*@456789:*")),
        ("any-with-ids", like("repo:*@*/*@*:*")),
        (
            "safe-another-claim",
            github("StringEquals", "repository_id", "456789"),
        ),
        (
            "any-owner-but",
            github("StringNotLike", "sub", "repo:evil/*"),
        ),
        (
            "safe-denied-outside",
            allow_but_deny(
                &provider(GITHUB),
                WEB,
                &format!(
                    r#""StringNotLike":{{"{GITHUB}:sub":"repo:my-org/app:ref:refs/heads/main"}}"#
                ),
            ),
        ),
        (
            "denied-pull-requests",
            document(&[
                statement(
                    "Allow",
                    &format!(r#""Principal":{}"#, provider(GITHUB)),
                    WEB,
                    &format!(r#""StringLike":{{"{GITHUB}:sub":"repo:my-org/app:*"}}"#),
                ),
                statement(
                    "Deny",
                    r#""Principal":"*""#,
                    WEB,
                    &format!(r#""StringLike":{{"{GITHUB}:sub":"*:pull_request"}}"#),
                ),
            ]),
        ),
        (
            "safe-own-form",
            like("repository_owner:my-org:workflow:deploy"),
        ),
    ];
    insta::assert_snapshot!(judge(&roles), @r#"
    any-owner-but: oidc-without-subject critical high: anybody who has an account at GitHub can assume it, whatever the subject of the token is
    any-owner-by-ending: oidc-wide-subject critical high: at GitHub it can be assumed by workflows of repositories of any owner
    any-owner-main: oidc-wide-subject critical high: at GitHub it can be assumed by workflows of repositories of any owner
    any-owner-one-name: oidc-wide-subject critical high: at GitHub it can be assumed by workflows of repositories of any owner
    any-owner: oidc-wide-subject critical high: at GitHub it can be assumed by workflows of repositories of any owner
    any-repository-main: oidc-wide-subject medium high: at GitHub it can be assumed by workflows of every repository of `my-org`
    any-repository: oidc-wide-subject medium high: at GitHub it can be assumed by workflows of every repository of `my-org`
    any-subject: oidc-without-subject critical high: anybody who has an account at GitHub can assume it, whatever the subject of the token is
    any-with-ids: oidc-wide-subject critical high: at GitHub it can be assumed by workflows of repositories of any owner
    denied-pull-requests: oidc-wide-subject low high: at GitHub it can be assumed by workflows of `my-org/app` for every branch, every tag, every environment
    no-condition: oidc-without-subject critical high: anybody who has an account at GitHub can assume it, whatever the subject of the token is
    one-repository-branches: oidc-wide-subject low high: at GitHub it can be assumed by workflows of `my-org/app` for every branch
    one-repository: oidc-wide-subject low high: at GitHub it can be assumed by workflows of `my-org/app` for every branch, every tag, pull requests, every environment
    only-audience: oidc-without-subject critical high: anybody who has an account at GitHub can assume it, whatever the subject of the token is
    owner-that-begins-so: oidc-wide-subject critical high: at GitHub it can be assumed by workflows of repositories of any owner with a name like `my-org*`
    repository-with-ids: oidc-wide-subject low high: at GitHub it can be assumed by workflows of `*@123456/*@456789` for every branch, every tag, pull requests, every environment
    some-repositories: oidc-wide-subject low high: at GitHub it can be assumed by workflows of every repository of `my-org` with a name like `infra-*`
    "#);
}

#[test]
fn other_providers_let_in_what_the_subject_leaves_open() {
    let with = |issuer: &str, operator: &str, claim: &str, value: &str| {
        allow(
            &provider(issuer),
            WEB,
            &format!(r#""{operator}":{{"{issuer}:{claim}":"{value}"}}"#),
        )
    };
    let like = |issuer: &str, value: &str| with(issuer, "StringLike", "sub", value);
    let host = |host: &str, condition: &str| {
        allow(&format!(r#"{{"Federated":"{host}"}}"#), WEB, condition)
    };
    let (terraform, circle) = ("app.terraform.io", "oidc.circleci.com/org/11111111");
    let eks = "oidc.eks.eu-west-1.amazonaws.com/id/ABC";
    let cognito = "cognito-identity.amazonaws.com";
    let pool = r#""cognito-identity.amazonaws.com:aud":"eu-west-1:1""#;
    let amr = r#""cognito-identity.amazonaws.com:amr""#;
    let roles = [
        ("gitlab-group", like("gitlab.com", "project_path:group/*")),
        (
            "gitlab-any-group",
            like("gitlab.com", "project_path:*:ref_type:branch:ref:main"),
        ),
        (
            "gitlab-branches",
            like("gitlab.com", "project_path:group/app:ref_type:branch:ref:*"),
        ),
        (
            "safe-gitlab",
            like(
                "gitlab.com",
                "project_path:group/app:ref_type:branch:ref:main",
            ),
        ),
        (
            "gitlab-of-our-own",
            like("git.example.com", "project_path:*"),
        ),
        ("terraform-any", like(terraform, "organization:*")),
        (
            "terraform-organization",
            like(
                terraform,
                "organization:o:project:*:workspace:*:run_phase:*",
            ),
        ),
        (
            "terraform-organization-short",
            like(terraform, "organization:o:*"),
        ),
        (
            "terraform-project",
            like(
                terraform,
                "organization:o:project:p:workspace:*:run_phase:*",
            ),
        ),
        (
            "safe-terraform",
            like(
                terraform,
                "organization:o:project:p:workspace:w:run_phase:*",
            ),
        ),
        (
            "circleci-all",
            with(circle, "StringEquals", "aud", "11111111"),
        ),
        ("circleci-projects", like(circle, "org/11111111/project/*")),
        (
            "safe-circleci",
            like(circle, "org/11111111/project/22222222/user/*"),
        ),
        (
            "cluster-all",
            with(eks, "StringEquals", "aud", "sts.amazonaws.com"),
        ),
        ("cluster-any", like(eks, "system:serviceaccount:*:*")),
        (
            "cluster-namespace",
            like(eks, "system:serviceaccount:apps:*"),
        ),
        ("safe-cluster", like(eks, "system:serviceaccount:apps:web")),
        (
            "buildkite-pipelines",
            like("agent.buildkite.com", "organization:o:pipeline:*"),
        ),
        ("google-any", host("accounts.google.com", "")),
        (
            "safe-google",
            host(
                "accounts.google.com",
                r#""StringEquals":{"accounts.google.com:aud":"1"}"#,
            ),
        ),
        ("cognito-any", host(cognito, "")),
        (
            "cognito-without-amr",
            host(cognito, &format!(r#""StringEquals":{{{pool}}}"#)),
        ),
        (
            "cognito-guests",
            host(
                cognito,
                &format!(
                    r#""StringEquals":{{{pool}}},"ForAnyValue:StringLike":{{{amr}:"unauthenticated"}}"#
                ),
            ),
        ),
        (
            "safe-cognito",
            host(
                cognito,
                &format!(
                    r#""StringEquals":{{{pool}}},"ForAnyValue:StringLike":{{{amr}:"authenticated"}}"#
                ),
            ),
        ),
        (
            "private-issuer",
            with("login.example.com", "StringEquals", "aud", "app"),
        ),
        (
            "saml",
            allow(
                r#"{"Federated":"arn:aws:iam::111122223333:saml-provider/idp"}"#,
                "sts:AssumeRoleWithSAML",
                "",
            ),
        ),
        (
            "safe-saml",
            allow(
                r#"{"Federated":"arn:aws:iam::111122223333:saml-provider/idp"}"#,
                "sts:AssumeRoleWithSAML",
                r#""StringEquals":{"SAML:aud":"https://signin.aws.amazon.com/saml"}"#,
            ),
        ),
        (
            "saml-any",
            allow(
                r#"{"Federated":"arn:aws:iam::111122223333:saml-provider/idp"}"#,
                "sts:AssumeRoleWithSAML",
                r#""StringLike":{"SAML:aud":"*"}"#,
            ),
        ),
    ];
    insta::assert_snapshot!(judge(&roles), @r#"
    buildkite-pipelines: oidc-wide-subject medium high: at Buildkite it can be assumed by builds of every pipeline of the organization `o`
    circleci-all: oidc-without-subject medium high: every token of CircleCI (`oidc.circleci.com/org/11111111`) can assume it, whatever its subject is
    circleci-projects: oidc-wide-subject medium high: at CircleCI (`oidc.circleci.com/org/11111111`) it can be assumed by jobs of every project of the organization `11111111`
    cluster-all: oidc-without-subject medium high: every token of Amazon EKS (`oidc.eks.eu-west-1.amazonaws.com/id/ABC`) can assume it, whatever its subject is
    cluster-any: oidc-wide-subject medium high: at Amazon EKS (`oidc.eks.eu-west-1.amazonaws.com/id/ABC`) it can be assumed by service accounts of every namespace of the cluster
    cluster-namespace: oidc-wide-subject low high: at Amazon EKS (`oidc.eks.eu-west-1.amazonaws.com/id/ABC`) it can be assumed by every service account of the namespace `apps`
    cognito-any: oidc-without-subject critical high: users of any application of Amazon Cognito can assume it, whatever the audience of the token is
    cognito-guests: oidc-wide-subject low high: guests of the identity pool `eu-west-1:1` can assume it, that is everybody: the policy asks for `unauthenticated`
    cognito-without-amr: oidc-wide-subject medium high: guests of the identity pool `eu-west-1:1` can assume it as well, if the pool lets guests in, that is everybody
    gitlab-any-group: oidc-wide-subject critical high: at GitLab.com it can be assumed by jobs of projects of any group
    gitlab-branches: oidc-wide-subject low high: at GitLab.com it can be assumed by jobs of `group/app` for every branch
    gitlab-group: oidc-wide-subject medium high: at GitLab.com it can be assumed by jobs of every project of the group `group`
    gitlab-of-our-own: oidc-wide-subject medium high: at GitLab (`git.example.com`) it can be assumed by jobs of projects of any group
    google-any: oidc-without-subject critical high: users of any application of Google can assume it, whatever the audience of the token is
    private-issuer: oidc-without-subject medium high: every token of `login.example.com` can assume it, whatever its subject is
    saml-any: saml-without-audience low high: assertions of `arn:aws:iam::111122223333:saml-provider/idp` that were made for any endpoint can assume it
    saml: saml-without-audience low high: assertions of `arn:aws:iam::111122223333:saml-provider/idp` that were made for any endpoint can assume it
    terraform-any: oidc-wide-subject critical high: at HCP Terraform it can be assumed by runs of any organization
    terraform-organization-short: oidc-wide-subject medium high: at HCP Terraform it can be assumed by runs of every project and workspace of the organization `o`
    terraform-organization: oidc-wide-subject medium high: at HCP Terraform it can be assumed by runs of every project and workspace of the organization `o`
    terraform-project: oidc-wide-subject low high: at HCP Terraform it can be assumed by runs of every workspace of the project `p` of the organization `o`
    "#);
}

#[test]
fn what_is_missing_is_said() {
    let mut world = World::new();
    world.role("not-collected", None);
    world.role("not-readable", Some("{"));
    world.role("stranger", Some(&allow(&account(STRANGER), ASSUME, "")));
    world.role(
        "organization",
        Some(&allow(
            r#""*""#,
            ASSUME,
            r#""StringEquals":{"aws:PrincipalOrgID":"o-ours000000"}"#,
        )),
    );
    insta::assert_snapshot!(
        world.judge(&["public-trust", "cross-account-trust"]),
        @r#"
    stranger: cross-account-trust medium medium: principals of the account 555566667777 can assume it; no organization was collected, so it cannot be told whether the account is of it
    not checked: cross-account-trust: no organization was collected, so it cannot be told whether `o-ours000000` is yours; it bears on who may assume roles, such as those of `organization`
    not checked: cross-account-trust: the trust policy was not collected, or cannot be read, of `not-collected`, `not-readable`
    not checked: public-trust: the trust policy was not collected, or cannot be read, of `not-collected`, `not-readable`
    "#
    );
    let mut nothing = World::new();
    nothing.sources.clear();
    insta::assert_snapshot!(nothing.judge(&["public-trust"]), @"not checked: public-trust: no roles were collected (authorization details)");
}

#[test]
fn remedies_are_ready_to_be_pasted() {
    let mut world = World::in_organization();
    for (name, trust) in [
        ("public", allow(r#""*""#, ASSUME, "")),
        ("stranger", allow(&account(STRANGER), ASSUME, "")),
        (
            "states",
            allow(r#"{"Service":"states.amazonaws.com"}"#, ASSUME, ""),
        ),
        ("github", allow(&provider(GITHUB), WEB, "")),
        (
            "saml",
            allow(
                r#"{"Federated":"arn:aws:iam::111122223333:saml-provider/idp"}"#,
                "sts:AssumeRoleWithSAML",
                "",
            ),
        ),
    ] {
        world.role(name, Some(&trust));
    }
    let outcome = world.audit(RULES);
    let lines: Vec<String> = outcome
        .findings
        .iter()
        .map(|finding| format!("{}: {}", finding.rule, finding.remediation))
        .collect();
    insta::assert_snapshot!(lines.join("\n"), @r#"
    oidc-without-subject: Ask for the subject that is meant. `"Condition": {"StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com", "token.actions.githubusercontent.com:sub": "repo:OWNER/REPOSITORY:ref:refs/heads/main"}}`
    public-trust: Name the principals, or add a condition to the statement that a stranger cannot meet. For the principals of your organization that is `"Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-ours000000"}}`.
    confused-deputy: Add a condition to the statement. Let the third party give you an external id that it uses for you alone: `"Condition": {"StringEquals": {"sts:ExternalId": "ID_FROM_THE_THIRD_PARTY"}}`. If the account is yours, list it under `trust.own_accounts`.
    cross-account-trust: Find out whose account it is. If it should have access, list it in `leastgrant.toml` under `trust.own_accounts` or `trust.third_party_accounts`; else take it out of the trust policy.
    confused-deputy: Add a condition to the statement. `"Condition": {"StringEquals": {"aws:SourceAccount": "111122223333"}, "ArnLike": {"aws:SourceArn": "arn:aws:states:*:111122223333:*"}}`, with the ARN of what uses the role where there is one only.
    saml-without-audience: Ask for AWS's sign-in endpoint. `"Condition": {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}}`
    "#);
}

/// Accounts that AWS's guides use as one's own, beside that of the test's role.
const OWN_IN_GUIDES: &str =
    r#"["111111111111", "222222222222", "123456789012", "012345678910", "444455556666"]"#;

#[test]
fn of_the_policies_that_aws_prints_only_those_are_found_that_are_no_example_to_follow() {
    let root = std::env::var_os("LEASTGRANT_CORPUS").map_or_else(
        || std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"),
        std::path::PathBuf::from,
    );
    let path = root.join("policies/documented/aws-user-guide-policies.json");
    let Ok(text) = std::fs::read_to_string(&path) else {
        eprintln!(
            "SKIPPED: the corpus is missing; set LEASTGRANT_CORPUS to the folder that holds `policies/documented` (looked at `{}`)",
            path.display()
        );
        return;
    };
    let entries: Vec<serde_json::Value> = serde_json::from_str(&text).unwrap();
    let mut world = World::in_organization();
    world.settings = format!("[trust]\nown_accounts = {OWN_IN_GUIDES}\n");
    let mut headings = Vec::new();
    for entry in &entries {
        let policy = entry["policy"].to_string();
        if policy.contains("\"Principal\"") && policy.contains("sts:") {
            let page = entry["source"]
                .as_str()
                .unwrap()
                .rsplit('/')
                .next()
                .unwrap();
            headings.push(page.trim_end_matches(".md").to_owned());
            world.role(&format!("r{}", headings.len() - 1), Some(&policy));
        }
    }
    // Roles for guests of an identity pool are meant for everybody, and AWS's newer guides ask for `amr` in those for users; the page on
    // CloudTrail's role recommends the condition in its newer edition.
    assert!(headings.len() > 40);
    let outcome = world.audit(RULES);
    let mut found: Vec<String> = outcome
        .findings
        .iter()
        .map(|finding| {
            let number = finding.resource_arn.rsplit("/r").next().unwrap();
            let heading = &headings[number.parse::<usize>().unwrap()];
            format!("{heading}: {} {}", finding.rule, finding.severity.name())
        })
        .collect();
    found.sort();
    found.dedup();
    insta::assert_snapshot!(found.join("\n"), @r#"
    id_roles_create_for-idp: oidc-wide-subject medium
    id_roles_create_for-idp_oidc: oidc-wide-subject low
    id_roles_create_for-idp_oidc: oidc-wide-subject medium
    send-cloudtrail-events-to-cloudwatch-logs: confused-deputy low
    "#);
}
