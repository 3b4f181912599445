//! Issuers that serve many, and what of their tokens says whose they are.

use leastgrant_inventory::tables::IdentityProviderRow;

use super::strangers::found_in;
use super::{ASSUME, RULES, WEB, allow, judge, provider};
use crate::made_up::{ACCOUNT, World};

fn with(issuer: &str, operator: &str, claim: &str, value: &str) -> String {
    allow(
        &provider(issuer),
        WEB,
        &format!(r#""{operator}":{{"{issuer}:{claim}":"{value}"}}"#),
    )
}

fn host(host: &str, condition: &str) -> String {
    allow(
        &format!(r#"{{"Federated":"{host}"}}"#),
        WEB,
        &condition.replace("HOST", host),
    )
}

#[test]
fn issuers_of_the_list_ask_for_what_tells_their_customers_apart() {
    let sentinel = "sts.windows.net/33e01921-4d64-4f8c-a055-5bdaffd5e33d/";
    let turbonomic = "rh-oidc.s3.us-east-1.amazonaws.com/22ejnvnnturfmt6km08idd0nt4hekbn7";
    let of_government = "cognito-identity-us-gov.amazonaws.com";
    let of_china = "cognito-identity.cn-north-1.amazonaws.com.cn";
    let signed_in = r#""StringEquals":{"HOST:aud":"x:1"},"ForAnyValue:StringLike":{"HOST:amr":"authenticated"}"#;
    let roles = [
        (
            "sentinel",
            with(sentinel, "StringEquals", "aud", "api://1462b192"),
        ),
        (
            "sentinel-any-session",
            allow(
                &provider(sentinel),
                WEB,
                r#""StringLike":{"sts:RoleSessionName":"MicrosoftSentinel_*"}"#,
            ),
        ),
        (
            "safe-sentinel",
            allow(
                &provider(sentinel),
                WEB,
                r#""StringEquals":{"sts:RoleSessionName":"MicrosoftSentinel_1"}"#,
            ),
        ),
        (
            "tenant",
            with("sts.windows.net/00000000/", "StringEquals", "aud", "x"),
        ),
        ("turbonomic", with(turbonomic, "StringEquals", "aud", "x")),
        ("cognito-of-government", host(of_government, "")),
        ("cognito-of-china", host(of_china, "")),
        (
            "cognito-of-china-guests",
            host(of_china, r#""StringEquals":{"HOST:aud":"x:1"}"#),
        ),
        ("safe-cognito-of-china", host(of_china, signed_in)),
        ("safe-cognito-of-government", host(of_government, signed_in)),
        (
            "upper-case",
            allow(&provider("Token.Actions.GitHubUserContent.com"), WEB, ""),
        ),
        (
            "enterprise",
            with("token.actions.acme.ghe.com", "StringLike", "sub", "repo:*"),
        ),
    ];
    insta::assert_snapshot!(judge(&roles), @r#"
    cognito-of-china-guests: oidc-wide-subject medium high: guests of the identity pool `x:1` can assume it as well, if the pool lets guests in, that is everybody
    cognito-of-china: oidc-without-subject critical high: users of any application of Amazon Cognito can assume it, whatever the audience of the token is
    cognito-of-government: oidc-without-subject critical high: users of any application of Amazon Cognito can assume it, whatever the audience of the token is
    enterprise: oidc-wide-subject medium high: at GitHub Enterprise (`token.actions.acme.ghe.com`) it can be assumed by workflows of repositories of any owner
    sentinel-any-session: oidc-without-subject critical high: Microsoft Sentinel can assume it for any of its customers, whatever the session's name is
    sentinel: oidc-without-subject critical high: Microsoft Sentinel can assume it for any of its customers, whatever the session's name is
    tenant: oidc-without-subject medium high: every token of `sts.windows.net/00000000/` can assume it, whatever its subject is
    turbonomic: oidc-without-subject critical high: anybody who has an account at IBM Turbonomic can assume it, whatever the subject of the token is
    upper-case: oidc-without-subject critical high: anybody who has an account at GitHub can assume it, whatever the subject of the token is
    "#);
}

#[test]
fn audiences_with_room_for_others_are_none() {
    let cognito = "cognito-identity.amazonaws.com";
    let google = "accounts.google.com";
    let aud = r#""StringLike":{"HOST:aud":"VALUE"}"#;
    let like = |value: &str| aud.replace("VALUE", value);
    let roles = [
        (
            "google-any-application",
            host(google, &like("*.apps.googleusercontent.com")),
        ),
        (
            "safe-google-project",
            host(google, &like("123456-*.apps.googleusercontent.com")),
        ),
        (
            "google-user-any-application",
            host(google, r#""StringEquals":{"HOST:sub":"1234"}"#),
        ),
        (
            "safe-google-user",
            host(
                google,
                r#""StringEquals":{"HOST:sub":"1234","HOST:aud":"1"}"#,
            ),
        ),
        (
            "cognito-any-pool",
            host(
                cognito,
                r#""StringLike":{"HOST:aud":"eu-west-1:*"},"ForAnyValue:StringLike":{"HOST:amr":"authenticated"}"#,
            ),
        ),
        (
            "vercel-any-team",
            with(
                "oidc.vercel.com",
                "StringLike",
                "aud",
                "https://vercel.com/*",
            ),
        ),
        (
            "safe-vercel-team",
            with(
                "oidc.vercel.com",
                "StringEquals",
                "aud",
                "https://vercel.com/acme",
            ),
        ),
        (
            "pulumi-any-organization",
            with("api.pulumi.com/oidc", "StringLike", "aud", "aws:*"),
        ),
        (
            "safe-pulumi",
            with("api.pulumi.com/oidc", "StringEquals", "aud", "aws:acme"),
        ),
    ];
    insta::assert_snapshot!(judge(&roles), @r#"
    cognito-any-pool: oidc-without-subject critical high: users of any application of Amazon Cognito can assume it, whatever the audience of the token is
    google-any-application: oidc-without-subject critical high: users of any application of Google can assume it, whatever the audience of the token is
    google-user-any-application: oidc-without-subject medium high: tokens that Google made for any application can assume it if their user is the right one: every application that the user signs in to holds such a token
    pulumi-any-organization: oidc-without-subject critical high: every token of Pulumi Cloud can assume it, whatever its audience is
    vercel-any-team: oidc-without-subject critical high: every token of Vercel can assume it, whatever its audience is
    "#);
}

#[test]
fn several_audiences_of_a_provider_want_telling_apart() {
    let found = |audiences: &[&str], claims: &str| {
        let issuer = "gitlab.com";
        let mut world = World::in_organization();
        world.data.identity_providers.push(IdentityProviderRow {
            account_id: ACCOUNT.to_owned(),
            arn: format!("arn:aws:iam::{ACCOUNT}:oidc-provider/{issuer}"),
            kind: "oidc".to_owned(),
            client_ids: audiences.iter().map(|own| (*own).to_owned()).collect(),
            ..IdentityProviderRow::default()
        });
        let condition = format!(
            r#""StringEquals":{{"{issuer}:sub":"project_path:g/p:ref_type:branch:ref:main"{claims}}}"#
        );
        world.role("r", Some(&allow(&provider(issuer), WEB, &condition)));
        found_in(world)
    };
    let low = ["oidc-without-subject low high"];
    assert_eq!(found(&["aws", "vault"], ""), low);
    assert_eq!(found(&["aws"], ""), [""; 0]);
    assert_eq!(found(&[], ""), [""; 0]);
    assert_eq!(
        found(&["aws", "vault"], r#","gitlab.com:aud":"aws""#),
        [""; 0]
    );
    assert_eq!(
        found(&["aws", "vault"], r#","gitlab.com:aud":["aws","vault"]"#),
        low
    );
}

#[test]
fn what_is_not_taken_apart_is_said() {
    let github = "token.actions.githubusercontent.com";
    let like = |issuer: &str, value: &str| with(issuer, "StringLike", "sub", value);
    let both = |subject: &str, claims: &str| {
        let condition = format!(r#""StringLike":{{"{github}:sub":"{subject}"}},{claims}"#);
        allow(&provider(github), WEB, &condition.replace("GH", github))
    };
    let mut world = World::in_organization();
    for (name, trust) in [
        (
            "form-of-one's-own",
            like(github, "repository_owner:my-org:*"),
        ),
        ("no-grammar", like("tokens.cloud.shisho.dev", "job:*")),
        ("private-issuer", like("idp.example.com", "team:*")),
        ("safe-literal", like("idp.example.com", "team:one")),
        (
            "owner-by-claim",
            both("*", r#""StringEquals":{"GH:repository_owner":"my-org"}"#),
        ),
        (
            "repository-by-claim",
            both("*", r#""StringEquals":{"GH:repository":"my-org/app"}"#),
        ),
        (
            "workflow-of-any-owner",
            both(
                "*",
                r#""ForAnyValue:StringLike":{"GH:job_workflow_ref":"*/.github/workflows/deploy.yml@refs/heads/main"}"#,
            ),
        ),
        (
            "environment-of-any-repository",
            both(
                "repo:my-org/*",
                r#""StringEquals":{"GH:environment":"prod"}"#,
            ),
        ),
        (
            "safe-environment",
            both(
                "repo:my-org/app:*",
                r#""StringEquals":{"GH:environment":"prod"}"#,
            ),
        ),
    ] {
        world.role(name, Some(&trust));
    }
    insta::assert_snapshot!(world.judge(&["oidc-without-subject", "oidc-wide-subject"]), @r#"
    environment-of-any-repository: oidc-wide-subject medium high: at GitHub it can be assumed by workflows of every repository of `my-org`
    repository-by-claim: oidc-wide-subject low high: at GitHub it can be assumed by jobs of the one place that `repository` names, of more than one branch, tag or the like
    workflow-of-any-owner: oidc-without-subject critical high: anybody who has an account at GitHub can assume it, whatever the subject of the token is
    not checked: oidc-wide-subject: subjects of GitHub of forms such as `repository_owner:my-org:*` are not taken apart, so it cannot be told whom they let in; it bears on who may assume roles, such as those of `form-of-one's-own`
    not checked: oidc-wide-subject: subjects of Shisho Cloud of forms such as `job:*` are not taken apart, so it cannot be told whom they let in; it bears on who may assume roles, such as those of `no-grammar`
    not checked: oidc-wide-subject: subjects of `idp.example.com` of forms such as `team:*` are not taken apart, so it cannot be told whom they let in; it bears on who may assume roles, such as those of `private-issuer`
    not checked: oidc-wide-subject: the subject at GitHub is wide, and what the conditions on `repository_owner` leave of it is not taken apart; it bears on who may assume roles, such as those of `owner-by-claim`
    "#);
}

#[test]
fn subjects_are_told_in_the_words_of_their_providers() {
    let like = |issuer: &str, value: &str| with(issuer, "StringLike", "sub", value);
    let (circle, terraform) = ("oidc.circleci.com/org/1", "app.terraform.io");
    let github = "token.actions.githubusercontent.com";
    let roles = [
        (
            "gitlab-subgroup",
            like("gitlab.com", "project_path:group/sub/*"),
        ),
        (
            "gitlab-project-of-a-subgroup",
            like("gitlab.com", "project_path:group/sub/app:*"),
        ),
        (
            "gitlab-some-of-a-subgroup",
            like("gitlab.com", "project_path:group/sub/a*:*"),
        ),
        (
            "gitlab-group-main",
            like(
                "gitlab.com",
                "project_path:group/*:ref_type:branch:ref:main",
            ),
        ),
        (
            "safe-terraform-workspace",
            like(
                terraform,
                "organization:o:project:*:workspace:w:run_phase:*",
            ),
        ),
        (
            "terraform-some-workspaces",
            like(
                terraform,
                "organization:o:project:*:workspace:prod-*:run_phase:*",
            ),
        ),
        (
            "safe-circleci-repository",
            like(
                circle,
                "org/1/project/*/user/*/vcs-origin/github.com/o/r/vcs-ref/refs/heads/main",
            ),
        ),
        (
            "circleci-some-repositories",
            like(circle, "org/1/project/*/user/*/vcs-origin/github.com/o/*"),
        ),
        ("codefresh", like("oidc.codefresh.io", "account:*")),
        (
            "codefresh-account",
            like("oidc.codefresh.io", "account:1:pipeline:*"),
        ),
        ("modal", like("oidc.modal.com", "modal:workspace_id:ac-1:*")),
        (
            "scalr",
            like("scalr.io", "account:a:environment:*:workspace:*"),
        ),
        ("upbound", like("proidc.upbound.io", "mcp:*")),
        (
            "vercel-of-one's-own",
            like("oidc.vercel.com/acme", "owner:acme:project:*"),
        ),
        ("github-by-colon", like(github, "*:my-org/app:*")),
    ];
    insta::assert_snapshot!(judge(&roles), @r#"
    circleci-some-repositories: oidc-wide-subject medium high: at CircleCI (`oidc.circleci.com/org/1`) it can be assumed by jobs of every project of the organization `1` with `user/*/vcs-origin/github.com/o/*` in the subject
    codefresh-account: oidc-wide-subject medium high: at Codefresh it can be assumed by every pipeline of the account `1`
    codefresh: oidc-wide-subject critical high: at Codefresh it can be assumed by pipelines of any account
    github-by-colon: oidc-wide-subject critical high: at GitHub it can be assumed by workflows of repositories of any owner with `my-org/app:*` in the subject
    gitlab-group-main: oidc-wide-subject medium high: at GitLab.com it can be assumed by jobs of every project of the group `group` with `ref_type:branch:ref:main` in the subject
    gitlab-project-of-a-subgroup: oidc-wide-subject low high: at GitLab.com it can be assumed by jobs of `group/sub/app` for every branch, every tag
    gitlab-some-of-a-subgroup: oidc-wide-subject low high: at GitLab.com it can be assumed by jobs of every project of the group `group` with a name like `sub/a*`
    gitlab-subgroup: oidc-wide-subject medium high: at GitLab.com it can be assumed by jobs of every project of the group `group/sub`
    modal: oidc-wide-subject low high: at Modal it can be assumed by every function of the workspace `ac-1`
    scalr: oidc-wide-subject medium high: at Scalr it can be assumed by runs of every environment of the account `a`
    terraform-some-workspaces: oidc-wide-subject medium high: at HCP Terraform it can be assumed by runs of every project of the organization `o` with `workspace:prod-*` in the subject
    upbound: oidc-wide-subject critical high: at Upbound it can be assumed by control planes of any organization
    vercel-of-one's-own: oidc-wide-subject medium high: at Vercel (`oidc.vercel.com/acme`) it can be assumed by deployments of every project of the team `acme`
    "#);
}

#[test]
fn audiences_that_the_caller_gives_tell_nobody_apart_and_owners_in_subjects_do() {
    let google = "accounts.google.com";
    let roles = [
        (
            "any",
            host(
                google,
                &format!(r#""StringEquals":{{"{google}:oaud":"https://acme"}}"#),
            ),
        ),
        (
            "safe-google",
            host(
                google,
                &format!(
                    r#""StringEquals":{{"{google}:aud":"12345","{google}:oaud":"https://acme"}}"#
                ),
            ),
        ),
        (
            "safe-pulumi",
            with(
                "api.pulumi.com/oidc",
                "StringLike",
                "sub",
                "pulumi:deploy:org:acme:*",
            ),
        ),
        (
            "pulumi",
            with(
                "api.pulumi.com/oidc",
                "StringLike",
                "sub",
                "pulumi:deploy:org:acme*",
            ),
        ),
        (
            "vercel",
            with(
                "oidc.vercel.com",
                "StringLike",
                "sub",
                "owner:acme:project:*",
            ),
        ),
    ];
    let told = judge(&roles);
    let is_critical = |name: &str| told.contains(&format!("{name}: oidc-without-subject critical"));
    assert!(is_critical("any") && is_critical("pulumi"), "{told}");
    assert!(!told.contains("safe-google"), "{told}");
    assert!(
        !is_critical("safe-pulumi") && !is_critical("vercel"),
        "{told}"
    );
}

#[test]
fn branches_and_workspaces_by_a_part_of_the_name_are_told() {
    let terraform = "app.terraform.io";
    let roles = [
        (
            "workspaces",
            with(
                terraform,
                "StringLike",
                "sub",
                "organization:o:project:p:workspace:prod*:run_phase:*",
            ),
        ),
        (
            "ending",
            with(
                "token.actions.githubusercontent.com",
                "StringLike",
                "sub",
                "repo:my-org/app:*main",
            ),
        ),
    ];
    insta::assert_snapshot!(judge(&roles), @r#"
    ending: oidc-wide-subject low high: at GitHub it can be assumed by workflows of `my-org/app` for every branch, tag or environment like `*main`
    workspaces: oidc-wide-subject low high: at HCP Terraform it can be assumed by runs of every workspace of the project `p` of the organization `o` with a name like `prod*`
    "#);
}

#[test]
fn services_that_are_on_no_list_are_not_checked() {
    let service = |host: &str| format!(r#"{{"Service":"{host}"}}"#);
    let roles = [
        (
            "known",
            allow(&service("sms-voice.amazonaws.com"), ASSUME, ""),
        ),
        (
            "unknown",
            allow(&service("quicksight.amazonaws.com"), ASSUME, ""),
        ),
        (
            "asked",
            allow(
                &service("quicksight.amazonaws.com"),
                ASSUME,
                r#""StringEquals":{"aws:SourceAccount":"111122223333"}"#,
            ),
        ),
        ("own", allow(&service("lambda.amazonaws.com"), ASSUME, "")),
    ];
    insta::assert_snapshot!(judge(&roles), @r#"
    known: confused-deputy low medium: the service `sms-voice.amazonaws.com` can assume it, for whomever it calls
    not checked: confused-deputy: whether `quicksight.amazonaws.com` says for whom it calls is not in the list of 2026-11, and nothing asks for it; it bears on who may assume roles, such as those of `unknown`
    "#);
}

#[test]
fn the_remedy_names_what_the_provider_goes_by() {
    let mut world = World::in_organization();
    let sentinel = "sts.windows.net/33e01921-4d64-4f8c-a055-5bdaffd5e33d/";
    world.role("sentinel", Some(&allow(&provider(sentinel), WEB, "")));
    world.role("facebook", Some(&host("graph.facebook.com", "")));
    let outcome = world.audit(RULES);
    let remedies: Vec<&str> = outcome
        .findings
        .iter()
        .map(|own| own.remediation.as_str())
        .collect();
    assert_eq!(
        remedies,
        [
            r#"Ask for the subject that is meant. `"Condition": {"StringEquals": {"graph.facebook.com:app_id": "YOUR_APPLICATION_ID"}}`"#,
            r#"Ask for the subject that is meant. `"Condition": {"StringEquals": {"sts:RoleSessionName": "MicrosoftSentinel_YOUR_WORKSPACE_ID"}}`"#,
        ]
    );
}
