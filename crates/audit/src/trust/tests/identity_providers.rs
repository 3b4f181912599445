//! Users of identity providers.

use super::{GITHUB, WEB, allow, allow_but_deny, document, judge, provider, statement};

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
            "another-claim",
            github("StringEquals", "repository_id", "456789"),
        ),
        (
            "another-claim-and-subject",
            allow(
                &provider(GITHUB),
                WEB,
                &format!(
                    r#""StringEquals":{{"{GITHUB}:repository":"my-org/app"}},"StringLike":{{"{GITHUB}:sub":"repo:my-org/app:*"}}"#
                ),
            ),
        ),
        (
            "safe-claim-and-branch-of-the-subject",
            allow(
                &provider(GITHUB),
                WEB,
                &format!(
                    r#""StringEquals":{{"{GITHUB}:repository":"my-org/app"}},"StringLike":{{"{GITHUB}:sub":"*:ref:refs/heads/main"}}"#
                ),
            ),
        ),
        (
            "one-claim-of-two-with-a-branch",
            document(&[
                statement(
                    "Allow",
                    &format!(r#""Principal":{}"#, provider(GITHUB)),
                    WEB,
                    &format!(r#""StringEquals":{{"{GITHUB}:repository":"my-org/app"}}"#),
                ),
                statement(
                    "Allow",
                    &format!(r#""Principal":{}"#, provider(GITHUB)),
                    WEB,
                    &format!(
                        r#""StringEquals":{{"{GITHUB}:repository":"my-org/web","{GITHUB}:ref":"refs/heads/main"}}"#
                    ),
                ),
            ]),
        ),
        (
            "safe-claims-of-a-branch",
            allow(
                &provider(GITHUB),
                WEB,
                &format!(
                    r#""StringEquals":{{"{GITHUB}:repository":"my-org/app","{GITHUB}:ref":"refs/heads/main"}}"#
                ),
            ),
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
    another-claim-and-subject: oidc-wide-subject low high: at GitHub it can be assumed by jobs of the one place that `repository` names, of more than one branch, tag or the like
    another-claim: oidc-wide-subject low high: at GitHub it can be assumed by jobs of the one place that `repository_id` names, of more than one branch, tag or the like
    any-owner-but: oidc-without-subject critical high: anybody who has an account at GitHub can assume it, whatever the subject of the token is
    any-owner-by-ending: oidc-wide-subject critical high: at GitHub it can be assumed by workflows of repositories of any owner with `environment:prod` in the subject
    any-owner-main: oidc-wide-subject critical high: at GitHub it can be assumed by workflows of repositories of any owner with `ref:refs/heads/main` in the subject
    any-owner-one-name: oidc-wide-subject critical high: at GitHub it can be assumed by workflows of repositories of any owner with `app` in the subject
    any-owner: oidc-wide-subject critical high: at GitHub it can be assumed by workflows of repositories of any owner
    any-repository-main: oidc-wide-subject medium high: at GitHub it can be assumed by workflows of every repository of `my-org` with `ref:refs/heads/main` in the subject
    any-repository: oidc-wide-subject medium high: at GitHub it can be assumed by workflows of every repository of `my-org`
    any-subject: oidc-without-subject critical high: anybody who has an account at GitHub can assume it, whatever the subject of the token is
    any-with-ids: oidc-wide-subject critical high: at GitHub it can be assumed by workflows of repositories of any owner
    denied-pull-requests: oidc-wide-subject low high: at GitHub it can be assumed by workflows of `my-org/app` for every branch, every tag, every environment
    no-condition: oidc-without-subject critical high: anybody who has an account at GitHub can assume it, whatever the subject of the token is
    one-claim-of-two-with-a-branch: oidc-wide-subject low high: at GitHub it can be assumed by jobs of the one place that `repository` names, of more than one branch, tag or the like
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
    gitlab-any-group: oidc-wide-subject critical high: at GitLab.com it can be assumed by jobs of projects of any group with `ref_type:branch:ref:main` in the subject
    gitlab-branches: oidc-wide-subject low high: at GitLab.com it can be assumed by jobs of `group/app` for every branch
    gitlab-group: oidc-wide-subject medium high: at GitLab.com it can be assumed by jobs of every project of the group `group`
    gitlab-of-our-own: oidc-wide-subject medium high: at GitLab (`git.example.com`) it can be assumed by jobs of projects of any group
    google-any: oidc-without-subject critical high: users of any application of Google can assume it, whatever the audience of the token is
    private-issuer: oidc-without-subject medium high: every token of `login.example.com` can assume it, whatever its subject is
    saml-any: saml-without-audience low high: assertions of `arn:aws:iam::111122223333:saml-provider/idp` that were made for any endpoint can assume it
    saml: saml-without-audience low high: assertions of `arn:aws:iam::111122223333:saml-provider/idp` that were made for any endpoint can assume it
    terraform-any: oidc-wide-subject critical high: at HCP Terraform it can be assumed by runs of any organization
    terraform-organization-short: oidc-wide-subject medium high: at HCP Terraform it can be assumed by runs of every project of the organization `o`
    terraform-organization: oidc-wide-subject medium high: at HCP Terraform it can be assumed by runs of every project of the organization `o`
    terraform-project: oidc-wide-subject low high: at HCP Terraform it can be assumed by runs of every workspace of the project `p` of the organization `o`
    "#);
}
